"""What was found or assumed when a model was loaded, beside its choice, and the way to the page of the model."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache, state
from app.controls.text import plain
from app.heads import MODEL
from xai_core.models import size_note
from xai_core.types.counts import number_of


def notes_in_words(model: xai.Classifier) -> str:
    """How many notes there are on a model."""
    count = len(model.notes)
    return f"{number_of(count, 'note')} on this model"


def show_notes(model: xai.Classifier) -> None:
    """The notes, where there are any, and a button to the model's page from every other one."""
    if model.notes:
        with st.expander(notes_in_words(model), icon=":material/info:"):
            st.markdown("\n".join(f"- {plain(note)}" for note in model.notes))
    if not state.is_at(MODEL.page):
        st.button(
            "About this model",
            on_click=_open,
            icon=MODEL.icon,
            key="about-model",
            type="tertiary",
            help="Its outputs, layers, preprocessing and speed, what was assumed, and how to correct it.",
        )


def warn_of_size(data: xai.Dataset | None, model: xai.Classifier | None) -> None:
    """Say that pictures are enlarged to a size that had to be assumed: maps and answers look right and are not."""
    if data is None or model is None or not model.size_assumed or not data.items:
        return
    first = data.items[0]
    note = cache.results.kept((model.id, data.key, first.name, first.stamp), size_note, model, data)
    if note:
        st.warning(plain(f"{note} “How pictures are prepared”, above, has a field for it."), icon=":material/zoom_in:")


def _open() -> None:
    state.go(MODEL.page, (state.address_for(MODEL.page) or {}) | state.looks())
