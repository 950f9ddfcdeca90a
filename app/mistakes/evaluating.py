"""The run of the model over the pictures, with a bar and a way out."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import controls, jobs, notices, state
from xai_core.questions.misclassified.findings import no_label_known
from xai_core.types.counts import part_of

_FOLDERS = "Put them into one folder for each class"


def refuse(data: xai.Dataset, model: xai.Classifier, work: jobs.evaluations.Evaluation) -> str:
    """Why these pictures cannot be judged by this model, or an empty text."""
    if not data.labels and not data.several_labels:
        put = "Put a table of labels (CSV) beside them" if model.outputs.independent else _FOLDERS
        return (
            f"These pictures have no labels, so nothing can be right or wrong. {put}, or look at them on the Layer "
            "Explorer."
        )
    if work.done < min(len(data), len(data.labels)) or work.empty or work.known:
        return ""
    said = no_label_known(data, model)
    if state.board().get(controls.NAMELESS_OF_BOARD):  # the page says what to do
        return said
    return f"{said} Say in the sidebar, under “Labels and classes”, what they stand for, or choose another model."


def _how_far(work: jobs.evaluations.Evaluation) -> str:
    said = f"Evaluating {part_of(work.done, work.total, 'picture')}"
    if not work.done:
        return said
    left = work.seconds / work.done * (work.total - work.done)
    return f"{said}, about {left:.0f} s left" if left >= 1 else said


def evaluate(data: xai.Dataset, model: xai.Classifier, data_id: str) -> jobs.evaluations.Evaluation | str | None:
    """Run the model over the pictures, with a bar and a way out; why they cannot be judged; None with that shown."""
    work = jobs.evaluations.evaluation(model, data_id, data)
    stopped = f"stopped {model.id} {data_id}"
    place = st.empty()
    if not work.complete and not st.session_state.get(stopped):
        with place.container():
            shown, button = st.columns([6, 1], vertical_alignment="center")
        bar = shown.empty()
        # Drawn once: one that is drawn anew while it is pressed does not hear of it.
        button.button(
            "Cancel",
            key="cancel-evaluation",
            width="stretch",
            on_click=lambda: st.session_state.__setitem__(stopped, True),
        )
        while not work.complete:
            bar.progress(work.done / work.total, _how_far(work))
            work.advance(model, data)
            if reason := refuse(data, model, work):
                place.empty()
                return reason
    place.empty()
    work.wait()  # so that all that follows is about as many pictures
    if not work.complete:
        note, button = st.columns([6, 1], vertical_alignment="center")
        note.warning(
            f"Stopped after {part_of(work.done, work.total, 'picture')}. What follows is about those; "
            "labels took turns, so each has its share.",
            icon=":material/pause_circle:",
        )
        button.button("Go on", width="stretch", on_click=lambda: st.session_state.pop(stopped, None))
        if not work.done:
            return None
    notices.unreadable(work.problems)
    if work.empty:
        notices.none_readable(work.problems[0] if work.problems else "")
        return None
    return refuse(data, model, work) or work
