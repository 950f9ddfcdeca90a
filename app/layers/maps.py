"""The grid of maps and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

import xai_core as xai
from app import cache, controls, state
from app.layers.shown import ShownLayers
from app.look import page_colour
from app.seen import show_all_seen
from xai_core import figures
from xai_core.figures import Scale, Style, View
from xai_core.types import Layer
from xai_core.types.counts import number_of

ROWS = (4, 8, 16)
PICTURES_IN_PNG = 64
VIEWS: dict[View, str] = {"overlay": "Overlay", "raw": "Raw, signed", "input": "Input"}
SCALES: dict[Scale, str] = {"map": "each map its own", "layer": "one a layer", "all": "one for all"}


@st.fragment
def show_maps(shown: ShownLayers) -> None:
    """The grid of maps and how it is drawn. A fragment: its controls draw again and compute nothing."""
    st.header("Where it looks", anchor=False)
    look = choose_look()
    style, rows = look.style, look.rows
    state.board()["style"] = style
    pages = -(-len(shown.samples) // rows)
    page = st.pagination(pages, key=f"page-{shown.key[:8]}-{rows}") if pages > 1 else 1
    indices = list(range((page - 1) * rows, min(page * rows, len(shown.samples))))
    if shown.chosen is not None:
        indices = [shown.chosen, *(index for index in indices if index != shown.chosen)]
    layers = shown.layers[::-1] if look.deepest_first else shown.layers
    grid = cache.maps.grid(
        f"{shown.key} {look.deepest_first}",
        tuple(indices),
        style,
        shown.samples,
        shown.heatmaps,
        layers,
        shown.captions,
    )
    st.html(controls.Markup(f"<style>.xg{{--xg-page:{page_colour()}}}</style>{grid}"))
    show_all_seen(shown.model, [shown.samples[index] for index in indices])
    offer_png(shown, style, layers, indices)
    flat = sum(int(xai.is_flat(xai.rectify(raw)).sum()) for raw in shown.heatmaps.values())
    if flat:
        st.caption(
            f"{flat} of {len(shown.layers) * len(shown.samples)} maps ({number_of(len(shown.samples), 'picture')} at "
            f"{number_of(len(shown.layers), 'layer')}) hold no positive evidence for "
            "their class. They are marked, drawn without colour, and left out of the statistics."
        )


@dataclass(frozen=True)
class Look:
    """How maps are drawn, and how many pictures at a time."""

    style: Style
    rows: int
    deepest_first: bool


def choose_look() -> Look:
    """The controls above the grid."""
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    view = bar.segmented_control(
        "Show",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        default="overlay",
        required=True,
        wrap=True,
        key="view",
        bind="query-params",
    )
    opacity = bar.slider(
        "Opacity", 0.0, 1.0, 0.6, 0.05, key="opacity", bind="query-params", disabled=view != "overlay", width=280
    )
    with bar.popover("Display", icon=":material/palette:"):
        colours = st.selectbox(
            "Colours", figures.MAP_SCALES, key="colours", bind="query-params", disabled=view != "overlay"
        )
        scale = st.selectbox(
            "Scale",
            list(SCALES),
            format_func=SCALES.__getitem__,
            key="scale",
            bind="query-params",
            disabled=view == "input",
            help="Its own scale shows where; a shared one shows how strong, too.",
        )
        smooth = st.toggle(
            "Smooth",
            True,
            key="smooth",
            bind="query-params",
            help="Off: the layer's own cells.",
            disabled=view == "input",
        )
        rows = st.selectbox("Pictures at a time", ROWS, key="rows", bind="query-params")
        reverse = st.toggle("Deepest layer first", key="reverse", bind="query-params")
    return Look(Style(view, opacity, colours, smooth, scale), rows, reverse)


def offer_png(shown: ShownLayers, style: Style, layers: Sequence[Layer], indices: Sequence[int]) -> None:
    """The grid as a picture, drawn when asked for: what is shown as a slide, and more pictures in one column."""
    count = min(len(shown.samples), PICTURES_IN_PNG)
    most = f"{'All' if count == len(shown.samples) else 'The first'} {number_of(count, 'picture')}"
    with st.container(horizontal=True, gap="medium"):
        for label, stem, rows, slide, what in (
            ("Slide (PNG)", "slide", list(indices), True, "The pictures that are shown, on a page of 16:9."),
            ("Grid (PNG)", "layers", list(range(count)), False, f"{most}, drawn like this."),
        ):
            make = partial(_draw, shown, style, layers, rows, slide)
            look = {"type": "tertiary", "icon": ":material/download:", "help": what}
            controls.offer_file(label, f"{stem}.png", "image/png", make, **look)


def _draw(shown: ShownLayers, style: Style, layers: Sequence[Layer], rows: list[int], slide: bool) -> bytes:
    some, lines = [shown.samples[row] for row in rows], [shown.captions[row] for row in rows]
    return figures.to_png(figures.grid_png(some, shown.heatmaps.take(rows), layers, lines, style, slide=slide))
