"""The frozen records that every part of the library passes around. Numpy only: no torch at run time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from xai_core.errors import LayerError
from xai_core.turns import Turns

if TYPE_CHECKING:
    import torch

    from xai_core.preprocessing import Preprocessing

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
ByteArray = npt.NDArray[np.uint8]

Layout = Literal["channels_first", "channels_last"]


def content_id(pixels: ByteArray, mask: ByteArray | None = None) -> str:
    """16 hex digits of the SHA-256 of shape, pixels and mask."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    if mask is not None:
        digest.update(np.ascontiguousarray(mask).data)
    return digest.hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture of a data set.

    Attributes
    ----------
    id : str
        Content id: 16 hex digits of the SHA-256 of shape, pixels and mask.
    pixels : uint8 (H, W, 3), RGB
    label : the true class in words, or None
    wnid : the WordNet id of the true class ("n02690373"), where the data set gives one
    mask : uint8 (H, W), 0 background, 1 foreground, 255 ignore; or None
    name : what a person calls the picture, usually its file name
    notes : what was done to the picture on reading it ("first of 12 frames", ...)
    view_of : the preprocessing whose view `pixels` and `mask` already are, or None for a whole picture
    """

    id: str
    pixels: ByteArray
    label: str | None = None
    wnid: str | None = None
    mask: ByteArray | None = None
    name: str = ""
    notes: tuple[str, ...] = ()
    view_of: Preprocessing | None = None


@dataclass(frozen=True)
class Layer:
    """A layer that gives a map.

    Attributes
    ----------
    name : the module's dotted name in the network
    title : short name for people ("stage 4", "block 16", or the module's name)
    size : (h, w) of its map for one picture of the model's input size
    channels : number of channels (for transformers: the width of a token)
    """

    name: str
    title: str
    size: tuple[int, int]
    channels: int


@dataclass(frozen=True, eq=False)
class Classifier:
    """A network that is ready to be asked: in eval mode, parameters frozen.

    Attributes
    ----------
    key : the registry's key, or "custom"
    title : the name for people
    net : the network; call it under `lock` only, since threads share it
    class_names : the K class names, unique, in the order of the outputs
    wnids : the K WordNet ids in the same order, or None
    preprocessing : from a picture to the network's input
    layers : every layer that gives a map, in the order in which they run
    groups : "stages" and "blocks": names of layers, in order of depth
    layout : where channels stand in four-dimensional outputs, unless the module's kind says otherwise
    device : where the parameters lie
    id : content id of weights and preprocessing (16 hex digits of a SHA-256)
    bytes_per_picture : what one picture's activations take, for choosing a batch size
    code : the Python expression that gives the same model again, with `import xai_core as xai`
    lock : held for every forward pass; threads have their turns in order
    """

    key: str
    title: str
    net: torch.nn.Module
    class_names: tuple[str, ...]
    wnids: tuple[str, ...] | None
    preprocessing: Preprocessing
    layers: tuple[Layer, ...]
    groups: Mapping[str, tuple[str, ...]]
    layout: Layout
    device: torch.device
    id: str
    bytes_per_picture: int
    code: str = ""
    lock: Turns = field(default_factory=Turns, repr=False)

    def select(self, layers: str | Sequence[str] = "stages") -> tuple[Layer, ...]:
        """The layers of a group ("stages", "blocks") or of a list of module names, titled for that choice.

        Raises
        ------
        LayerError
            If the model has no layer with a spatial map, or none of that name.
        """
        if not self.layers:
            raise LayerError(
                f"{self.title} has no layer with a spatial map, so Grad-CAM has nothing to draw. "
                "It needs a network with convolutions or with image tokens."
            )
        by_name = {layer.name: layer for layer in self.layers}
        if isinstance(layers, str) and layers in self.groups:
            word = layers.removesuffix("s")
            return tuple(
                Layer(name, f"{word} {depth}", by_name[name].size, by_name[name].channels)
                for depth, name in enumerate(self.groups[layers], start=1)
            )
        names = [layers] if isinstance(layers, str) else list(layers)
        if not names:
            raise LayerError("No layer was chosen: choose at least one.")
        unknown = [name for name in names if name not in by_name]
        if unknown:
            raise LayerError(
                f"{self.title} has no layer {unknown[0]!r} that gives a map. "
                f'Choose "stages", "blocks" or names such as {", ".join(list(by_name)[-4:])}.'
            )
        order = {name: index for index, name in enumerate(by_name)}
        return tuple(by_name[name] for name in sorted(dict.fromkeys(names), key=order.__getitem__))


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model says of N pictures.

    Attributes
    ----------
    classes : int64 (N,), the class with the largest output
    probabilities : float32 (N, K), softmax of the outputs
    """

    classes: IntArray
    probabilities: FloatArray

    @property
    def confidences(self) -> FloatArray:
        """float32 (N,), the probability of the predicted class."""
        return self.probabilities[np.arange(len(self.classes)), self.classes]

    def __len__(self) -> int:
        return len(self.classes)

    def take(self, indices: Sequence[int] | IntArray | slice) -> Predictions:
        """Those of some of the pictures, in the order asked for."""
        rows = indices if isinstance(indices, slice) else np.asarray(indices, dtype=np.int64)
        return Predictions(self.classes[rows], self.probabilities[rows])

    @classmethod
    def concatenate(cls, parts: Sequence[Predictions]) -> Predictions:
        """Batches of the same model, one after the other."""
        return cls(
            np.concatenate([part.classes for part in parts]), np.concatenate([part.probabilities for part in parts])
        )


@dataclass(frozen=True, eq=False)
class Heatmaps(Mapping[str, FloatArray]):
    """Maps of N pictures at L layers: a mapping from layer name to float32 (N, h, w), raw and signed.

    Attributes
    ----------
    maps : layer name -> float32 (N, h, w), at the layer's own resolution, in order of depth
    targets : int64 (N,), the class that each map explains
    predictions : what the model said of the same pictures, from the same forward pass
    input_size : (H, W) of the network's input, which every map covers edge to edge
    method : the method's name
    unit : what a value means
    """

    maps: Mapping[str, FloatArray]
    targets: IntArray
    predictions: Predictions
    input_size: tuple[int, int]
    method: str
    unit: str

    def __getitem__(self, layer: str) -> FloatArray:
        return self.maps[layer]

    def __iter__(self) -> Iterator[str]:
        return iter(self.maps)

    def __len__(self) -> int:
        return len(self.maps)

    @property
    def n_pictures(self) -> int:
        return len(self.targets)

    def take(self, indices: Sequence[int] | IntArray | slice) -> Heatmaps:
        """The maps of some of the pictures, in the order asked for."""
        rows = indices if isinstance(indices, slice) else np.asarray(indices, dtype=np.int64)
        return Heatmaps(
            {layer: values[rows] for layer, values in self.maps.items()},
            self.targets[rows],
            self.predictions.take(rows),
            self.input_size,
            self.method,
            self.unit,
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Heatmaps]) -> Heatmaps:
        """Batches of the same layers and method, one after the other."""
        first = parts[0]
        return cls(
            {layer: np.concatenate([part[layer] for part in parts]) for layer in first},
            np.concatenate([part.targets for part in parts]),
            Predictions.concatenate([part.predictions for part in parts]),
            first.input_size,
            first.method,
            first.unit,
        )


@dataclass(frozen=True)
class StatResult:
    """One statistical test.

    Attributes
    ----------
    name : the test
    statistic : the name of the value ("chi2", "H", "L", "W")
    value, p : NaN where the test cannot be computed; `reason` then says why
    effect_name, effect : the effect size and what it is called
    interval : (low, high) of the effect, bootstrap over pictures; (NaN, NaN) where not computed
    confidence : the interval's level
    n : number of pictures that the test used
    alternative : "two-sided", "less" or "greater"
    reason : why it cannot be computed, or an empty text
    """

    name: str
    statistic: str
    value: float
    p: float
    effect_name: str
    effect: float
    interval: tuple[float, float]
    confidence: float
    n: int
    alternative: str = "two-sided"
    reason: str = ""
