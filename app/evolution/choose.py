"""The sidebar: which run, and the training of a new one."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import access, cache, controls, training_form, training_panel
from app.evolution.runs import OpenedRun, load, runs
from xai_core import training
from xai_core.questions.evolution.findings import answer
from xai_core.roles import Role


def choose() -> OpenedRun | training.Job | None:
    """The sidebar; None while something is missing."""
    titles = runs()
    if (wanted := st.session_state.pop("run to show", None)) in titles:
        st.session_state[training_panel.RUN] = wanted
    asked = st.query_params.get(training_panel.RUN)
    if asked is not None and asked not in titles.values():
        st.warning(
            controls.plain(f"The run in the address, {asked}, is not here (any more). Another one is shown."),
            icon=":material/link_off:",
        )
    with st.sidebar:
        key = st.selectbox(
            "Run", list(titles), format_func=titles.__getitem__, key=training_panel.RUN, bind="query-params"
        )
        try:
            found = load(key)
        except xai.XaiError as error:
            controls.show_missing(error)
            found = None
        if found is not None and found.job is not None:
            training_panel.offer_delete(found.job)
        st.divider()
        if sentence := access.refusal(Role.TRAIN, "Training a model"):
            st.caption(controls.plain(sentence))
        elif st.button("Train a model", icon=":material/model_training:", width="stretch"):
            training_form.offer()
    if found is None:
        return None
    if found.run is None:
        return found.job
    return OpenedRun(found.id, found.run, cache.results.kept((found.id,), answer, found.run), found.job)
