"""What the sidebar of Discovery offers."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

import xai_core as xai
from app import controls, defaults
from app.controls.missing import warn_of_missing
from xai_core.methods import usable_methods
from xai_core.questions.discovery.question import AGAINST, ASKED, DISCOVERY
from xai_core.types import Method

MOST = 1000  # pictures that are looked at without being asked for more
DATA, SPLIT, MODEL = "textured_digits_shortcut", "val", "digits_shortcut"  # what the page begins with


@dataclass(frozen=True, eq=False)
class DiscoveryChoice:
    """What the sidebar says; no labels ask about all."""

    data: xai.Dataset
    model: xai.Classifier
    method: Method
    layer: str
    asked: tuple[str, ...]
    against: str


def choose() -> DiscoveryChoice | None:
    """The sidebar; None while something is missing."""
    with st.sidebar:
        data = controls.choose_data(DATA, MOST, SPLIT)
        st.divider()
        model = controls.choose_model(controls.fitting(data, MODEL))
        controls.warn_of_size(data, model)
        data = controls.choose_classes(controls.choose_edited(data, model), model)
        if data is None or model is None:
            return None
        method = controls.choose_method(DISCOVERY, model)
        layer = controls.choose_layer(model, usable_methods(model, at_layers=True))
        defaults.reset_on_change(ASKED.address, f"{data.key}{data.labels}", [])
        warn_of_missing(ASKED.address, ASKED.title, data.labels)
        asked = st.multiselect(
            ASKED.title, list(data.labels), key=ASKED.address, bind="query-params", help=ASKED.help, placeholder="All"
        )
        against = st.text_input(
            AGAINST.title, key=AGAINST.address, bind="query-params", help=AGAINST.help, placeholder="train"
        ).strip()
    if method is None or layer is None:
        return None
    return DiscoveryChoice(data, model, method, layer, tuple(asked), against)
