"""How far a copying is, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Watch(Protocol):
    """Who is told."""

    def begins(self, address: str, files: int, size: int) -> None:
        """What is to be copied: how many files, and how many bytes as far as the storage says."""
        ...

    def copied(self, size: int) -> None:
        """A file of so many bytes is on this disk."""
        ...

    def ends(self) -> None:
        """All are, or it went wrong."""
        ...


class _Nobody:
    def begins(self, address: str, files: int, size: int) -> None:
        pass

    def copied(self, size: int) -> None:
        pass

    def ends(self) -> None:
        pass


_watch: ContextVar[Watch] = ContextVar("watch", default=_Nobody())  # noqa: B039 (it holds nothing)


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Within the block, what is copied is told.

    Parameters
    ----------
    watch : Watch
    """
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def watch() -> Watch:
    """Who is told here."""
    return _watch.get()
