"""What a model says of pictures, and the maps that a method makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xai_core.types.arrays import FloatArray, IntArray
from xai_core.types.display import Plotted
from xai_core.types.pictures import Preprocessing


@dataclass(frozen=True, eq=False)
class Predictions(Plotted):
    """What a model says of N pictures.

    Attributes
    ----------
    classes : ndarray
        int64 (N,), the class with the largest output.
    probabilities : ndarray
        float32 (N, K), softmax of the outputs, in [0, 1].

    Examples
    --------
    >>> import xai_core as xai
    >>> digits = xai.load_dataset("textured_digits")[:2]
    >>> predictions = xai.predict(xai.load_model("digits"), digits)
    >>> predictions.classes.shape, predictions.probabilities.shape, len(predictions.take([0]))
    ((2,), (2, 10), 1)
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
class Heatmaps(Plotted, Mapping[str, FloatArray]):
    """Maps of N pictures at L layers: a mapping from layer name to float32 (N, h, w), raw.

    A method whose maps lie on the input has one entry, "input" or "superpixels", in place of layers.

    Attributes
    ----------
    maps : Mapping of str to ndarray
        Layer name -> float32 (N, h, w) at the layer's own resolution, in order of depth.
    targets : ndarray
        int64 (N,), the class that each map explains.
    predictions : Predictions
        What the model said of the same pictures.
    input_size : tuple of int
        (H, W), pixels of the network's input, which every map covers edge to edge.
    method : str
        The method's name for people.
    unit : str
        What a value means.
    view : Preprocessing, optional
        The crop and resize that the pictures went through; None where they came as a preprocessed tensor.
    segments : ndarray, optional
        int64 (N, H, W), the superpixels on which the maps are constant, numbered from 0 in each picture.
    key : str
        The method's key in the registry.
    settings : Mapping of str to object
        The method's settings that differ from its defaults.
    quality : Mapping of str to ndarray, optional
        float (N,) numbers that tell how good each picture's map is, such as an error, by their name for people.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> maps = xai.grad_cam(model, digits, layers="stages.2")
    >>> maps["stages.2"].shape, maps.n_pictures, maps.take([1]).n_pictures
    ((2, 8, 8), 2, 1)
    """

    maps: Mapping[str, FloatArray]
    targets: IntArray
    predictions: Predictions
    input_size: tuple[int, int]
    method: str
    unit: str
    view: Preprocessing | None = None
    segments: IntArray | None = None
    key: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, np.ndarray] | None = None

    def __getitem__(self, layer: str) -> FloatArray:
        return self.maps[layer]

    def __iter__(self) -> Iterator[str]:
        return iter(self.maps)

    def __len__(self) -> int:
        return len(self.maps)

    @property
    def n_pictures(self) -> int:
        """Number of pictures."""
        return len(self.targets)

    def take(self, indices: Sequence[int] | IntArray | slice) -> Heatmaps:
        """The maps of some of the pictures, in the order asked for."""
        rows = indices if isinstance(indices, slice) else np.asarray(indices, dtype=np.int64)
        return replace(
            self,
            maps={layer: values[rows] for layer, values in self.maps.items()},
            targets=self.targets[rows],
            predictions=self.predictions.take(rows),
            segments=None if self.segments is None else self.segments[rows],
            quality=None if self.quality is None else {name: values[rows] for name, values in self.quality.items()},
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Heatmaps]) -> Heatmaps:
        """Batches of the same layers and method, one after the other."""
        first = parts[0]
        return replace(
            first,
            maps={layer: np.concatenate([part[layer] for part in parts]) for layer in first},
            targets=np.concatenate([part.targets for part in parts]),
            predictions=Predictions.concatenate([part.predictions for part in parts]),
            segments=None
            if first.segments is None
            else np.concatenate([part.segments for part in parts if part.segments is not None]),
            quality=None
            if first.quality is None
            else {name: np.concatenate([(part.quality or {})[name] for part in parts]) for name in first.quality},
        )
