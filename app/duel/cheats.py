"""Which model cheats? Two digit networks on the same pictures, and what tells them apart."""

from __future__ import annotations

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache
from app.controls import Markup, plain
from app.duel.rounds import Round
from app.examples.recorded import CHEAT, HONEST
from xai_core import figures
from xai_core.studies import percent

N = 2  # networks: the one that cheats, and the honest one
_PICTURES, _STRENGTH = 4, 0.95
_KEYS = (CHEAT, HONEST)
QUESTION = "One of these two networks reads the background and not the digit. Which one?"
ABOUT = (
    "Two networks see the same four digits, taken from a set in which 95% of the backgrounds tell which digit it is: "
    "brick behind 0, grass behind 1, and so on. Below each map stands the probability of the digit."
)
WHY = (
    "Both look accurate as long as the background goes with the digit. Only pictures on which it does not, and maps "
    "with masks, tell them apart."
)


def _network(which: int) -> xai.Classifier:
    return cache.models.classifier(_KEYS[which], (), "")


def pictures(seed: int) -> list[xai.Sample]:
    """Four digits, most on the backgrounds of their classes, drawn by the round."""
    data = cache.data.dataset("textured_digits_shortcut", "val")
    drawn = np.random.default_rng(seed).choice(len(data), _PICTURES, replace=False)
    return data.take([int(index) for index in drawn]).read()[0]


def show_side(side: int, now: Round) -> None:
    """What one of them says of the pictures, and where it looks."""
    st.html(Markup(_network_html(now.seed, now.order[side])))


@st.cache_data(max_entries=64, show_spinner=False)  # a class sees one round on thirty phones
def _network_html(seed: int, which: int) -> str:
    model, samples = _network(which), pictures(seed)
    maps = cache.maps.at_last_stage(model, samples, xai.true_classes(model, samples))
    p = maps.predictions.probabilities
    captions = [f"{one.label}: {percent(float(row[int(one.label or 0)]))}" for one, row in zip(samples, p, strict=True)]
    return figures.edited_maps_html([one.pixels for one in samples], maps, captions, 160, one_scale=False)


def show_more(now: Round) -> None:
    """The same digits on other backgrounds, for who wants more evidence before deciding."""
    samples = pictures(now.seed)
    lines = [
        "| digit | " + " | ".join(f"{side}: as it is → other background" for side in now.names) + " |",
        "|---|---|---|",
    ]
    columns = []
    for model in map(_network, now.order):
        targets = [int(one.label or 0) for one in samples]
        table = cache.interventions.intervention(model, samples, targets, "blur", lambda *_: None)
        columns.append({kind: table[table["kind"] == kind]["p"].to_numpy() for kind in ("whole", "swapped")})
    for row, one in enumerate(samples):
        cells = [f"{percent(float(c['whole'][row]))} → {percent(float(c['swapped'][row]))}" for c in columns]
        lines.append(f"| {one.label} | " + " | ".join(cells) + " |")
    st.markdown("\n".join(lines))


def reveal(now: Round) -> None:
    """Who they are, with the evidence."""
    for column, side, model in zip(st.columns(N, gap="large"), now.names, map(_network, now.order), strict=True):
        found = cache.readings.reading(model, _STRENGTH)
        with column:
            st.markdown(f"**{side} is {plain(model.title)}.**")
            st.markdown("\n".join(f"- {plain(one)}" for one in found.sentences))
