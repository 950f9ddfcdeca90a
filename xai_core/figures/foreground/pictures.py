"""Pictures with their mask outlined, and what was changed in one, magnified."""

from __future__ import annotations

import numpy as np

from xai_core.figures.tiles import enlarged
from xai_core.types import ByteArray

_OUTLINE = (255, 235, 59)


def outlined(view: ByteArray, mask: ByteArray, side: int = 192) -> ByteArray:
    """A picture with its object's outline in yellow on black, enlarged first so that the line stays thin.

    Parameters
    ----------
    view : ndarray
        uint8 (S, S, 3).
    mask : ndarray
        uint8 (S, S), 1 on the object.
    side : int
        Pixels of a side, at least.

    Returns
    -------
    ndarray
        uint8, as large as `side` or as the view.
    """
    large = enlarged(view, side).copy()
    rows = np.arange(large.shape[0]) * mask.shape[0] // large.shape[0]
    columns = np.arange(large.shape[1]) * mask.shape[1] // large.shape[1]
    inside = mask[rows[:, None], columns] == 1
    edge = np.zeros_like(inside)
    edge[1:] |= inside[1:] != inside[:-1]
    edge[:, 1:] |= inside[:, 1:] != inside[:, :-1]
    thick = edge.copy()
    thick[:-1] |= edge[1:]
    thick[1:] |= edge[:-1]
    thick[:, :-1] |= edge[:, 1:]
    thick[:, 1:] |= edge[:, :-1]
    large[thick] = (20, 20, 20)
    large[edge] = _OUTLINE
    return large


def magnified(before: ByteArray, after: ByteArray) -> ByteArray:
    """A perturbation made visible: grey is no change, full range is the largest change.

    Parameters
    ----------
    before, after : ndarray
        uint8 (S, S, 3), the picture before and after it.

    Returns
    -------
    ndarray
        uint8 (S, S, 3).
    """
    change = after.astype(np.int16) - before.astype(np.int16)
    top = max(1, int(np.abs(change).max()))
    return np.rint(127.5 + 127.5 * change / top).astype(np.uint8)
