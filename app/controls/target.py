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


def choose_target(model: xai.Classifier, data: xai.Dataset | None) -> Target | None:
    """The class that the maps explain; None until one is chosen, since maps for any class would be made at once."""
    labelled = bool(data and data.labels)
    kinds = {**TARGET.options, "class": TARGET.other}
    kind = st.segmented_control(
        TARGET.title,
        list(kinds),
        format_func=kinds.__getitem__,
        default="label" if labelled else "prediction",
        required=True,
        wrap=True,
        key=TARGET.address,
        help=TARGET.help,
        bind="query-params",
    )
    state.note("target", kinds[kind])
    if kind != "class":
        return Target(kind)
    warn_of_missing("class", "Class", model.class_names)
    known = set(data.labels) if data else set()
    offered = sorted(model.class_names, key=lambda name: name not in known)  # those of the pictures first
    place = model.class_names.index(name) if (name := st.session_state.get("class")) in set(model.class_names) else None
    if state.asked("class") and place is None:
        place = 0  # the address asks for one that is not here
    name = st.selectbox(
        "Class",
        offered,
        index=None if place is None else offered.index(model.class_names[place]),
        key="class",
        bind="query-params",
        placeholder="Choose a class",
    )
    state.note("class", name)
    if name is None:
        st.caption("Choose the class that the maps are to explain. The labels of the pictures stand first.")
        return None
    return Target("class", model.class_names.index(name))
