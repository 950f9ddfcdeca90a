"""Layer Explorer: where a model looks, layer by layer, and whether deeper layers focus more."""

from __future__ import annotations

import streamlit as st

import xai_core as xai
from app import cache, controls, frame, notices, state, trust
from app.layers.guess import guess_first
from app.layers.maps import show_maps
from app.layers.shown import compute
from app.layers.sidebar import LayersChoice, choose
from app.layers.statistics import MEASURED, show_statistics
from xai_core.models import BUNDLED


def main() -> None:
    frame.begin("layer_explorer")
    chosen = choose()
    if chosen is None:
        notices.not_chosen("pictures, a model and layers")
        return
    if isinstance(chosen, str):
        st.info(controls.plain(chosen), icon=":material/arrow_back:")
        return
    frame.show_body(_show, chosen)


def _show(bar: st.delta_generator.DeltaGenerator, chosen: LayersChoice) -> None:
    state.keep(controls.begins_with("photos", BUNDLED))
    try:
        shown = compute(chosen)
    except xai.XaiError as error:
        st.error(controls.plain(str(error)), icon=":material/error:")
        return
    if shown is None:
        return
    frame.picture_bar(bar, "layer_explorer")
    measured = {grid: cache.maps.measures(shown.key, grid, shown.heatmaps, shown.samples) for grid in MEASURED}
    if not guess_first(shown):
        return
    show_maps(shown)
    index = shown.chosen or 0
    target = int(shown.heatmaps.targets[index])
    stages = [layer.name for layer in shown.model.select("stages")] if shown.model.layers else []
    layers = stages if shown.method.layers else list(shown.heatmaps)
    trust.offer(shown.model, shown.samples[index], target, layers, method=shown.method, others=shown.samples)
    show_statistics(shown, measured)


main()
