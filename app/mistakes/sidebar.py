"""What the sidebar of Misclassifications offers."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

import xai_core as xai
from app import controls
from xai_core.methods import usable_methods

MOST = 1000  # pictures that are evaluated without being asked for more


@dataclass(frozen=True, eq=False)
class MistakesChoice:
    """What the sidebar says; the layer is that of methods which have one, None where the model has none to offer."""

    data: xai.Dataset
    model: xai.Classifier
    layer: str | None


def choose() -> MistakesChoice | None:
    """The sidebar; None while something is missing."""
    with st.sidebar:
        data = controls.choose_data("textured_digits", MOST)
        st.divider()
        model = controls.choose_model(controls.fitting(data, "digits"))
        controls.warn_of_size(data, model)
        data = controls.choose_classes(controls.choose_edited(data, model), model)
        layer = controls.choose_layer(model, usable_methods(model, at_layers=True)) if model else None
    if data is None or model is None:
        return None
    return MistakesChoice(data, model, layer)
