"""The arrays of an NPZ file, row by row where they are not compressed. Nothing is unpickled."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xai_core.archives import archive_of
from xai_core.data import roots
from xai_core.data.folders import state
from xai_core.errors import DataError, PictureError

MAX_UNPACKED = 2 << 30  # bytes of a compressed array, which has to be unpacked whole
_MAX_ALIKE, _PACKED = 512 << 20, 500  # bytes of an array, or so many times as many as it has in the file: masks 200
_OWN_HEADER = 30  # bytes of a member's own header in a ZIP, before its name


@dataclass(frozen=True)
class NpzArray:
    """An array in the file, not read yet."""

    path: Path
    key: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int | None  # of its values, where they are not compressed
    stamp: str
    packed: int  # bytes that it has in the file

    def row(self, index: int) -> npt.NDArray[Any]:
        """What it holds at a place of its first axis."""
        if self.offset is None:
            return _unpacked(self)[index]
        size = prod(self.shape[1:]) * self.dtype.itemsize
        with roots.opened(self.path) as file:
            file.seek(self.offset + index * size)
            content = file.read(size)
        if len(content) < size:
            raise PictureError(f"{self.path.name} is cut off in {self.key}.")
        return np.frombuffer(content, self.dtype).reshape(self.shape[1:])

    def whole(self) -> npt.NDArray[Any]:
        """All of it."""
        try:
            return _unpacked(self)
        except PictureError as error:
            raise DataError(str(error)) from error


@lru_cache(maxsize=3)
def _unpacked(array: NpzArray) -> npt.NDArray[Any]:
    size = prod(array.shape) * array.dtype.itemsize
    if size > MAX_UNPACKED:
        raise PictureError(
            f"{array.path.name}: {array.key} has {size >> 20:,} MB; of what is compressed at most {MAX_UNPACKED >> 20} "
            "are read. Save it with numpy.savez, which does not compress."
        )
    if size > max(_MAX_ALIKE, _PACKED * array.packed):
        raise PictureError(
            f"{array.path.name}: {array.key} has {size >> 20:,} MB in {array.packed >> 10:,} KB of the file, which no "
            "pictures or masks have, and is not read."
        )
    try:
        with roots.opened(array.path) as file, archive_of(file) as archive, archive.open(f"{array.key}.npy") as member:
            return np.lib.format.read_array(member, allow_pickle=False)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise PictureError(f"{array.path.name}: {array.key} is damaged and cannot be read.") from error


def _array(path: Path, archive: zipfile.ZipFile, file: Any, info: zipfile.ZipInfo) -> NpzArray:
    key = info.filename.removesuffix(".npy")
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = read(member)
        begins = member.tell()
    if dtype.hasobject:
        raise DataError(f"{path}: {key} holds Python objects, which are not read, since reading them could run code.")
    size = prod(shape) * dtype.itemsize
    if any(side < 0 for side in shape) or begins + size > info.file_size:
        raise DataError(f"{path}: {key} says that it has the shape {shape}, but the file has no room for that.")
    offset = None
    if info.compress_type == zipfile.ZIP_STORED and not by_columns:
        file.seek(info.header_offset)
        own = file.read(_OWN_HEADER)
        lengths = int.from_bytes(own[26:28], "little") + int.from_bytes(own[28:30], "little")
        offset = info.header_offset + _OWN_HEADER + lengths + begins
    return NpzArray(path, key, shape, dtype, offset, state(path), info.compress_size)


@lru_cache(maxsize=8)
def npz_arrays(path: Path, _stamp: str) -> tuple[NpzArray, ...]:
    """The arrays of a file.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    try:
        with roots.opened(path) as file, archive_of(file) as archive:
            infos = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            return tuple(_array(path, archive, file, info) for info in infos[:256])
    except DataError:
        raise
    except Exception as error:  # headers are Python literals, and archives raise what they like
        raise DataError(f"{path} is damaged or no NPZ file of NumPy's, and cannot be read.") from error
