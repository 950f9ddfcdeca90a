"""A map as the measures see it: on its grid, or beside the mask of the object that it should lie on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xai_core.maps import normalize, rectify, upsample
from xai_core.types import ByteArray

IGNORE = 255


@dataclass(frozen=True, eq=False)
class FineMap:
    """A map's positive part at the size of its picture, and the order of its pixels, which no mask changes.

    Attributes
    ----------
    raw : ndarray
        float32 (h, w), the map.
    size : tuple of int
        (H, W) of the picture.
    """

    raw: np.ndarray
    size: tuple[int, int]

    @cached_property
    def cells(self) -> np.ndarray:
        """The map's positive part in its own cells: float32 (h, w)."""
        return rectify(self.raw)

    @cached_property
    def fine(self) -> np.ndarray:
        """The positive part at the picture's size, bilinear: float32 (H, W)."""
        return upsample(self.cells, self.size)

    @cached_property
    def order(self) -> Order:
        """The order of all its pixels."""
        return Order(self.fine.ravel())


class Order:
    """The order of n values, ties included.

    Parameters
    ----------
    values : ndarray
        float (n,).
    """

    def __init__(self, values: np.ndarray) -> None:
        self._falling = np.argsort(-values, kind="stable")
        self._rising_values = values[self._falling[::-1]]

    @cached_property
    def ranks(self) -> np.ndarray:
        """float64 (n,), 1 for the smallest value; those that are tied have their mean."""
        n = len(self._falling)
        first = np.flatnonzero(np.diff(self._rising_values, prepend=np.nan) != 0)  # of each run of equal values
        count = np.diff(first, append=n)
        found = np.empty(n)
        found[self._falling[::-1]] = np.repeat(first + (count + 1) / 2, count)
        return found

    def among_largest(self, chosen: np.ndarray, count: int) -> float:
        """How many of the chosen values, bool (n,), are among the `count` largest; ties at the edge are shared."""
        edge, n = self._rising_values[-count], len(chosen)
        above = n - int(np.searchsorted(self._rising_values, edge, side="right"))
        tied = n - int(np.searchsorted(self._rising_values, edge, side="left")) - above
        inside = chosen[self._falling[: above + tied]]
        return float(inside[:above].sum() + inside[above:].sum() * (count - above) / tied)


@dataclass(frozen=True, eq=False)
class MapOnMask:
    """One map on one mask; what is ignored counts nowhere.

    Attributes
    ----------
    whole : FineMap
        The map.
    mask : ndarray
        uint8 (H, W), 0 background, 1 foreground, 255 ignore.
    """

    whole: FineMap
    mask: ByteArray

    @cached_property
    def _known(self) -> np.ndarray | None:
        """bool (H, W), the pixels that count; None where all do."""
        known = self.mask != IGNORE
        return None if known.all() else known

    @cached_property
    def positive(self) -> np.ndarray:
        """The positive part at the n pixels that are not ignored: float32 (n,)."""
        fine = self.whole.fine
        return fine.ravel() if self._known is None else fine[self._known]

    @cached_property
    def inside(self) -> np.ndarray:
        """Which of those pixels are the object's: bool (n,)."""
        inside = self.mask == 1
        return inside.ravel() if self._known is None else inside[self._known]

    @cached_property
    def order(self) -> Order:
        """The order of those pixels."""
        return self.whole.order if self._known is None else Order(self.positive)

    @cached_property
    def shown(self) -> np.ndarray:
        """The map at those pixels as it is drawn, from its smallest to its largest cell: float32 (n,) in [0, 1]."""
        low, high = float(self.whole.cells.min()), float(self.whole.cells.max())
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
