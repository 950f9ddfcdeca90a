"""Which intensities are black and white, where a picture has more than 8 bits a channel: one range for a whole set.

Cameras, scanners and microscopes store 10, 12 or 14 bits in 16, and floating-point files have any range. A range that
is chosen from one file alone makes pictures of one set differ by no more than one bright pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, nextafter
from typing import Any

import numpy as np
import numpy.typing as npt

from xai_core.errors import PictureError
from xai_core.types import ByteArray

DEPTHS = (8, 10, 12, 14, 16)  # bits that devices deliver
_TAIL = 0.001  # share of pixels at either end that says nothing of a range: hot pixels, dead ones
_COUNTED = 1 << 20  # pixels of a picture from which percentiles are taken, evenly spread
_BYTE, _WORD = 255, 65535


@dataclass(frozen=True)
class Intensities:
    """What one picture's values are.

    Attributes
    ----------
    whole : bool
        Whether they are whole numbers.
    low, high : float
        The least and the largest.
    bottom, top : float
        The same without a thousandth of the pixels at either end.
    """

    whole: bool
    low: float
    high: float
    bottom: float
    top: float


@dataclass(frozen=True)
class IntensityRange:
    """The intensities that become black (0) and white (255); what lies beyond becomes black or white, too.

    Attributes
    ----------
    low, high : float
        In the units of the files.
    reason : str
        What it was taken from, in a few words.
    """

    low: float
    high: float
    reason: str

    def __str__(self) -> str:
        return f"{self.low:,.6g} to {self.high:,.6g}"


def measure(values: npt.NDArray[Any]) -> Intensities:
    """What a picture's values are.

    Parameters
    ----------
    values : ndarray
        (H, W) or (H, W, 3), whole numbers or floating point.

    Returns
    -------
    Intensities

    Raises
    ------
    PictureError
        If one is not finite.
    """
    low, high = float(values.min()), float(values.max())
    if not isfinite(low) or not isfinite(high):
        raise PictureError("holds NaN or infinite values.")
    rows = values[:: max(1, -(-values.size // _COUNTED))] if values.size > _COUNTED else values
    flat = rows.ravel()
    bottom = float(np.quantile(flat, _TAIL, method="lower"))
    top = float(np.quantile(flat, 1 - _TAIL, method="higher"))
    return Intensities(values.dtype.kind in "iub", low, high, bottom, top)


def choose_range(found: Sequence[Intensities]) -> IntensityRange:
    """One range for all pictures that were measured.

    Whole numbers from 0 on have the fewest bits that hold all but a thousandth of the pixels, of 8, 10, 12, 14 and 16.
    Floating point between 0 and 1 is taken to have black at 0 and white at 1, and 0 to 255 likewise. Anything else
    goes from the least to the largest value; without a thousandth of the pixels at either end, where those alone
    would more than double the range.

    Parameters
    ----------
    found : Sequence of Intensities
        One or more, all of whole numbers or all of floating point.

    Returns
    -------
    IntensityRange
    """
    low, high = min(one.low for one in found), max(one.high for one in found)
    bottom, top = min(one.bottom for one in found), max(one.top for one in found)
    if all(one.whole for one in found) and low >= 0:
        bits = next((bits for bits in DEPTHS if top < 2**bits), None)
        if bits is None:
            return IntensityRange(0.0, high, "0 to the largest value")
        return IntensityRange(0.0, float(2**bits - 1), f"{bits} bits, as the largest values need")
    for white in (1, _BYTE):
        if low >= 0 and white / 2 < high <= white:
            return IntensityRange(0.0, float(white), f"0 to {white}, as the values lie there")
    if 2 * (top - bottom) < high - low:
        return IntensityRange(bottom, top if top > bottom else high, "all but the outermost 0.1% of the pixels")
    if low == high:  # beyond 2^53 the next number lies further off than 1
        high = max(low + 1, nextafter(low, inf))
    return IntensityRange(low, high, "the least to the largest value")


def is_plain(span: IntensityRange, own: Intensities) -> bool:
    """Whether a range needs no word: all 8 or 16 bits, or a picture's own least and largest values."""
    bits = own.whole and own.low >= 0 and span.high <= _WORD
    if bits:
        return span.low == 0 and span.high in (_BYTE, _WORD)
    return span.low in (0, own.low) and span.high == own.high


def scale(values: npt.NDArray[Any], span: IntensityRange) -> ByteArray:
    """Values as 0 to 255, rounded to the nearest.

    Parameters
    ----------
    values : ndarray
        (H, W) or (H, W, 3), finite.
    span : IntensityRange

    Returns
    -------
    ndarray
        uint8, of the same shape.
    """
    part = 1.0 if isfinite(span.high - span.low) else 0.5  # the largest numbers are as far apart as no number is
    low, high = span.low * part, span.high * part
    scaled = np.empty(values.shape, np.uint8)
    for row, line in enumerate(values):  # row by row, since 64 bits a value are much for 50 million
        scaled[row] = np.clip(np.round((line.astype(np.float64) * part - low) / (high - low) * _BYTE), 0, _BYTE)
    return scaled
