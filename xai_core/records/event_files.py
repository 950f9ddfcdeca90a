"""TensorBoard's event files: their scalars by tag and step, read without TensorBoard, which weighs 50 MB.

A file is a row of records: length (uint64) and its checksum, the event (protobuf), its checksum. An event has a step
and any number of values; a scalar is a `simple_value` or, as TensorFlow 2 writes it, a tensor of one number.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, BinaryIO

import numpy as np

from xai_core.records.scalars import MAX_PARSED, MAX_RECORD, DamagedError, Event, message_class

NAMED = "events.out.tfevents"  # so their names begin or, with a prefix of one's own, go on
_HEAD, _CHECKSUM = struct.Struct("<QI"), struct.Struct("<I")
_MAX_AXES = 32  # of a tensor, as in NumPy
# Types of tensorflow/core/framework/types.proto whose numbers may lie in a tensor's bytes.
_BYTES = {1: struct.Struct("<f"), 2: struct.Struct("<d")}


def events(file: BinaryIO) -> Iterator[Event]:
    """The scalars of each event; ends where the file is cut off, as one that is still written may be.

    Parameters
    ----------
    file : binary file

    Yields
    ------
    Event
        What is larger than a scalar can be has no values.

    Raises
    ------
    DamagedError
        If a checksum is another one.
    """
    for head, body in _records(file):
        length, checksum = _HEAD.unpack(head)
        if checksum != _crc_of_length(head[:8]) or length > MAX_RECORD:
            raise DamagedError
        found = _scalars(body[:length]) if length <= MAX_PARSED else Event(0, [])
        # Only what is used is worth the time that the checksum of a picture takes.
        if found.scalars and masked_crc(body[:length]) != _CHECKSUM.unpack(body[length:])[0]:
            raise DamagedError
        yield found._replace(checked=len(body) if found.scalars else 0)


def _records(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Head and the rest of each whole record; the rest is empty of one that is not looked into."""
    left = os.fstat(file.fileno()).st_size
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        length, _ = _HEAD.unpack(head)
        size = 0 if length > MAX_RECORD else length + _CHECKSUM.size
        left -= _HEAD.size + size
        if left < 0:
            return
        if length <= MAX_PARSED:
            yield head, file.read(size)
        else:
            file.seek(size, os.SEEK_CUR)
            yield head, b""


def _scalars(content: bytes) -> Event:
    """The values of an event; none of what is no event."""
    from google.protobuf.message import DecodeError

    event = _event()()
    try:
        event.ParseFromString(content)
    except DecodeError:
        return Event(0, [])
    values = ((one.tag, _scalar(one)) for one in event.summary.value)
    scalars = [(event.step, tag, value) for tag, value in values if value is not None]
    return Event(len(event.summary.value), scalars)


def _scalar(value: Any) -> float | None:
    """Of a value of a summary; None where it is no scalar."""
    if value.WhichOneof("value") == "simple_value":
        return float(value.simple_value)
    if value.WhichOneof("value") != "tensor":
        return None
    shape = value.tensor.tensor_shape.dim
    if len(shape) > _MAX_AXES or any(one.size != 1 for one in shape):
        return None
    tensor = value.tensor
    if kind := _BYTES.get(tensor.dtype):
        if len(tensor.tensor_content) == kind.size:
            return float(kind.unpack(tensor.tensor_content)[0])
        numbers = tensor.float_val if tensor.dtype == 1 else tensor.double_val
        return float(numbers[0]) if len(numbers) == 1 else None
    return None


@cache
def _crc_table(bits: int) -> tuple[int, ...]:
    """What so many bits make of the checksum; of 16, half as many steps are taken, which are most of the time."""
    numbers: Any = np.arange(1 << bits, dtype=np.uint32)
    for _ in range(bits):
        numbers = numbers >> 1 ^ (numbers & 1) * np.uint32(0x82F63B78)
    return tuple(numbers.tolist())


def masked_crc(content: bytes) -> int:
    """The checksum of a record: CRC-32C, turned by 15 bits and moved, as TensorFlow's records have it.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    int

    Examples
    --------
    >>> from xai_core.records.event_files import masked_crc
    >>> hex(masked_crc(b"123456789"))  # its CRC-32C is 0xe3069283, as RFC 3720 has it
    '0xc78ab0e5'
    """
    table, crc, pairs = _crc_table(16), 0xFFFFFFFF, len(content) // 2
    for pair in struct.unpack_from(f"<{pairs}H", content):
        crc = crc >> 16 ^ table[(crc ^ pair) & 0xFFFF]
    for byte in content[2 * pairs :]:
        crc = crc >> 8 ^ _crc_table(8)[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


_crc_of_length = lru_cache(maxsize=1 << 10)(masked_crc)  # of most events of a log it is the same


@cache
def _event() -> Any:
    """The class of an event: numbers as in tensorflow/core/util/event.proto."""
    return message_class(
        {
            "Event": (("step", 2, "int64"), ("summary", 5, "Summary")),
            "Summary": (("value", 1, "*Value"),),
            "Value": (("tag", 1, "string"), ("simple_value", 2, "|float"), ("tensor", 8, "|Tensor")),
            "Tensor": (
                ("dtype", 1, "int32"),
                ("tensor_shape", 2, "Shape"),
                ("tensor_content", 4, "bytes"),
                ("float_val", 5, "*float"),
                ("double_val", 6, "*double"),
            ),
            "Shape": (("dim", 2, "*Dim"),),
            "Dim": (("size", 1, "int64"),),
        }
    )
