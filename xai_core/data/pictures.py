"""Reads files and bytes as RGB pictures and masks, whatever a camera, a scanner or a browser made of them.

The kind is told by the content, never by the name. Dimensions are checked before anything is decoded.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from math import isfinite, prod
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from xai_core.data import roots
from xai_core.errors import PictureError
from xai_core.types import ByteArray, Sample, content_id

MAX_PIXELS = 50_000_000
MAX_BYTES = 8 * MAX_PIXELS  # 16 bits in four channels, not compressed
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"})
FRAMES_COUNTED = 1 << 20  # bytes of a GIF or TIFF whose frames are counted; each has to be walked through
_TILE = (322, 323)  # TIFF: width and height of a tile
_ORIENTATION = 0x0112  # EXIF: 1 upright, 2 to 8 turned or mirrored


def _to_rgb(image: Image.Image, notes: list[str]) -> ByteArray:
    if image.mode.startswith(("I", "F")):
        # 16 bits and more: Pillow would clip at 255, so the range is scaled instead.
        values = np.asarray(image)
        low, high = float(values.min()), float(values.max())
        if not isfinite(low) or not isfinite(high):
            raise PictureError("holds NaN or infinite values.")
        bottom, top = 0.0, max(high, 65535.0 if high > 255 else 255.0)
        if image.mode.startswith("F") or low < 0:
            bottom, top = low, max(high - low, 1e-12)
        notes.append("scaled to 8 bits")
        pixels = np.empty((*values.shape, 3), np.uint8)
        for row, line in enumerate(values):  # row by row, since 64 bits a pixel are much for 50 million
            pixels[row] = np.round((line.astype(np.float64) - bottom) / top * 255).astype(np.uint8)[:, None]
        return pixels
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        background = Image.new("RGBA", layer.size, "white")
        if np.asarray(layer.getchannel("A")).min() < 255:
            notes.append("transparent parts on white")
        return np.asarray(Image.alpha_composite(background, layer).convert("RGB"))
    if image.mode == "CMYK":
        notes.append("CMYK converted to RGB")
    return np.asarray(image.convert("RGB"))


def _size(source: Path | bytes) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size


@contextmanager
def _opened(source: Path | bytes, name: str) -> Iterator[Image.Image]:
    """A file as Pillow opens it, not decoded yet; whatever goes wrong with it inside the block becomes a sentence.

    Raises
    ------
    PictureError
        With a sentence: empty, no picture, cut off, or too large to decode.
    """
    try:
        if (size := _size(source)) > MAX_BYTES:
            raise PictureError(f"{name} has {size // 10**6:,} MB; at most {MAX_BYTES // 10**6} are read.")
        content = source if isinstance(source, bytes) else roots.read_bytes(source)
    except OSError as error:
        raise PictureError(f"{name} cannot be opened: {error.strerror or error}.") from error
    if not content:
        raise PictureError(f"{name} is empty (0 bytes).")
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata and of large pictures; size is checked below, before decoding.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise PictureError(
                        f"{name} has {width:,} x {height:,} pixels; at most {MAX_PIXELS // 10**6} million are read. "
                        "Scale it down first."
                    )
                tags = getattr(image, "tag_v2", {})
                tile = prod(side for tag in _TILE if isinstance(side := tags.get(tag), int))
                if tile > MAX_PIXELS:  # which is decoded whole, however small the picture is
                    raise PictureError(f"{name} has a tile of {tile:,} pixels; at most {MAX_PIXELS // 10**6} million.")
                yield image
    except PictureError as error:
        raise PictureError(str(error) if str(error).startswith(name) else f"{name} {error}") from None
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"{name} has far too many pixels; at most {MAX_PIXELS // 10**6} million are read. Scale it down first."
        ) from error
    except UnidentifiedImageError as error:
        raise PictureError(f"{name} is not a picture of a kind that is read here ({', '.join(FORMATS)}).") from error
    except Exception as error:  # decoders raise a dozen kinds for damaged files
        raise PictureError(f"{name} is damaged or cut off and cannot be decoded.") from error


class Picture(NamedTuple):
    """Pixels, uint8 (H, W, 3), and what was done to them, in words."""

    pixels: ByteArray
    notes: tuple[str, ...]


def read_picture(source: Path | bytes, name: str) -> Picture:
    """The first frame of a picture, upright, in RGB.

    Parameters
    ----------
    source : pathlib.Path or bytes
        A file or its content.
    name : str
        What messages call it.

    Returns
    -------
    Picture

    Raises
    ------
    PictureError
        With a sentence: empty, no picture, cut off, or too large to decode.
    """
    notes: list[str] = []
    with _opened(source, name) as image:
        if getattr(image, "is_animated", False):
            walked = image.format in ("GIF", "TIFF") and _size(source) > FRAMES_COUNTED
            notes.append(f"first of {'several' if walked else getattr(image, 'n_frames', 1)} frames")
            image.seek(0)
        orientation = image.getexif().get(_ORIENTATION, 1)  # before load, which turns a TIFF itself
        image.load()
        upright = image
        if orientation in range(2, 9):
            upright = ImageOps.exif_transpose(image)
            notes.append("turned upright as its EXIF says")
        pixels = _to_rgb(upright, notes)
    return Picture(np.ascontiguousarray(pixels), tuple(notes))


Kind = Literal["grey", "palette", "colour"]


@dataclass(frozen=True, eq=False)
class MaskFile:
    """What a mask file holds at each pixel, before anybody decides what it means.

    Attributes
    ----------
    levels : tuple of int
        The values that occur, ascending.
    kind : {"grey", "palette", "colour"}
        What they are: grey levels, palette indices, or colours as 0xRRGGBB.
    palette : Mapping of int to int
        Each index that occurs -> its colour as 0xRRGGBB; empty unless the kind is "palette".
    lossy : bool
        Whether the file's format changes values (JPEG).
    build : callable
        Gives `values`.
    """

    levels: tuple[int, ...]
    kind: Kind
    palette: Mapping[int, int]
    lossy: bool
    build: Callable[[], npt.NDArray[np.int32]]

    @cached_property  # whoever asks only what occurs in a thousand masks need not wait for them
    def values(self) -> npt.NDArray[np.int32]:
        """int32 (H, W), upright."""
        return self.build()


def _numbers(image: Image.Image) -> tuple[npt.NDArray[np.int32], Kind]:
    """Grey levels of 16 bits and more as they are; floats in [0, 1] as 0 to 255."""
    values = np.asarray(image, dtype=np.float64)
    if not np.isfinite(values).all():
        raise PictureError("holds NaN or infinite values.")
    if image.mode.startswith("F") and values.min() >= 0 and values.max() <= 1:
        values = values * 255
    return np.clip(np.rint(values), -(2**31), 2**31 - 1).astype(np.int32), "grey"


def _colours(image: Image.Image) -> tuple[npt.NDArray[np.int32], Kind]:
    """0xRRGGBB, black where nothing is opaque; or the opacity itself where nothing else differs."""
    red, green, blue, opacity = np.moveaxis(np.asarray(image.convert("RGBA"), dtype=np.int32), 2, 0)
    values = (red << 16) | (green << 8) | blue
    if opacity.min() < 255 and (values == values.flat[0]).all():
        return opacity, "grey"
    return np.where(opacity == 0, 0, values), "colour"


def read_mask_file(source: Path | bytes, name: str) -> MaskFile:
    """A mask's values: of a palette picture the indices, never the colours.

    Parameters
    ----------
    source : pathlib.Path or bytes
        A file or its content.
    name : str
        What messages call it.

    Returns
    -------
    MaskFile

    Raises
    ------
    PictureError
        As `read_picture`.
    """
    with _opened(source, name) as image:
        lossy = image.format == "JPEG"
        image.load()
        upright = ImageOps.exif_transpose(image)
        if upright.mode not in ("1", "L", "P"):
            values, kind = _numbers(upright) if upright.mode.startswith(("I", "F")) else _colours(upright)
            return MaskFile(tuple(np.unique(values).tolist()), kind, {}, lossy, lambda: values)
        small = upright.convert("L") if upright.mode == "1" else upright
        levels = tuple(level for level, count in enumerate(small.histogram()) if count)
        colours = small.getpalette("RGB") if small.mode == "P" else None
        palette = {
            level: (colours[3 * level] << 16) | (colours[3 * level + 1] << 8) | colours[3 * level + 2]
            for level in levels
            if colours and 3 * level + 2 < len(colours)
        }
    build = partial(np.asarray, small, dtype=np.int32)
    return MaskFile(levels, "palette" if small.mode == "P" else "grey", palette, lossy, build)


def read_orientation(source: Path | bytes, name: str) -> int:
    """A picture's EXIF orientation: 1 upright, 2 to 8 turned or mirrored.

    Raises
    ------
    PictureError
        As `read_picture`.
    """
    with _opened(source, name) as image:
        found = image.getexif().get(_ORIENTATION, 1)
        return found if found in range(2, 9) else 1


def turn_upright(values: npt.NDArray[np.int32], orientation: int) -> npt.NDArray[np.int32]:
    """Values (H, W) drawn on a picture's stored pixels, turned as the picture itself is."""
    if orientation >= 5:
        values = values.T
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    return values


def make_sample(
    source: Path | bytes,
    name: str,
    *,
    label: str | None = None,
    wnid: str | None = None,
    box: tuple[int, int, int, int] | None = None,
) -> Sample:
    """A sample of a file or its content.

    Parameters
    ----------
    source : pathlib.Path or bytes
        A file or its content.
    name : str
        What messages and tables call it.
    label : str, optional
        Its class in words.
    wnid : str, optional
        WordNet id of its class.
    box : tuple of int, optional
        (left, top, right, bottom) in pixels, both ends included; becomes the mask.

    Raises
    ------
    PictureError
        As `read_picture`.
    """
    pixels, notes = read_picture(source, name)
    mask = None
    if box is not None:
        left, top, right, bottom = box
        mask = np.zeros(pixels.shape[:2], np.uint8)
        mask[max(top, 0) : bottom + 1, max(left, 0) : right + 1] = 1
    return Sample(content_id(pixels, mask), pixels, label, wnid, mask, name, notes)
