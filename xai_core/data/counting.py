"""How far the listing of a folder is, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Counted:
    """What was found so far.

    Attributes
    ----------
    tell : callable
        Called after each change; what it raises ends the listing.
    found : int
        Names in folders, each folder once.
    looked_at : int
        Files whose size and time were asked for.
    """

    tell: Callable[[], None]
    found: int = 0
    looked_at: int = 0
    _folders: set[str] = field(default_factory=set)

    def add(self, folder: str, names: int) -> None:
        """Names of a folder; one that was counted before is passed over."""
        if folder not in self._folders:
            self._folders.add(folder)
            self.found += names
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


def count_file() -> None:
    """Say that one more file was looked at."""
    if (here := _counted.get()) is not None:
        here.looked_at += 1
        here.tell()
