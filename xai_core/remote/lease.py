"""Who works on what is kept elsewhere, where no lock of a file system reaches: a lease, held for minutes at a time.

    .lease/00000007.json    the lease with the highest number holds: its owner, and until when

To take one is to create the next number, which only one of several can; its owner writes it anew with a later end
as long as the work goes on. One whose end has passed is of an owner that is gone, and the next number is free.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import Any

from xai_core.remote.storage import Storage, StorageError

FOLDER = ".lease"
LASTS_S, RENEWED_S = 300.0, 60.0  # clocks of two computers may differ by the minutes between


class Taken(Exception):  # noqa: N818 (it says what is the case)
    """Another one holds the lease; the text says who."""


class Lease:
    """The right to work on what lies at an address.

    Parameters
    ----------
    storage : Storage
    owner : str
        Who asks; an owner may take over its own lease at once.
    now : callable
        Seconds since 1970.
    """

    def __init__(self, storage: Storage, owner: str, now: Callable[[], float] = time.time) -> None:
        self._storage, self._owner, self._now = storage, owner, now
        self._number = 0
        self._lost = ""

    def _name(self, number: int) -> str:
        return f"{FOLDER}/{number:08d}.json"

    def _content(self) -> bytes:
        said = {"owner": self._owner, "host": socket.gethostname(), "until": self._now() + LASTS_S}
        return json.dumps({**said, "once": secrets.token_hex(8)}).encode()

    def _numbers(self) -> list[int]:
        """Of all leases that lie there, the highest last."""
        names = (PurePosixPath(name).stem for name in self._storage.files_in(FOLDER))
        return sorted(int(name) for name in names if name.isdecimal())

    def take(self) -> None:
        """Take it.

        Raises
        ------
        Taken
            If another one has it.
        StorageError
            If the storage does not answer.
        """
        there = self._numbers()
        if there and (said := self._read(there[-1])) and said["owner"] != self._owner and said["until"] > self._now():
            raise Taken(self._sentence(said))
        number = there[-1] + 1 if there else 1
        if not self._storage.create(self._name(number), self._content()):
            raise Taken(self._sentence(self._read(number)))
        self._number = number
        for before in there:
            self._storage.remove(self._name(before))

    def _read(self, number: int) -> dict[str, Any] | None:
        """What a lease says; None where it is gone, or none that could be read."""
        try:
            said = json.loads(self._storage.read(self._name(number)) or b"")
            return {"owner": str(said["owner"]), "host": str(said["host"]), "until": float(said["until"])}
        except (ValueError, TypeError, KeyError, RecursionError):
            return None

    def _sentence(self, said: dict[str, Any] | None) -> str:
        where = f"on {said['host']} " if said else ""
        return f"Another process {where}works on {self._storage.address}."

    def renew(self) -> None:
        """Have it last longer, unless another one took it when its end had passed."""
        self._storage.put(self._name(self._number), self._content())
        if (highest := self._numbers()[-1:]) and highest[0] > self._number:
            self._storage.remove(self._name(self._number))
            self._lost = self._sentence(self._read(highest[0]))

    def require(self) -> None:
        """That it is still held.

        Raises
        ------
        Taken
            If another one has it by now.
        StorageError
            If the storage does not answer.
        """
        if not self._lost:
            self.renew()
        if self._lost:
            raise Taken(f"{self._lost} It took over when this one had not been heard of for some minutes.")

    def release(self) -> None:
        """Let others work there."""
        if not self._lost:
            self._storage.remove(self._name(self._number))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Take it, renew it while the block lasts, and release it; where that fails, it ends by itself."""
        self.take()
        ended = threading.Event()

        def renew() -> None:
            while not self._lost and not ended.wait(RENEWED_S):
                with suppress(StorageError):  # the next time will do, and what is written says what is wrong
                    self.renew()

        renewing = threading.Thread(target=renew, daemon=True)
        renewing.start()
        try:
            yield
        finally:
            ended.set()
            renewing.join()
            with suppress(StorageError):
                self.release()
