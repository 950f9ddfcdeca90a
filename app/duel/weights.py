"""Which weights are random? Maps of a trained network and of the same network without training."""

from __future__ import annotations

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache
from app.controls import Markup, plain
from app.duel.rounds import SIDES, Round
from xai_core import figures, studies
from xai_core.methods import DEFAULT
from xai_core.models import BUNDLED

_PICTURES, _DRAWS = 3, 5
QUESTION = "The weights of one of these two networks are random: it has never been trained. Which one?"


def _maps(now: Round) -> tuple[list[xai.Sample], xai.Heatmaps, xai.Heatmaps]:
    """The pictures, the trained network's maps, and those of a draw of random weights for the same classes."""
    model, method = cache.models.classifier(BUNDLED, (), ""), xai.get_method(DEFAULT)
    data = cache.data.dataset("photos", None)
    rng = np.random.default_rng(now.seed)
    places = [int(index) for index in rng.choice(len(data), _PICTURES, replace=False)]
    samples = [model.preprocessing.prepare(one) for one in data.take(places).read()[0]]
    maps = cache.maps.at_last_stage(model, samples, [None] * len(samples))
    request = repr((model.id, [one.id for one in samples], *maps))
    return samples, maps, cache.maps.maps_of_draw(request, now.seed % _DRAWS, model, maps, samples, method)


def show_side(side: int, now: Round) -> None:
    """The maps of one of them."""
    samples, trained, random = _maps(now)
    shown = random if SIDES[side] == now.answer else trained
    captions = [one.name for one in samples]
    st.html(Markup(figures.edited_maps_html([one.pixels for one in samples], shown, captions, 224, one_scale=False)))


def reveal(now: Round) -> None:
    """Which one it is, and how alike the maps are."""
    samples, trained, random = _maps(now)
    (first,), (second,) = trained.values(), random.values()
    blob = studies.centred_blob(first.shape[1:])
    st.markdown(
        f"**{now.answer} has random weights.** How alike the maps are, as rank correlations (1 means the same order):"
    )
    lines = ["| picture | trained and random | trained and a spot in the middle |", "|---|---|---|"]
    for one, a, b in zip(samples, first, second, strict=True):
        cells = [f"{value:.2f}" if np.isfinite(value) else "flat map" for value in (_like(a, b), _like(a, blob))]
        lines.append(f"| {plain(one.name)} | {cells[0]} | {cells[1]} |")
    st.markdown("\n".join(lines))
    st.markdown(
        "This comparison is the **sanity check**: a map that looks the same without any training cannot show what the "
        "network has learnt. A spot in the middle knows neither the picture nor the network. Where it is as like the "
        "trained network's map, the map says little more than that photographers put things in the middle."
    )


def _like(first: np.ndarray, second: np.ndarray) -> float:
    return studies.map_similarity(first, second)
