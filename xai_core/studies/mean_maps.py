"""The mean map of several pictures: what their maps have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xai_core.maps import rectify
from xai_core.types import FloatArray


@dataclass(frozen=True, eq=False)
class MeanMap:
    """The mean of some pictures' maps.

    Attributes
    ----------
    values : ndarray
        float32 (..., h, w), in [0, 1].
    n : int
        Pictures that have positive evidence; the others count nowhere.
    """

    values: FloatArray
    n: int


def mean_map(maps: FloatArray) -> MeanMap:
    """The mean of maps of which each picture's are scaled to at most 1, so that each picture counts the same.

    Parameters
    ----------
    maps : ndarray
        float32 (N, ..., h, w), raw. Maps of the same picture, such as for two classes, keep their proportion.

    Returns
    -------
    MeanMap

    Examples
    --------
    >>> import numpy as np
    >>> found = mean_map(np.array([[[0, 4]], [[1, 0]], [[0, 0]]], np.float32))
    >>> found.values.tolist(), found.n
    ([[0.5, 0.5]], 2)
    """
    positive = rectify(np.asarray(maps, np.float32))
    peaks = positive.reshape(len(positive), -1).max(axis=1)
    known = np.isfinite(peaks) & (peaks > 0)
    if not known.any():
        return MeanMap(np.zeros(positive.shape[1:], np.float32), 0)
    scaled = positive[known] / peaks[known].reshape(-1, *[1] * (positive.ndim - 1))
    return MeanMap(scaled.mean(axis=0, dtype=np.float32), int(known.sum()))
