"""What costs much more to decode than its size says: told before it is decoded, made cheap or refused."""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL.ImageFile import ImageFile

from xai_core.apart import LOOK_S, look
from xai_core.errors import PictureError

MAX_SCANNED = 1_000_000_000  # pixels times scans of a JPEG: each scan goes over all of them, 3 ns a pixel
MAX_RUNS = 8_000_000  # pixels of a BMP in runs, which are decoded one by one: 0.1 us a pixel
MAX_TEXT = 32_000_000  # bytes of a PPM whose numbers are written out
AT_A_TIME = 2  # large pictures that are decoded at a time, whoever asks: each needs up to 700 MB
LARGE = 8_000_000  # pixels
_SCAN = b"\xff\xda"  # a marker of JPEG, which cannot occur within a scan
_COMMENT = re.compile(rb"#[^\n\r]*[\n\r]?")
BY_NUMBERS = ("ppm", "ppm_plain")  # Pillow's decoders of PPM that go value by value
_turns = threading.BoundedSemaphore(AT_A_TIME)
_mine = threading.local()


def scans_of(content: bytes) -> int:
    """How many times a JPEG goes over its pixels, at least 1."""
    return max(content.count(_SCAN), 1)


def check_cost(image: ImageFile, content: bytes, name: str, most: int) -> None:
    """Refuse what is small as a file and takes long to decode.

    Parameters
    ----------
    image : PIL.ImageFile.ImageFile
        Not decoded yet.
    content : bytes
        The file that it comes from.
    name : str
        What the sentence calls it.
    most : int
        Pixels that are decoded whole.

    Raises
    ------
    PictureError
        With what is too much.
    """
    pixels = image.size[0] * image.size[1]
    if image.format == "JPEG":
        scans = scans_of(content)
        if image.info.get("progressive") and pixels > most:
            raise PictureError(
                f"{name} is a progressive JPEG of {pixels:,} pixels; at most {most // 10**6} million are read. "
                "Scale it down first."
            )
        if pixels * scans > MAX_SCANNED:
            raise PictureError(
                f"{name} has {scans:,} scans of {pixels:,} pixels, which would take too long to decode. "
                "Save it anew, as an ordinary JPEG."
            )
    if image.format == "BMP" and any(tile[0] == "bmp_rle" for tile in image.tile) and pixels > MAX_RUNS:
        raise PictureError(
            f"{name} is a BMP of {pixels:,} pixels in runs; at most {MAX_RUNS // 10**6} million of these are read. "
            "Save it as PNG."
        )
    if image.tile and image.tile[0][0] == "ppm_plain" and len(content) > MAX_TEXT:
        raise PictureError(
            f"{name} has {len(content) // 10**6:,} MB of numbers written out; at most {MAX_TEXT // 10**6} are read. "
            "Save it in its binary form."
        )


def cheaper(image: ImageFile, content: bytes) -> bytes | None:
    """The same PPM as its decoder in C reads it, where Pillow would go through it value by value.

    Parameters
    ----------
    image : PIL.ImageFile.ImageFile
        Not decoded yet.
    content : bytes
        The file that it comes from.

    Returns
    -------
    bytes or None
        None where it is read well as it is.

    Raises
    ------
    ValueError
        If it is damaged or cut off.
    """
    if image.format != "PPM" or not image.tile or image.tile[0][0] not in BY_NUMBERS:
        return None
    decoder, offset, args = image.tile[0][0], image.tile[0][2], image.tile[0][3]
    (width, height), bands = image.size, len(image.getbands())
    body = content[offset:]
    if decoder == "ppm_plain":
        body = _COMMENT.sub(b"", body)
    if image.mode == "1":
        bits = _digits(body, width * height).reshape(height, width)
        return b"P4 %d %d\n" % (width, height) + np.packbits(bits, axis=1).tobytes()
    top = int(str(args[-1] if isinstance(args, tuple) else args))
    count = width * height * bands
    values = _numbers(body, count) if decoder == "ppm_plain" else _words(body, top, count)
    if len(values) and (values.min() < 0 or values.max() > top):
        raise ValueError("a value is out of range")
    full = 65_535 if image.mode.startswith("I") else 255
    scaled = np.rint(values / top * full).astype(">u2" if full > 255 else np.uint8)
    return b"P%d %d %d %d\n" % (6 if bands == 3 else 5, width, height, full) + scaled.tobytes()


def _digits(body: bytes, count: int) -> np.ndarray:
    """Zeros and ones that may stand without space between them."""
    found = np.frombuffer(b"".join(body.split()), np.uint8)[:count] - ord("0")
    if len(found) < count or found.max(initial=0) > 1:
        raise ValueError("not enough bits, or others")
    return found


def _numbers(body: bytes, count: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = np.fromstring(body, np.int64, sep=" ")[:count]
        except DeprecationWarning as error:
            raise ValueError("not enough numbers, or others") from error
    return _enough(found, count)


def _words(body: bytes, top: int, count: int) -> np.ndarray:
    wide = 2 if top > 255 else 1
    return _enough(np.frombuffer(body[: count * wide], ">u2" if wide == 2 else np.uint8).astype(np.int64), count)


def _enough(found: np.ndarray, count: int) -> np.ndarray:
    if len(found) < count:
        raise ValueError("not enough numbers")
    return found


@contextmanager
def taking_turns(pixels: int) -> Iterator[None]:
    """Within the block, few others decode a large picture; small ones never wait.

    Parameters
    ----------
    pixels : int
        Of the picture.
    """
    if pixels < LARGE or getattr(_mine, "held", False):
        yield
        return
    while not _turns.acquire(timeout=LOOK_S):
        look()
    _mine.held = True
    try:
        yield
    finally:
        if not getattr(_mine, "lasting", False):
            _let_go()


@contextmanager
def lasting_turn() -> Iterator[None]:
    """Within the block, a turn that this thread takes lasts until the block ends: until a large picture is used."""
    if getattr(_mine, "lasting", False):
        yield
        return
    _mine.lasting = True
    try:
        yield
    finally:
        _mine.lasting = False
        if getattr(_mine, "held", False):
            _let_go()


def _let_go() -> None:
    _mine.held = False
    _turns.release()
