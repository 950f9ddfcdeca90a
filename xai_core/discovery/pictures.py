"""What is known of each picture after one pass: where a map points, which channels speak for the class, features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from xai_core.errors import PictureError
from xai_core.maps import is_flat, pool, rectify
from xai_core.methods.explain import explain
from xai_core.methods.registry import get_method
from xai_core.types import ByteArray, Classifier, FloatArray, IntArray, Sample

if TYPE_CHECKING:
    import torch

GRID = 8  # cells along a side on which maps are compared
THUMB = 64  # pixels of a side at most, of the copies whose content is compared


@dataclass(frozen=True, eq=False)
class Pictures:
    """N pictures after one pass.

    Attributes
    ----------
    places : ndarray
        int64 (N,) in the data set.
    targets : ndarray
        int64 (N,), the classes of their labels, which the maps explain.
    ids, names : tuple of str
        N each.
    groups : tuple of str or None
        N times what a picture belongs to.
    probabilities : ndarray
        float32 (N, K), of the model.
    where : ndarray
        float32 (N, g, g), the positive part of the map on a common grid, summing to 1; zero where the map is flat.
    what : ndarray
        float32 (N, C), gradient times activation of each channel, summed over places.
    features : ndarray
        float32 (N, C), each channel's mean activation.
    thumbs : ndarray
        uint8 (N, t, t, 3), what the network sees, reduced.
    sizes : ndarray
        int64 (N, 2), height and width of the picture before the model's view of it, in pixels.
    """

    places: IntArray
    targets: IntArray
    ids: tuple[str, ...]
    names: tuple[str, ...]
    groups: tuple[str | None, ...]
    probabilities: FloatArray
    where: FloatArray
    what: FloatArray
    features: FloatArray
    thumbs: ByteArray
    sizes: IntArray

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def usable(self) -> np.ndarray:
        """bool (N,): the model's answer and all that was computed are numbers."""
        parts = (self.probabilities, self.where.reshape(len(self), -1), self.what, self.features)
        return np.all([np.isfinite(part).all(axis=1) for part in parts], axis=0)

    def take(self, rows: IntArray | np.ndarray) -> Pictures:
        """Some of them, in the order asked for."""
        chosen = np.flatnonzero(rows) if rows.dtype == bool else rows
        values: dict[str, Any] = {}
        for one in fields(self):
            own = getattr(self, one.name)
            values[one.name] = tuple(own[row] for row in chosen) if isinstance(own, tuple) else own[chosen]
        return Pictures(**values)

    @classmethod
    def concatenate(cls, parts: Sequence[Pictures]) -> Pictures:
        """Batches, one after the other."""
        values: dict[str, Any] = {}
        for one in fields(cls):
            own = [getattr(part, one.name) for part in parts]
            values[one.name] = tuple(chain(*own)) if isinstance(own[0], tuple) else np.concatenate(own)
        return cls(**values)


def channel_relevance(activation: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """What each channel adds to the class, wherever: (n, C, h, w) twice -> (n, C)."""
    return (activation * gradient).sum((2, 3))


def mean_activation(activation: torch.Tensor, _gradient: torch.Tensor) -> torch.Tensor:
    """Pooled features: (n, C, h, w) -> (n, C)."""
    return activation.mean((2, 3))


def on_grid(maps: FloatArray) -> FloatArray:
    """Where maps point, on a common grid: float32 (n, h, w) -> float32 (n, g, g), summing to 1, or 0 where flat."""
    side = min(GRID, *maps.shape[1:])
    flat = is_flat(maps) & np.isfinite(maps).all(axis=(1, 2))
    coarse = pool(rectify(maps), (side, side))
    total = coarse.sum(axis=(1, 2), keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(total == 0, 0, coarse / total)
    shares[flat] = 0
    return shares.astype(np.float32)


def thumb(view: ByteArray) -> ByteArray:
    """A reduced copy of what the network sees: uint8 (H, W, 3) -> uint8 (t, t, 3)."""
    side = min(THUMB, *view.shape[:2])
    return np.asarray(Image.fromarray(view).resize((side, side), Image.Resampling.BOX))


def look(
    model: Classifier, samples: Sequence[Sample], places: Sequence[int], targets: IntArray, method: str, layer: str
) -> Pictures:
    """One pass over some pictures.

    Parameters
    ----------
    model : Classifier
    samples : Sequence[Sample]
        Not yet cut to the model's view, so that their size is known.
    places : Sequence[int]
        In the data set.
    targets : ndarray
        int64 (n,), the class of each one's label.
    method : str
        Key of the method whose maps say where.
    layer : str
        Whose channels say what.

    Returns
    -------
    Pictures

    Raises
    ------
    LayerError, MethodError, PictureError
        With a sentence that gives the choices.
    """
    from xai_core.inference.layer_maps import Rule, several_layer_maps

    if not samples:
        raise PictureError("There are no pictures to look at.")
    prepared = [model.preprocessing.prepare(sample) for sample in samples]
    known = get_method(method)
    together = known.combine is not None and known.score is None and known.at_layers
    rules: dict[str, Any] = {"what": Rule(channel_relevance), "features": Rule(mean_activation)}
    if together:
        rules["where"] = Rule(known.combine)  # type: ignore[arg-type]
    # Values of channels go the way of maps: a row a picture is all that the engine asks for.
    made = several_layer_maps(model, prepared, rules, layers=[layer], targets=targets)
    maps = made["where"][layer] if together else _by_method(model, prepared, targets, method, layer)
    return Pictures(
        np.asarray(places, np.int64),
        targets,
        tuple(sample.id for sample in samples),
        tuple(sample.name for sample in samples),
        tuple(sample.group for sample in samples),
        made["what"].predictions.probabilities,
        on_grid(maps),
        made["what"][layer],
        made["features"][layer],
        np.stack([thumb(sample.pixels) for sample in prepared]),
        np.array([sample.pixels.shape[:2] for sample in samples], np.int64),
    )


def _by_method(model: Classifier, samples: Sequence[Sample], targets: IntArray, method: str, layer: str) -> FloatArray:
    """Maps of a method that has passes of its own."""
    where: dict[str, Any] = {"layers": [layer]} if get_method(method).at_layers else {}
    maps = explain(model, samples, method=method, targets=targets, **where)
    return next(iter(maps.values()))
