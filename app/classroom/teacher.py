"""The teacher's side of a class: begin it, ask, see how many have answered, reveal and hide for all, go on."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import access, cache, controls, notices, state
from app.classroom import results, store
from app.classroom.asked import ASKED, Asked
from app.classroom.deck import MOST, forget_deck, make_deck
from app.classroom.link import show_link, warn_where_phones_cannot_come
from app.classroom.watching import act, show_note, watch
from app.controls import plain
from app.lessons.engine import show_question
from xai_core.csv_text import csv_text
from xai_core.models import BUNDLED
from xai_core.roles import Role
from xai_core.types.counts import number_of

PICTURES = 6


def offer(visitor: str) -> None:
    """What to ask, and the button that begins."""
    st.markdown("## Begin a class")
    if sentence := access.refusal(Role.TRAIN, "Beginning a class"):
        st.caption(plain(sentence))
        return
    for code in store.own(visitor):
        st.button(f"Go on with your class {code}", on_click=_open, args=(code,), key=f"own-{code}")
    keys = list(ASKED)
    chosen = st.selectbox(
        "What to ask", keys, format_func=lambda one: ASKED[one].title, key="asked", bind="query-params"
    )
    asked = ASKED[chosen]
    st.markdown(asked.about)
    about_own = _choose_own() if asked.made else None
    if asked.made and about_own is None:
        return
    st.caption(
        "Students answer on their phones. You see how many have answered, show the evidence to all, and go on. No "
        "names are kept, and a class is forgotten after a day. Everybody on this server can see the right answers to "
        "the lessons."
    )
    warn_where_phones_cannot_come()
    if st.button("Begin a class", type="primary", icon=":material/groups:", key="begin-class"):
        questions = make_deck(*about_own) if about_own is not None else ""
        st.query_params["code"] = store.begin(chosen, visitor, questions)
        access.record("class begun", asked=chosen)
        st.rerun()


def _open(code: str) -> None:
    st.query_params["code"] = code


def _choose_own() -> tuple[xai.Classifier, list[xai.Sample]] | None:
    """The model and pictures of the sidebar, or None with the reason shown."""
    with st.sidebar:
        data = controls.choose_data(None, PICTURES)
        st.divider()
        model = controls.choose_model(controls.fitting(data))
        controls.warn_of_size(data, model)
    if data is None or model is None:
        notices.not_chosen()
        return None
    notices.errors()
    controls.offer_names()
    state.keep(controls.begins_with("photos", BUNDLED))
    samples, problems = cache.data.pictures(data, model, lambda *_: None)
    notices.problems(problems)
    if not samples:
        notices.none_readable(problems[0].reason if problems else "")
        return None
    st.caption(
        f"{plain(model.title)} and {number_of(min(len(samples), MOST), 'picture')} of {plain(data.title)}, as chosen "
        "in the sidebar. The pictures are shown on the phones and kept with the class."
    )
    return model, samples


def show_class(room: store.Room, asked: Asked, visitor: str) -> None:
    """What who began the class sees."""
    if sentence := access.refusal(Role.TRAIN, "Leading a class"):
        st.info(plain(sentence), icon=":material/lock:")
        return
    steps = asked.steps(room)
    st.markdown(f"## {plain(asked.title)}")
    show_note()
    _show_controls(room, asked, len(steps), visitor)  # above the question, so that they stay where they are
    if room.step == store.LOBBY:
        watch(room, counted=True)
        show_link(room.code)
    elif room.step >= len(steps):
        st.markdown("### How the class did")
        results.show_all(room, asked)
        _offer_answers(room, asked)
    else:
        step = steps[room.step]
        with st.container(border=True):
            show_question(room.step + 1, step)
            if room.revealed:
                results.show_answers(room, step, step.evidence())
            elif room.hidden:
                st.info("The vote is over, and the answer is hidden from all.", icon=":material/visibility_off:")
            else:
                st.markdown("\n".join(f"- {plain(one)}" for one in step.choices))
            watch(room, counted=True)
    if room.step > store.LOBBY:
        with st.expander(f"Join: {room.code}", icon=":material/qr_code:"):
            show_link(room.code)


def _show_controls(room: store.Room, asked: Asked, n: int, visitor: str) -> None:
    asks = store.LOBBY < room.step < n
    with st.container(horizontal=True, vertical_alignment="center"):
        if asks:
            st.button(
                "Hide for all" if room.revealed else "Show again for all" if room.hidden else "Reveal for all",
                on_click=act,
                args=(store.reveal, room, visitor, not room.revealed),
                type="secondary" if room.step in room.closed else "primary",
                icon=":material/visibility_off:" if room.revealed else ":material/visibility:",
                key="reveal",
                help="The first time, it ends the vote on this question.",
            )
        if room.step < n:
            last = room.step == n - 1
            st.button(
                "First question" if room.step == store.LOBBY else "To the result" if last else "Next question",
                on_click=act,
                args=(store.go, room, visitor, room.step + 1),
                type="primary" if not asks or room.step in room.closed else "secondary",
                icon=":material/skip_next:",
                key="next-question",
            )
        if room.step > store.LOBBY:
            before = (store.go, room, visitor, room.step - 1)
            st.button("Back", on_click=act, args=before, icon=":material/skip_previous:", key="back")
        with st.popover("End", icon=":material/delete:"):
            st.markdown("Deletes the class and all answers on every phone.")
            if store.LOBBY < room.step < n:  # at the end they stand below the result
                _offer_answers(room, asked)
            st.button("End and forget", on_click=act, args=(_end, room, visitor), type="primary", key="end-class")


def _offer_answers(room: store.Room, asked: Asked) -> None:
    answers = ("answers.csv", "text/csv", lambda: csv_text(results.answers(room, asked)))
    controls.offer_files({"Answers (CSV)": answers})


def _end(room: store.Room, visitor: str) -> None:
    store.end(room, visitor)
    forget_deck(room.code)
    st.query_params.pop("code", None)
