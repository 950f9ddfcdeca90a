"""Who opens a page waits for others who open one, so that people who go on on theirs need not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.server import TURNS

PATIENCE_S = 2.0  # a page that computes while it is opened holds up the next one for no longer
REST = 1.0  # of what opening took; so much time is left between two of them
_HERE = "has opened a page"  # session key


class Door:
    """Lets in one at a time, and leaves time between two; who has waited long enough goes in besides."""

    def __init__(self) -> None:
        self._one = threading.Lock()
        self._rested = 0.0  # when the next one may go in

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Within the block, a page is opened."""
        came = time.monotonic()
        if not self._one.acquire(timeout=PATIENCE_S):
            yield
            return
        try:
            time.sleep(max(min(self._rested, came + PATIENCE_S) - time.monotonic(), 0))
            began = time.monotonic()
            yield
        finally:
            over = time.monotonic()
            self._rested = over + min(REST * (over - began), PATIENCE_S)
            self._one.release()


_door = Door()


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
    TURNS.is_long()  # whoever opens a page is waited for at the door
    with _door.passing():
        yield
