"""Follows a class: the page runs again when the class goes on."""

from __future__ import annotations

import streamlit as st

from app.classroom import store
from xai_core.types.counts import part_of

LOOK_S = 2.0


@st.fragment(run_every=LOOK_S)
def watch(room: store.Room, counted: bool = False) -> None:
    """Look whether the class has gone on.

    Parameters
    ----------
    room : as it was drawn
    counted : whether to say how many have answered
    """
    if store.find(room.code) != room:
        st.rerun()
    if counted:
        joined, answered = store.counts(room)
        asks = room.step > store.LOBBY
        said = part_of(answered, joined, "phone", "has", "have") + " answered" if asks else f"{joined:,} joined"
        st.markdown(f"**{said}.**")
