"""Maps that are constant on superpixels: the value of each, and how far two maps agree about the most important."""

from __future__ import annotations

import numpy as np

from xai_core.types.arrays import FloatArray

TOP = 5  # most important superpixels by which two maps are compared


def segment_values(heatmap: FloatArray, segments: np.ndarray) -> np.ndarray:
    """The value of each superpixel of a map that is constant on them: (H, W) and int (H, W) -> (S,)."""
    values = np.zeros(int(segments.max()) + 1, heatmap.dtype)
    values[segments.ravel()] = heatmap.ravel()
    return values


def shared_top(first: np.ndarray, second: np.ndarray) -> float:
    """Of the most important parts of two maps, the share that both have.

    Parameters
    ----------
    first, second : ndarray
        float (S,), values of the same S parts.

    Returns
    -------
    float
        In [0, 1], of the TOP most important parts, or of a third of them where they are few.
    """
    count = max(1, min(TOP, len(first) // 3))
    tops = [set(np.argsort(-np.asarray(one), kind="stable")[:count].tolist()) for one in (first, second)]
    return len(tops[0] & tops[1]) / count
