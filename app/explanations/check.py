"""Does it matter: what the methods call important is hidden, and the probability is looked at again."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, controls, state
from app.charts import quiet, show_chart
from app.explanations.request import Answer
from app.tables import show_table
from xai_core import figures, studies
from xai_core.questions.choices import FILLS, Fill

CHECK = "check"  # of the board: what it shows now


def show(answer: Answer) -> None:
    """Hide what the methods call important, and see whether it was."""
    request, sample = answer.request, answer.subject.sample
    names, classes = request.names, request.classes
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    which = bar.segmented_control(
        "Hide what speaks for",
        [0, 1],
        format_func=lambda which: controls.plain(names[which]),
        default=0,
        required=True,
        wrap=True,
        key="hide-for",
    )
    fill = bar.segmented_control(
        "by",
        list(FILLS),
        format_func=FILLS.__getitem__,
        default="blur",
        required=True,
        wrap=True,
        key="fill",
        bind="query-params",
    )
    share = bar.slider("How much (%)", 0, 100, 20, 5, key="share", bind="query-params", width=280) / 100
    maps = {title: one for title, one in answer.importance(which).items() if not xai.is_flat(one)}
    if not maps:
        st.info("No method that ran finds anything for this class, so there is nothing to hide.")
        return
    asked = hashlib.sha256(repr((answer.identity, *maps, which)).encode()).hexdigest()
    with st.spinner("Hiding it bit by bit …"):
        curves = cache.interventions.deletion(asked, classes, fill, request.model, sample, maps)
    own = curves[curves["target"] == classes[which]]
    key = (asked, classes, fill, names[which])
    areas = cache.results.kept(key, studies.deletion_areas, own)
    sentence = cache.results.kept(key, studies.deletion_sentence, areas, names[which])
    state.board()[CHECK] = (sentence, own, names[which], share)
    st.markdown(controls.plain(sentence))
    hidden = cache.results.panel(
        repr((*key, names, share)), lambda: figures.hidden_html(hidden_pictures(curves, answer, maps, fill, share))
    )
    st.html(controls.Markup(hidden))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_chart(
            st,
            cache.results.kept((*key, share), figures.deletion_figure, own, names[which], share),
            key="deletion",
            config=quiet("deletion"),
            alt="Probability of the class against the share of the picture hidden",
        )
    with right:
        _show_areas(areas)


def _show_areas(areas: pd.DataFrame) -> None:
    show_table(
        areas[["method", "area", "gain"]].replace({"method": {"random": "random order"}}),
        {"area": "mean probability (%)", "gain": "below random (points)"},
    )
    st.caption(
        "All orders hide the same 14 × 14 patches, the most important first, so that only the order differs. The "
        "grey band spans five random orders. A picture with holes is unlike any that the model learned from: "
        "compare with the random order, not with nothing."
    )


def hidden_pictures(
    curves: pd.DataFrame, answer: Answer, maps: dict[str, np.ndarray], fill: Fill, share: float
) -> list[tuple[str, np.ndarray, list[tuple[str, float]]]]:
    """For each method: its name, the picture with that share hidden, and the probabilities of both classes."""
    found = []
    request = answer.request
    shown: dict[str, np.ndarray | None] = {**maps, "random order": None}
    for title, one in shown.items():
        key = "random" if one is None else title
        rows = curves[(curves["method"] == key) & (curves["draw"] == 0) & np.isclose(curves["hidden"], share)]
        p = rows.drop_duplicates("target").set_index("target")["p"]
        said = [(request.model.class_names[c], float(p[c])) for c in dict.fromkeys(request.classes)]
        found.append((title, xai.hide(answer.subject.sample.pixels, one, share, fill=fill), said))
    return found
