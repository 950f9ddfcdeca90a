"""One decoding process: a request and its answer, and what ends it."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy.typing as npt

from xai_core.apart import LOOK_S, look
from xai_core.data.apart import bounds, wire

_ROOT = Path(__file__).parents[3]
# What a process is told of its surroundings: no secret of the server's is among it.
_PASSED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "OPENBLAS_CORETYPE")
# One thread; what a picture took goes back to the system, where glibc would keep it for the next one.
_SMALL = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "262144"}
_ENDS_S = 5  # in which a process that was ended is gone
DONE, REFUSED, ASKED, MEMORY = "done", "refused", "asked", "memory"  # what a message says first


class EndedError(Exception):
    """The process ended before its answer: beyond its time, or by what the file did to it."""

    def __init__(self, late: bool) -> None:
        super().__init__()
        self.late = late


class Reply(NamedTuple):
    """An answer, and the arrays that came with it."""

    message: dict[str, Any]
    arrays: list[npt.NDArray[Any]]


Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Decoder:
    """A process that decodes one file after another.

    Parameters
    ----------
    megabytes : int
        That it may hold, beyond what it takes by itself.
    """

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        paths = [str(_ROOT), *(part for part in sys.path if part)]
        around = {name: os.environ[name] for name in _PASSED if name in os.environ}
        around |= {"PYTHONPATH": os.pathsep.join(paths)} | _SMALL
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "xai_core.data.apart.worker", str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=around,
        )

    def is_alive(self) -> bool:
        """Whether it can take a request."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait(_ENDS_S)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # what was not sent any more
                    stream.close()

    def call(self, request: dict[str, Any], content: bytes, most: int, answer: Answer) -> Reply:
        """Its answer to a request.

        Parameters
        ----------
        request : dict
            What is wanted, as JSON has it.
        content : bytes
            Of the file.
        most : int
            Values that the arrays which come back may have in all.
        answer : callable
            ``answer(question) -> dict``, of what the process asks on its way; in this thread.

        Returns
        -------
        Reply

        Raises
        ------
        EndedError
            If it ended before.
        """
        there: queue.SimpleQueue[Reply | None] = queue.SimpleQueue()
        talk = threading.Thread(target=self._talk, args=(request, content, most, there), daemon=True)
        talk.start()
        finished = False
        try:
            while True:
                reply = self._wait(there)
                if reply.message.get("what") != ASKED:
                    finished = True
                    return reply
                wire.send(cast(Any, self._process.stdin), answer(reply.message))
        except OSError as error:  # it ended while it was told something
            raise EndedError(self._is_late()) from error
        finally:
            if not finished:
                self.close()
            talk.join()

    def _wait(self, there: queue.SimpleQueue[Reply | None]) -> Reply:
        until = time.monotonic() + bounds.CLOCK_S
        while True:
            look()
            try:
                reply = there.get(timeout=LOOK_S)
            except queue.Empty:
                if time.monotonic() > until:
                    raise EndedError(late=True) from None
                continue
            if reply is None:
                raise EndedError(self._is_late())
            return reply

    def _is_late(self) -> bool:
        """Whether the system ended it for its processor time."""
        try:
            return -self._process.wait(_ENDS_S) == bounds.LATE
        except subprocess.TimeoutExpired:
            return False

    def _talk(self, request: dict[str, Any], content: bytes, most: int, there: queue.SimpleQueue[Reply | None]) -> None:
        """What blocks: sending the file, and reading what comes; in a thread of its own, so that a wait can end."""
        out, back = cast(Any, self._process.stdin), cast(Any, self._process.stdout)
        try:
            wire.send(out, request, content)
            while True:
                message, count = wire.receive(back)
                arrays = wire.arrays_of(message, count, most) if count else []
                for array in arrays:
                    wire.read(back, array)
                there.put(Reply(message, arrays))
                if message.get("what") != ASKED:
                    return
        except (OSError, ValueError, MemoryError, wire.WireError):
            there.put(None)
