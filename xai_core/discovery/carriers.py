"""What may carry a class besides its object: a fixed place, a content that moves, the surroundings, the colour.

Each is a part of a picture that can be put into another picture, so that what the model makes of it is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from xai_core.discovery.pictures import thumb
from xai_core.discovery.regions import peak, stretched, window_at
from xai_core.discovery.repeats import coarse, match
from xai_core.types import ByteArray, FloatArray

RISE = 0.1  # of the probability of the class, that a part must add to be suspected
RISE_WITHOUT_CONTENT = 0.2  # of a part that need not be the same content again and again: objects reach into corners
WIDER = 1.25  # windows that are put into others are so much wider than the template
AT_ONE_PLACE = "the same content at nearly the same place"
CORNER = 1 / 3  # of the side, of the corner that stands for the surroundings
# What is called the same content. Calibrated on networks of benchmarks/discovery_truth.py, on seeds of their own.
PIXELS = 0.1  # of a region's pixels at least
DIFFERS = 0.5  # of how far other pictures are from the same template, at most


class Carrier(Protocol):
    """A part of a picture that can be put into another one."""

    @property
    def key(self) -> str:
        """Its name in records."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def least(self) -> float:
        """What it must add to be suspected."""

    def put(self, picture: ByteArray, donor: ByteArray, where: FloatArray) -> ByteArray:
        """A picture with the donor's part in place of its own: uint8 (H, W, 3); `where` is the donor's map."""
        ...

    def part(self, donor: ByteArray, where: FloatArray) -> np.ndarray | None:
        """Where it lies in a picture: bool (H, W); None for one that has no place."""
        ...

    def moved(self, shift: tuple[float, float]) -> Carrier | None:
        """An equal part elsewhere, moved by shares of height and width; None where there is none."""
        ...

    def shows(self, repeated: float) -> bool:
        """Whether, beside what it adds, the content speaks for a shortcut and not for the object itself."""
        ...


def _rolled(cells: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    steps = [round(part * side) for part, side in zip(shift, cells.shape, strict=True)]
    return np.roll(cells, steps, axis=(0, 1))


def _with(picture: ByteArray, donor: ByteArray, mask: np.ndarray) -> ByteArray:
    return np.where(mask[..., None], donor, picture)


@dataclass(frozen=True, eq=False)
class Place:
    """A region that is the same in all pictures."""

    cells: np.ndarray
    key: str = "place"
    title: str = "the same content at the same place"
    least: float = RISE

    def put(self, picture: ByteArray, donor: ByteArray, where: FloatArray) -> ByteArray:
        """See `Carrier`."""
        return _with(picture, donor, self.part(picture, where))

    def part(self, donor: ByteArray, where: FloatArray) -> np.ndarray:
        """See `Carrier`."""
        return stretched(self.cells, donor.shape[:2])

    def moved(self, shift: tuple[float, float]) -> Place:
        """See `Carrier`."""
        return Place(_rolled(self.cells, shift), self.key, self.title)

    def shows(self, repeated: float) -> bool:
        """Pixel by pixel the same, in so much of the region."""
        return repeated >= PIXELS


def border_of(grid: tuple[int, int]) -> Place:
    """The outer ring of cells, as a place."""
    cells = np.ones(grid, bool)
    cells[1:-1, 1:-1] = False
    return Place(cells, "border", "the border of the picture, which looks alike in the group")


@dataclass(frozen=True, eq=False)
class Window:
    """A window where a template is found near the place where each picture's own map is largest."""

    template: FloatArray
    share: float
    key: str = "content"
    title: str = "the same content at changing places"
    least: float = RISE
    shift: tuple[float, float] = (0.0, 0.0)

    def put(self, picture: ByteArray, donor: ByteArray, where: FloatArray) -> ByteArray:
        """See `Carrier`."""
        return _with(picture, donor, self.part(donor, where))

    def part(self, donor: ByteArray, where: FloatArray) -> np.ndarray:
        """See `Carrier`."""
        mask = np.zeros(donor.shape[:2], bool)
        found = match(self.template[None], coarse(thumb(donor)[None])[0], peak(where)).middles[0]
        middle = [(float(at) + by) % 1.0 for at, by in zip(found, self.shift, strict=True)]
        mask[window_at((middle[0], middle[1]), WIDER * self.share, donor.shape[:2])] = True
        return mask

    def moved(self, shift: tuple[float, float]) -> Window:
        """See `Carrier`."""
        return Window(self.template, self.share, shift=shift)

    def shows(self, repeated: float) -> bool:
        """As near to a template in all of its pictures."""
        return repeated <= DIFFERS


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The corner that is farthest from the place where each picture's own map is largest, repeated over all of it."""

    key: str = "surroundings"
    title: str = "the surroundings"
    least: float = RISE_WITHOUT_CONTENT

    def put(self, picture: ByteArray, donor: ByteArray, where: FloatArray) -> ByteArray:
        """See `Carrier`; nothing of the picture itself is left."""
        row, column = peak(where)
        far = (0.0 if row >= 0.5 else 1.0, 0.0 if column >= 0.5 else 1.0)
        size = donor.shape[:2]
        tile = donor[window_at(far, CORNER, size)]
        times = [-(-side // length) for side, length in zip(size, tile.shape, strict=False)]
        return np.tile(tile, (*times, 1))[: size[0], : size[1]]

    def part(self, donor: ByteArray, where: FloatArray) -> None:
        """See `Carrier`."""
        return None

    def moved(self, shift: tuple[float, float]) -> None:
        """See `Carrier`."""
        return None

    def shows(self, repeated: float) -> bool:
        """It lies where the map does not point."""
        return True


@dataclass(frozen=True, eq=False)
class Colour:
    """The mean colour of the whole picture."""

    key: str = "colour"
    title: str = "the colour of the whole picture"
    least: float = RISE

    def put(self, picture: ByteArray, donor: ByteArray, where: FloatArray) -> ByteArray:
        """See `Carrier`."""
        shift = donor.mean(axis=(0, 1)) - picture.mean(axis=(0, 1))
        return np.clip(np.rint(picture + shift), 0, 255).astype(np.uint8)

    def part(self, donor: ByteArray, where: FloatArray) -> None:
        """See `Carrier`."""
        return None

    def moved(self, shift: tuple[float, float]) -> None:
        """See `Carrier`."""
        return None

    def shows(self, repeated: float) -> bool:
        """A shift of all colours moves no object."""
        return True
