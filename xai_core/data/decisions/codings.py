"""What the values of masks mean: the codings that there are, and a mask read by one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xai_core.data.decisions.mask_facts import MaskFacts
from xai_core.errors import DataError
from xai_core.types import ByteArray

Values = npt.NDArray[np.int32]
BACKGROUND, OBJECT, IGNORED = 0, 1, 255  # as in Sample.mask
_NEAR = 28  # of 255: how far a trimap's grey may lie from the middle
AUTO = "auto"


class Interpreted(NamedTuple):
    """A mask, uint8 (H, W): 0 background, 1 foreground, 255 ignore; and a note in words, or an empty text."""

    mask: ByteArray
    note: str


@dataclass(frozen=True)
class Coding:
    """A way in which masks are coded.

    Attributes
    ----------
    key : str
        Its name in Python, in commands and in addresses.
    title : str
        Which values are object and which are ignored, for people.
    read : callable
        ``read(values, facts) -> Interpreted``.
    """

    key: str
    title: str
    read: Callable[[Values, MaskFacts], Interpreted]


def _count(facts: MaskFacts) -> str:
    return f"its mask holds {len(facts.levels)} values"


def _nonzero(values: Values, facts: MaskFacts) -> Interpreted:
    note = f"{_count(facts)}: all but 0 count as foreground" if len(facts.marked) > 1 else ""
    return Interpreted((values != 0).astype(np.uint8), note)


def _white_ignored(values: Values, facts: MaskFacts) -> Interpreted:
    mask = (values != 0).astype(np.uint8)
    if facts.white not in facts.levels:
        return _nonzero(values, facts)
    mask[values == facts.white] = IGNORED
    named = "white" if facts.kind == "colour" else str(facts.white)
    note = f"{_count(facts)}: all but 0 count as foreground, but {named} is left open"
    return Interpreted(mask, f"{note} (neither foreground nor background)")


def _half(values: Values, facts: MaskFacts) -> Interpreted:
    half = half_of(facts.white)
    note = f"its mask holds shades of grey: from {half} of {facts.white} on they count as foreground"
    return Interpreted((values >= half).astype(np.uint8), note if len(facts.levels) > 2 or facts.lossy else "")


def half_of(white: int) -> int:
    """The least value that is nearer to white than to black."""
    return white // 2 + 1


def from_half_of(white: int) -> Coding:
    """The coding "half" of masks whose brightest value is another one than white."""
    return replace(CODINGS["half"], read=lambda values, facts: _half(values, replace(facts, white=white)))


def _trimap_255(values: Values, facts: MaskFacts) -> Interpreted:
    white = facts.white
    mask = np.where(2 * values > white + 2 * _NEAR * white / 255, OBJECT, IGNORED)
    mask[2 * values < white - 2 * _NEAR * white / 255] = BACKGROUND
    note = f"its mask is a trimap: {white} counts as foreground, the greys between 0 and {white} are left open"
    return Interpreted(mask.astype(np.uint8), f"{note} (neither foreground nor background)")


def _trimap_123(values: Values, facts: MaskFacts) -> Interpreted:
    mask = np.full(values.shape, IGNORED, np.uint8)
    mask[values == 1] = OBJECT
    mask[values == 2] = BACKGROUND
    note = "its mask is a trimap: 1 counts as foreground, 2 as background, all else is left open"
    return Interpreted(mask, f"{note} (neither foreground nor background)")


def _zero(values: Values, facts: MaskFacts) -> Interpreted:
    return Interpreted((values == 0).astype(np.uint8), "in its mask 0 counts as foreground")


CODINGS = {
    one.key: one
    for one in (
        Coding("nonzero", "All but 0 is the object", _nonzero),
        Coding("white_ignored", "All but 0 is the object, white is ignored", _white_ignored),
        Coding("half", "From half of white on it is the object", _half),
        Coding("trimap_255", "Trimap, 255 the object, 128 ignored", _trimap_255),
        Coding("trimap_123", "Trimap, 1 the object, 2 background, 3 ignored", _trimap_123),
        Coding("zero", "0 is the object", _zero),
    )
}


def _values(texts: Sequence[str]) -> tuple[int, ...]:
    """Values from texts such as "4" or "#ff0000"."""
    return tuple(int(text[1:], 16) if text.startswith("#") else int(text) for text in texts)


def listed(objects: Sequence[str], ignored: Sequence[str] = ()) -> Coding:
    """A coding that lists the values of the object and of what is ignored; all others are background.

    Parameters
    ----------
    objects, ignored : Sequence of str
        Whole numbers, or colours such as "#ff0000".

    Returns
    -------
    Coding

    Raises
    ------
    ValueError
        If one is neither.
    """
    inside, open_ = _values(objects), _values(ignored)
    said, also = ", ".join(objects), ", ".join(ignored)
    note = f"in its mask {said} counts as foreground"
    if ignored:
        note += f", {also} is left open (neither foreground nor background)"

    def read(values: Values, facts: MaskFacts) -> Interpreted:
        mask = np.isin(values, inside).astype(np.uint8)
        mask[np.isin(values, open_)] = IGNORED
        return Interpreted(mask, note)

    key = ",".join(objects) + (f"/{','.join(ignored)}" if ignored else "")
    return Coding(key, f"{said} the object" + (f", {also} ignored" if ignored else ""), read)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def parse_coding(text: str) -> Coding:
    """A coding from its text: a key, or values of the object, and behind a / those that are ignored.

    Parameters
    ----------
    text : str
        Such as "half", "1", "1,4/255" or "#ff0000".

    Returns
    -------
    Coding

    Raises
    ------
    DataError
        If it is neither.

    Examples
    --------
    >>> parse_coding("1,4/255").title
    '1, 4 the object, 255 ignored'
    """
    for coding in CODINGS.values():
        if text in (coding.key, coding.title):
            return coding
    objects, ignored = (_parts(part) for part in (text.partition("/")[0], text.partition("/")[2]))
    if both := set(objects) & set(ignored):
        raise DataError(f"mask_coding {text!r} says of {min(both)} that it is the object and that it is ignored.")
    try:
        if objects:
            return listed(objects, ignored)
    except ValueError:
        pass
    raise DataError(
        f"mask_coding must be one of {', '.join(map(repr, (AUTO, *CODINGS)))}, or the values of the object and, behind "
        f"a /, those that are ignored, such as '1,4/255'; got {text!r}."
    )
