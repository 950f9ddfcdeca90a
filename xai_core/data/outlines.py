"""Outlines, boxes and run lengths as annotation files have them, drawn as masks.

A pixel belongs to an outline if its centre lies inside, by the even-odd rule: the outline (0, 0), (10, 0), (10, 10),
(0, 10) has 100 pixels. Everything is checked before it is drawn, since the numbers come from other people's files.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from xai_core.data.files import MAX_PIXELS
from xai_core.errors import PictureError

BoolArray = npt.NDArray[np.bool_]
MAX_CROSSINGS = 20_000_000  # of an outline with rows of pixels: a spiral of a hundred turns through 50,000 rows
_FURTHEST = 1e7  # pixels from the corner
_BITS = 0x1F  # of a letter that carries a number's part in a compressed run length
_MORE, _NEGATIVE = 0x20, 0x10


def as_numbers(values: Any, expected: str) -> npt.NDArray[np.float64]:
    """Numbers as a file has them.

    Parameters
    ----------
    values : object
        A list of numbers is what it should be.
    expected : str
        In words, for the message.

    Returns
    -------
    ndarray
        float64 (n,).

    Raises
    ------
    PictureError
        If one is none, or larger than any picture.
    """
    good = isinstance(values, list | tuple) and all(
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _FURTHEST for value in values
    )
    if not good:
        raise PictureError(f"holds {str(values)[:60]!r} where {expected} was expected")
    return np.asarray(values, np.float64)


def draw_outline(points: npt.NDArray[np.float64], height: int, width: int) -> BoolArray:
    """The pixels whose centres lie inside a closed outline, by the even-odd rule.

    Parameters
    ----------
    points : ndarray
        float64 (n, 2): x and y in pixels from the upper left corner; finite.
    height, width : int
        Of the picture, in pixels.

    Returns
    -------
    ndarray
        bool (height, width).

    Raises
    ------
    PictureError
        If it has fewer than three points or crosses too many rows.

    Examples
    --------
    >>> import numpy as np
    >>> draw_outline(np.array([[1.0, 0.0], [3.0, 0.0], [3.0, 2.0], [1.0, 2.0]]), 2, 4).astype(int).tolist()
    [[0, 1, 1, 0], [0, 1, 1, 0]]
    """
    if len(points) < 3:
        raise PictureError(f"has an outline of {len(points)} points; three are the least")
    x, y = points.T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    # The rows whose centres lie between an edge's ends, the lower end not among them: no corner counts twice.
    first = np.clip(np.ceil(np.minimum(y, next_y) - 0.5), 0, height).astype(np.int64)
    last = np.clip(np.ceil(np.maximum(y, next_y) - 0.5), 0, height).astype(np.int64)
    count = last - first
    if (total := int(count.sum())) > MAX_CROSSINGS:
        raise PictureError(f"has an outline that crosses {total:,} rows; at most {MAX_CROSSINGS:,} are drawn")
    edge = np.repeat(np.arange(len(x)), count)
    row = np.arange(total) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    slope = (next_x - x)[edge] / np.where(next_y == y, 1, next_y - y)[edge]
    crossing = x[edge] + (row + 0.5 - y[edge]) * slope
    column = np.clip(np.ceil(crossing - 0.5), 0, width).astype(np.int64)
    inside = np.zeros((height, width + 1), np.bool_)
    np.logical_xor.at(inside, (row, column), True)
    return np.logical_xor.accumulate(inside, axis=1)[:, :width]


def draw_box(left: float, top: float, right: float, bottom: float, height: int, width: int) -> BoolArray:
    """The pixels whose centres lie in a box; in a narrow one at least those that it touches.

    Parameters
    ----------
    left, top, right, bottom : float
        In pixels.
    height, width : int
        Of the picture, in pixels.

    Returns
    -------
    ndarray
        bool (height, width).

    Raises
    ------
    PictureError
        If the box has no area in the picture.
    """
    mask = np.zeros((height, width), np.bool_)
    if not (min(right, width) > max(left, 0) and min(bottom, height) > max(top, 0)):
        raise PictureError(f"has a box from ({left:g}, {top:g}) to ({right:g}, {bottom:g}), which holds nothing")
    rows = slice(*_span(top, bottom, height))
    mask[rows, slice(*_span(left, right, width))] = True
    return mask


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    first = int(np.clip(np.ceil(low - 0.5), 0, size - 1))
    return first, max(first + 1, int(np.clip(np.ceil(high - 0.5), 0, size)))


def run_lengths(text: str | bytes) -> list[int]:
    """The numbers of a compressed run length, as COCO's tools write it.

    Parameters
    ----------
    text : str or bytes
        Five bits a letter, the lowest first; from the fourth number on the difference from the one two before.

    Returns
    -------
    list of int

    Raises
    ------
    PictureError
        If it is damaged.

    Examples
    --------
    >>> run_lengths("23d0")
    [2, 3, 20]
    """
    letters = map(ord, text) if isinstance(text, str) else text
    counts: list[int] = []
    value = shift = 0
    for letter in letters:
        bits = letter - 48
        if not 0 <= bits < 64 or shift > 60:
            raise PictureError("has run lengths that are damaged")
        value |= (bits & _BITS) << shift
        shift += 5
        if not bits & _MORE:
            if bits & _NEGATIVE:
                value -= 1 << shift
            counts.append(value + counts[-2] if len(counts) > 2 else value)
            value = shift = 0
    if shift:
        raise PictureError("has run lengths that are cut off")
    return counts


def draw_runs(size: Any, counts: Any) -> BoolArray:
    """A mask from run lengths, column by column, background first.

    Parameters
    ----------
    size : list of int
        Height and width.
    counts : list of int, or str
        How many pixels each run has; as a text, compressed.

    Returns
    -------
    ndarray
        bool (height, width).

    Raises
    ------
    PictureError
        If they do not add up to the size.

    Examples
    --------
    >>> draw_runs([2, 2], [1, 2, 1]).astype(int).tolist()
    [[0, 1], [1, 0]]
    """
    if not (isinstance(size, list | tuple) and len(size) == 2 and all(type(side) is int and side > 0 for side in size)):
        raise PictureError(f"has the size {str(size)[:60]}, where [height, width] was expected")
    height, width = size
    if height * width > MAX_PIXELS:
        raise PictureError(f"has {width:,} x {height:,} pixels; at most {MAX_PIXELS // 10**6} million are read")
    lengths = run_lengths(counts) if isinstance(counts, str | bytes) else counts
    if not isinstance(lengths, list) or not all(type(n) is int and 0 <= n <= height * width for n in lengths):
        raise PictureError("has run lengths that are no whole numbers from 0 on")
    if sum(lengths) != height * width:
        raise PictureError(f"has run lengths of {sum(lengths):,} pixels in all, but its size is {height} x {width}")
    values = np.zeros(len(lengths), np.bool_)
    values[1::2] = True
    return np.repeat(values, lengths).reshape(width, height).T


def resized(mask: BoolArray, height: int, width: int) -> BoolArray:
    """A mask at another size, by nearest neighbour."""
    if mask.shape == (height, width):
        return mask
    return np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST))
