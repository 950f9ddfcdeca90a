"""Arithmetic on raw maps: rectify, normalise, upsample, pool, and how concentrated a map is. Numpy only.

The library's order, everywhere: raw -> ReLU -> min-max of each map -> bilinear to the input size.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from xai_core.types import FloatArray

# A map whose range is below this fraction of its largest magnitude is flat: min-max would only show rounding.
FLAT_TOLERANCE = 1e-6


def rectify(maps: FloatArray) -> FloatArray:
    """Positive evidence only: max(map, 0).

    Parameters
    ----------
    maps : ndarray
        float32 of any shape.

    Returns
    -------
    ndarray
        float32 of the same shape, 0 or more.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> xai.rectify(np.array([[-1.0, 2.0]], np.float32)).tolist()
    [[0.0, 2.0]]
    """
    return np.maximum(maps, np.float32(0))


def is_flat(maps: FloatArray) -> np.ndarray:
    """Whether a map carries no contrast: constant (all zero included) or not finite.

    Parameters
    ----------
    maps : ndarray
        float32 (..., h, w).

    Returns
    -------
    ndarray
        bool (...).

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> xai.is_flat(np.array([[[3, 3], [3, 3]], [[0, 1], [0, 0]]], np.float32)).tolist()
    [True, False]
    """
    low, high = maps.min(axis=(-2, -1)), maps.max(axis=(-2, -1))
    magnitude = np.maximum(np.abs(low), np.abs(high))
    with np.errstate(invalid="ignore"):
        return ~(high - low > FLAT_TOLERANCE * magnitude)


def normalize(maps: FloatArray, *, positive: bool = True) -> FloatArray:
    """Min-max of each map to [0, 1], after ReLU unless `positive` is false.

    Parameters
    ----------
    maps : ndarray
        float32 (..., h, w), raw and signed.
    positive : bool
        Whether negative evidence is dropped first, as Grad-CAM's paper does (arXiv 1610.02391).

    Returns
    -------
    ndarray
        float32 (..., h, w) in [0, 1]; NaN throughout a map that is flat, since 0 / 0 is no evidence.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> raw = np.array([[-2, 0], [2, 4]], np.float32)
    >>> xai.normalize(raw).tolist()
    [[0.0, 0.0], [0.5, 1.0]]
    >>> [[round(value, 2) for value in row] for row in xai.normalize(raw, positive=False).tolist()]
    [[0.0, 0.33], [0.67, 1.0]]
    """
    values = rectify(maps) if positive else np.asarray(maps, dtype=np.float32)
    low = values.min(axis=(-2, -1), keepdims=True)
    span = values.max(axis=(-2, -1), keepdims=True) - low
    span = np.where(is_flat(values)[..., None, None], np.float32(np.nan), span)
    with np.errstate(invalid="ignore"):
        return ((values - low) / span).astype(np.float32, copy=False)


@lru_cache(maxsize=256)
def _bilinear_weights(source: int, target: int) -> FloatArray:
    """(target, source) weights of bilinear interpolation with half-pixel centres, edges repeated."""
    centre = np.clip((np.arange(target) + 0.5) * source / target - 0.5, 0, source - 1)
    low = np.floor(centre).astype(int)
    high = np.minimum(low + 1, source - 1)
    weights = np.zeros((target, source))
    rows = np.arange(target)
    np.add.at(weights, (rows, low), 1 - (centre - low))
    np.add.at(weights, (rows, high), centre - low)
    return weights.astype(np.float32)


@lru_cache(maxsize=256)
def _area_weights(source: int, target: int) -> FloatArray:
    """(target, source) weights of the mean over equal areas; a row sums to one."""
    edges = np.arange(target + 1) * source / target
    cells = np.arange(source)
    overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    weights = np.maximum(overlap, 0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _resample(maps: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
    return np.matmul(np.matmul(rows, maps), columns.T).astype(np.float32, copy=False)


def upsample(maps: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Bilinear interpolation, the same as torch's `interpolate(mode="bilinear", align_corners=False)`.

    Parameters
    ----------
    maps : ndarray
        float32 (..., h, w).
    size : tuple of int
        (H, W) of the result, in pixels.

    Returns
    -------
    ndarray
        float32 (..., H, W).

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> xai.upsample(np.array([[0, 1]], np.float32), (1, 4)).tolist()
    [[0.0, 0.25, 0.75, 1.0]]
    """
    h, w = maps.shape[-2:]
    return _resample(maps, _bilinear_weights(h, size[0]), _bilinear_weights(w, size[1]))


