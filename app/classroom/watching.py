"""Follows a class: the page runs again when the class goes on; and what a button does to it, with what came of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from app import controls
from app.classroom import store
from app.controls import plain
from xai_core.errors import XaiError
from xai_core.types.counts import number_of

P = ParamSpec("P")
LOOK_S = 2.0
_NOTE = "what became of a button"  # session key


@st.fragment(run_every=LOOK_S)
def watch(room: store.Room, counted: bool = False) -> None:
    """Look whether the class has gone on.

    Parameters
    ----------
    room : as it was drawn
    counted : whether to say how many have answered
    """
    try:
        if store.find(room.code) != room:
            st.rerun()
        if counted:
            joined, answered = store.counts(room)
            answers = f", {answered:,} answered" if room.step > store.LOBBY else ""
            st.markdown(f"**{number_of(joined, 'phone')} joined{answers}.**")
    except XaiError as error:
        controls.show_error(error)


def act(what: Callable[P, str | None], *args: P.args, **kwargs: P.kwargs) -> None:
    """Do what a button is for; a sentence that it gives, or what is wrong, is said by `show_note`."""
    try:
        if said := what(*args, **kwargs):
            st.session_state[_NOTE] = said
    except XaiError as error:
        st.session_state[_NOTE] = str(error)


def show_note() -> None:
    """What became of the button that was pressed, once."""
    if note := st.session_state.pop(_NOTE, ""):
        st.warning(plain(note), icon=":material/timer_off:")
