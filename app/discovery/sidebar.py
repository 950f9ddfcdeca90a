"""What the side bar of Discovery offers."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

import xai_core as xai
from app import controls, state
from app.controls.missing import warn_of_missing
from xai_core.methods import usable_methods
from xai_core.questions.discovery.question import ASKED

MOST = 1000  # pictures that are looked at without being asked for more
DATA, SPLIT, MODEL = "textured_digits_shortcut", "val", "digits_shortcut"  # what the page begins with


@dataclass(frozen=True, eq=False)
class DiscoveryChoice:
    """What the side bar says; no labels ask about all."""

    data: xai.Dataset
    model: xai.Classifier
    layer: str
    asked: tuple[str, ...]


def choose() -> DiscoveryChoice | None:
    """The side bar; None while something is missing."""
    with st.sidebar:
        data = controls.choose_data(DATA, MOST, SPLIT)
        st.divider()
        model = controls.choose_model(controls.fitting(data, MODEL))
        data = controls.choose_classes(data, model)
        if data is None or model is None:
            return None
        layer = controls.choose_layer(model, usable_methods(model, at_layers=True))
        state.reset_on_change(ASKED.address, f"{data.key}{data.labels}", [])
        warn_of_missing(ASKED.address, ASKED.title, data.labels)
        asked = st.multiselect(
            ASKED.title, list(data.labels), key=ASKED.address, bind="query-params", help=ASKED.help, placeholder="All"
        )
    state.keep(controls.begins_with(DATA, MODEL))
    return None if layer is None else DiscoveryChoice(data, model, layer, tuple(asked))
