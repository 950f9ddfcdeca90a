"""A lock that serves its waiters in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class Turns:
    """A re-entrant lock with a queue: whoever asks again stands at its end.

    Python's own locks may hand the same thread turn after turn, so that a long computation which asks for every batch
    would keep out all others. Under this one, nobody waits for more than a batch of each thread before them.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()
        self._owner: int | None = None
        self._depth = 0

    @property
    def waiting(self) -> int:
        """Threads that wait for their turn."""
        return len(self._queue)

    def acquire(self, blocking: bool = True) -> bool:
        """Wait for a turn; a thread that has it may take it again. Without `blocking`, say whether it was free."""
        me = threading.get_ident()
        with self._changed:
            if self._owner == me:
                self._depth += 1
                return True
            if not blocking and (self._owner is not None or self._queue):
                return False
            ticket = object()
            self._queue.append(ticket)
            try:
                while self._owner is not None or self._queue[0] is not ticket:
                    self._changed.wait()
                self._owner, self._depth = me, 1
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
            return True

    def release(self) -> None:
        """Give the turn back.

        Raises
        ------
        RuntimeError
            If this thread does not have it.
        """
        with self._changed:
            if self._owner != threading.get_ident():
                raise RuntimeError("Only the thread that has the turn can give it back.")
            self._depth -= 1
            if not self._depth:
                self._owner = None
                self._changed.notify_all()

    def __enter__(self) -> Turns:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
