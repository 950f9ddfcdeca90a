"""ZIP archives that came from somebody: how long their list of members is, and whether all readers find the same."""

from __future__ import annotations

import io
import os
import zipfile
from typing import BinaryIO

MAX_DIRECTORY = 4 << 20  # bytes of the list of an archive's members: 50,000, of which each takes 600 bytes of memory
_END, _LOCATOR, _END_64 = 22, 20, 56  # bytes of what ends an archive, and before that of what ends a large one


class _Listed(io.RawIOBase):
    """A file of which so much is read at a time as an archive's list may have; zipfile reads that list at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise zipfile.BadZipFile(f"Its list of members has more than {MAX_DIRECTORY >> 20} MB.")
        return self._file.read(size)


def archive_of(file: BinaryIO) -> zipfile.ZipFile:
    """A ZIP archive to read, whose list of members does not fill the memory: one of 50 MB names a million.

    Parameters
    ----------
    file : BinaryIO
        Opened; it stays so when the archive is closed.

    Returns
    -------
    zipfile.ZipFile

    Raises
    ------
    zipfile.BadZipFile
        If it is none, is damaged, or its list is longer than `MAX_DIRECTORY`.
    """
    return zipfile.ZipFile(_Listed(file))


def has_one_list(archive: zipfile.ZipFile, file: BinaryIO) -> bool:
    """Whether every reader finds the list of members that zipfile found, and so the members that were looked at.

    An archive may say where its list lies and have another one at its end, where zipfile looks for it.

    Parameters
    ----------
    archive : zipfile.ZipFile
        Whose first member begins the file, as in those that programs write.
    file : BinaryIO
        Its file.
    """
    if archive.comment or not any(member.header_offset == 0 for member in archive.infolist()):
        return False  # where the list lies elsewhere, zipfile moves all members by as much
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END - _LOCATOR))
    said = file.read(_LOCATOR)
    ends = size - _END - _LOCATOR - _END_64
    return not said.startswith(b"PK\6\7") or int.from_bytes(said[8:16], "little") == ends
