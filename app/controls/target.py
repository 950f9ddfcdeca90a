"""The class that the maps explain."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

import xai_core as xai
from app import state
from app.controls.missing import warn_of_missing
from xai_core.questions.choices import TARGET


@dataclass(frozen=True)
class Target:
    """Which class the maps explain.

    Attributes
    ----------
    kind : "label", "prediction" or "class"
    index : the class of "class"
    """

    kind: str
    index: int | None = None


def choose_target(model: xai.Classifier, labelled: bool) -> Target:
    """The class that the maps explain."""
    kinds = {**TARGET.options, "class": TARGET.other}
    kind = st.segmented_control(
        TARGET.title,
        list(kinds),
        format_func=kinds.__getitem__,
        default="label" if labelled else "prediction",
        required=True,
        key=TARGET.address,
        help=TARGET.help,
        bind="query-params",
    )
    state.note("target", kinds[kind])
    if kind != "class":
        return Target(kind)
    warn_of_missing("class", "Class", model.class_names)
    name = st.selectbox("Class", model.class_names, key="class", bind="query-params")
    state.note("class", name)
    return Target("class", model.class_names.index(name))
