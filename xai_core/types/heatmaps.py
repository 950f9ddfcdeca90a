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
class Heatmaps(Plotted, Mapping[str, FloatArray]):
    """Maps of N pictures at L layers: a mapping from layer name to float32 (N, h, w), raw.

    A method whose maps lie on the input has one entry, "input" or "superpixels", in place of layers.

    Attributes
    ----------
    maps : Mapping[str, float32 (N, h, w)]
        Layer name -> maps at the layer's own resolution, in order of depth.
    targets : int64 (N,)
        The class that each map explains.
    predictions : Predictions
        What the model said of the same pictures.
    input_size : (H, W)
        Pixels of the network's input, which every map covers edge to edge.
    method : str
        The method's name for people.
    unit : str
        What a value means.
    view : Preprocessing, optional
        The crop and resize that the pictures went through; None where they came as a preprocessed tensor.
    segments : int64 (N, H, W), optional
        The superpixels on which the maps are constant, numbered from 0 in each picture.
    key : str
        The method's key in the registry.
    settings : Mapping[str, object]
        The method's settings that differ from its defaults.
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
        )
