"""How large the compressed batches of an Arrow stream are: each of their buffers says so before its first byte.

Arrow unpacks a batch whole, and pyarrow does not say what comes. A message is a table of FlatBuffers (Message.fbs of
Arrow): its header is a batch of rows, with the places of its buffers in the body and with its compression, or a
dictionary with such a batch. pyarrow has checked that all places lie within the message.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_HEADER = 2  # of a message
_DATA = 1  # of a dictionary
_NODES, _BUFFERS, _COMPRESSION = 1, 2, 3  # of a batch
MAX_ARRAYS = 200_000  # of all columns of all batches, half a kilobyte each: datasets writes 100 pictures a batch
_NOT_PACKED = -1  # in place of the size of a buffer that lies there as it is
_PLACE, _SIZE = struct.Struct("<qq"), struct.Struct("<q")


class TooManyArrays(ValueError):  # noqa: N818 (the stream consists of them)
    """A stream of more batches and columns than anybody writes."""


def unpacked_size(content: pa.Buffer) -> int:
    """Bytes of all compressed buffers of a stream once they are unpacked; 0 where none is compressed.

    Parameters
    ----------
    content : pyarrow.Buffer
        A stream of Arrow.

    Returns
    -------
    int

    Raises
    ------
    pyarrow.ArrowException
        If it is damaged.
    TooManyArrays
        If it consists of more than `MAX_ARRAYS`.
    """
    import pyarrow as pa

    size = arrays = 0
    for message in pa.ipc.MessageReader.open_stream(content):
        if message.type not in ("record batch", "dictionary"):
            continue
        table = _Table.root(message.metadata.to_pybytes()).at(_HEADER)
        batch = table.at(_DATA) if table is not None and message.type == "dictionary" else table
        if batch is None:
            continue
        if (arrays := arrays + 1 + batch.count(_NODES)) > MAX_ARRAYS:
            raise TooManyArrays
        if message.body is None or not batch.place(_COMPRESSION):
            continue
        for start, length in batch.pairs(_BUFFERS):
            if length >= _SIZE.size:
                (said,) = _SIZE.unpack(message.body[start : start + _SIZE.size].to_pybytes())
                size += length if said == _NOT_PACKED else max(said, 0)
    return size


class _Table:
    """A table of FlatBuffers in its message."""

    def __init__(self, content: bytes, start: int) -> None:
        self._content, self._start = content, start

    @classmethod
    def root(cls, content: bytes) -> _Table:
        return cls(content, int.from_bytes(content[:4], "little"))

    def place(self, field: int) -> int:
        """Where a field lies; 0 where it has none."""
        begins = self._start - struct.unpack_from("<i", self._content, self._start)[0]
        (size,) = struct.unpack_from("<H", self._content, begins)
        if 6 + 2 * field > size:
            return 0
        (place,) = struct.unpack_from("<H", self._content, begins + 4 + 2 * field)
        return self._start + place if place else 0

    def _followed(self, field: int) -> int:
        place = self.place(field)
        return place + int(struct.unpack_from("<I", self._content, place)[0]) if place else 0

    def at(self, field: int) -> _Table | None:
        """The table that a field names."""
        place = self._followed(field)
        return _Table(self._content, place) if place else None

    def count(self, field: int) -> int:
        """Of how many a field is a row."""
        place = self._followed(field)
        return int(struct.unpack_from("<I", self._content, place)[0]) if place else 0

    def pairs(self, field: int) -> list[tuple[int, int]]:
        """A field that is a row of pairs of numbers."""
        if not (place := self._followed(field)):
            return []
        (count,) = struct.unpack_from("<I", self._content, place)
        begins = place + 4
        return list(_PLACE.iter_unpack(self._content[begins : begins + _PLACE.size * count]))
