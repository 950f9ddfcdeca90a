"""How far the listing of a folder or of a file with many pictures is, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_STEP = 1_000  # of what a file lists, between two times that somebody is told


@dataclass
class Counted:
    """What was found so far.

    Attributes
    ----------
    tell : callable
        Called after each change; what it raises ends the listing.
    found : int
        Names in folders, each folder once.
    listed : int
        Pictures that files list or hold, each file once: a table lists those that lie in folders, too.
    looked_at : int
        Files whose size and time were asked for.
    """

    tell: Callable[[], None]
    found: int = 0
    listed: int = 0
    looked_at: int = 0
    _folders: set[str] = field(default_factory=set)
    _files: dict[str, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How large the list is, as far as that is known."""
        return max(self.found, self.listed)

    def add(self, folder: str, names: int) -> None:
        """Names of a folder; one that was counted before is passed over."""
        if folder not in self._folders:
            self._folders.add(folder)
            self.found += names
        self.tell()

    def add_listed(self, file: str, pictures: int) -> None:
        """Pictures of a file; of one that was counted before, those that are more."""
        if (more := pictures - self._files.get(file, 0)) > 0:
            self._files[file] = pictures
            self.listed += more
        self.tell()


_counted: ContextVar[Counted | None] = ContextVar("counted", default=None)


@contextmanager
def counting(tell: Callable[[], None]) -> Iterator[Counted]:
    """Within the block, what is listed is counted.

    Parameters
    ----------
    tell : callable
        Called without arguments after each change.

    Yields
    ------
    Counted
    """
    counted = Counted(tell)
    token = _counted.set(counted)
    try:
        yield counted
    finally:
        _counted.reset(token)


def count_names(folder: str, names: int) -> None:
    """Say how many names a folder holds.

    Parameters
    ----------
    folder : str
        Its path.
    names : int
    """
    if (here := _counted.get()) is not None:
        here.add(folder, names)


def count_listed(file: Path, pictures: int) -> None:
    """Say how many pictures a file lists or holds.

    Parameters
    ----------
    file : pathlib.Path
    pictures : int
        As many as are known of by now.
    """
    if (here := _counted.get()) is not None:
        here.add_listed(str(file), pictures)


def counted(things: Iterable[T], file: Path, pictures: int) -> Iterator[T]:
    """What a file lists, one after the other: how much that is, is said before, and it can be given up in between.

    Parameters
    ----------
    things : Iterable
    file : pathlib.Path
    pictures : int
        How many it lists; 0 where that was said.

    Yields
    ------
    object
        Each of the things.
    """
    count_listed(file, pictures)
    for number, thing in enumerate(things, start=1):
        if not number % _STEP:
            count_listed(file, pictures)
        yield thing


def count_file() -> None:
    """Say that one more file was looked at."""
    if (here := _counted.get()) is not None:
        here.looked_at += 1
        here.tell()
