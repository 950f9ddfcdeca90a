"""Where a network's view lies in a picture, and the pixels there: scaled, cropped from the middle, padded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from xai_core.types.arrays import ByteArray

Fit = Literal["crop", "stretch", "pad"]
Size = int | tuple[int, int]  # of a square's side, or (height, width)
FITS: dict[Fit, str] = {
    "crop": "Scaled to cover, centre crop",
    "stretch": "Stretched",
    "pad": "Scaled to fit, padded with black",
}
FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
    "lanczos": Image.Resampling.LANCZOS,
}
_REACH = 3  # source pixels of the widest filter, Lanczos, for each one of the result
_ROWS = 512  # that are resized at a time
_LUMINANCE = np.array([19595, 38470, 7471], np.int64)  # ITU-R 601 in 1/65536, as Pillow and torchvision have it
GREY_WEIGHTS = (_LUMINANCE / 65536).astype(np.float32)


def pair(size: Size) -> tuple[int, int]:
    """A size as (height, width)."""
    return (size, size) if isinstance(size, int) else size


@dataclass(frozen=True)
class Window:
    """The middle of a picture that was scaled.

    Attributes
    ----------
    scaled : tuple of int
        (height, width) of the whole picture once it is resized.
    corner : tuple of int
        (top, left) of the window in the resized picture; below 0 where it is padded.
    size : tuple of int
        (height, width) of the window.
    """

    scaled: tuple[int, int]
    corner: tuple[int, int]
    size: tuple[int, int]


def window(height: int, width: int, resize: Size, crop: Size, fit: Fit) -> Window:
    """The window of `crop` in the middle of a picture (height, width) that is resized as `fit` says."""
    rows, columns = pair(resize)
    if fit == "stretch":
        scaled = rows, columns
    elif rows * width == columns * height or (rows * width > columns * height) == (fit == "crop"):
        scaled = rows, max(1, int(rows * width / height))
    else:
        scaled = max(1, int(columns * height / width)), columns
    (high, wide) = pair(crop)
    return Window(scaled, (round((scaled[0] - high) / 2), round((scaled[1] - wide) / 2)), (high, wide))


def cut(pixels: ByteArray, part: Window, how: Image.Resampling, outside: int = 0) -> np.ndarray:
    """uint8 (H, W, ...) -> uint8 (h, w, ...), the window; `outside` is what padding is filled with.

    Cutting first keeps a 5 x 3000 picture from growing to 134,400 pixels. Pillow's filters look beyond the box, so the
    pixels are those of resizing the whole picture.
    """
    (new_h, new_w), (top, left), (high, wide) = part.scaled, part.corner, part.size
    y, x = pixels.shape[0] / new_h, pixels.shape[1] / new_w
    first_row, last_row = max(top, 0), min(top + high, new_h)  # of the resized picture, what the window holds
    first_column, last_column = max(left, 0), min(left + wide, new_w)
    box = first_column * x, first_row * y, last_column * x, last_row * y
    inside = _resized(pixels, box, (last_row - first_row, last_column - first_column), how)
    if inside.shape[:2] == part.size:
        return inside
    canvas = np.full((*part.size, *pixels.shape[2:]), outside, np.uint8)
    canvas[first_row - top : last_row - top, first_column - left : last_column - left] = inside
    return canvas


def _resized(
    pixels: ByteArray, box: tuple[float, float, float, float], size: tuple[int, int], how: Image.Resampling
) -> np.ndarray:
    """A box (left, top, right, bottom) of a picture, resized to (height, width).

    Across, then down, as Pillow does for a whole picture: given a box, Pillow 13 starts with the height of portraits,
    and bicubic overshoot is then clipped elsewhere. Of the rows, only those that count;
    a band of them at a time, since a large picture as Pillow has it takes as much memory again.
    """
    left, top, right, bottom = box
    high, wide = size
    reach = _REACH * max((bottom - top) / high, 1) + 1
    first, last = max(int(top - reach), 0), min(int(bottom + reach) + 1, len(pixels))
    across = np.empty((last - first, wide, *pixels.shape[2:]), np.uint8)
    for row in range(first, last, _ROWS):
        band = pixels[row : min(row + _ROWS, last)]
        resized = Image.fromarray(band).resize((wide, len(band)), how, box=(left, 0, right, len(band)))
        across[row - first : row - first + len(band)] = np.asarray(resized)
    return np.asarray(Image.fromarray(across).resize((wide, high), how, box=(0, top - first, wide, bottom - first)))


def luminance(pixels: ByteArray) -> ByteArray:
    """Luminance of a picture, uint8 (H, W, 3) -> uint8 (H, W), rounded as Pillow does."""
    return ((pixels.astype(np.int64) @ _LUMINANCE + 0x8000) >> 16).astype(np.uint8)
