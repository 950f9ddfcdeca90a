"""Ask a class: a teacher asks, phones answer, all see the evidence at once."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import controls, frame, state
from app.classroom import store, teacher, voter
from app.classroom.asked import ASKED
from app.server import visitor

_JOINED = "class that was joined here"  # session key: its code


def main() -> None:
    code, me = st.query_params.get("code", ""), visitor()
    try:
        room = store.find(code) if code else None
        is_teacher = room is not None and store.owns(room, me)
    except xai.XaiError as error:
        frame.begin("classroom")
        controls.show_error(error)
        return
    frame.begin("classroom", tools=not code or is_teacher)
    for key in ("code", "asked"):
        state.own(key)
    try:
        _show(code, room, me, is_teacher)
    except xai.XaiError as error:
        controls.show_error(error)


def _show(code: str, room: store.Room | None, me: str, is_teacher: bool) -> None:
    if room is None or room.asked not in ASKED:
        if code and code == st.session_state.get(_JOINED):
            st.info("The class has ended. Thank you for your answers.", icon=":material/celebration:")
        elif code:
            st.warning(
                f"There is no class with the code {controls.plain(code[:20])}: it has ended, or its code is another.",
                icon=":material/search_off:",
            )
        _join()
        if not code:  # who was sent here to answer begins no class
            teacher.offer(me)
        return
    asked = ASKED[room.asked]
    st.session_state[_JOINED] = code
    (teacher if is_teacher else voter).show_class(room, asked, me)


def _join() -> None:
    """The code of a class, typed."""
    st.markdown("## Join a class")
    with st.form("join", border=False):
        typed = st.text_input("Code", max_chars=20, key="typed-code", placeholder="six letters and digits")
        if st.form_submit_button("Join", icon=":material/login:") and typed.strip():
            st.query_params["code"] = store.tidy(typed) or typed
            st.rerun()


main()
