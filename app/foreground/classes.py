"""The effect class by class."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from app import cache, controls
from app.charts import quiet, show_chart
from app.foreground.maps import MeasuredMaps
from app.foreground.tables import show_effects
from xai_core import figures, studies
from xai_core.figures import Style
from xai_core.questions.foreground.findings import group_names

_MEAN_MAP = 90  # pixels: ten stand beside the effects


def classes_of(shown: MeasuredMaps) -> list[str]:
    """What each picture is compared by; nothing where there are no several classes."""
    labels = group_names(shown.model, shown.samples, shown.targets)
    return labels if len(set(labels)) > 1 else []


def show_groups(shown: MeasuredMaps, labels: list[str], measure: str) -> pd.DataFrame:
    """By class."""
    st.header("By class", anchor=False)
    key = (shown.key, *labels, measure)
    groups = cache.results.kept(key, studies.compare_groups, shown.table.assign(label=labels), "label", measure)
    if not groups["d_z"].notna().any():
        st.caption("No class has enough pictures for an effect, which takes two: look at more pictures of each.")
        _show_means(shown, labels, list(groups["label"]))
        show_effects(groups, measure, charted=False)
        return groups
    left, right = st.columns([2, 3], gap="medium")
    forest = cache.results.kept(key, figures.forest_figure, groups, "label")
    show_chart(left, forest, key="forest", config=quiet("classes"), alt="Effect by class")
    with right:
        _show_means(shown, labels, list(groups["label"]))
    show_effects(groups, measure)
    return groups


def _show_means(shown: MeasuredMaps, labels: list[str], order: list[str]) -> None:
    """The mean map of each class over the mean of its pictures, in the order of the effects."""
    html = cache.results.kept((shown.key, *labels, *order, "means"), _draw_means, shown, labels, order)
    st.html(controls.Markup(html))
    st.caption(
        controls.plain(
            f"Mean map ({shown.heatmaps.method}) of each class, drawn over the mean of its pictures. Each picture "
            "counts the same; those without positive evidence are left out."
        )
    )


def _draw_means(shown: MeasuredMaps, labels: list[str], order: list[str]) -> str:
    views = []
    for label in order:
        rows = [i for i, one in enumerate(labels) if one == label]
        mean = studies.mean_map(shown.heatmaps[shown.place][rows])
        picture = np.mean([shown.samples[i].pixels for i in rows], axis=0).round().astype(np.uint8)
        drawn = figures.draw_evidence(figures.enlarged(picture, 160), mean.values, float(mean.values.max()), Style())
        views.append((f"{label} ({mean.n} of {len(rows)})", drawn.pixels, ()))
    return figures.hidden_html(views, shows="mean map", width=_MEAN_MAP)
