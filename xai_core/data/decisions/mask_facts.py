"""What can be seen of one mask's values: which there are, and how they lie beside one another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import numpy.typing as npt

from xai_core.data.mask_files import Kind, MaskFile

_BLACK, _WHITE = 0x000000, 0xFFFFFF
_TOPS = (1023, 4095, 16383, 32767, 65535)  # white of 10 to 16 bits
_BYTE = 255
_LOOKED_AT = 1 << 22  # pixels; a larger mask is looked at in its middle and at its frame
_DARK, _BRIGHT = 0.4, 0.6  # of the brightest value: a trimap's grey is neither
_ROWS = 512  # of a mask that are looked up at a time
_SAME_HUE = 48  # of 255: how far colours may lie from one hue and still be shades of it


@dataclass(frozen=True)
class MaskFacts:
    """What one mask's values are.

    Attributes
    ----------
    kind : {"grey", "palette", "colour"}
    levels : tuple of int
        The values that occur, ascending.
    white : int
        The value that would be white in such a file: 255, or that of 10 to 16 bits; 0xFFFFFF of colours.
    lossy : bool
        Whether the format changes values (JPEG).
    between : float
        Share of the pixels that hold another value than the most frequent dark one and the most frequent bright one.
    flat : float
        Share of these whose neighbours all hold the same value, in [0, 1]: low at rims, high in regions. NaN without.
    touching : float
        Of the edges between the darkest and the brightest value and what lies between, the share where dark and
        bright meet directly.
    frame : int
        The most frequent value on the picture's frame.
    middle, bright : int
        Pixels with values between, and with the most frequent bright one.
    ends : tuple of int
        The most frequent dark value, and bright one.
    """

    kind: Kind
    levels: tuple[int, ...]
    white: int
    lossy: bool
    between: float = 0.0
    flat: float = float("nan")
    touching: float = 1.0
    frame: int = 0
    middle: int = 0
    bright: int = 0
    ends: tuple[int, int] = (0, 0)

    @property
    def marked(self) -> tuple[int, ...]:
        """The values other than 0."""
        return tuple(level for level in self.levels if level)


def as_grey(file: MaskFile) -> MaskFile:
    """Greys as greys, however they are stored: in colours, in shades of one colour, or in a palette of greys."""
    if file.kind == "palette":
        return _grey_palette(file)
    if file.kind != "colour":
        return file
    if all((v & 0xFF) == (v >> 8 & 0xFF) == (v >> 16) for v in file.levels):
        return replace(file, levels=tuple(v & 0xFF for v in file.levels), kind="grey", build=lambda: file.values & 0xFF)
    if len(file.levels) > 2 and (shades := _shades(file)) is not None:
        return replace(file, levels=tuple(int(v) for v in np.unique(shades)), kind="grey", build=lambda: shades)
    return file


def _grey_palette(file: MaskFile) -> MaskFile:
    """A palette whose colours are greys, black among them: two, or many that are a ramp."""
    colours = file.palette
    greys = {index: colour & 0xFF for index, colour in colours.items() if (colour & 0xFF) * 0x010101 == colour}
    if len(greys) != len(file.levels) or len(set(greys.values())) != len(greys) or 0 not in greys.values():
        return file
    if len(greys) < 2 or (len(greys) == 2 and _WHITE not in colours.values()):
        return file
    table = np.zeros(max(file.levels) + 1, np.int32)
    for index, grey in greys.items():
        table[index] = grey
    return replace(
        file, levels=tuple(sorted(greys.values())), kind="grey", palette={}, build=lambda: table[file.values]
    )


def _shades(file: MaskFile) -> npt.NDArray[np.int32] | None:
    """Colours that are shades of one colour on black, as 0 to 255; None where there are several colours.

    By colours and how many pixels have each, since a mask has few and its pixels take much memory.
    """
    levels = np.array(file.levels, np.int32)
    channels = np.stack([levels >> 16, levels >> 8 & 0xFF, levels & 0xFF]).astype(np.float64)
    places = np.empty(file.values.shape, np.int32)
    for row in range(0, len(places), _ROWS):
        places[row : row + _ROWS] = np.searchsorted(levels, file.values[row : row + _ROWS])
    many = np.bincount(places.ravel(), minlength=len(levels))
    bright = channels.max(axis=0)
    top = _ranked(bright, many, ceil(0.999 * (many.sum() - 1)))
    strong = bright >= top / 2
    if top < 16 or not strong.any():
        return None
    there = int(many[strong].sum())
    ranks = (there - 1) // 2, there // 2
    shares, of_each = channels[:, strong] / bright[strong], many[strong]
    hue = np.array([sum(_ranked(share, of_each, rank) for rank in ranks) / 2 for share in shares])
    if np.ptp(hue) < 0.1 and not file.lossy:  # greys and colours: colours of classes
        return None
    off = np.abs(channels - hue[:, None] * bright).max(axis=0) * (_BYTE / top)
    far = int(many[strong & (off > _SAME_HUE)].sum()) / there
    if far > 0.01 or (not file.lossy and off.max() > _SAME_HUE / 4):
        return None
    return np.minimum(np.rint(bright * (_BYTE / top)), _BYTE).astype(np.int32)[places]


def _ranked(values: npt.NDArray[np.float64], many: npt.NDArray[np.int64], rank: int) -> float:
    """The value at a place, from 0 on, of all in order, each as often as it occurs."""
    order = np.argsort(values, kind="stable")
    return float(values[order][np.searchsorted(np.cumsum(many[order]), rank, side="right")])


def white_of(file: MaskFile) -> int:
    """The value that is white in a file of that kind."""
    top = max(file.levels)
    if file.kind == "colour":
        return _WHITE
    return _BYTE if top <= _BYTE else top if top in _TOPS else _TOPS[-1]


def look_at(file: MaskFile) -> MaskFacts:
    """What can be seen of a mask that `as_grey` gave.

    Parameters
    ----------
    file : MaskFile

    Returns
    -------
    MaskFacts
    """
    facts = MaskFacts(file.kind, file.levels, white_of(file), file.lossy)
    if len(file.levels) == 1 or (len(file.levels) == 2 and 0 in file.levels):
        return facts  # which says all that there is
    values = file.values
    frame = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    found, counts = np.unique(frame, return_counts=True)
    facts = replace(facts, frame=int(found[counts.argmax()]))
    return facts if file.kind == "colour" else _geometry(facts, _part(values))


def _part(values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The middle of a mask that is too large to be looked at whole."""
    if values.size <= _LOOKED_AT:
        return values
    share = (_LOOKED_AT / values.size) ** 0.5
    high, wide = (max(3, int(side * share)) for side in values.shape)
    top, left = (values.shape[0] - high) // 2, (values.shape[1] - wide) // 2
    return values[top : top + high, left : left + wide]


