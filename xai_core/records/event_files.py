"""TensorBoard's event files: their scalars by tag and step, read without TensorBoard, which weighs 50 MB.

A file is a row of records: length (uint64) and its checksum, the event (protobuf), its checksum. An event has a step
and any number of values; a scalar is a `simple_value` or, as TensorFlow 2 writes it, a tensor of one number.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from xai_core import regular
from xai_core.errors import NO_PATH

NAMED = "events.out.tfevents"  # so their names begin or, with a prefix of one's own, go on
MAX_EVENTS = 500_000  # in all files of a record: what a page may wait for
MAX_RECORD = 256 << 20  # bytes of one event, which may be a picture or a graph
MAX_TAGS = 1_000
_HEAD, _CHECKSUM = struct.Struct("<QI"), struct.Struct("<I")
# Types of tensorflow/core/framework/types.proto whose numbers may lie in a tensor's bytes.
_BYTES = {1: struct.Struct("<f"), 2: struct.Struct("<d")}


@dataclass
class Scalars:
    """What event files hold.

    Attributes
    ----------
    points : dict of str to list of (int, float)
        Tag -> steps and values, in the order in which they were written; of the tags that were wanted.
    others : set of str
        The other tags of scalars, a thousand at most.
    problems : list of str
        What could not be read, in sentences.
    events : int
        How many were read.
    """

    points: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    events: int = 0

    def add(self, path: Path, before: str, wanted: Callable[[str], bool]) -> None:
        """Read a file, too.

        Parameters
        ----------
        path : pathlib.Path
        before : str
            What the tags' names begin with: of a file in a subfolder, that folder's name and a slash.
        wanted : callable
            Tag, with what stands before it -> whether its points are kept.
        """
        try:
            with regular.opened(path) as file:
                for step, tag, value in self._values(file, path.name):
                    called = before + tag
                    if wanted(called):
                        self.points.setdefault(called, []).append((step, value))
                    elif len(self.others) < MAX_TAGS:
                        self.others.add(called)
        except NO_PATH as error:
            why = error.strerror if isinstance(error, OSError) else "there can be no such path"
            self.problems.append(f"{path.name} cannot be read: {why}.")

    def _values(self, file: BinaryIO, called: str) -> Iterator[tuple[int, str, float]]:
        """Step, tag and value of each scalar; ends where the file is cut off, as one that is still written may be."""
        damaged = "{} is damaged; what comes after its event {:,} is not read."
        for number, (head, body) in enumerate(_records(file)):
            length, checksum = _HEAD.unpack(head)
            if checksum != masked_crc(head[:8]) or length > MAX_RECORD:
                self.problems.append(damaged.format(called, number))
                return
            if self.events == MAX_EVENTS:
                self.problems.append(f"{called}: of a record's event files, {MAX_EVENTS:,} events are read.")
                return
            self.events += 1
            step, found = _scalars(body[:length])
            # Only what is used is worth the time that the checksum of a picture takes.
            if found and masked_crc(body[:length]) != _CHECKSUM.unpack(body[length:])[0]:
                self.problems.append(damaged.format(called, number))
                return
            for tag, value in found:
                yield step, tag, value


def _records(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Head and the rest of each whole record; the rest is empty of one whose length cannot be."""
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        length, _ = _HEAD.unpack(head)
        size = 0 if length > MAX_RECORD else length + _CHECKSUM.size
        body = file.read(size)
        if len(body) < size:
            return
        yield head, body


def _scalars(content: bytes) -> tuple[int, list[tuple[str, float]]]:
    """Step, and tag and value of each scalar, of an event; nothing of what is no event."""
    from google.protobuf.message import DecodeError

    event = _event()()
    try:
        event.ParseFromString(content)
    except DecodeError:
        return 0, []
    return event.step, [(one.tag, value) for one in event.summary.value if (value := _scalar(one)) is not None]


def _scalar(value: Any) -> float | None:
    """Of a value of a summary; None where it is no scalar."""
    if value.WhichOneof("value") == "simple_value":
        return float(value.simple_value)
    if value.WhichOneof("value") != "tensor" or any(one.size != 1 for one in value.tensor.tensor_shape.dim):
        return None
    tensor = value.tensor
    if kind := _BYTES.get(tensor.dtype):
        if len(tensor.tensor_content) == kind.size:
            return float(kind.unpack(tensor.tensor_content)[0])
        numbers = tensor.float_val if tensor.dtype == 1 else tensor.double_val
        return float(numbers[0]) if len(numbers) == 1 else None
    return None


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
        table.append(number)
    return tuple(table)


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
    table, crc = _crc_table(), 0xFFFFFFFF
    for byte in content:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@cache
def _event() -> Any:
    """The class of an event, with the fields that are read: numbers as in tensorflow/core/util/event.proto."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kind, file = (
        descriptor_pb2.FieldDescriptorProto,
        descriptor_pb2.FileDescriptorProto(name="event.proto", syntax="proto3"),
    )
    messages: dict[str, tuple[tuple[str, int, int, str], ...]] = {
        "Event": (("step", 2, kind.TYPE_INT64, ""), ("summary", 5, kind.TYPE_MESSAGE, "Summary")),
        "Summary": (("value", 1, kind.TYPE_MESSAGE, "*Value"),),
        "Value": (
            ("tag", 1, kind.TYPE_STRING, ""),
            ("simple_value", 2, kind.TYPE_FLOAT, "|"),
            ("tensor", 8, kind.TYPE_MESSAGE, "|Tensor"),
        ),
        "Tensor": (
            ("dtype", 1, kind.TYPE_INT32, ""),
            ("tensor_shape", 2, kind.TYPE_MESSAGE, "Shape"),
            ("tensor_content", 4, kind.TYPE_BYTES, ""),
            ("float_val", 5, kind.TYPE_FLOAT, "*"),
            ("double_val", 6, kind.TYPE_DOUBLE, "*"),
        ),
        "Shape": (("dim", 2, kind.TYPE_MESSAGE, "*Dim"),),
        "Dim": (("size", 1, kind.TYPE_INT64, ""),),
    }
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for called, number, type_, more in fields:
            one = message.field.add(name=called, number=number, type=type_, label=kind.LABEL_OPTIONAL)
            if more.startswith("*"):
                one.label = kind.LABEL_REPEATED
            elif more.startswith("|"):
                if not message.oneof_decl:
                    message.oneof_decl.add(name="value")
                one.oneof_index = 0
            if of := more.lstrip("*|"):
                one.type_name = of
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Event"))
