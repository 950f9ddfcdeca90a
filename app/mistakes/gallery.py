"""Matrix and gallery: clicks in the one fill the other."""

from __future__ import annotations

import hashlib

import pandas as pd
import streamlit as st

import xai_core as xai
from app import cache, state
from app.clickable import clickable
from app.mistakes import following
from app.mistakes.both_maps import show_both
from app.mistakes.confusion import show_confusion
from app.mistakes.filtering import KIND, choose_pictures
from app.mistakes.shown import ShownMistakes
from app.paged import choose_part
from xai_core import figures
from xai_core.questions.misclassified.findings import card_of
from xai_core.types.counts import number_of

CARDS = 24  # pictures of the report
_AT_ONCE = 9  # pictures beside the matrix: about as high as that


@st.fragment
def browse(shown: ShownMistakes) -> None:
    """Matrix and gallery. A fragment: clicks in the matrix only fill the gallery."""
    before = state.picture()
    left, right = st.columns([11, 8], gap="medium")
    with left:
        show_confusion(shown)
    with right:
        head = st.container(horizontal=True, vertical_alignment="center")
        head.header("Pictures", anchor=False, width="content")
        part = _show_gallery(shown, before)
    if part is not None:
        show_both(shown, part, head)
    following.follow(state.picture())


def _show_gallery(shown: ShownMistakes, before: str | None) -> pd.DataFrame | None:
    """The pictures that the filter leaves; gives those of the page of them that is shown, None where there are none."""
    chosen, order = choose_pictures(shown)
    if chosen.empty:
        nothing_wrong = st.session_state[KIND] == "wrong" and shown.answer.summary.right == shown.answer.summary.n
        st.info(
            "Every picture is right: there is no mistake to look at. Choose Right or All to see the pictures."
            if nothing_wrong
            else "No picture matches the filter.",
            icon=":material/filter_alt_off:",
        )
        return None
    key = hashlib.sha256(repr([shown.key, order, *chosen["index"].head(CARDS)]).encode()).hexdigest()[:8]
    room = st.container()
    if before is None or before not in set(shown.table["id"]):
        state.choose_picture(str(chosen.iloc[0]["id"]), str(chosen.iloc[0]["picture"]), by_hand=False)
    part = chosen.iloc[choose_part(chosen["id"].tolist(), _AT_ONCE, f"page-{key}")]
    with room:
        cards = figures.gallery_html(gallery_cards(shown, part, order), state.picture())
        clickable(cards, "gallery", state.choose_picture)
        st.caption(f"{number_of(len(chosen), 'picture')}. Click one to see why.")
    return part


def gallery_cards(shown: ShownMistakes, part: pd.DataFrame, order: str) -> list[figures.Card]:
    """A page of the gallery."""
    made = []
    for _, row in part.iterrows():
        sample = cache.data.picture(shown.data, int(row["index"]), shown.model)
        notes = {
            "close": f"margin {100 * row['margin']:.0f} points",
            "clear": f"margin {100 * row['margin']:.0f} points",
            "loss": f"loss {row['loss']:.2f}",
            "disagree": f"agreement {row.get('rank_correlation', float('nan')):.2f}",
        }
        made.append(card_of(row, sample.pixels if isinstance(sample, xai.Sample) else None, notes.get(order, "")))
    return made
