"""One picture of the run: its course, and what the model looked at in it."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache, controls, state
from app.charts import quiet, show_chart
from app.evolution.board import COURSE
from app.evolution.film import show_film
from app.evolution.runs import OpenedRun
from app.evolution.weights import read_picture
from xai_core import figures
from xai_core.questions.evolution.one_picture import picture_sentences


def choose_listed() -> None:
    """Take the picture that the list says."""
    name = str(st.session_state["picture of the run"])
    state.choose_picture(name, name)


def show_picture(shown: OpenedRun, order: list[str], first: int, last: int) -> None:
    """One picture: search, previous and next; its course in the epochs chosen; what the model looked at."""
    run = shown.run.between(first, last)
    whole = len(run.epochs) == len(shown.run.epochs)
    measures = shown.answer.measures if whole else cache.runs.run_measures(f"{shown.id}:{first}:{last}", run)
    head = st.container(horizontal=True, vertical_alignment="center", gap="small")
    head.subheader("One picture", anchor=False, width="content")
    state.set_order([(one, one) for one in order])
    if state.picture_name() not in order:
        state.choose_picture(order[0], order[0], by_hand=False)
    name = st.session_state["picture of the run"] = state.board()[COURSE] = str(state.picture_name())
    index = run.pictures.index(name)
    row = measures.iloc[index]
    sample = read_picture(shown, index)
    head.selectbox(
        "Picture", order, key="picture of the run", on_change=choose_listed, label_visibility="collapsed", width=220
    )
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.markdown(controls.plain(picture_sentences(name, row) + ("" if whole else f" (Epochs {first} to {last}.)")))
        show_chart(
            st,
            cache.results.kept((shown.id, index), figures.picture_lines, run, index),
            key="course",
            config=quiet("picture"),
            alt="The picture's probabilities by epoch, coloured by the predicted class",
        )
    with right:
        if isinstance(sample, xai.Sample):
            show_film(shown, index, sample)
        else:
            st.caption(controls.plain(sample))
