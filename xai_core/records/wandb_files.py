"""The log that a run of Weights & Biases keeps on this computer: its scalars by step, read without that package.

`run-ID.wandb` has a head of 7 bytes and then the log of LevelDB: blocks of 32 KiB with pieces of records, each with its
checksum (CRC-32 of the piece's kind and content), length and kind (whole, first, middle, last). A record is a message
of protobuf; one of the kind `history` holds the names and values, as JSON, that `run.log` was given.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from xai_core.records.scalars import MAX_PARSED, MAX_RECORD, DamagedError, Event, message_class

_PATTERN = "run-*.wandb"
_FILES, _TABLES = "files", ("media", "table")  # where a run keeps what it was given, and the tables in there
_START, _BLOCK = b":W&B\xe1\xbe\x00", 32 << 10  # of version 0, which is the only one
_PIECE = struct.Struct("<IHB")
_KINDS = _WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_OWN = "_"  # what names begin with that were logged by the package itself: _step, _runtime


def log_beside(folder: Path) -> list[Path]:
    """The log of the run to which a folder belongs.

    Parameters
    ----------
    folder : pathlib.Path
        A run's own, its `files`, or one in which it keeps tables; of whatever.

    Returns
    -------
    list of Path
        Empty where there is none.
    """
    for one in (folder, *folder.parents):
        if one.name == _FILES and folder.relative_to(one).parts[:2] in ((), _TABLES):
            return list(one.parent.glob(_PATTERN))
    return list(folder.glob(_PATTERN))


def events(file: BinaryIO) -> Iterator[Event]:
    """The scalars of each record; ends where the file is cut off, as one that is still written may be.

    Parameters
    ----------
    file : binary file

    Yields
    ------
    Event
        Of what lies within another value, the tag has both names with a point between.

    Raises
    ------
    DamagedError
        If it is no such log, or a checksum is another one.
    """
    from google.protobuf.message import DecodeError

    for content in _records(file):
        record = _record()()
        try:
            record.ParseFromString(content)
        except DecodeError:
            raise DamagedError from None
        history = record.history
        named = ((".".join(one.nested_key) or one.key, _number(one)) for one in history.item)
        step, kept = history.step.num, ((tag, value) for tag, value in named if not tag.startswith(_OWN))
        yield Event(len(history.item), [(step, tag, value) for tag, value in kept if value is not None])


def _records(file: BinaryIO) -> Iterator[bytes]:
    """The content of each whole record, put together from its pieces; nothing of what is larger than numbers are."""
    if file.read(len(_START)) != _START:
        raise DamagedError
    record, begun, size = bytearray(), False, 0
    for kind, content in _pieces(file):
        size += len(content)
        if begun != (kind in (_MIDDLE, _LAST)) or size > MAX_RECORD or (kind == _MIDDLE and not content):
            raise DamagedError
        record += content if size <= MAX_PARSED else b""
        begun = kind in (_FIRST, _MIDDLE)
        if not begun:
            yield bytes(record) if size <= MAX_PARSED else b""
            record.clear()
            size = 0


def _pieces(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each piece that is whole."""
    place = len(_START)
    while True:
        if (left := _BLOCK - place % _BLOCK) < _PIECE.size:  # too short for a piece, and filled up
            file.read(left)
            place += left
        if len(head := file.read(_PIECE.size)) < _PIECE.size:
            return
        checksum, length, kind = _PIECE.unpack(head)
        if len(content := file.read(length)) < length:
            return
        if kind not in _KINDS or zlib.crc32(content, zlib.crc32(head[-1:])) != checksum:
            raise DamagedError
        place += _PIECE.size + length
        yield kind, content


def _number(item: Any) -> float | None:
    """What was logged under a name; None where that is no number."""
    kind = item.WhichOneof("value")
    if kind in ("integer", "number"):
        return float(getattr(item, kind))
    if kind != "value_json" or len(item.value_json) > 400:  # a number has fewer digits
        return None
    try:
        value = json.loads(item.value_json)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    except (ValueError, OverflowError, RecursionError):
        return None


@cache
def _record() -> Any:
    """The class of a record: numbers as in wandb/proto/wandb_internal.proto."""
    return message_class(
        {
            "Record": (("history", 2, "History"),),
            "History": (("item", 1, "*Item"), ("step", 2, "Step")),
            "Item": (
                ("key", 1, "string"),
                ("nested_key", 2, "*string"),
                ("integer", 5, "|sint64"),
                ("number", 6, "|double"),
                ("value_json", 16, "|string"),
            ),
            "Step": (("num", 1, "int64"),),
        }
    )
