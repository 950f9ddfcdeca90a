"""Whether deeper layers focus more: the measure, its verdict, and what stands behind it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from app import cache, cards, frame, state
from app.layers.charts import choose_grid, show_boxes, show_details, show_sweep
from app.layers.shown import ShownLayers
from app.layers.takeaway import make_report, offer_downloads
from xai_core import studies
from xai_core.questions.layers.question import LAYERS
from xai_core.studies import MapMeasures


@st.fragment
def show_statistics(shown: ShownLayers, own: MapMeasures, common: MapMeasures) -> None:
    """The tests between layers. A fragment: moving the threshold looks numbers up and tests again."""
    st.header("Do deeper layers focus more?", anchor=False)
    offered = ["share", "gini"] + (["energy_inside"] if np.isfinite(own.energy_inside).any() else [])
    asked, limit = LAYERS.choice("measure"), LAYERS.choice("threshold")
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    measure = bar.segmented_control(
        asked.title,
        offered,
        format_func=asked.name_of,
        default=asked.default,
        required=True,
        key=asked.address,
        bind="query-params",
        help=asked.help,
    )
    threshold = bar.slider(
        limit.title,
        0.50,
        0.95,
        limit.default,
        0.01,
        key=limit.address,
        bind="query-params",
        disabled=measure != "share",
        width=280,
        help=limit.help,
    )
    threshold = round(threshold, 2)
    answer = cache.results.kept(
        (shown.key, measure, threshold),
        cache.answers.layer_answer,
        shown.key,
        measure,
        threshold,
        offered,
        own,
        common,
        shown.names,
        shown.layers,
    )
    card = answer.card
    if guest := state.brought():
        card = studies.with_guest(card, guest)
    cards.hypothesis_card(card)

    one_size = len({layer.size for layer in shown.layers}) == 1
    grid = "own" if one_size else choose_grid(common.sizes[0])
    drawn = answer.own if grid == "own" else answer.common
    show_boxes(shown, drawn, grid)
    show_details(shown, drawn, grid)
    both = pd.concat([table for table, _ in answer.sweeps.values()]) if answer.sweeps else None
    if both is not None:
        show_sweep(shown, answer, both, threshold)
    st.header("Take it away", anchor=False)
    frame.offer_report("layers", lambda board: make_report(board, shown, drawn, card, both))
    offer_downloads(shown, answer.own, answer.common)
