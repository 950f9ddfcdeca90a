"""Whether the second half of the training still helped."""

from __future__ import annotations

import streamlit as st

from app import cards
from app.evolution.runs import OpenedRun


def show_progress(shown: OpenedRun) -> None:
    """Whether the second half of the training still helped."""
    card = shown.answer.card
    if card is not None:
        st.header(card.question, anchor=False)
        cards.hypothesis_card(card, "progress-card")
