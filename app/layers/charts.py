"""Box plots of a measure by layer, the tests behind them, and what the threshold changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app import cache, controls, state
from app.charts import quiet, show_chart
from app.layers.shown import ShownLayers, index_of
from app.tables import show_table
from xai_core import figures, studies
from xai_core.questions.layers.findings import Findings
from xai_core.studies import Grid
from xai_core.studies.columns import layer_headings
from xai_core.types import Layer


def choose_grid(size: tuple[int, int]) -> Grid:
    """The grid to be drawn."""
    words: dict[Grid, str] = {
        "own": "at their own sizes",
        "common": f"averaged to the same size, {size[0]} × {size[1]}",
    }
    return st.segmented_control(
        "Maps",
        list(words),
        format_func=words.__getitem__,
        default="own",
        required=True,
        wrap=True,
        key="grid",
        bind="query-params",
        help="Finer maps have more cells that can be the maximum, so resolution alone moves these numbers. "
        "At the same size, every raw map is first averaged down to the coarsest layer's cells.",
    )


def show_boxes(shown: ShownLayers, found: Findings) -> None:
    """Box plots with a line a picture; a click on a point lets its picture stand out."""
    focus = found.focus
    # A key of its own for each choice: the new chart starts without a selection.
    key = f"boxes-{shown.key[:8]}-{shown.chosen}"

    def pick() -> None:
        points = st.session_state[key]["selection"]["points"]
        picture = points[0].get("customdata") if points else None
        if picture is not None:
            state.choose_picture(shown.samples[int(picture)].id)

    show_chart(
        st,
        cache.results.kept(
            (shown.key, found.grid, focus.measure.key, focus.threshold, shown.chosen, found.untrained),
            figures.focus_boxes,
            focus,
            shown.layers,
            shown.names,
            shown.chosen,
            found.untrained,
        ),
        key=key,
        on_select=pick,
        selection_mode="points",
        config=quiet("layers"),
        alt="Box plots of the measure by layer, a line for each picture",
    )
    if index_of(state.picture(), shown.samples) != shown.chosen:
        st.rerun()  # the whole page: the grid shows the chosen picture, too
    if shown.chosen is None:
        st.caption(
            "Each line is a picture. A box holds the middle half of the pictures, with their median. Click a point "
            "to let its picture stand out here and in the grid above."
        )
        return
    note, button = st.columns([5, 1], vertical_alignment="center")
    note.caption(f"Highlighted, and first in the grid above: {controls.plain(shown.names[shown.chosen])}")
    if button.button("Clear selection", width="stretch"):
        state.choose_picture(None)
        st.rerun()


def named(focus: studies.LayerFocus, layers: tuple[Layer, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All pairs and all medians, with the layers' titles."""
    titles = {layer.name: layer.title for layer in layers}
    return focus.pairwise.replace({"first": titles, "second": titles}), focus.medians.replace({"layer": titles})


def titled(table: pd.DataFrame, layers: tuple[Layer, ...]) -> pd.DataFrame:
    """A table by layer, with the layers' titles."""
    return table.replace({"layer": {layer.name: layer.title for layer in layers}})


def show_details(shown: ShownLayers, found: Findings, threshold: float) -> None:
    """What the tests ask, all pairs, all medians, how faithful the maps are, and what the threshold changes."""
    focus = found.focus
    key = (shown.key, found.grid, focus.measure.key, focus.threshold)
    pairs, medians = cache.results.kept(key, named, focus, shown.layers)
    headings = layer_headings(focus.measure.percent)
    parts: dict[str, Callable[[], None]] = {
        f"Pairs of layers ({len(pairs)})": lambda: _show_pairs(pairs, headings),
        "Medians by layer": lambda: show_table(medians, headings),
    }
    if (faithful := found.answer.faithful) is not None:
        table = cache.results.kept((*key, len(faithful.checks)), titled, faithful.table, shown.layers)
        parts["How faithful each layer's map is"] = lambda: _show_faithful(table)
    if found.answer.sweeps:
        parts["Does the threshold matter?"] = lambda: _show_sweep(
            (shown.key, focus.measure.key, threshold), quiet("thresholds"), found
        )
    with st.expander("All numbers: pairs, medians, faithfulness, thresholds", key="layer-numbers"):
        for tab, show in zip(st.tabs(list(parts)), parts.values(), strict=True):
            with tab:
                show()


def _show_pairs(pairs: pd.DataFrame, headings: Mapping[str, str]) -> None:
    show_table(pairs, headings)
    st.caption("Wilcoxon's signed-rank test, Holm-corrected over the pairs.")
    st.markdown(
        "**Page's trend** asks whether the measure goes one way with depth, ranking the layers within each "
        "picture; it is the primary test. **Friedman** asks only whether layers differ at all, also within "
        "pictures. **Kruskal-Wallis**, which studies often report, takes the same picture at several layers "
        "for several pictures: for paired data its p-values are far too large. Intervals of medians "
        "are computed from the ordered values (Hettmansperger and Sheather 1986)."
    )


def _show_faithful(table: pd.DataFrame) -> None:
    show_table(table)
    st.caption(studies.faithfulness_columns(table))


@st.cache_data(max_entries=128, show_spinner=False)  # drawn once, and again from that
def _show_sweep(key: tuple[str, str, float], config: dict[str, Any], _found: Findings) -> None:
    titles: dict[Grid, str] = {"own": "At their own resolutions", "common": "On the common grid"}
    threshold = key[-1]
    for grid, swept in _found.answer.sweeps.items():
        st.markdown(f"**{titles[grid]}.** {controls.plain(studies.sweep_sentence(swept, threshold))}")
    show_chart(
        st,
        figures.sweep_lines(_found.swept, threshold),
        key="sweep",
        config=config,
        alt="Correlation of the share with depth against the threshold",
    )
