"""The sidebar: pictures with masks, a model, what makes the maps, and the class that they are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

import xai_core as xai
from app import cache, controls, state
from xai_core.questions.choices import METHOD
from xai_core.questions.foreground.question import FOREGROUND
from xai_core.types import Method

MOST = 64
_BROUGHT = "maps of the pictures"  # session key of what was dropped


@dataclass(frozen=True, eq=False)
class Source:
    """What makes the maps: a method, with those of its settings that differ from its defaults."""

    method: Method
    settings: Mapping[str, Any]

    @property
    def words(self) -> str:
        """Both as people read them."""
        said = controls.settings_in_words(self.method, self.settings)
        return f"{self.method.title} ({said})" if said else self.method.title


@dataclass(frozen=True, eq=False)
class Choice:
    """What the sidebar says."""

    data: xai.Dataset
    model: xai.Classifier
    source: Source
    layer: str | None
    target: controls.Target


def choose() -> Choice | None:
    """The sidebar; None while something is missing."""
    with st.sidebar:
        data = controls.choose_data("textured_digits_shortcut", MOST, "val")
        st.divider()
        model = controls.choose_model(controls.fitting(data, "digits_shortcut"))
        controls.warn_of_size(data, model)
        data = controls.choose_classes(controls.choose_edited(data, model), model)
        source = choose_source(model, data) if model else None
        layer = None
        if model is not None and source is not None and source.method.at_layers:
            layer = controls.choose_layer(model, [source.method])
        target = controls.choose_target(model, data) if model else None
    if data is None or model is None or source is None or target is None:
        return None
    if source.method.at_layers and layer is None:
        return None
    state.keep(controls.begins_with("textured_digits_shortcut", "digits_shortcut"))
    return Choice(data, model, source, layer, target)


def choose_source(model: xai.Classifier, data: xai.Dataset | None) -> Source | None:
    """The method and its settings, or maps made elsewhere; what draws samples begins with few, for every picture."""
    place, below = st.container(), st.container()
    names = [item.name for item in data.items] if data is not None else []
    given = controls.choose_maps(model, names, _BROUGHT, below) if names else None
    if given is not None and controls.just_dropped(_BROUGHT):
        st.session_state[METHOD.address] = given.key
    with place:
        method = controls.choose_method(FOREGROUND, model, given=given or controls.maps_in_study(model))
    if method is None:
        return None
    if not controls.offered_settings(method, model):
        return Source(method, {})
    study = cache.study_folders.opened_study()
    start = method.quickly(model) if method.draws_samples else method.defaults(model)
    if study is not None and study.method == method.key:
        start = method.defaults(model) | dict(study.settings)
    with st.popover("Settings of the method", icon=":material/tune:", width="stretch"):
        return Source(method, controls.choose_settings(method, model, start))
