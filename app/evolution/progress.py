"""Whether the second half of the training still helped."""

from __future__ import annotations

import streamlit as st

from app import cache, cards
from app.evolution.runs import OpenedRun
from xai_core import studies


def show_progress(shown: OpenedRun) -> None:
    """Whether the second half of the training still helped."""
    card = cache.results.kept((shown.id,), studies.training_hypothesis, shown.run)
    if card is not None:
        st.header(card.question, anchor=False)
        cards.hypothesis_card(card, "progress-card")
