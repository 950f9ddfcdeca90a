"""Scalars by name and step, as logs of trainings hold them: TensorBoard's event files, those of Weights & Biases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from xai_core import regular
from xai_core.errors import NO_PATH

MAX_EVENTS = 500_000  # in all files of a record: what a page may wait for
MAX_VALUES = 2_000_000  # of all those events, whatever they are: a microsecond each
MAX_RECORD = 256 << 20  # bytes of one event, which may be a picture or a graph
MAX_PARSED = 4 << 20  # bytes of one that is looked into: an empty value takes 2 there, and 50 in memory
MAX_CHECKED = 24 << 20  # bytes of all events with scalars, whose checksums take longest; pictures have none
MAX_TAGS = 1_000


class Event(NamedTuple):
    """What was logged at once.

    Attributes
    ----------
    values : int
        How many, whatever they are.
    scalars : list of (int, str, float)
        Step, tag and value of those that are scalars.
    checked : int
        Bytes whose checksum was computed.
    """

    values: int
    scalars: list[tuple[int, str, float]]
    checked: int = 0


class DamagedError(Exception):
    """A file whose next event cannot be read."""


@dataclass
class Scalars:
    """What logs hold.

    Attributes
    ----------
    points : dict of str to list of (int, float)
        Tag -> steps and values, in the order in which they were written; of the tags that were wanted.
    others : set of str
        The other tags of scalars, a thousand at most.
    problems : list of str
        What could not be read, in sentences.
    events, values : int
        How many were read.
    checked : int
        Bytes of them whose checksums were computed.
    """

    points: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    events: int = 0
    values: int = 0
    checked: int = 0

    def add(
        self, path: Path, before: str, wanted: Callable[[str], bool], events: Callable[[BinaryIO], Iterator[Event]]
    ) -> None:
        """Read a file, too.

        Parameters
        ----------
        path : pathlib.Path
        before : str
            What the tags' names begin with: of a file in a subfolder, that folder's name and a slash.
        wanted : callable
            Tag, with what stands before it -> whether its points are kept.
        events : callable
            The events of a file of its format; raises `DamagedError`.
        """
        already = self.events
        try:
            with regular.opened(path) as file:
                for event in events(file):
                    if self.events == MAX_EVENTS or self.values > MAX_VALUES or self.checked > MAX_CHECKED:
                        read = f"{self.events:,} events are read"
                        self.problems.append(f"{path.name}: of such files of a record, {read}.")
                        return
                    self.events += 1
                    self.values += event.values
                    self.checked += event.checked
                    for step, tag, value in event.scalars:
                        self._keep(before + tag, step, value, wanted)
        except DamagedError:
            whole = self.events - already
            self.problems.append(f"{path.name} is damaged; what comes after its event {whole:,} is not read.")
        except NO_PATH as error:
            why = error.strerror if isinstance(error, OSError) else "there can be no such path"
            self.problems.append(f"{path.name} cannot be read: {why}.")

    def _keep(self, tag: str, step: int, value: float, wanted: Callable[[str], bool]) -> None:
        if tag in self.points or (tag not in self.others and wanted(tag)):
            self.points.setdefault(tag, []).append((step, value))
        elif len(self.others) < MAX_TAGS:
            self.others.add(tag)


def message_class(messages: Mapping[str, Sequence[tuple[str, int, str]]]) -> Any:
    """The class of a message of protobuf with the fields that are read; all others are passed over.

    Parameters
    ----------
    messages : mapping of str to sequence of (str, int, str)
        Of each message, the first of which is the one that is read, its fields: name, number, and the name of a
        message or of a type, as "int64", with * before it if it is repeated and | if it is one of a choice.

    Returns
    -------
    type
    """
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kind = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="read.proto", syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for called, number, said in fields:
            one = message.field.add(name=called, number=number, label=kind.LABEL_OPTIONAL)
            if said.startswith("*"):
                one.label = kind.LABEL_REPEATED
            elif said.startswith("|"):
                if not message.oneof_decl:
                    message.oneof_decl.add(name="value")
                one.oneof_index = 0
            of = said.lstrip("*|")
            if of in messages:
                one.type, one.type_name = kind.TYPE_MESSAGE, of
            else:
                one.type = kind.Type.Value(f"TYPE_{of.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(next(iter(messages))))
