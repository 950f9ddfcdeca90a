"""A map as the measures see it: on its grid, or beside the mask of the object that it should lie on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xai_core.maps import normalize, rectify, upsample
from xai_core.types import ByteArray

IGNORE = 255


@dataclass(frozen=True, eq=False)
class MapOnMask:
    """One map on one mask; what is ignored counts nowhere.

    Attributes
    ----------
    raw : ndarray
        float32 (h, w), the map.
    mask : ndarray
        uint8 (H, W), 0 background, 1 foreground, 255 ignore.
    """

    raw: np.ndarray
    mask: ByteArray

    @cached_property
    def cells(self) -> np.ndarray:
        """The map's positive part in its own cells: float32 (h, w)."""
        return rectify(self.raw)

    @cached_property
    def fine(self) -> np.ndarray:
        """The positive part at the mask's size, bilinear: float32 (H, W)."""
        return upsample(self.cells, self.mask.shape)

    @cached_property
    def positive(self) -> np.ndarray:
        """The positive part at the n pixels that are not ignored: float32 (n,)."""
        return self.fine[self.mask != IGNORE]

    @cached_property
    def inside(self) -> np.ndarray:
        """Which of those pixels are the object's: bool (n,)."""
        return (self.mask == 1)[self.mask != IGNORE]

    @cached_property
    def shown(self) -> np.ndarray:
        """The map at those pixels as it is drawn, from its smallest to its largest cell: float32 (n,) in [0, 1]."""
        low, high = float(self.cells.min()), float(self.cells.max())
        return (self.positive - low) / (high - low)  # interpolation does not mind when that is done


@dataclass(frozen=True, eq=False)
class MapOnGrid:
    """One map at its own resolution, or averaged to a coarser one.

    Attributes
    ----------
    raw : ndarray
        float32 (h, w), with a contrast and a positive value.
    size : tuple of int
        (H, W) of the picture.
    thresholds : ndarray
        float (T,) in (0, 1), ascending.
    mask : ndarray, optional
        uint8 (H, W), 0 background, 1 foreground, 255 ignore; None where the picture has none.
    """

    raw: np.ndarray
    size: tuple[int, int]
    thresholds: np.ndarray
    mask: ByteArray | None = None

    @cached_property
    def shown(self) -> np.ndarray:
        """The map as it is drawn, from its smallest to its largest cell: float32 (H, W) in [0, 1]."""
        return upsample(normalize(self.raw), self.size)

    @cached_property
    def positive(self) -> np.ndarray:
        """The positive part at the picture's size, bilinear: float32 (H, W)."""
        return upsample(rectify(self.raw), self.size)
