"""Whose decoding is worth a process of its own: told by the head, in the server's process."""

from __future__ import annotations

import io
import warnings

from PIL import Image

from xai_core.data import costly, dicom, frames
from xai_core.data.files import FORMATS
from xai_core.pixels.parts import has_many

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SCANNED = 80_000_000  # pixels times scans of a JPEG: about 0.2 s
_RUNS = 1_000_000  # pixels of a BMP in runs: about 0.1 s
LARGE_MASK = 1_000_000  # pixels: to tell what a mask's values mean takes ten times as long as to decode it
_ANIMATED = ("GIF", "PNG", "WEBP")  # whose pages are drawn one over the other: those before are decoded, too
_NUMBERS = 1_000_000  # bytes of a PPM whose values are gone through one by one


def is_costly(content: bytes, large: int = costly.LARGE) -> bool:
    """Whether a picture is large, or of a kind whose decoders may take long or have much code.

    Parameters
    ----------
    content : bytes
        Of a file of any kind.
    large : int
        Pixels from which on it is large.

    Returns
    -------
    bool
        False of an ordinary picture, and of what is none.
    """
    if content.startswith(_TIFF) or dicom.is_dicom(content) or has_many(content):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as where it is opened to be read
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                pixels, decoder = image.size[0] * image.size[1], image.tile[0][0] if image.tile else ""
                kind = image.format
    except Exception:  # whoever reads it says what is wrong
        return False
    if pixels >= large or (kind in _ANIMATED and (frames.chosen_page() or frames.is_counted())):
        return True
    if kind == "JPEG":
        return pixels * costly.scans_of(content) > _SCANNED
    by_value = decoder in costly.BY_NUMBERS and len(content) > _NUMBERS
    return by_value or (decoder == "bmp_rle" and pixels > _RUNS)
