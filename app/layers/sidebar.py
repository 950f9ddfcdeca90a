"""What the sidebar of the Layer Explorer offers, and what was chosen there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

import xai_core as xai
from app import controls
from xai_core.questions.choices import METHOD
from xai_core.questions.layers.question import LAYERS
from xai_core.types import Layer, Method

_BROUGHT = "maps of layers"  # session key of what was dropped


@dataclass(frozen=True, eq=False)
class LayersChoice:
    """What the sidebar says."""

    data: xai.Dataset
    model: xai.Classifier
    method: Method
    method_settings: dict[str, Any]
    layers: tuple[Layer, ...]
    target: controls.Target


def choose() -> LayersChoice | str | None:
    """The sidebar; a sentence where the model has no layers to show, None while something is missing."""
    with st.sidebar:
        data = controls.choose_data()
        st.divider()
        model = controls.choose_model(controls.fitting(data))
        controls.warn_of_size(data, model)
        data = controls.choose_classes(controls.choose_edited(data, model), model)
        method, method_settings = _choose_method(model, data) if model else None, {}
        if model is not None and method is not None and controls.offered_settings(method, model):
            with st.popover("Settings of the method", icon=":material/tune:", width="stretch"):
                method_settings = controls.choose_settings(method, model)
        layers = method.layers if method and method.layers else controls.choose_layers(model) if model else None
        target = controls.choose_target(model, data) if model else None
    if model is not None and not model.layers and not (method and method.layers):
        return (
            f"{model.title} has no layers whose maps could be shown. Foreground vs Background and Misclassifications "
            "explain it with methods that need none."
        )
    if data is None or model is None or method is None or layers is None or target is None:
        return None
    return LayersChoice(data, model, method, method_settings, layers, target)


def _choose_method(model: xai.Classifier, data: xai.Dataset | None) -> Method | None:
    """A method with layers, or maps made elsewhere of which each picture has several."""
    place, below = st.container(), st.container()
    names = [item.name for item in data.items] if data is not None else []
    given = controls.choose_maps(model, names, _BROUGHT, below, layers=True) if names else None
    if given is not None and controls.just_dropped(_BROUGHT):
        st.session_state[METHOD.address] = given.key
    with place:
        return controls.choose_method(LAYERS, model, given=given or controls.maps_in_study(model))
