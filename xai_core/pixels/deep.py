"""Pictures with more than 8 bits a channel, of which Pillow by itself keeps the upper 8 where they have colours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from xai_core.errors import PictureError

# The decoder that keeps a value's first byte instead of its second, and the other way round.
_NATIVE, _OTHER = ("L", "B") if sys.byteorder == "little" else ("B", "L")
_OTHER_BYTE = {"16B": "16L", "16L": "16B", "16N": f"16{_OTHER}"}
_BITS_PER_SAMPLE, _SAMPLES, _PLANES = 258, 277, 284  # of a TIFF
_SEPARATE = 2


def is_numbers(image: Image.Image) -> bool:
    """Whether Pillow keeps whole or floating-point numbers of more than 8 bits, in one channel."""
    return image.mode.startswith(("I", "F"))


def _decoder(tile: Any) -> str:
    """What Pillow would decode a tile of an unread file as."""
    arguments = tile[3]
    return str(arguments[0] if isinstance(arguments, tuple) and arguments else arguments)


def has_deep_colours(image: Image.Image) -> bool:
    """Whether an unread file has 16 bits in each of three channels or four.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened, not loaded.

    Returns
    -------
    bool

    Raises
    ------
    PictureError
        If they are stored in a way that Pillow takes for 8 bits.
    """
    tiles = getattr(image, "tile", None) or []
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE) or ()
    if tags.get(_PLANES) == _SEPARATE and isinstance(bits, tuple) and len(bits) > 1 and max(bits) > 8:
        raise PictureError("keeps each colour of 16 bits in a plane of its own; save it with the colours side by side.")
    kinds = {_decoder(tile) for tile in tiles}
    return len(kinds) == 1 and next(iter(kinds)).startswith("RGB") and next(iter(kinds))[-3:] in _OTHER_BYTE


def lower_bytes(image: ImageFile.ImageFile) -> Image.Image:
    """The lower 8 of 16 bits of each channel, of an unread file that `has_deep_colours`; it is read by that.

    Parameters
    ----------
    image : PIL.ImageFile.ImageFile
        Opened anew, not loaded.

    Returns
    -------
    PIL.Image.Image
    """
    swapped = []
    for tile in image.tile:
        kind = _decoder(tile)
        other = kind[:-3] + _OTHER_BYTE[kind[-3:]]
        arguments = (other, *tile[3][1:]) if isinstance(tile[3], tuple) else other
        swapped.append(tile._replace(args=arguments))
    image.tile = swapped
    image.load()
    return image


def joined(upper: Image.Image, reopen: Callable[[], Image.Image]) -> npt.NDArray[np.uint16]:
    """All 16 bits of a picture whose upper bytes were read: uint16 (H, W, 3)."""
    lower = reopen()
    both = np.asarray(upper.convert("RGB") if upper.mode != "RGBA" else upper)[..., :3].astype(np.uint16)
    both <<= 8
    both |= np.asarray(lower)[..., :3]
    return both
