"""Pictures with their mask outlined, and what was changed in one, magnified."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core.figures.tiles import enlarged
from xai_core.types import ByteArray

OUTLINE = (255, 235, 59)


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
    _, edge, thick = edges(mask == 1, large.shape[:2])
    large[thick] = (20, 20, 20)
    large[edge] = OUTLINE
    return large


def edges(there: np.ndarray, size: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A region at another size, the line around it, and that line with a pixel on each side: bool, of that size."""
    rows = np.arange(size[0]) * there.shape[0] // size[0]
    columns = np.arange(size[1]) * there.shape[1] // size[1]
    inside = there[rows[:, None], columns]
    edge = np.zeros_like(inside)
    edge[1:] |= inside[1:] != inside[:-1]
    edge[:, 1:] |= inside[:, 1:] != inside[:, :-1]
    thick = edge.copy()
    thick[:-1] |= edge[1:]
    thick[1:] |= edge[:-1]
    thick[:, :-1] |= edge[:, 1:]
    thick[:, 1:] |= edge[:, :-1]
    return inside, edge, thick


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
