"""One map on one mask: every measure, or why there is none."""

from __future__ import annotations

import numpy as np

from xai_core.errors import DataError
from xai_core.maps import energy_inside, is_flat, rectify
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.measures.seen import IGNORE, FineMap, MapOnMask
from xai_core.types import ByteArray


def mask_problem(mask: ByteArray | None) -> str:
    """Why a mask says nothing about object and background, or an empty text."""
    if mask is None:
        return "It has no mask."
    inside, outside = (mask == 1).any(), ((mask != 1) & (mask != IGNORE)).any()
    if inside and outside:
        return ""
    if not inside and not outside:
        return "Its mask says ignore everywhere."
    return "Its mask is all foreground." if inside else "Its mask has no foreground."


def map_problem(raw: np.ndarray) -> str:
    """Why a map says nothing about where its evidence lies, or an empty text."""
    positive = rectify(raw)
    if not np.isfinite(raw).all():
        return "Its map holds NaN."
    if not (positive > 0).any():
        return "Its map holds no positive evidence."
    return "Its map is the same everywhere." if is_flat(positive) else ""


def measured(whole: FineMap, mask: ByteArray) -> dict[str, float] | None:
    """Every measure of a map on a mask, uint8 (H, W); None where all its evidence is on ignored pixels."""
    seen = MapOnMask(whole, mask)
    if not (seen.positive > 0).any():
        return None
    found: dict[str, float] = {}
    for measure in FOREGROUND_MEASURES.values():
        values = measure.compute(seen)
        if set(values) != set(measure.columns):
            raise DataError(f"{measure.title} gives {', '.join(values)} in place of {', '.join(measure.columns)}.")
        found |= {column: values[column] for column in measure.columns}
    return found


def share_on_object(raw: np.ndarray, mask: ByteArray | None) -> float:
    """The share of a map's energy on an object, as Foreground vs Background measures it.

    Parameters
    ----------
    raw : ndarray
        float32 (h, w), the map.
    mask : ndarray, optional
        uint8 (H, W), 0 background, 1 foreground, 255 ignore.

    Returns
    -------
    float
        In [0, 1]; NaN where there is no mask, no object, or no positive evidence.
    """
    if mask is None:
        return float("nan")
    high, wide = mask.shape
    return float(energy_inside(FineMap(raw, (high, wide)).fine, mask))
