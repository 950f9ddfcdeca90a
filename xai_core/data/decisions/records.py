"""What was decided of the files of a data set, and from what."""

from __future__ import annotations

from dataclasses import dataclass

from xai_core.data.decisions.codings import Coding
from xai_core.pixels import IntensityRange
from xai_core.types.counts import form, number_of


@dataclass(frozen=True)
class Decisions:
    """What was decided of the files of a data set.

    Attributes
    ----------
    pictures : int
        How many there are.
    looked_at : int
        Of how many the files were looked at, evenly spread.
    deep : int
        Of those, how many have more than 8 bits a channel.
    whole, floating : IntensityRange, optional
        Black and white of those with whole numbers, and of those with floating-point numbers.
    masks : int
        Of how many pictures looked at a mask was read whose coding is not given by the data set itself.
    coding : Coding, optional
        What the values of masks mean; None where each has two values at most, and all but 0 is the object.
    voices, others : int
        Masks that speak for that coding, and for another one.
    range_chosen, coding_chosen : bool
        Whether they were chosen by the user rather than found.

    Examples
    --------
    >>> import xai_core as xai
    >>> print(*xai.load_dataset("photos").decisions.sentences, sep="\\n")
    Of 8 pictures 8 were looked at: all have 8 bits a channel and are used as they are.
    """

    pictures: int
    looked_at: int
    deep: int = 0
    whole: IntensityRange | None = None
    floating: IntensityRange | None = None
    masks: int = 0
    coding: Coding | None = None
    voices: int = 0
    others: int = 0
    range_chosen: bool = False
    coding_chosen: bool = False

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was decided, and from what."""
        return (self._of_pictures(), *self._of_ranges(), *self._of_masks())

    def _of_pictures(self) -> str:
        looked = f"Of {number_of(self.pictures, 'picture')} {self.looked_at:,} "
        looked += f"{form(self.looked_at, 'was', 'were')} looked at: "
        if not self.deep:
            return f"{looked}all have 8 bits a channel and are used as they are."
        return f"{looked}{self.deep:,} of them with more than 8 bits a channel."

    def _of_ranges(self) -> list[str]:
        found = []
        for span in (self.whole, self.floating):
            if span is not None:
                why = "as you chose" if self.range_chosen else span.reason
                found.append(f"Intensities from {span} become black to white in every picture ({why}).")
        return list(dict.fromkeys(found))

    def _of_masks(self) -> list[str]:
        if not self.masks and not self.coding_chosen:
            return []
        if self.coding_chosen and self.coding is not None:
            return [f"Masks: {_lowered(self.coding.title)} (as you chose)."]
        looked = f"{number_of(self.masks, 'mask')} looked at"
        if self.coding is None:
            each = " each" if self.masks > 1 else ""
            return [f"Masks: all but 0 is the object ({looked}, with two values{each})."]
        against = f"; {self.others:,} {form(self.others, 'looks', 'look')} coded in another way" if self.others else ""
        why = f"{self.voices:,} of {looked} {form(self.voices, 'says', 'say')} so{against}"
        return [f"Masks: {_lowered(self.coding.title)} ({why})."]


def _lowered(title: str) -> str:
    return title[0].lower() + title[1:]