def pool(maps: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Mean over equal areas on a coarser (or equal) grid: what the layer would show at that resolution.

    Parameters
    ----------
    maps : ndarray
        float32 (..., h, w).
    size : tuple of int
        (H, W) of the result, in cells.

    Returns
    -------
    ndarray
        float32 (..., H, W).

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> xai.pool(np.array([[0, 2, 4, 6]], np.float32), (1, 2)).tolist()
    [[1.0, 5.0]]
    """
    h, w = maps.shape[-2:]
    return _resample(maps, _area_weights(h, size[0]), _area_weights(w, size[1]))


def gini(maps: FloatArray) -> np.ndarray:
    """Gini concentration of the positive part of each map.

    0 when all cells are equal, 1 when one cell holds everything. With the small-sample factor n / (n - 1), so
    that the ends of the scale are the same at every resolution (Deltas 2003, doi:10.1162/rest.2003.85.1.226).

    Parameters
    ----------
    maps : ndarray
        float32 (..., h, w).

    Returns
    -------
    ndarray
        float64 (...) in [0, 1]; NaN where a map has no positive value or a single cell.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> xai.gini(np.array([[[1, 1], [1, 1]], [[0, 0], [0, 5]]], np.float32)).tolist()
    [0.0, 1.0]
    """
    cells = np.sort(rectify(maps).reshape(*maps.shape[:-2], -1).astype(np.float64), axis=-1)
    n = cells.shape[-1]
    total = cells.sum(axis=-1)
    ranked = (cells * (2 * np.arange(1, n + 1) - n - 1)).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, ranked / (total * (n - 1)), np.nan)


def share_above(maps: FloatArray, thresholds: np.ndarray) -> np.ndarray:
    """Share of a map's pixels that lie above each threshold.

    Parameters
    ----------
    maps : ndarray
        float32 (..., H, W), normalised and upsampled.
    thresholds : ndarray
        float (T,), in [0, 1].

    Returns
    -------
    ndarray
        float64 (..., T) in [0, 1]; NaN for maps with NaN.
    """
    flat = np.ascontiguousarray(maps).reshape(-1, maps.shape[-2] * maps.shape[-1])
    limits = np.asarray(thresholds, dtype=np.float32)
    shares = np.full((len(flat), len(limits)), np.nan)
    for index, pixels in enumerate(flat):
        if np.isfinite(pixels[0]):
            ordered = np.sort(pixels[pixels > limits.min()])
            above = len(ordered) - np.searchsorted(ordered, limits, side="right")
            shares[index] = above / len(pixels)
    return shares.reshape(*maps.shape[:-2], len(limits))


def top_shares(values: np.ndarray, count: int) -> np.ndarray:
    """How much of each value is among the largest so many: 1, 0, or for ties at the edge the share that they get.

    Parameters
    ----------
    values : ndarray
        float (n,).
    count : int
        1 to n.

    Returns
    -------
    ndarray
        float64 (n,) in [0, 1], summing to count.
    """
    edge = np.partition(values, -count)[-count]
    above, tied = values > edge, values == edge
    return above + tied * (count - above.sum()) / tied.sum()


def energy_inside(maps: FloatArray, mask: np.ndarray) -> np.ndarray:
    """Share of a map's positive energy that lies on the foreground (arXiv 1910.01279, section 4.3).

    Parameters
    ----------
    maps : ndarray
        float32 (..., H, W), raw, at the mask's size.
    mask : ndarray
        uint8 (H, W), 0 background, 1 foreground, 255 ignore.

    Returns
    -------
    ndarray
        float64 (...) in [0, 1]; NaN where the map has no positive energy or the mask no foreground.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> float(xai.energy_inside(np.array([[3, 1]], np.float32), np.array([[1, 0]], np.uint8)))
    0.75
    """
    positive = rectify(maps).astype(np.float64)
    inside = (positive * (mask == 1)).sum(axis=(-2, -1))
    total = (positive * (mask != 255)).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((total > 0) & (mask == 1).any(), inside / total, np.nan)
