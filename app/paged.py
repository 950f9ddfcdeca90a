"""A part of many pictures at a time, which goes along with the one that stands out."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import state


def choose_part(ids: Sequence[str], at_once: int, key: str) -> slice:
    """Which of the pictures are shown; a widget below asks for others where not all are.

    Where another picture was chosen, by Next or on another page, it is the part that holds it.

    Parameters
    ----------
    ids : content ids of all of them, in order
    at_once : how many are shown
    key : of the widget, another one for other pictures or another order
    """
    parts = -(-len(ids) // at_once)
    if parts <= 1:
        return slice(0, len(ids))
    chosen, followed = state.picture(), f"{key} followed"
    if chosen != st.session_state.get(followed):
        st.session_state[followed] = chosen
        if chosen in ids:
            st.session_state[key] = ids.index(chosen) // at_once + 1
    first = (st.pagination(parts, key=key) - 1) * at_once
    return slice(first, first + at_once)
