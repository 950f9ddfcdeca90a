"""A Pillow image as RGB with 8 bits: upright, transparent parts on white, one range of intensities."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFile, ImageOps

from xai_core.pixels.deep import has_deep_colours, is_numbers, joined, lower_bytes
from xai_core.pixels.intensity import Intensities, IntensityRange, choose_range, is_plain, measure, scale
from xai_core.types import ByteArray

ORIENTATION = 0x0112  # EXIF: 1 upright, 2 to 8 turned or mirrored
_FULL, _BYTE = 65535, 255
_ROWS = 256  # that are converted at a time
RangeOf = Callable[[Intensities], IntensityRange]


class Conversion(NamedTuple):
    """Pixels, uint8 (H, W, 3), and what was done to them, in words."""

    pixels: ByteArray
    notes: tuple[str, ...]


def _own_range(found: Intensities) -> IntensityRange:
    return choose_range([found])


def orientation_of(image: Image.Image) -> int:
    """A picture's EXIF orientation: 1 upright, 2 to 8 turned or mirrored."""
    found = image.getexif().get(ORIENTATION, 1)
    return found if found in range(2, 9) else 1


def convert_image(
    image: Image.Image,
    *,
    range_of: RangeOf | None = None,
    reopen: Callable[[], Image.Image] | None = None,
    orientation: int | None = None,
) -> Conversion:
    """An image as upright RGB with 8 bits.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode.
    range_of : callable, optional
        ``range_of(intensities) -> IntensityRange``, asked only of pictures with more than 8 bits; None takes what the
        picture's own values say.
    reopen : callable, optional
        ``reopen() -> PIL.Image.Image`` gives the lower bytes of a picture with 16 bits in each colour, of which `image`
        has the upper ones; None reads the file again that an image not loaded yet comes from. Of one that was loaded
        only the upper bytes are left.
    orientation : int, optional
        Of EXIF, as it was before the image was loaded, which turns a TIFF; None reads it here.

    Returns
    -------
    Conversion
    """
    if reopen is None:
        reopen = _second_reading(image)
    said = orientation_of(image) if orientation is None else orientation
    notes: list[str] = []
    if said != 1:
        notes.append("turned upright as its EXIF says")
    range_of = range_of or _own_range
    if not is_numbers(image) and reopen is None:
        image.load()  # which turns a TIFF
        return Conversion(_over_white(image, notes, orientation_of(image) if said != 1 else 1), tuple(notes))
    image = _turned(image, said)
    if is_numbers(image):
        values = np.asarray(image)
        own = measure(values)
        span = range_of(own)
        notes.append(_scaled(span, own))
        pixels = np.repeat(scale(values, span)[..., None], 3, axis=2)
        return Conversion(pixels, tuple(notes))
    if reopen is not None:
        upper = np.asarray(image)[..., :3]
        span = range_of(_of_upper_bytes(upper))
        if (span.low, span.high) != (0, _FULL):  # else the upper bytes are what is wanted
            image = _rescaled(image, lambda: _turned(reopen(), said), span)
            notes.append(f"scaled to 8 bits, from {span}")
    return Conversion(_over_white(image, notes), tuple(notes))


def _second_reading(image: Image.Image) -> Callable[[], Image.Image] | None:
    """What gives the lower bytes of an image that is not loaded yet and has 16 bits in each colour."""
    if not isinstance(image, ImageFile.ImageFile) or image.fp is None or not has_deep_colours(image):
        return None
    place = image.fp.tell()
    image.fp.seek(0)
    content = image.fp.read()
    image.fp.seek(place)
    return lambda: lower_bytes(Image.open(io.BytesIO(content)))


def _scaled(span: IntensityRange, own: Intensities) -> str:
    return "scaled to 8 bits" if is_plain(span, own) else f"scaled to 8 bits, from {span}"


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    return image if orientation == 1 else ImageOps.exif_transpose(image)


def _of_upper_bytes(upper: ByteArray) -> Intensities:
    """What the values of 16 bits are, as far as their upper bytes say: enough to tell how many bits are used."""
    found = measure(upper)
    return Intensities(True, 256 * found.low, 256 * found.high + 255, 256 * found.bottom, 256 * found.top + 255)


def _rescaled(image: Image.Image, lower: Callable[[], Image.Image], span: IntensityRange) -> Image.Image:
    """A picture of 16 bits in each colour with 8 of a range, and its own opacity."""
    scaled = Image.fromarray(scale(joined(image, lower), span))
    if image.mode == "RGBA":
        scaled.putalpha(image.getchannel("A"))
    return scaled


def _over_white(image: Image.Image, notes: list[str], orientation: int = 1) -> ByteArray:
    """An image of 8 bits as upright RGB, transparent parts on white.

    By bands of rows, since whole copies of a picture of 50 million pixels take 200 MB each.
    """
    width, height = image.size
    pixels = np.empty((height, width, 3) if orientation < 5 else (width, height, 3), np.uint8)
    stored = _as_stored(pixels, orientation)
    transparent = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    opaque = True
    for top in range(0, height, _ROWS):
        band = image.crop((0, top, width, min(top + _ROWS, height)))
        if transparent:
            band = band.convert("RGBA")
            opaque = opaque and band.getchannel("A").getextrema()[0] == _BYTE
            band = Image.alpha_composite(Image.new("RGBA", band.size, "white"), band)
        stored[top : top + _ROWS] = np.asarray(band.convert("RGB"))
    if not opaque:
        notes.append("transparent parts on white")
    if image.mode == "CMYK":
        notes.append("CMYK converted to RGB")
    return pixels


def _as_stored(pixels: ByteArray, orientation: int) -> ByteArray:
    """An upright picture as its file has it: the same memory, so that what is put there is turned."""
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels.swapaxes(0, 1) if orientation >= 5 else pixels
