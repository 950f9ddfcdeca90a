"""Real networks that learnt nothing, held against others that learnt nothing either; `truth.py` counts what is said.

The bundled digits are explained with as many draws of random weights as NETS. In each repetition one of them is the
model, five others are what it is held against, and the pictures are drawn anew.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

import xai_core as xai
from xai_core import studies
from xai_core.questions.choices import UNTRAINED_DRAWS
from xai_core.questions.layers.findings import answer
from xai_core.types import Heatmaps, Layer

NETS, PICTURES, DRAWS = 12, 144, UNTRAINED_DRAWS
MEASURE, LIMITS = "energy", (0.7, 0.85, 0.9)
Rng = np.random.Generator


@cache
def _maps() -> tuple[tuple[Layer, ...], list[Heatmaps]]:
    """The layers, and the maps of every draw of random weights."""
    model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:PICTURES]
    targets = [int(one) for one in xai.true_classes(model, digits)]
    nets = xai.untrained(model, draws=NETS, seed=100)
    return model.layers, [xai.grad_cam(net, digits, targets=targets) for net in nets]


@cache
def _tables() -> list[pd.DataFrame]:
    """Every draw's maps at the last layer on the pictures' own masks and on those of others."""
    digits = xai.load_dataset("textured_digits")[:PICTURES]
    layers, maps = _maps()
    masks = [sample.mask for sample in digits]
    last = layers[-1].name
    return [
        studies.foreground_background(replace(one, maps={last: one[last]}), masks, [sample.label for sample in digits])
        for one in maps
    ]


def _drawn(rng: Rng) -> list[int]:
    return [int(one) for one in rng.choice(NETS, DRAWS + 1, replace=False)]


def foreground(rng: Rng, n: int) -> str:
    """The answer from the maps of one draw, held against those of five others."""
    tables, (own, *others) = _tables(), _drawn(rng)
    places = np.sort(rng.choice(PICTURES, n, replace=False))
    table = tables[own].iloc[places].reset_index(drop=True)
    verdict = studies.foreground_verdict(table, MEASURE, studies.measure_tests(table, MEASURE))
    draws = [studies.beyond_others(tables[other].iloc[places]) for other in others]
    found = studies.conclude(verdict, untrained=studies.untrained_maps(table, MEASURE, draws))
    return {"yes": "yes", "no": "no"}.get(found.answer, "")


def layers(rng: Rng, n: int) -> str:
    """The headline from the maps of one draw at all layers, held against those of five others."""
    known, maps = _maps()
    own, *others = _drawn(rng)
    places = np.sort(rng.choice(PICTURES, n, replace=False))
    some = maps[own].take(places)
    grids = {grid: studies.measure_maps(some, LIMITS, grid=grid) for grid in ("own", "common", "sampled")}
    draws = [studies.measure_maps(maps[other].take(places), LIMITS) for other in others]
    names = [str(place) for place in places]
    said = answer(grids, known, names, "share", 0.85, untrained=draws).card.headline
    return "yes" if said.startswith("Yes") else "no" if said.startswith("No:") else ""
