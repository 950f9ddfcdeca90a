"""From which probability on labels count as predicted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import xai_core as xai
from app import controls
from xai_core.questions.misclassified.labels.thresholds import chosen_thresholds
from xai_core.questions.misclassified.question import OWN_THRESHOLDS, THRESHOLD


def choose(names: Sequence[str]) -> dict[str, float]:
    """The threshold of every label; those that cannot be are said and left out."""
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    common = bar.slider(
        THRESHOLD.title,
        0.0,
        1.0,
        float(THRESHOLD.default),
        0.01,
        key=THRESHOLD.address,
        bind="query-params",
        width=320,
        help=THRESHOLD.help,
    )
    with bar.popover(OWN_THRESHOLDS.title, icon=":material/tune:"):
        text = st.text_area(
            OWN_THRESHOLDS.title,
            key=OWN_THRESHOLDS.address,
            bind="query-params",
            placeholder=f"{names[0]}=0.3",
            help=OWN_THRESHOLDS.help,
        )
    own = [line for line in text.splitlines() if line.strip()]
    try:
        return chosen_thresholds(names, common, own)
    except xai.TargetError as error:
        st.warning(controls.plain(str(error)), icon=":material/tune:")
        return chosen_thresholds(names, common, [])
