"""What a model says of pictures, and the maps that a method makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xai_core.errors import DataError
from xai_core.types.arrays import FloatArray, IntArray
from xai_core.types.counts import first_of, number_of
from xai_core.types.display import Plotted
from xai_core.types.pictures import Preprocessing

GIVEN = "Maps made elsewhere"


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
    def from_arrays(
        cls,
        arrays: np.ndarray | Mapping[str, np.ndarray],
        predictions: Predictions,
        input_size: tuple[int, int],
        *,
        targets: Sequence[int] | IntArray | None = None,
        method: str = GIVEN,
        unit: str = "as given",
        view: Preprocessing | None = None,
    ) -> Heatmaps:
        """Maps that were made elsewhere: whatever takes maps of ours takes them, too. `xai.given_maps` reads files.

        Parameters
        ----------
        arrays : ndarray or Mapping of str to ndarray
            Numbers (N, h, w), or such by name; of any resolution, signed or not, covering the input edge to edge.
        predictions : Predictions
            What the model says of the N pictures, as `xai.predict` gives it.
        input_size : tuple of int
            (H, W), pixels of the network's input.
        targets : sequence of int, optional
            N classes that the maps explain; None takes the predicted ones.
        method, unit : str
            Who made them, and what a value means, for people.
        view : Preprocessing, optional
            The crop and resize that they cover, so that whole masks can be cut the same way.

        Raises
        ------
        DataError
            If there are not as many maps as pictures, if one holds NaN, or if all of them are constant.

        Examples
        --------
        >>> import numpy as np
        >>> import xai_core as xai
        >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
        >>> mine = np.random.default_rng(0).random((2, 16, 16))
        >>> maps = xai.Heatmaps.from_arrays(mine, xai.predict(model, digits), model.preprocessing.size)
        >>> list(maps), maps.n_pictures
        (['given'], 2)
        """
        named = dict(arrays) if isinstance(arrays, Mapping) else {"given": np.asarray(arrays)}
        classes = predictions.classes if targets is None else np.asarray(targets, np.int64)
        if not named or len(classes) != len(predictions):
            raise DataError(
                f"There are {len(named)} arrays of maps, and {len(classes)} targets for {len(predictions):,} pictures; "
                "it takes an array or more, and a target for each picture."
            )
        maps = {name: _given(name, np.asarray(one), len(predictions)) for name, one in named.items()}
        return cls(maps, classes, predictions, input_size, method, unit, view)

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


def _given(name: str, values: np.ndarray, n: int) -> FloatArray:
    """Maps that somebody made, float32 (N, h, w).

    Raises
    ------
    DataError
        If they are none, or not those of N pictures.
    """
    if values.dtype.kind not in "fiub" or values.ndim != 3 or 0 in values.shape:
        raise DataError(f"{name!r}: maps are numbers of shape (pictures, h, w); got {values.dtype} {values.shape}.")
    if len(values) != n:
        raise DataError(f"{name!r}: {number_of(len(values), 'map')} for {number_of(n, 'picture')}. Give one for each.")
    maps = values.astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(maps).all(axis=(1, 2)))
    if len(bad):
        which = first_of([str(one + 1) for one in bad], 5)
        raise DataError(f"{name!r}: {len(bad)} of {n} maps hold NaN or infinity: number {which}.")
    if (np.ptp(maps, axis=(1, 2)) == 0).all():
        raise DataError(f"{name!r}: each map is the same everywhere, so none points at any place.")
    return maps
