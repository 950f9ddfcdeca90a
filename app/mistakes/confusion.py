"""The confusion matrix, and the pairs most often confused."""

from __future__ import annotations

import streamlit as st

from app import controls
from app.clickable import clickable
from app.mistakes.filtering import TAKEN, TRUE, pick_cell
from app.mistakes.shown import ShownMistakes
from xai_core import figures
from xai_core.types.counts import form, number_of

_FITS = 10  # columns of a matrix that a page shows beside the pictures without scrolling
_PAIRS = 6  # of classes that are listed


def show_confusion(shown: ShownMistakes) -> None:
    """The matrix and the most confused pairs; both fill the gallery."""
    head = st.container(horizontal=True, vertical_alignment="center")  # level with the gallery's
    head.header("Confusion matrix", anchor=False, width="content")
    normalised = controls.choose_normalised(label="collapsed")
    picked = (st.session_state.get(TRUE, []), st.session_state.get(TAKEN, []))
    confusion, pairs = shown.answer.confusion, shown.answer.pairs
    clickable(
        figures.confusion_html(confusion, shown.names, normalised=normalised, selected=picked),
        "matrix",
        lambda pick: pick_cell(shown, pick),
    )
    more = f"{number_of(confusion.hidden, 'more class')} {form(confusion.hidden, 'occurs', 'occur')}"
    note = f" Only the most confused classes are shown: {more}." if confusion.hidden else ""
    st.caption(
        "Click a number or a name to see its pictures; click it again to clear the selection. "
        f"{'The matrix scrolls to the right.' if len(confusion.columns) > _FITS else ''}{note}"
    )
    if pairs.empty:
        st.caption("No class is confused with another.")
        return
    listed = st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="most-confused")
    listed.markdown("**Most confused**", width="content")
    for row in pairs.head(_PAIRS).itertuples():
        listed.button(
            controls.plain(f"{row.true_class} → {row.predicted_class}: {row.n:,}"),
            type="tertiary",
            key=f"pair-{row.true}-{row.predicted}",
            on_click=pick_cell,
            args=(shown, f"cell:{row.true}:{row.predicted}"),
        )
