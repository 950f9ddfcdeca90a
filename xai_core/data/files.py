"""Opens picture files: the kind is told by the content, and dimensions are checked before anything is decoded."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path

from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from xai_core import regular
from xai_core.data import costly, dicom, frames, roots
from xai_core.data.tiff_bands import band_count
from xai_core.errors import PictureError

MAX_PIXELS = 50_000_000  # of a picture that is kept; larger ones are scaled down as they are read
MAX_DECODED = 100_000_000  # of a picture that is decoded whole; a JPEG can be decoded smaller
MAX_BYTES = 8 * MAX_PIXELS  # 16 bits in four channels, not compressed
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"}
    | set(dicom.ENDINGS if dicom.is_readable() else ())
)
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
_TILE = (322, 323)  # TIFF: width and height of a tile
Source = Path | bytes


def size_of(source: Source) -> int:
    """Bytes of a file or its content."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def begins_as_picture(path: Path) -> bool:
    """Whether the first bytes of a file are those of a picture; for names that say nothing."""
    try:
        with regular.opened(path) as file:
            first = file.read(132) or b""  # None of a file that would wait
    except OSError:
        return False
    bmp = first[:2] == b"BM" and first[6:10] == bytes(4)
    webp = first[:4] == b"RIFF" and first[8:12] == b"WEBP"
    netpbm = first[:1] == b"P" and first[1:2] in b"123456" and first[2:3] in b"\n\r\t "
    return first.startswith(_BEGINNINGS) or bmp or webp or (len(first) > 2 and netpbm) or dicom.is_dicom(first)


def is_named_as_picture(path: Path) -> bool:
    """Whether a file's name is that of a picture, or says nothing and its content is one.

    Parameters
    ----------
    path : pathlib.Path
        Of a file that may be opened.

    Returns
    -------
    bool
    """
    suffix = path.suffix.lower()
    return suffix in SUFFIXES if suffix else begins_as_picture(path)


def content_of(source: Source, name: str) -> bytes:
    """The content of a file.

    Raises
    ------
    PictureError
        If it is empty, too large, or cannot be opened.
    """
    try:
        if (size := size_of(source)) > MAX_BYTES:
            raise PictureError(f"{name} has {size // 10**6:,} MB; at most {MAX_BYTES // 10**6} are read.")
        content = source if isinstance(source, bytes) else roots.read_bytes(source)
    except OSError as error:
        raise PictureError(f"{name} cannot be opened: {error.strerror or error}.") from error
    if not content:
        raise PictureError(f"{name} is empty (0 bytes).")
    return content


def _check_size(image: Image.Image, name: str) -> None:
    """Refuse what would take too much memory to decode; a JPEG is decoded at half or a quarter of its size.

    Raises
    ------
    PictureError
        With the size.
    """
    width, height = image.size
    limit = f"at most {MAX_DECODED // 10**6} million"
    if width * height > MAX_DECODED and image.format != "JPEG":
        raise PictureError(f"{name} has {width:,} x {height:,} pixels; {limit} are read. Scale it down first.")
    tags = getattr(image, "tag_v2", {})
    tile = prod(side for tag in _TILE if isinstance(side := tags.get(tag), int))
    if tile > MAX_DECODED:  # which is decoded whole, however small the picture is
        raise PictureError(f"{name} has a tile of {tile:,} pixels; {limit}.")


def _measured(content: bytes, name: str) -> ImageFile:
    """A file as Pillow opens it, once it is known that it can be decoded in bounds."""
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    try:
        _check_size(image, name)
        costly.check_cost(image, content, name, MAX_DECODED)
        if (other := costly.cheaper(image, content)) is None:
            return image
    except BaseException:
        image.close()
        raise
    image.close()
    return Image.open(io.BytesIO(other), formats=FORMATS)


@contextmanager
def opened(source: Source, name: str) -> Iterator[Image.Image]:
    """A file as Pillow opens it, not decoded yet; whatever goes wrong with it inside the block becomes a sentence.

    Raises
    ------
    PictureError
        With a sentence: empty, no picture, cut off, or too large to decode.
    """
    content, shown = content_of(source, name), None
    if dicom.is_dicom(content):
        content, shown = dicom.as_tiff(content, frames.chosen_page() or 0, name, MAX_DECODED)
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata and of large pictures; size is checked below, before decoding.
            warnings.simplefilter("ignore")
            with _measured(content, name) as image, costly.taking_turns(image.size[0] * image.size[1]):
                frames.turn(image, name)
                if shown is not None:
                    image.info[dicom.KEY] = shown
                yield image
    except PictureError as error:
        raise PictureError(str(error) if str(error).startswith(name) else f"{name} {error}") from None
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"{name} has far too many pixels; at most {MAX_DECODED // 10**6} million are read. Scale it down first."
        ) from error
    except UnidentifiedImageError as error:
        if bands := band_count(content):
            raise PictureError(
                f"{name} has {bands} bands, and which of them are red, green and blue is not known. Say which by "
                "`bands`, such as 3,2,1, or which one is shown in grey."
            ) from error
        raise PictureError(f"{name} is not a picture of a kind that is read here ({', '.join(FORMATS)}).") from error
    except MemoryError as error:
        raise PictureError(f"{name} needs more memory to decode than there is. Scale it down first.") from error
    except Exception as error:  # decoders raise a dozen kinds for damaged files
        raise PictureError(f"{name} is damaged or cut off and cannot be decoded.") from error
