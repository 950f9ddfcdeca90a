"""The effect class by class."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import cache
from app.charts import QUIET
from app.foreground.maps import MeasuredMaps
from app.foreground.tables import renamed
from xai_core import figures, studies
from xai_core.questions.foreground.findings import group_names


def show_groups(shown: MeasuredMaps, measure: str) -> pd.DataFrame | None:
    """By class, where there are several."""
    labels = group_names(shown.model, shown.samples, shown.targets)
    if len(set(labels)) < 2:
        return None
    st.header("By class", anchor=False)
    key = (shown.key, *labels, measure)
    groups = cache.results.kept(key, studies.compare_groups, shown.table.assign(label=labels), "label", measure)
    left, right = st.columns([2, 3], gap="medium")
    forest = cache.results.kept(key, figures.forest_figure, groups, "label")
    left.plotly_chart(forest, key="forest", config=QUIET, alt="Effect by class")
    right.dataframe(renamed(groups, measure), hide_index=True, width="stretch")
    st.caption("Holm-corrected over the classes, the largest effect first. Grey: not significant.")
    return groups
