"""The run of the model over the pictures, with a bar and a way out."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import xai_core as xai
from app import controls, jobs, notices
from xai_core.questions.misclassified.findings import no_label_known


def refuse(data: xai.Dataset, model: xai.Classifier, table: pd.DataFrame, done: int) -> str:
    """Why these pictures cannot be judged by this model, or an empty text."""
    if not data.labels:
        return (
            "These pictures have no labels, so nothing can be right or wrong. Put them into one folder for each class, "
            "or look at them on the Layer Explorer."
        )
    if done < min(len(data), len(data.labels)) or not len(table) or (table["true"] >= 0).any():
        return ""
    said = no_label_known(data, model)
    return (
        f"{said} Say in the side bar, under Labels and classes, what they stand for. For a checkpoint, type its class "
        "names there."
    )


def evaluate(data: xai.Dataset, model: xai.Classifier, data_id: str) -> jobs.evaluations.Evaluation | None:
    """Run the model over the pictures, with a bar and a way out; None with the reason shown."""
    work = jobs.evaluations.evaluation(model, data_id, data)
    stopped = f"stopped {model.id} {data_id}"
    place = st.empty()
    while not work.complete and not st.session_state.get(stopped):
        with place.container():
            text = f"Evaluating {work.done:,} of {work.total:,} pictures"
            if work.done:
                left = work.seconds / work.done * (work.total - work.done)
                text += f", about {left:.0f} s left" if left >= 1 else ""
            bar, button = st.columns([6, 1], vertical_alignment="center")
            bar.progress(work.done / work.total, text)
            button.button(
                "Cancel",
                key=f"cancel-{work.done}",
                width="stretch",
                on_click=lambda: st.session_state.__setitem__(stopped, True),
            )
        work.advance(model, data)
        if reason := refuse(data, model, work.table, work.done):
            place.empty()
            st.warning(controls.plain(reason), icon=":material/label_off:")
            return None
    place.empty()
    if not work.complete:
        note, button = st.columns([6, 1], vertical_alignment="center")
        note.warning(
            f"Stopped after {work.done:,} of {work.total:,} pictures. What follows is about those; "
            "labels took turns, so each has its share.",
            icon=":material/pause_circle:",
        )
        button.button("Go on", width="stretch", on_click=lambda: st.session_state.pop(stopped, None))
        if not work.done:
            return None
    notices.unreadable(work.problems)
    if not len(work.table):
        st.warning("None of the pictures can be read, so there is nothing to show.")
        return None
    if reason := refuse(data, model, work.table, work.done):
        st.warning(controls.plain(reason), icon=":material/label_off:")
        return None
    return work
