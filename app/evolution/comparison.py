"""Another run on the same pictures beside this one."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache, cards, controls, state
from app.charts import quiet, show_chart
from app.evolution.board import BESIDE
from app.evolution.runs import OpenedRun, load, runs
from app.tables import show_table
from xai_core import figures, studies
from xai_core.questions.evolution.findings import comparison_card
from xai_core.types.counts import form, number_of

_DRAWN = 500  # pictures: more would be thinner than a pixel


@st.fragment
def show_comparison(shown: OpenedRun) -> None:
    """Another run on the same pictures beside this one."""
    st.header("Beside another run", anchor=False)
    titles = {"": "None"} | runs()
    other = st.selectbox(
        "Compare with", list(titles), format_func=titles.__getitem__, key="beside", bind="query-params", width=420
    )
    state.board().pop(BESIDE, None)
    if not other:
        st.caption("Choose a run on the same pictures: who is right where, and which pictures flip.")
        return
    try:
        found = load(other, "-beside")
        if found is None or found.run is None:
            if found is not None:
                st.caption("That run has no whole epoch yet.")
            return
        if found.id == shown.id:
            st.caption("That is the run above. Choose another one on the same pictures.")
            return
        comparison = cache.runs.comparison(shown.id, found.id, shown.run, found.run)
    except xai.XaiError as error:
        st.error(controls.plain(str(error)), icon=":material/error:")
        return
    state.board()[BESIDE] = comparison
    card = cache.results.kept(("card", shown.id, found.id), comparison_card, comparison)  # looks at the data set, too
    cards.hypothesis_card(card, "comparison-card")
    st.caption(controls.plain(studies.comparison_limits(comparison)))
    if comparison.missing:
        absent = f"{number_of(comparison.missing, 'picture')} {form(comparison.missing, 'is', 'are')}"
        st.caption(f"{absent} in one of the runs only and left out.")
    table = comparison.table
    flips = table[table["first_right"] != table["second_right"]]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.html(figures.outcome_legend_html(comparison))
        show_chart(
            st,
            figures.comparison_figure(comparison, limit=_DRAWN),
            key="comparison",
            config=quiet("runs-compared"),
            alt="Which of the two runs is right on each picture at each epoch",
        )
        drawn = f" {_DRAWN} of {len(table):,} pictures are drawn." if len(table) > _DRAWN else ""
        st.caption(
            "A row is a picture, a column an epoch that both runs have. First stand the pictures on which the runs "
            f"differ most often.{drawn}"
        )
    with right:
        st.markdown(f"**{number_of(len(flips), 'picture')} {form(len(flips), 'is', 'are')} right in one of them only**")
        show_table(
            flips[["picture", "label", "first", "second", "agreement"]],
            {"first": comparison.first.name, "second": comparison.second.name, "agreement": "same prediction (%)"},
        )
