"""The confusion matrix by epoch."""

from __future__ import annotations

import streamlit as st

from app import cache, controls
from app.charts import quiet, show_chart
from app.evolution.runs import OpenedRun
from xai_core import figures, studies


@st.fragment
def show_confusion(shown: OpenedRun) -> None:
    """The confusion matrix by epoch, and how two of its cells moved."""
    run = shown.run
    st.header("Confusion matrix by epoch", anchor=False)
    classes = studies.confused_classes(run, 30).tolist()
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    normalised = controls.choose_normalised(bar)
    cells = st.session_state.setdefault(f"cells-{run.name}", studies.top_confusions(run, 2))
    key = f"matrix-{shown.id}-{normalised}"

    def pick() -> None:
        points = st.session_state[key]["selection"]["points"]
        code = points[0].get("customdata") if points else None
        if code is not None:
            cell = divmod(int(code), len(run.class_names))
            st.session_state[f"cells-{run.name}"] = [cell, *(old for old in cells if old != cell)][:2]

    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_chart(
            st,
            cache.results.kept((shown.id, normalised), figures.confusion_film, run, classes, normalised=normalised),
            key=key,
            on_select=pick,
            selection_mode="points",
            config=quiet("confusion"),
            alt="Confusion matrix at each epoch",
        )
        if len(classes) < len(run.class_names):
            st.caption(f"The {len(classes)} most confused of {len(run.class_names):,} classes.")
        if len(run.epochs) > figures.MOST_FRAMES:
            st.caption(f"Of {len(run.epochs):,} epochs {figures.MOST_FRAMES} are shown, evenly spread.")
    with right:
        st.markdown("**How two cells moved**")
        if cells:
            show_chart(
                st,
                cache.results.kept((shown.id, *cells), figures.cell_lines, run, cells),
                key=f"cells-{cells}",
                config=quiet("confused-cells"),
                alt="Counts of two cells by epoch",
            )
        st.caption("Click a cell of the matrix to follow it here; the one before stays beside it.")
