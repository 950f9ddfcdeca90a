"""Records by their keys, in the order in which they are listed: what registries of measures have in common."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

from xai_core.errors import DataError


class Listed(Protocol):
    """A record that a registry holds."""

    @property
    def key(self) -> str:
        """Its name in code, commands and records."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def order(self) -> int:
        """Its place in lists; records of one place are sorted by title."""

    @property
    def compute(self) -> Callable[..., Any]:
        """What works it out."""


R = TypeVar("R", bound=Listed)
T = TypeVar("T")


class Known(Mapping[str, R], Generic[R]):
    """The records that there are now."""

    def __init__(self) -> None:
        self._records: dict[str, R] = {}
        self._lock = threading.RLock()

    def __getitem__(self, key: str) -> R:
        return self._records[key]

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            found = sorted(self._records.values(), key=lambda one: (one.order, one.title))
        return iter([one.key for one in found])

    def __len__(self) -> int:
        return len(self._records)

    def add(self, record: R, check: Callable[[R], None]) -> None:
        """Take a record in, once `check` has raised nothing."""
        with self._lock:
            check(record)
            self._records[record.key] = record

    def require_new(self, record: R) -> list[R]:
        """The other records, none of which has this one's key or title.

        Raises
        ------
        DataError
            If one has; the same one of a notebook's cell that is run again is passed over.
        """
        again = (record.key, record.compute.__module__)
        others = [one for one in self._records.values() if (one.key, one.compute.__module__) != again]
        for other in others:
            if other.key == record.key or other.title == record.title:
                raise DataError(f"There is a measure {record.key!r} or {record.title!r} already: {other.title}.")
        return others

    def forget(self, key: str) -> None:
        """Take a record out; one that is not there is passed over."""
        with self._lock:
            self._records.pop(key, None)


class Seen(Mapping[str, T], Generic[R, T]):
    """Something of each record, such as its title, by the records' keys and in their order."""

    def __init__(self, records: Mapping[str, R], take: Callable[[R], T]) -> None:
        self._records, self._take = records, take

    def __getitem__(self, key: str) -> T:
        return self._take(self._records[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)