def _geometry(facts: MaskFacts, values: npt.NDArray[np.int32]) -> MaskFacts:
    """How the values between dark and bright lie."""
    top = min(facts.white, max(facts.levels))
    dark, bright = _mode(values, 0, _DARK * top), _mode(values, _BRIGHT * top, top)
    between = (values != dark) & (values != bright)
    middle, many = int(between.sum()), int((values == bright).sum())
    if not middle:
        return replace(facts, bright=many, ends=(dark, bright))
    low, high = values == dark, values == bright
    meet = _edges(low, high)
    others = _edges(low, between) + _edges(between, high)
    # Where dark does not meet what lies between, or that not bright, it is no rim.
    rim = min(_edges(low, between), _edges(between, high))
    return replace(
        facts,
        between=middle / values.size,
        flat=float((between & _even(values)).sum() / middle),
        touching=meet / (meet + others) if rim else 1.0,
        middle=middle,
        bright=many,
        ends=(dark, bright),
    )


def _mode(values: npt.NDArray[np.int32], low: float, high: float) -> int:
    """The most frequent value in a range, or its lower end where there is none."""
    found, counts = np.unique(values[(values >= low) & (values <= high)], return_counts=True)
    return int(found[counts.argmax()]) if len(found) else round(low)


def _edges(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> int:
    """Pairs of neighbours, side by side or one above the other, of which one is in each."""
    beside = (one[:, 1:] & other[:, :-1]).sum() + (one[:, :-1] & other[:, 1:]).sum()
    above = (one[1:] & other[:-1]).sum() + (one[:-1] & other[1:]).sum()
    return int(beside + above)


def _even(values: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Where all neighbours, those at the corners as well, hold the same value; there is none beyond the frame."""
    least, largest = values, values
    for axis in (0, 1):
        padded = np.pad(least, [(1, 1) if axis == a else (0, 0) for a in (0, 1)], mode="edge")
        other = np.pad(largest, [(1, 1) if axis == a else (0, 0) for a in (0, 1)], mode="edge")
        size = values.shape[axis]
        parts = [np.take(padded, range(shift, shift + size), axis) for shift in range(3)]
        more = [np.take(other, range(shift, shift + size), axis) for shift in range(3)]
        least, largest = np.minimum.reduce(parts), np.maximum.reduce(more)
    return least == largest
