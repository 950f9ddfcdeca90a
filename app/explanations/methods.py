"""Which methods explain the picture: the usual ones beside one another, the others in a list by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

import xai_core as xai
from app import controls
from xai_core import figures
from xai_core.figures import Style
from xai_core.methods import method_groups, usable_methods, why_missing
from xai_core.types import Method


@dataclass(frozen=True, eq=False)
class MethodsChoice:
    """What explains the picture.

    Attributes
    ----------
    methods : tuple of Method
        In the panel's order.
    settings : dict of str to dict
        Key of each method that is offered -> its settings.
    style : Style
        How maps are drawn.
    beside : list of Method
        Those that draw samples and run for the pictures beside it, too.
    bar : container
        Where they were chosen, with room for what begins them.
    """

    methods: tuple[Method, ...]
    settings: dict[str, dict[str, Any]]
    style: Style
    beside: list[Method]
    bar: Any


def choose_methods(model: xai.Classifier, layer: str | None) -> MethodsChoice:
    """The controls above the panel."""
    offered = {one.key: one for one in usable_methods(model) if layer or not one.at_layers}
    usual = [key for key, one in offered.items() if one.usual]
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    keys = bar.pills(
        "Methods",
        usual,
        selection_mode="multi",
        default=usual,
        key="methods",
        bind="query-params",
        format_func=lambda key: offered[key].title,
    )
    others = [one for one in offered.values() if not one.usual]
    keys = [*keys, *(_choose_others(bar, others, model) if others else ())]
    chosen = tuple(one for key, one in offered.items() if key in keys)
    settings, beside = {}, []
    with bar.popover("Settings", icon=":material/tune:"):
        faded = [one.title for one in offered.values() if one.drawing == "evidence" and (one.usual or one in chosen)]
        opacity = 0.6
        if faded:
            of = faded[0] if len(faded) == 1 else "the maps"
            opacity = st.slider(f"Opacity of {of}", 0.0, 1.0, 0.6, 0.05, key="mc-opacity", bind="query-params")
        colours = st.selectbox("Colours", figures.MAP_SCALES, key="mc-colours", bind="query-params")
        for method in offered.values():
            if not (method.usual or method in chosen):
                continue
            settings[method.key] = controls.choose_settings(method, model)
            if method.draws_samples and st.toggle(
                f"{method.title} for the pictures beside it, too",
                method.usual,
                key=f"{method.key}-beside",
                bind="query-params",
            ):
                beside.append(method)
    return MethodsChoice(chosen, settings, Style(opacity=opacity, colours=str(colours), scale="all"), beside, bar)


def _choose_others(bar: Any, others: Sequence[Method], model: xai.Classifier) -> list[str]:
    """Keys of methods beside the usual ones, by kind; what is known against each that is chosen stands below it."""
    chosen: list[str] = []
    known = {one.key: one for one in others}
    with bar.popover("More methods", icon=":material/add:", help="None of them runs before it is chosen."):
        for group in method_groups(others):
            keys = st.pills(
                group.title,
                [one.key for one in group.methods],
                selection_mode="multi",
                key=f"more-{group.key}",
                bind="query-params",
                format_func=lambda key: known[key].title,
                help=group.help,
            )
            for key in keys:
                st.caption(controls.about_method(known[key]))
            chosen += keys
        for method in xai.list_methods():
            if not method.usual and (why := why_missing(method, model)):
                st.caption(f":material/block: {controls.plain(why)}")
    return chosen
