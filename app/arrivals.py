"""Who opens a page waits for others who open one, so that people who go on on theirs need not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

PATIENCE_S = 1.0  # a page that computes while it is opened holds up the next one for no longer
_HERE = "has opened a page"  # session key
_door = threading.Lock()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Within the block a page is drawn; the first one of a session takes turns with the first ones of others.

    A page that is opened costs several times what a click on it does. Python draws one page at a time, a little of each
    in turn: whoever opens page after page would take a share for each, of those who look at theirs.
    """
    first = not st.session_state.get(_HERE)
    st.session_state[_HERE] = True
    mine = first and _door.acquire(timeout=PATIENCE_S)
    try:
        yield
    finally:
        if mine:
            _door.release()
