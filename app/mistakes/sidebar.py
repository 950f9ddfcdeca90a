"""What the side bar of Misclassifications offers."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import controls, state
from xai_core.methods import usable_methods

MOST = 1000  # pictures that are evaluated without being asked for more


def choose() -> tuple[xai.Dataset, xai.Classifier, str | None] | None:
    """The side bar; None while something is missing."""
    with st.sidebar:
        data = controls.choose_data("textured_digits", MOST)
        st.divider()
        model = controls.choose_model(controls.fitting(data, "digits"))
        layer = controls.choose_layer(model, usable_methods(model, at_layers=True)) if model else None
    if data is None or model is None:
        return None
    state.keep(controls.begins_with("textured_digits", "digits"))
    return data, model, layer
