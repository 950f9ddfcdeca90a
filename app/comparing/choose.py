"""What is compared: methods by kind, layers, and on how many pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

import xai_core as xai
from app import controls
from xai_core.methods import method_groups, usable_methods
from xai_core.questions.choices import LAYERS
from xai_core.types import Method

SIZES = (12, 24, 48, 96)  # pictures
USUAL = 24


@dataclass(frozen=True)
class ComparisonChoice:
    """What is compared, on at most so many pictures."""

    methods: tuple[str, ...]
    layers: str
    pictures: int


def choose(model: xai.Classifier, given: tuple[Method, ...], available: int, bar: Any) -> ComparisonChoice:
    """The controls of the section; `given`: maps that were made elsewhere."""
    usable = (*usable_methods(model, ranks=True), *given)
    at_once = [one.key for one in usable if one.cost == "pass"] or [one.key for one in usable if one.usual]
    known = {one.key: one for one in usable}
    methods: list[str] = []
    with bar.popover("Methods", icon=":material/tune:"):
        for group in method_groups(usable):
            methods += st.pills(
                group.title,
                [one.key for one in group.methods],
                selection_mode="multi",
                default=[one.key for one in group.methods if one.key in at_once],
                key=f"compare-{group.key}",
                bind="query-params",
                format_func=lambda key: known[key].title,
                help=group.help,
            )
        for key in methods:
            if not known[key].usual:  # the usual ones say it where they are shown
                st.caption(controls.about_method(known[key]))
        slow = [known[key].title for key in methods if known[key].draws_samples]
        if slow:
            st.caption(controls.plain(f"Hundreds of passes for every map: {', '.join(slow)}. That takes minutes."))
    layers = LAYERS.default
    if any(known[key].at_layers for key in methods):
        layers = bar.segmented_control(
            LAYERS.title,
            list(LAYERS.options),
            format_func=LAYERS.name_of,
            default=LAYERS.default,
            required=True,
            wrap=True,
            key="compare-layers",
            bind="query-params",
        )
    sizes = [size for size in SIZES if size < available] + [available] * (available <= SIZES[-1])
    pictures = (
        bar.select_slider(
            "Pictures",
            sizes,
            USUAL if USUAL in sizes else sizes[-1],
            key="compare-n",
            bind="query-params",
            width=200,
            help="A random sample of the page's pictures; the comparison uses these alone.",
        )
        if len(sizes) > 1
        else sizes[0]
    )
    return ComparisonChoice(tuple(methods), str(layers), int(pictures))
