"""Which weights are random? Maps of a trained network, of the same without training, and a spot in the middle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache
from app.controls import Markup, plain
from app.duel.rounds import Round
from xai_core import figures, studies
from xai_core.methods import DEFAULT
from xai_core.models import BUNDLED
from xai_core.studies import typeset

N = 3  # rows of maps: with random weights, of the trained network, a spot in the middle
_RANDOM, _TRAINED, _SPOT = range(N)
_PICTURES, _DRAWS = 3, 5
_ROWS = (
    "<style>@media (max-width:1000px){[class*=st-key-side-weights] .em"
    f"{{grid-template-columns:repeat({_PICTURES},minmax(0,1fr))}}}}</style>"
)
QUESTION = "Which maps are of the network with random weights?"
ABOUT = (
    "Three sets of maps of the same pictures: one of a trained network, one of the same network with random weights, "
    "before any training, and one of no network at all: a spot in the middle of each picture."
)
WHY = (
    "This comparison is the **sanity check**: a map that looks the same without any training cannot show what the "
    "network has learned. A spot in the middle knows neither the picture nor the network. Where it is as similar to "
    "the trained network's map, the map says little more than that photographers put things in the middle."
)


def _maps(seed: int) -> tuple[list[xai.Sample], Mapping[int, xai.Heatmaps]]:
    """The pictures, and what is shown of each kind for the same classes."""
    model, method = cache.models.classifier(BUNDLED, (), ""), xai.get_method(DEFAULT)
    data = cache.data.dataset("photos", None)
    rng = np.random.default_rng(seed)
    places = [int(index) for index in rng.choice(len(data), _PICTURES, replace=False)]
    samples = [model.preprocessing.prepare(one) for one in data.take(places).read()[0]]
    maps = cache.maps.at_last_stage(model, samples, [None] * len(samples))
    request = repr((model.id, [one.id for one in samples], *maps))
    random = cache.maps.maps_of_draw(request, seed % _DRAWS, model, maps, samples, method)
    spots = {
        layer: np.stack([studies.centred_blob(found.shape[1:])] * len(found)) for layer, found in maps.maps.items()
    }
    return samples, {_RANDOM: random, _TRAINED: maps, _SPOT: replace(maps, maps=spots)}


def show_side(side: int, now: Round) -> None:
    """The maps of one of them; where the sets stand below one another, a set is a row, so that they can be compared."""
    st.html(_ROWS)
    st.html(Markup(_kind_html(now.seed, now.order[side])))


@st.cache_data(max_entries=64, show_spinner=False)  # a class sees one round on thirty phones
def _kind_html(seed: int, kind: int) -> str:
    samples, found = _maps(seed)
    captions = [one.name for one in samples]
    return figures.edited_maps_html([one.pixels for one in samples], found[kind], captions, 224, one_scale=False)


def reveal(now: Round) -> None:
    """Which one it is, and how alike the maps are."""
    st.markdown(
        f"**{now.answer} has random weights**, {now.name_of(_TRAINED)} is trained, and {now.name_of(_SPOT)} is the "
        "spot. How alike the maps are, as rank correlations (1 means the same order):"
    )
    st.markdown(_alike(now.seed))


@st.cache_data(max_entries=64, show_spinner=False)
def _alike(seed: int) -> str:
    samples, found = _maps(seed)
    random, trained, spots = (next(iter(found[kind].values())) for kind in range(N))
    lines = ["| picture | trained and random | trained and a spot in the middle |", "|---|---|---|"]
    for one, a, b, spot in zip(samples, trained, random, spots, strict=True):
        alike = (studies.map_similarity(a, b), studies.map_similarity(a, spot))
        cells = [typeset(f"{value:.2f}") if np.isfinite(value) else "flat map" for value in alike]
        lines.append(f"| {plain(one.name)} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)
