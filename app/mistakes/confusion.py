"""The confusion matrix, and the pairs most often confused."""

from __future__ import annotations

import streamlit as st

from app import controls
from app.clickable import clickable
from app.mistakes.filtering import TAKEN, TRUE, pick_cell
from app.mistakes.shown import ShownMistakes
from xai_core import figures
from xai_core.types.counts import form, number_of


def show_confusion(shown: ShownMistakes) -> None:
    """The matrix and the most confused pairs; both fill the gallery."""
    st.header("Confusion matrix", anchor=False)
    normalised = controls.choose_normalised(label="collapsed")
    picked = (st.session_state.get(TRUE, []), st.session_state.get(TAKEN, []))
    confusion, pairs = shown.answer.confusion, shown.answer.pairs
    wide = len(confusion.columns) > 12
    left, right = (st.container(), st.container()) if wide else st.columns([5, 2], gap="large")
    with left:
        clickable(
            figures.confusion_html(confusion, shown.names, normalised=normalised, selected=picked),
            "matrix",
            lambda pick: pick_cell(shown, pick),
        )
        more = f"{number_of(confusion.hidden, 'more class')} {form(confusion.hidden, 'occurs', 'occur')}"
        note = f" {more}; the most confused ones are shown." if confusion.hidden else ""
        st.caption(
            "Click a number, or the name of a row or a column, to see its pictures below; click it again to clear "
            "the selection. "
            f"{'It scrolls to the right.' if wide else ''}{note}"
        )
    with right:
        st.markdown("**Most confused**")
        if pairs.empty:
            st.caption("No class is confused with another.")
        listed = st.container(horizontal=wide, gap=None if not wide else "small")
        for row in pairs.head(8).itertuples():
            listed.button(
                controls.plain(f"{row.true_class} → {row.predicted_class}: {row.n:,}"),
                type="tertiary",
                key=f"pair-{row.true}-{row.predicted}",
                on_click=pick_cell,
                args=(shown, f"cell:{row.true}:{row.predicted}"),
            )
