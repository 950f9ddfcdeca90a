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
MAX_CROSSINGS = 10_000_000  # of outlines with rows of pixels: a spiral of a hundred turns through 50,000 rows
MAX_DRAWN = 250_000_000  # pixels of the shapes that are drawn in a picture: five that fill the largest
MAX_SHAPES = 20_000  # of a class in a picture: cells under a microscope are some thousand
_AT_ONCE = 1 << 18  # crossings that are worked out together
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


class Canvas:
    """What the objects of one class cover in a picture: shapes are drawn on it one after another, within bounds.

    Attributes
    ----------
    inside : ndarray
        bool (height, width): true where a shape was drawn.

    Parameters
    ----------
    height, width : int
        Of the picture, in pixels.

    Examples
    --------
    >>> import numpy as np
    >>> canvas = Canvas(2, 4)
    >>> canvas.outline(np.array([[1.0, 0.0], [3.0, 0.0], [3.0, 2.0], [1.0, 2.0]]))
    >>> canvas.inside.astype(int).tolist()
    [[0, 1, 1, 0], [0, 1, 1, 0]]
    """

    def __init__(self, height: int, width: int) -> None:
        self.inside = np.zeros((height, width), np.bool_)
        self._crossings, self._pixels, self._shapes = 0, 0, 0

    def outline(self, points: npt.NDArray[np.float64]) -> None:
        """The pixels whose centres lie inside a closed outline, by the even-odd rule.

        Parameters
        ----------
        points : ndarray
            float64 (n, 2): x and y in pixels from the upper left corner; finite.

        Raises
        ------
        PictureError
            If it has fewer than three points, or too much was drawn.
        """
        if len(points) < 3:
            raise PictureError(f"has an outline of {len(points)} points; three are the least")
        height, width = self.inside.shape
        x, y = points.T
        next_x, next_y = np.roll(x, -1), np.roll(y, -1)
        # The rows whose centres lie between an edge's ends, the lower end not among them: no corner counts twice.
        first = np.clip(np.ceil(np.minimum(y, next_y) - 0.5), 0, height).astype(np.int64)
        last = np.clip(np.ceil(np.maximum(y, next_y) - 0.5), 0, height).astype(np.int64)
        count = last - first
        self._crossings += (total := int(count.sum()))
        if self._crossings > MAX_CROSSINGS:
            raise PictureError(f"has outlines that cross {self._crossings:,} rows; at most {MAX_CROSSINGS:,} are drawn")
        left, right = (int(np.clip(edge, 0, width)) for edge in (np.floor(x.min()), np.ceil(x.max())))
        rows, columns = slice(int(first.min()), int(last.max())), slice(left, right)
        self._spend(rows, columns)
        slope = (next_x - x) / np.where(next_y == y, 1, next_y - y)
        ends = np.cumsum(count)
        # How often the border was crossed at a place, of which only whether that is odd counts.
        crossed = np.zeros((rows.stop - rows.start, right - left + 1), np.uint8)
        for start in range(0, total, _AT_ONCE):
            crossing = np.arange(start, min(start + _AT_ONCE, total))
            edge = np.searchsorted(ends, crossing, side="right")
            row = crossing - (ends - count)[edge] + first[edge]
            column = np.clip(np.ceil(x[edge] + (row + 0.5 - y[edge]) * slope[edge] - 0.5), left, right).astype(np.int64)
            np.add.at(crossed.reshape(-1), (row - rows.start) * crossed.shape[1] + column - left, 1)
        crossed &= 1
        self.inside[rows, columns] |= np.bitwise_xor.accumulate(crossed, axis=1, out=crossed)[:, :-1].view(np.bool_)

    def box(self, left: float, top: float, right: float, bottom: float) -> None:
        """The pixels whose centres lie in a box; in a narrow one at least those that it touches.

        Parameters
        ----------
        left, top, right, bottom : float
            In pixels.

        Raises
        ------
        PictureError
            If the box has no area in the picture, or too much was drawn.
        """
        height, width = self.inside.shape
        if not (min(right, width) > max(left, 0) and min(bottom, height) > max(top, 0)):
            raise PictureError(f"has a box from ({left:g}, {top:g}) to ({right:g}, {bottom:g}), which holds nothing")
        rows, columns = slice(*_span(top, bottom, height)), slice(*_span(left, right, width))
        self._spend(rows, columns)
        self.inside[rows, columns] = True

    def mask(self, mask: BoolArray, top: int = 0, left: int = 0) -> None:
        """The pixels of a mask whose corner is at a place; what lies outside is cut off.

        Parameters
        ----------
        mask : ndarray
            bool (h, w).
        top, left : int
            Of its upper left corner.

        Raises
        ------
        PictureError
            If too much was drawn.
        """
        height, width = self.inside.shape
        part = mask[max(-top, 0) :, max(-left, 0) :][: max(height - max(top, 0), 0), : max(width - max(left, 0), 0)]
        rows, columns = (slice(max(at, 0), max(at, 0) + side) for at, side in zip((top, left), part.shape, strict=True))
        self._spend(rows, columns)
        self.inside[rows, columns] |= part

    def _spend(self, rows: slice, columns: slice) -> None:
        self._shapes += 1
        if self._shapes > MAX_SHAPES:
            raise PictureError(f"has more than the {MAX_SHAPES:,} shapes that are drawn of a class in a picture")
        self._pixels += (rows.stop - rows.start) * (columns.stop - columns.start)
        if self._pixels > MAX_DRAWN:
            raise PictureError(f"goes beyond the {MAX_DRAWN:,} pixels that are drawn of all its shapes")


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
