"""Labels together, and the gallery: clicks in the one fill the other."""

from __future__ import annotations

import hashlib

import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, controls, state
from app.clickable import clickable
from app.mistakes import following
from app.mistakes.both_maps import show_both_labels
from app.mistakes.labels.filtering import OUTCOME, TOGETHER, choose_pictures, looked_at, pick_cell, picked
from app.mistakes.labels.shown import ShownLabels
from app.paged import choose_part
from xai_core import figures
from xai_core.questions.misclassified.labels.findings import card_of
from xai_core.types.counts import form, number_of

CARDS = 24
_WORDS: dict[figures.Together, str] = {"predicted": "Predicted labels", "true": "True labels"}
_SHARES: dict[figures.Normalised, str] = {"counts": "Counts", "row": "% of the row"}


@st.fragment
def browse(shown: ShownLabels) -> None:
    """Matrix and gallery. A fragment: clicks in the matrix only fill the gallery."""
    before = state.picture()
    show_together(shown)
    head = st.container(horizontal=True, vertical_alignment="center")
    head.header("Pictures", anchor=False, width="content")
    rows, asked = choose_pictures(shown)
    if rows.empty:
        nothing_wrong = st.session_state[OUTCOME] == "wrong" and not shown.answer.summary.wrong
        st.info(
            "Every label is right: there is no mistake to look at. Choose Found or All to see the pictures."
            if nothing_wrong
            else "No picture matches the filter.",
            icon=":material/filter_alt_off:",
        )
    else:
        key = hashlib.sha256(repr([shown.key, asked]).encode()).hexdigest()[:8]
        if before is None or before not in shown.evaluation.ids:
            state.choose_picture(str(rows["id"].iloc[0]), str(rows["picture"].iloc[0]), by_hand=False)
        part = rows.iloc[choose_part(rows["id"].tolist(), CARDS, f"page-{key}")]
        clickable(figures.gallery_html(gallery_cards(shown, part), state.picture()), "gallery", state.choose_picture)
        st.caption(f"{number_of(len(rows), 'picture')}, each with the label to look at. Click one to see why.")
        show_both_labels(shown, part, head)
    following.follow((state.picture(), looked_at().get(state.picture() or "")))


def show_together(shown: ShownLabels) -> None:
    """Which labels are predicted where which are true, or which are true together."""
    st.header("Which labels occur together", anchor=False)
    bar = st.container(horizontal=True, gap="medium")
    together = bar.segmented_control(
        "Columns",
        list(_WORDS),
        format_func=_WORDS.__getitem__,
        default="predicted",
        required=True,
        wrap=True,
        key=TOGETHER,
        bind="query-params",
        label_visibility="collapsed",
    )
    normalised = bar.segmented_control(
        "Numbers",
        list(_SHARES),
        format_func=_SHARES.__getitem__,
        default="counts",
        required=True,
        wrap=True,
        key="shares",
        bind="query-params",
        label_visibility="collapsed",
    )
    found = shown.answer.together
    clickable(
        figures.co_occurrence_html(found, shown.names, together=together, normalised=normalised, selected=picked()),
        "matrix",
        lambda pick: pick_cell(shown, pick),
    )
    more = f"{number_of(found.hidden, 'more label')} {form(found.hidden, 'occurs', 'occur')}"
    note = f" {more}; the most frequent ones are shown." if found.hidden else ""
    columns = (
        "Rows: pictures that have the label. Columns: labels predicted in them; the red share of a cell is false. A "
        "picture with several labels stands in several rows."
        if together == "predicted"
        else "Pictures that have both labels."
    )
    st.caption(
        controls.plain(f"{columns} Click a number or a name to see its pictures below; click it again to reset.{note}")
    )


def gallery_cards(shown: ShownLabels, part: pd.DataFrame) -> list[figures.Card]:
    """A page of the gallery."""
    made = []
    for _, row in part.iterrows():
        sample = cache.data.picture(shown.data, int(row["index"]), shown.model)
        made.append(card_of(row, sample.pixels if isinstance(sample, xai.Sample) else None))
    return made
