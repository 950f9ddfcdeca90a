"""The layers that maps are made at: several, or one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import xai_core as xai
from app import defaults
from app.controls.missing import show_missing, warn_of_missing
from app.controls.text import plain
from xai_core.questions.choices import LAYERS
from xai_core.types import Layer, Method


def choose_layers(model: xai.Classifier) -> tuple[Layer, ...] | None:
    """The layers to look at, in order of depth, or None with the reason shown."""
    try:
        model.select()
        groups = {**LAYERS.options, "choice": LAYERS.other}
        group = st.segmented_control(
            LAYERS.title,
            list(groups),
            format_func=groups.__getitem__,
            default=LAYERS.default,
            required=True,
            wrap=True,
            key=LAYERS.address,
            bind="query-params",
        )
        if group != "choice":
            return model.select(group)
        sizes = {layer.name: f"{layer.name}  ({layer.size[0]} × {layer.size[1]})" for layer in model.layers}
        names = st.multiselect(
            "Names",
            list(sizes),
            default=list(model.groups["stages"][-1:]),
            format_func=lambda n: sizes.get(n, n),
            accept_new_options=True,
            key="pick",
            bind="query-params",
        )
        return model.select(names)
    except xai.XaiError as error:
        show_missing(error)
        return None


def choose_layer(model: xai.Classifier, methods: Sequence[Method]) -> str | None:
    """One layer for methods that give a map for each, the last stage at first; None with the reason shown."""
    try:
        stages = model.select("stages")
    except xai.XaiError as error:
        st.caption(plain(str(error)))
        return None
    titles = {layer.name: layer.title for layer in stages}
    sizes = {layer.name: f"{layer.size[0]} × {layer.size[1]}" for layer in model.layers}
    names = [layer.name for layer in model.layers]
    defaults.reset_on_change("layer", model.id, stages[-1].name)
    words = {name: f"{titles.get(name, name)} ({sizes[name]})" for name in names}
    warn_of_missing("layer", "Layer", words.values())
    return st.selectbox(
        f"Layer of {methods[0].title}" if len(methods) == 1 else "Layer",
        names,
        index=names.index(stages[-1].name),
        key="layer",
        format_func=words.__getitem__,
        bind="query-params",
    )
