"""Who opens a page waits for others who open one, so that people who go on on theirs need not."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

PATIENCE_S = 2.0  # a page that computes while it is opened holds up the next one for no longer
REST = 1.0  # of what opening took; so much time is left between two of them
SOON_S, LATELY_S = 10.0, 10.0  # a page that is left within the one counts for the other
LONGEST_S = 6.0  # that anybody waits, however many pages were opened and left
_HERE = "has opened a page"  # session key


class Door:
    """Lets in one at a time, and leaves time between two; who has waited long enough goes in besides.

    Each page that was left as soon as it was opened makes the next ones wait longer: that is what a program does, which
    opens page after page; people who come, many at once even, stay.
    """

    def __init__(self) -> None:
        self._one = threading.Lock()
        self._rested = 0.0  # when the next one may go in
        self._left: deque[float] = deque(maxlen=100)  # when pages were left that had just been opened

    def leave(self, opened: float) -> None:
        """A page is left that was opened at a time of `time.monotonic`."""
        now = time.monotonic()
        if now - opened < SOON_S:
            self._left.append(now)

    def _longer(self) -> int:
        """How many times as long as usual one waits."""
        since = time.monotonic() - LATELY_S
        return 1 + sum(when > since for when in tuple(self._left))

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Within the block, a page is opened."""
        came = time.monotonic()
        patience = min(PATIENCE_S * self._longer(), LONGEST_S)
        if not self._one.acquire(timeout=patience):
            yield
            return
        try:
            time.sleep(max(min(self._rested, came + patience) - time.monotonic(), 0))
            began = time.monotonic()
            yield
        finally:
            over = time.monotonic()
            self._rested = over + min(REST * self._longer() * (over - began), LONGEST_S)
            self._one.release()


door = Door()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Within the block a page is drawn; the first one of a session takes turns with the first ones of others.

    A page that is opened costs several times what a click on it does. Python draws one page at a time, a little of each
    in turn: whoever opens page after page would take a share for each, of those who look at theirs.
    """
    if st.session_state.get(_HERE):
        yield
        return
    st.session_state[_HERE] = True
    with door.passing():
        yield
