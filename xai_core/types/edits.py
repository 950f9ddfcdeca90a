"""What is changed in a picture by hand, as a record with a text that an address can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from xai_core.types.counts import number_of

Shape = Literal["box", "stroke", "object", "cells"]
Fill = Literal["blur", "around", "grey", "black", "white", "paste"]
Whole = Literal["brightness", "noise", "rotate"]
FILLS: tuple[Fill, ...] = get_args(Fill)
SHAPES: tuple[Shape, ...] = get_args(Shape)
EDITED = " (edited)"  # after the name of a picture, its edited copy
FILL_TITLES = {
    "blur": "Blur",
    "around": "Fill from the surroundings",
    "grey": "Fill with grey",
    "black": "Fill with black",
    "white": "Fill with white",
    "paste": "Paste from another picture",
}
UNIT = 1000  # of a side: regions are in thousandths, so that they mean the same at any size
# What is no fill -> (how many numbers it takes, each one's lowest and highest value).
AMOUNTS: dict[str, tuple[tuple[int, int], ...]] = {
    "brightness": ((-100, 100),),
    "noise": ((0, 100),),
    "rotate": ((-180, 180),),
    "move": ((-UNIT, UNIT), (-UNIT, UNIT), (10, 400)),
}
_MOST_NUMBERS = 1000  # of a region


@dataclass(frozen=True)
class Region:
    """A part of a picture.

    Attributes
    ----------
    shape : {"box", "stroke", "object", "cells"}
        A box, a line that was drawn, the object by its mask, or cells of a grid.
    numbers : tuple of int
        Of a box left, top, right and bottom; of a stroke its width and then x and y of each point, all in thousandths
        of the picture's sides (the width of its shorter one); of cells how many the grid has a side, and then the
        number of each cell, row by row from 0; of the object nothing.
    outside : bool
        Whether everything else is meant.

    Raises
    ------
    ValueError
        If the numbers cannot be those of such a region.

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.Region("box", (0, 0, 500, 1000)).text, xai.Region("object", outside=True).text
    ('box.0.0.500.1000', '-object')
    """

    shape: Shape
    numbers: tuple[int, ...] = ()
    outside: bool = False

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"A region is one of {', '.join(SHAPES)}; got {self.shape!r}.")
        if len(self.numbers) > _MOST_NUMBERS:
            raise ValueError(f"A region has {_MOST_NUMBERS:,} numbers at most; got {len(self.numbers):,}.")
        if not getattr(self, f"_fits_{self.shape}")(self.numbers):
            raise ValueError(f"These are not the numbers of a region of the shape {self.shape!r}: {self.numbers}.")

    @staticmethod
    def _fits_box(numbers: tuple[int, ...]) -> bool:
        if len(numbers) != 4 or not all(0 <= one <= UNIT for one in numbers):
            return False
        left, top, right, bottom = numbers
        return left < right and top < bottom

    @staticmethod
    def _fits_stroke(numbers: tuple[int, ...]) -> bool:
        return len(numbers) >= 3 and len(numbers) % 2 == 1 and numbers[0] >= 1 and all(0 <= n <= UNIT for n in numbers)

    @staticmethod
    def _fits_object(numbers: tuple[int, ...]) -> bool:
        return not numbers

    @staticmethod
    def _fits_cells(numbers: tuple[int, ...]) -> bool:
        return len(numbers) >= 2 and 1 <= numbers[0] <= 100 and all(0 <= one < numbers[0] ** 2 for one in numbers[1:])

    @property
    def text(self) -> str:
        """As it stands in an address."""
        return ("-" if self.outside else "") + ".".join([self.shape, *map(str, self.numbers)])

    @property
    def words(self) -> str:
        """Where it is."""
        numbers = self.numbers
        if self.shape == "box":
            left, top, right, bottom = (one / 10 for one in numbers)
            said = f"the box from {left:g}% to {right:g}% across and {top:g}% to {bottom:g}% down"
        elif self.shape == "stroke":
            said = f"a stroke of {number_of(len(numbers) // 2, 'point')}, {numbers[0] / 10:g}% wide"
        elif self.shape == "cells":
            said = f"{len(numbers) - 1} of {numbers[0] ** 2} cells, where the map was strongest"
        else:
            said = "the object"
        return f"all but {said}" if self.outside else said


@dataclass(frozen=True)
class Edit:
    """A change of a picture: a region that is filled, the object that is moved, or the whole that is changed.

    Attributes
    ----------
    what : str
        A fill ("blur", "around": from its surroundings, "grey", "black", "white", "paste": from another picture),
        "move" (the object), "brightness", "noise" or "rotate".
    region : Region, optional
        What is filled; None for what is no fill.
    amount : tuple of int
        Of "move" how far to the right and down, in thousandths of the sides, and the new size in percent; of
        "brightness" what is added, of "noise" its standard deviation, both in percent of the range; of "rotate"
        degrees, anticlockwise.
    source : str
        Of "paste": the name of the other picture.

    Raises
    ------
    ValueError
        If it is no change of a picture.

    Examples
    --------
    >>> import xai_core as xai
    >>> edit = xai.Edit.parse("blur:box.0.0.500.1000")
    >>> edit.what, edit.region.numbers, edit.text
    ('blur', (0, 0, 500, 1000), 'blur:box.0.0.500.1000')
    """

    what: str
    region: Region | None = None
    amount: tuple[int, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if self.what not in (*FILLS, *AMOUNTS):
            raise ValueError(f"An edit is one of {', '.join((*FILLS, *AMOUNTS))}; got {self.what!r}.")
        if (self.what in FILLS) != (self.region is not None):
            raise ValueError(f"A fill has a region, and nothing else has one; got {self.region} for {self.what!r}.")
        limits = AMOUNTS.get(self.what, ())
        if len(limits) != len(self.amount) or not all(
            low <= one <= high for one, (low, high) in zip(self.amount, limits, strict=True)
        ):
            wanted = ", ".join(f"{low} to {high}" for low, high in limits) or "no number"
            raise ValueError(f"{self.what!r} takes {wanted}; got {self.amount}.")
        if (self.what == "paste") != bool(self.source):
            raise ValueError(f"Another picture is named for 'paste' and for nothing else; got {self.source!r}.")

    @property
    def text(self) -> str:
        """As it stands in an address: what, where, and how much or from which picture."""
        parts = [self.what, self.region.text if self.region else "", self.source or ".".join(map(str, self.amount))]
        return ":".join(parts).rstrip(":")

    @property
    def words(self) -> str:
        """What was done, in a line."""
        if self.region is not None:
            source = f" ({self.source})" if self.source else ""
            return f"{FILL_TITLES[self.what]}{source}: {self.region.words}"
        if self.what == "move":
            across, down, percent = self.amount
            return (
                f"Move the object by {across / 10:+g}% to the right and {down / 10:+g}% down, at {percent}% of its size"
            )
        (amount,) = self.amount
        return {
            "brightness": f"Brightness {amount:+}%",
            "noise": f"Noise with a standard deviation of {amount}%",
            "rotate": f"Rotate by {amount:+} degrees, anticlockwise",
        }[self.what]

    @classmethod
    def parse(cls, text: str) -> Edit:
        """An edit from its text.

        Parameters
        ----------
        text : str
            As `text` gives it.

        Returns
        -------
        Edit

        Raises
        ------
        ValueError
            If it is no edit.
        """
        what, where, value = [*text.split(":", 2), "", ""][:3]
        region = None
        if where:
            shape, *numbers = where.removeprefix("-").split(".")
            region = Region(shape, _whole(numbers), where.startswith("-"))  # type: ignore[arg-type]
        if what == "paste":
            return cls(what, region, source=value)
        return cls(what, region, _whole(value.split(".")) if value else ())


def _whole(numbers: list[str]) -> tuple[int, ...]:
    """Whole numbers from texts of at most six letters."""
    if len(numbers) > _MOST_NUMBERS + 1 or not all(len(one) <= 6 for one in numbers):
        raise ValueError("There are too many numbers in an edit, or too large ones.")
    return tuple(int(one) for one in numbers)
