"""The measure stage by stage of the model."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import cache, controls
from app.charts import quiet, show_chart
from app.foreground.maps import MeasuredMaps
from app.foreground.progress import Report
from xai_core import figures, studies
from xai_core.studies import FOREGROUND_MEASURES
from xai_core.types.counts import number_of


def show_depth(shown: MeasuredMaps, measure: str, report: Report) -> tuple[pd.DataFrame, list[str]] | None:
    """The same by depth: the measures at each stage, and the stages' titles."""
    st.header("Where the object emerges", anchor=False)
    layers = shown.model.select("stages")
    if len(layers) < 2:
        st.caption("The model has one stage only.")
        return None
    heatmaps = cache.maps.heatmaps(
        shown.model,
        shown.samples,
        layers,
        shown.targets,
        report("Looking through the layers:"),
        method=shown.source.method,
        settings=shown.source.settings,
    )
    table = cache.maps.foreground(f"{shown.key} stages", heatmaps, shown.samples, control=False)
    kind = FOREGROUND_MEASURES[measure]
    titles = [layer.title for layer in layers]
    if said := studies.depth_in_words(table, measure, titles):
        st.markdown(controls.plain(said))
    show_chart(
        st,
        cache.results.kept((shown.key, measure), figures.depth_figure, table, titles, kind.inside, kind.chance),
        key="depth",
        config=quiet("depth"),
        alt="The measure by depth",
    )
    st.caption(f"{kind.title}, mean over {number_of(len(shown.samples), 'picture')} with 95% intervals.")
    return table, titles
