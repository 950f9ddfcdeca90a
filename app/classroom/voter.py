"""A phone in a class: the question that stands, one's answer, and the evidence when it is revealed."""

from __future__ import annotations

import streamlit as st

from app.classroom import results, store
from app.classroom.asked import Asked
from app.classroom.watching import act, show_note, watch
from app.controls import plain
from app.lessons.engine import show_hit, show_question
from app.lessons.lesson import Step
from xai_core.types.counts import number_of

LATE = "Your answer came too late, or was a second one, and does not count."


def show_class(room: store.Room, asked: Asked, visitor: str) -> None:
    """What who answers sees."""
    store.join(room, visitor)
    steps = asked.steps(room)
    st.markdown(f"## {plain(asked.title)}")
    show_note()
    said = store.said(room, visitor)
    if room.step == store.LOBBY:
        st.markdown("### You are in")
        st.markdown(
            f"{number_of(len(steps), 'question')} will come. Wait for the first one: it appears here by itself."
        )
    elif room.step >= len(steps):
        st.markdown("### That was all")
        st.markdown(results.own_sentence(room, asked, said))
        results.show_all(room, asked)
    else:
        _show_step(room, steps[room.step], said.get(room.step), visitor)
    watch(room)


def _show_step(room: store.Room, step: Step, said: str | None, visitor: str) -> None:
    with st.container(border=True):
        show_question(room.step + 1, step)
        if room.revealed:
            found = step.evidence()
            if said is not None:
                show_hit(said, found)
            results.show_answers(room, step, found)
        elif room.step in room.closed:
            st.info("The vote is over, and the answer is hidden for the moment.", icon=":material/visibility_off:")
        elif said is not None:
            st.success(f"You said: {plain(said)}. Wait for the others.", icon=":material/how_to_vote:")
        else:
            _ask(room, step, visitor)


def _ask(room: store.Room, step: Step, visitor: str) -> None:
    name = f"{room.code}-{room.step}"
    choice = st.radio(
        step.question, step.choices, index=None, format_func=plain, key=f"vote-{name}", label_visibility="collapsed"
    )
    known = choice in step.choices  # a browser can send anything
    st.button(
        "Answer",
        on_click=act,
        args=(_cast, room, visitor, choice),
        disabled=not known,
        type="primary",
        key=f"cast-{name}",
    )


def _cast(room: store.Room, visitor: str, choice: str) -> str | None:
    """Give an answer to the question that the phone shows, whatever the class is at by now."""
    return None if store.vote(room, visitor, room.step, choice) else LATE
