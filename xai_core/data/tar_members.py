"""The files of a TAR archive, found by their headers alone: ustar, pax, and GNU's long names. Nothing is unpacked.

`tarfile` reads headers of any length into memory, and takes an archive that was cut off between two files for whole.
"""

from __future__ import annotations

import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from xai_core.errors import DataError

_BLOCK = 512  # bytes; every header and every content begins at a whole block
_CHUNK = 1 << 20
_MAX_END = 64  # chunks of zeros after the last file: programs write 10 kB, and one of holes has no end
_MAX_SAID = 16  # headers in a row that say something of the next file
_MAX_HEADER = 1 << 20  # bytes of what is said of the next file, such as its long name
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")  # gzip, bzip2, xz, Zstandard
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_OF_THE_NEXT = (*_PAX, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_WITHOUT_CONTENT = (
    tarfile.DIRTYPE,
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.FIFOTYPE,
)
_RECORD = re.compile(rb"(\d{1,7}) ([^=]+)=")  # of pax: how long it is, its key, and behind that its value


class Member(NamedTuple):
    """A file in an archive.

    Attributes
    ----------
    name : str
        With its folders.
    offset, size : int
        Where its content lies, in bytes.
    is_plain : bool
        False of links and devices, which have no content.
    """

    name: str
    offset: int
    size: int
    is_plain: bool


def members(file: BinaryIO, path: Path) -> Iterator[Member]:
    """The files of an archive, in their order, without its folders.

    Parameters
    ----------
    file : BinaryIO
        The archive; it may be read between two members.
    path : pathlib.Path
        Its path, for messages.

    Yields
    ------
    Member

    Raises
    ------
    DataError
        If it is compressed, damaged, cut off, or no archive.
    """
    try:
        yield from _walk(file, os.fstat(file.fileno()).st_size)
    except (tarfile.TarError, ValueError, OSError) as error:
        file.seek(0)
        if file.read(_BLOCK).startswith(_COMPRESSED):
            raise DataError(f"{path} is compressed. Unpack it to a TAR archive first, such as by gunzip.") from error
        raise DataError(f"{path} is damaged, cut off or no TAR archive, and cannot be read.") from error


def _walk(file: BinaryIO, whole: int) -> Iterator[Member]:
    at, said, in_a_row = 0, dict[str, str](), 0
    while (header := _read(file, at, _BLOCK)) != bytes(_BLOCK):
        kind, name, size = _fields(header)
        is_of_the_next = kind in _OF_THE_NEXT
        size = size if is_of_the_next else int(said.get("size", size))
        start = at + _BLOCK
        at = start if kind in _WITHOUT_CONTENT else start + -(-size // _BLOCK) * _BLOCK
        in_a_row = in_a_row + 1 if is_of_the_next else 0
        if size < 0 or at > whole or in_a_row > _MAX_SAID:
            raise tarfile.ReadError
        if is_of_the_next:
            said |= _said(file, kind, start, size)
            continue
        if kind == tarfile.GNUTYPE_SPARSE or any(key.startswith("GNU.sparse") for key in said):
            raise tarfile.ReadError  # a content with holes, which does not lie there as it is
        if kind != tarfile.DIRTYPE:
            yield Member(said.get("path", name), start, size, kind in _PLAIN)
        said = {}
    for _ in range(_MAX_END):
        rest = file.read(_CHUNK)
        if rest.count(0) != len(rest):  # another archive, which most programs would not see
            raise tarfile.ReadError
    if file.read(1):
        raise tarfile.ReadError


def _fields(header: bytes) -> tuple[bytes, str, int]:
    """The kind, name and size that a header says; tarfile reads all of its fields, which takes five times as long."""
    if sum(header[:148]) + 8 * ord(" ") + sum(header[156:]) != _number(header[148:156]):
        raise tarfile.ReadError
    kind, name = header[156:157], _text(header[:100].partition(b"\0")[0])
    if kind == tarfile.AREGTYPE and name.endswith("/"):  # as folders were marked once
        kind = tarfile.DIRTYPE
    before = _text(header[345:500].partition(b"\0")[0])
    return kind, f"{before}/{name}" if before else name, _number(header[124:136])


def _number(field: bytes) -> int:
    """In octal digits or, where they do not suffice, in bytes behind a first one of 128."""
    if field[0] == 128:
        return int.from_bytes(field[1:], "big")
    return int(field.partition(b"\0")[0].strip() or b"0", 8)


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    content = file.read(size)
    if len(content) != size:
        raise tarfile.ReadError
    return content


def _said(file: BinaryIO, kind: bytes, start: int, size: int) -> dict[str, str]:
    """What is said of the next file by its keys in pax: "path", "size" and others."""
    if size > _MAX_HEADER:
        raise tarfile.ReadError
    content = _read(file, start, size)
    if kind == tarfile.GNUTYPE_LONGNAME:
        return {"path": _text(content.partition(b"\0")[0])}
    found, at = dict[str, str](), 0
    while kind in _PAX and at < size:
        record = _RECORD.match(content, at)
        end = at + int(record[1]) if record else 0
        if record is None or not record.end() < end <= size:
            raise tarfile.ReadError
        found[_text(record[2])] = _text(content[record.end() : end - 1])
        at = end
    return found


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
