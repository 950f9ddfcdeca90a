"""Regions of pictures: what a mean map points at, the place of a map's peak, windows."""

from __future__ import annotations

import numpy as np

from xai_core.types import FloatArray

LARGEST_REGION = 0.25  # of the cells, of a region that a mean map points at
REGION_FROM = 0.5  # of the mean map's maximum


def region_of(mean_map: FloatArray) -> np.ndarray:
    """The cells that a mean map points at: float (g, g) -> bool (g, g); none where it is flat."""
    if not mean_map.max() > 0:
        return np.zeros(mean_map.shape, bool)
    most = max(1, round(LARGEST_REGION * mean_map.size))
    edge = max(REGION_FROM * mean_map.max(), np.sort(mean_map, axis=None)[-most])
    return mean_map >= edge


def stretched(cells: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Cells as pixels: bool (g, g) -> bool (H, W)."""
    down, across = (np.arange(side) * count // side for side, count in zip(size, cells.shape, strict=True))
    return cells[down[:, None], across[None]]


def peak(where: FloatArray) -> tuple[float, float]:
    """The middle of the cell where a map is largest, as shares of height and width."""
    row, column = np.unravel_index(int(where.argmax()), where.shape)
    return (row + 0.5) / where.shape[0], (column + 0.5) / where.shape[1]


def window_at(middle: tuple[float, float], share: float, size: tuple[int, int]) -> tuple[slice, slice]:
    """A square window around a place, moved so that it lies in the picture."""
    sides = [max(1, round(share * side)) for side in size]
    starts = [
        int(np.clip(round(at * side - length / 2), 0, side - length))
        for at, side, length in zip(middle, size, sides, strict=True)
    ]
    return slice(starts[0], starts[0] + sides[0]), slice(starts[1], starts[1] + sides[1])
