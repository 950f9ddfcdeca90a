"""Which pictures the gallery shows, with which label of each, and in which order."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app import state
from app.mistakes.labels.shown import ShownLabels
from xai_core import studies
from xai_core.studies import LABEL_OUTCOMES, LABEL_SORTS, NO_LABEL, LabelOutcome

# Session keys of the gallery's filter, which are also its names in the address.
OUTCOME, LABEL, HAVING, ORDER, TOGETHER = "outcome", "label", "has", "sorted", "together"
_ANY = "any label"
_LOOKED_AT = "labels looked at"  # session key: content id -> label


def at_first(shown: ShownLabels) -> LabelOutcome:
    """What the gallery begins with: the mistakes, where there are any."""
    return "wrong" if shown.answer.summary.wrong else "all"


def clear(shown: ShownLabels) -> None:
    """Show what the gallery begins with again."""
    st.session_state[OUTCOME], st.session_state[LABEL], st.session_state[HAVING] = at_first(shown), None, []


def pick_cell(shown: ShownLabels, pick: str) -> None:
    """Fill the gallery with a cell, row or column of the matrix and open its first picture; again, and all is back."""
    kind, *numbers = pick.split(":")
    labels = [int(number) for number in numbers]
    having: list[int] = labels[:1] if kind != "predicted" else []
    label: int | None = labels[-1] if kind != "true" else None
    outcome: LabelOutcome = "predicted" if kind != "true" else "all"
    if kind == "cell" and st.session_state.get(TOGETHER) == "true":
        having, label, outcome = labels, labels[-1], "all"
    elif kind == "cell" and labels[0] == labels[1]:
        having, outcome = [], "found"
    now = st.session_state.get(OUTCOME), st.session_state.get(LABEL), list(st.session_state.get(HAVING, []))
    if now == (outcome, label, having):
        clear(shown)
        return
    st.session_state[OUTCOME], st.session_state[LABEL], st.session_state[HAVING] = outcome, label, having
    rows = studies.choose_labelled(shown.evaluation, only=outcome, label=label, having=having)
    if len(rows):
        state.choose_picture(str(rows["id"].iloc[0]), str(rows["picture"].iloc[0]))


def picked() -> tuple[int | None, int | None]:
    """Row and column of the matrix that the filter stands for, if it stands for any."""
    label, having, outcome = (st.session_state.get(key) for key in (LABEL, HAVING, OUTCOME))
    if outcome == "found" and not having:
        return label, label
    if outcome == "predicted" or (outcome == "all" and having):
        return (having[0] if having else None), label
    return None, None


def looked_at() -> dict[str, int]:
    """Content id of each picture of the gallery -> the label that it is there for."""
    return dict(st.session_state.get(_LOOKED_AT, {}))


def choose_pictures(shown: ShownLabels) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The gallery's filter: the rows in order, and what was asked."""
    names = shown.names
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    label = bar.selectbox(
        "Label",
        range(len(names)),
        index=None,
        format_func=names.__getitem__,
        key=LABEL,
        bind="query-params",
        placeholder=_ANY,
        width=200,
    )
    only = bar.segmented_control(
        "Show",
        list(LABEL_OUTCOMES),
        format_func=LABEL_OUTCOMES.__getitem__,
        default=at_first(shown),
        required=True,
        wrap=True,
        key=OUTCOME,
        bind="query-params",
    )
    having = bar.multiselect(
        "Has",
        [*range(len(names)), NO_LABEL],
        format_func=lambda index: "no label" if index == NO_LABEL else names[index],
        key=HAVING,
        bind="query-params",
        placeholder="any",
        width=220,
    )
    order = bar.selectbox(
        "Sort by",
        list(LABEL_SORTS),
        format_func=lambda key: LABEL_SORTS[key][0],
        key=ORDER,
        bind="query-params",
        width=210,
    )
    asked: dict[str, Any] = {
        "only": only,
        "label": None if label is None else int(label),
        "having": [int(i) for i in having],
    }
    asked["sort"] = order
    rows = studies.choose_labelled(shown.evaluation, **asked)
    state.board()["gallery"] = asked
    state.set_order(list(zip(rows["id"], rows["picture"], strict=True)))
    st.session_state[_LOOKED_AT] = dict(zip(rows["id"], rows["class"].astype(int), strict=True))
    return rows, asked
