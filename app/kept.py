"""What pages keep for a visitor beside what is chosen, such as answers, rounds and edits. Reset forgets all of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

_KEPT = "what is kept for the visitor"  # session key: the session keys of all that is


def of_visitor(key: str) -> dict[Any, Any]:
    """The entries under a session key, none at first; the same dictionary until they are forgotten."""
    st.session_state.setdefault(_KEPT, set()).add(key)
    return st.session_state.setdefault(key, {})


def forget() -> None:
    """Nothing is kept any more, for the next visitor."""
    for key in st.session_state.pop(_KEPT, ()):
        st.session_state.pop(key, None)
