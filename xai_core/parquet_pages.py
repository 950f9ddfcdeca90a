"""How large a column of Parquet is once it is unpacked, as its pages say: what the end of the file says may be a lie.

Each page begins with a head (PageHeader of parquet.thrift, in Thrift's compact protocol), whose size pyarrow believes.
"""

from __future__ import annotations

import os
from typing import Any, BinaryIO

MAX_PAGES = 100_000  # whose heads are read, of a file: a page has 1 MB or 20,000 values, as programs write them
_OWN = 2  # pages of each column of a row group that do not count: one of a dictionary, one of values
CELL = 8  # bytes of a number, or of the place of a text
_UNPACKED, _PACKED, _COUNTS = 2, 3, (5, 8)  # fields of a head; in the last, the first one counts the values
_DEEPEST, _MOST_FIELDS = 4, 32  # structures in structures, and what one may hold
_BOOLS, _BYTE, _INTEGERS, _DOUBLE, _TEXT, _STRUCT = (1, 2), 3, (4, 5, 6), 7, 8, 12  # a head holds no lists


class Pages:
    """The pages of a file, of which hardly more than `MAX_PAGES` are looked at.

    Parameters
    ----------
    file : BinaryIO
        Of Parquet.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, MAX_PAGES

    def size(self, chunk: Any) -> int:
        """Bytes of a column of a row group once it is unpacked; each value counts at least as a number.

        Parameters
        ----------
        chunk : pyarrow.parquet.ColumnChunkMetaData

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If it is damaged, or has too many pages.
        """
        if not chunk.num_values:
            return 0  # of which no page is read
        at, first = chunk.data_page_offset, chunk.dictionary_page_offset
        at = min(at, first) if first else at
        end, size, values = at + chunk.total_compressed_size, 0, 0
        self._left += _OWN
        while at < end:
            if not self._left:
                raise ValueError(f"It has more than {MAX_PAGES:,} pages.")
            self._left -= 1
            self._file.seek(at)
            head = _structure(self._file)
            if min(head.get(_PACKED, -1), head.get(_UNPACKED, -1)) < 0:
                raise ValueError("It has a page without a size.")
            size += head[_UNPACKED]
            values += sum(max(0, head[one].get(1, 0)) for one in _COUNTS if isinstance(head.get(one), dict))
            at = self._file.tell() + head[_PACKED]
        return max(size, CELL * values)


def _structure(file: BinaryIO, depth: int = 0) -> dict[int, Any]:
    """The numbers and structures of a structure, by the numbers of their fields."""
    found: dict[int, Any] = {}
    number = 0
    for _ in range(_MOST_FIELDS):
        said = _byte(file)
        if not said:
            return found
        number = number + (said >> 4) if said >> 4 else _integer(file)
        kind = said & 15
        if kind in _INTEGERS:
            found[number] = _integer(file)
        elif kind == _STRUCT and depth < _DEEPEST:
            found[number] = _structure(file, depth + 1)
        elif kind in (_BYTE, _DOUBLE, _TEXT):
            file.seek({_BYTE: 1, _DOUBLE: 8}.get(kind) or _natural(file), os.SEEK_CUR)
        elif kind not in _BOOLS:
            break
    raise ValueError("It holds what no head of a page does.")


def _byte(file: BinaryIO) -> int:
    said = file.read(1)
    if not said:
        raise ValueError("It is cut off.")
    return said[0]


def _natural(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 64, 7):
        said = _byte(file)
        value |= (said & 127) << shift
        if said < 128:
            return value
    raise ValueError("It holds a number of more than 64 bits.")


def _integer(file: BinaryIO) -> int:
    value = _natural(file)
    return value >> 1 ^ -(value & 1)
