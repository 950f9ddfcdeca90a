"""Which picture is explained, for which two classes, and beside which others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, controls, state
from app.explanations.request import Subject
from xai_core import figures, studies


def choose_classes(model: xai.Classifier, table: pd.DataFrame, position: int, p: np.ndarray) -> tuple[int, int]:
    """The two classes to explain: predicted and actual, until others take their place."""
    row = table.iloc[position]
    defaults = (int(row["predicted"]), studies.rival(table, position, p))
    for key, default in zip(("class-1", "class-2"), defaults, strict=True):
        state.reset_on_change(key, f"{model.id} {row['id']}", default)
    said = row["true"] >= 0 and not row["correct"]
    numbers = range(len(model.class_names))
    first, second = (
        int(
            st.selectbox(
                label, numbers, index=start, key=key, bind="query-params", format_func=model.class_names.__getitem__
            )
        )
        for label, key, start in (
            ("Explain the predicted class", "class-1", defaults[0]),
            ("against the actual class" if said else "against the runner-up", "class-2", defaults[1]),
        )
    )
    return first, second


def compare_with(
    model: xai.Classifier, data: xai.Dataset, table: pd.DataFrame, position: int, classes: tuple[int, int], column: Any
) -> list[Subject]:
    """Pictures of both classes that the model gets right, and a button for others."""
    found = []
    for which in (1, 0):
        name = model.class_names[classes[which]]
        right = studies.right_pictures(table, classes[which], besides=position)
        if not len(right) or (which == 0 and classes[0] == classes[1]):
            continue
        turn = f"turn {model.id} {classes[which]}"

        def another(turn: str = turn) -> None:
            st.session_state[turn] = st.session_state.get(turn, 0) + 1

        if len(right) > 1:
            column.button(
                controls.plain(f"Another {name} that is right"),
                key=f"another-{which}",
                on_click=another,
                icon=":material/shuffle:",
                type="tertiary",
            )
        row = table.iloc[int(right[st.session_state.get(turn, 0) % len(right)])]
        sample = cache.data.picture(data, int(row["index"]), model)
        if isinstance(sample, xai.Sample):
            lines = (f"{name}, {studies.percent(row['confidence'])} sure", str(row["picture"]))
            found.append(Subject(f"{name}, and it is right", lines, sample))
    return found


def this_picture(row: pd.Series, sample: xai.Sample) -> Subject:
    """The picture that is explained."""
    said = f"predicted {row['predicted_class']}, {studies.percent(row['confidence'])}"
    name = str(row["picture"])
    return Subject("This picture", (f"label {row['label']}", said, name) if row["label"] else (said, name), sample)


def show_picture(
    model: xai.Classifier, table: pd.DataFrame, position: int, sample: xai.Sample
) -> tuple[tuple[int, int], Any]:
    """The picture, what the model says of it, and the choice of classes; gives these and their column."""
    row = table.iloc[position]
    p = cache.maps.probabilities(model.id, sample.id, model, sample)
    left, middle, right = st.columns([2, 3, 3], gap="large")
    with left:
        st.image(figures.enlarged(sample.pixels, 256), width="stretch")
        st.caption(controls.plain(str(row["picture"])))
    with right:
        classes = choose_classes(model, table, position, p)
    with middle:
        label = row["label"] or "without a label"
        verdict = "right" if row["correct"] else "wrong" if row["true"] >= 0 else "label unknown to the model"
        st.markdown(
            f"**{controls.plain(str(row['predicted_class']))}**, {studies.percent(row['confidence'])} · is "
            f"{controls.plain(str(label))} · {verdict}"
        )
        marks = {int(row["predicted"]): "predicted"}
        if row["true"] >= 0:
            marks[int(row["true"])] = "predicted and label" if row["correct"] else "label"
        st.html(figures.probabilities_html(p, model.class_names, marks))
    return classes, right
