"""Whether a picture's file has so many parts that going through them takes long: Pillow does so in Python, one by one.

A file of 20 MB may have millions: chunks of PNG, segments of JPEG, blocks of GIF, the bytes of a comment in a PPM.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from PIL.JpegImagePlugin import MARKER

_MANY = 10_000  # parts: Pillow takes about 5 us for each
_HEAD = 1 << 16  # bytes in which the numbers at the beginning of a PPM end
_PPM_COMMENT = re.compile(rb"#[^\r\n]*[\r\n]?")
_SCAN, _END = 0xFFDA, 0x3B
_EXTENSION, _IMAGE = 0x21, 0x2C
_PALETTE = 0x80  # in the flags of a GIF and of an image in it: there is one


def has_many(content: bytes) -> bool:
    """Whether a file of PNG, JPEG, GIF or PPM has many parts.

    Parameters
    ----------
    content : bytes
        Of a file of any kind.

    Returns
    -------
    bool
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        parts = _of_png(content)
    elif content.startswith(b"\xff\xd8\xff"):
        parts = _of_jpeg(content)
    elif content.startswith((b"GIF87a", b"GIF89a")):
        parts = _of_gif(content)
    else:
        return content[:1] == b"P" and len(content) > _HEAD and _has_long_head(content)
    return next(islice(parts, _MANY, None), None) is not None


def _of_png(content: bytes) -> Iterator[int]:
    at = 8
    while at + 8 <= len(content):
        yield at
        at += 12 + int.from_bytes(content[at : at + 4])


def _of_jpeg(content: bytes) -> Iterator[int]:
    """Segments before the first scan, and what else lies there, as Pillow goes through it."""
    at = 0
    while at + 2 <= len(content):
        yield at
        marker = int.from_bytes(content[at : at + 2])
        if marker == _SCAN:
            return
        if marker >> 8 != 0xFF or marker == 0xFFFF:
            at += 1
            continue
        handled = MARKER.get(marker, ("", "", None))[2] is not None
        at += 2
        if handled:
            at += max(int.from_bytes(content[at : at + 2]), 2)


def _of_gif(content: bytes) -> Iterator[int]:
    at = 13 + _palette(content[10:11])
    while at < len(content):
        yield at
        kind = content[at]
        if kind == _END:
            return
        at += 1
        if kind == _IMAGE:
            at += 10 + _palette(content[at + 8 : at + 9])
        elif kind == _EXTENSION:
            at += 1
        else:
            continue
        while at < len(content) and (length := content[at]):
            yield at
            at += 1 + length
        at += 1


def _palette(flags: bytes) -> int:
    """Bytes of a palette, as its flags say."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & _PALETTE else 0


def _has_long_head(content: bytes) -> bool:
    """Whether a PPM's kind, width, height and brightest value, which bitmaps have not, do not end soon."""
    words = _PPM_COMMENT.sub(b"", content[:_HEAD]).split(maxsplit=4)
    return len(words) < (3 if content[1:2] in b"14" else 4)
