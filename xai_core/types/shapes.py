"""Whether arrays from a file have the shapes that were asked for: whoever may write there can put in others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xai_core.types.heatmaps import Heatmaps, Predictions


def has_shape(values: Any, *shape: int | None) -> bool:
    """Whether an array has a shape.

    Parameters
    ----------
    values : object
    *shape : int or None
        None leaves a side open, but not empty.

    Returns
    -------
    bool
    """
    if not isinstance(values, np.ndarray) or values.ndim != len(shape):
        return False
    return all(there == side if side is not None else there for there, side in zip(values.shape, shape, strict=True))


def are_classes(values: np.ndarray, count: int, least: int = 0) -> bool:
    """Whether all are numbers of classes.

    Parameters
    ----------
    values : ndarray
    count : int
        Of the classes.
    least : int
        -1 where a picture may have none.

    Returns
    -------
    bool
    """
    return values.dtype.kind == "i" and bool(((values >= least) & (values < count)).all())


def predictions_fit(found: Predictions, pictures: int, classes: int) -> bool:
    """Whether predictions are of so many pictures and classes.

    Parameters
    ----------
    found : Predictions
    pictures, classes : int

    Returns
    -------
    bool
    """
    right = has_shape(found.classes, pictures) and has_shape(found.probabilities, pictures, classes)
    return right and are_classes(found.classes, classes) and found.probabilities.dtype.kind == "f"


def maps_fit(found: Heatmaps, pictures: int, classes: int, layers: Sequence[str], size: tuple[int, int]) -> bool:
    """Whether maps are of so many pictures and classes.

    Parameters
    ----------
    found : Heatmaps
    pictures, classes : int
    layers : Sequence[str]
        Of the maps; empty for any.
    size : tuple of int
        Of the network's input.

    Returns
    -------
    bool
    """
    several = {} if found.quality is None else found.quality
    return (
        bool(found.maps)
        and (not layers or set(found.maps) == set(layers))
        and all(has_shape(one, pictures, None, None) and one.dtype.kind == "f" for one in found.maps.values())
        and has_shape(found.targets, pictures)
        and are_classes(found.targets, classes)
        and predictions_fit(found.predictions, pictures, classes)
        and tuple(found.input_size) == tuple(size)
        and (found.segments is None or has_shape(found.segments, pictures, *size))
        and all(has_shape(one, pictures) for one in several.values())
    )
