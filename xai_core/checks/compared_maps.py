"""The maps of several methods at several layers on a few pictures, and what each picture says of each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.checks.deletion import RANDOM, deletion, insertion
from xai_core.checks.map_question import SEED
from xai_core.checks.untrained import has_weights, untrained
from xai_core.maps import is_flat
from xai_core.methods.explain import explain
from xai_core.studies.method_ranking import NAMES
from xai_core.types import Classifier, FloatArray, Heatmaps, IntArray, Method, Sample, content_id

DRAWS = 2  # of random weights
STEPS = 10  # of hiding and of uncovering
ORDERS = 5  # random ones
NOISE = 4.0  # standard deviation of the noise that nobody sees, of 255
WHOLE = "whole network"  # stands where a method has no layers
COLUMNS = ("deletion", "insertion", "weights", "object", "stability", "flat", "seconds", "others", "p", "limit")
LATER = COLUMNS[-3:]  # that a study of an older version lacks


@dataclass(frozen=True, eq=False)
class Candidates:
    """What is compared.

    Attributes
    ----------
    model : Classifier
    methods : tuple of Method
    layers : tuple of str
        Names of the layers, for methods that have them.
    titles : Mapping of str to str
        Layer -> its name for people.
    settings : Mapping of str to Mapping
        Key of a method -> its settings.
    """

    model: Classifier
    methods: tuple[Method, ...]
    layers: tuple[str, ...]
    titles: Mapping[str, str]
    settings: Mapping[str, Mapping[str, Any]]

    def places(self, method: Method) -> tuple[str, ...]:
        """The layers of a method's maps; of a method without layers, an empty name."""
        if method.layers:
            return tuple(layer.name for layer in method.layers)
        return self.layers if method.at_layers else ("",)

    def name(self, method: Method, layer: str) -> str:
        """A candidate's name for people."""
        return f"{method.title} at {self.titles.get(layer, layer)}" if layer else method.title

    def where(self, layer: str) -> tuple[str, int]:
        """A layer's name for people, and how deep it lies; the whole network, and layers of others, come last."""
        depth = self.layers.index(layer) if layer in self.layers else len(self.layers)
        return (self.titles.get(layer, layer) if layer else WHOLE), depth

    @property
    def lend(self) -> tuple[Method, ...]:
        """Those whose maps are held against those of another picture, since they cannot be made for random weights."""
        known = has_weights(self.model)
        return tuple(one for one in self.methods if not (known and one.repeatable))

    def __len__(self) -> int:
        return sum(len(self.places(method)) for method in self.methods)

    def maps(
        self, net: Classifier, samples: Sequence[Sample], targets: IntArray, method: Method, **changes: Any
    ) -> dict[str, FloatArray]:
        """Layer, or an empty name -> float32 (n, h, w)."""
        found = self.explained(net, samples, targets, method, **changes)
        return dict(zip(self.places(method), found.values(), strict=True))

    def explained(
        self, net: Classifier, samples: Sequence[Sample], targets: IntArray, method: Method, **changes: Any
    ) -> Heatmaps:
        where: dict[str, Any] = {"layers": list(self.places(method))} if method.at_layers else {}
        given = {**self.settings[method.key], **changes}
        return explain(net, list(samples), method=method, targets=[int(one) for one in targets], **where, **given)


@dataclass(frozen=True, eq=False)
class _Maps:
    """A method's maps of the pictures, by layer, and what was measured while they were made."""

    method: Method
    shown: dict[str, FloatArray]
    noisy: dict[str, FloatArray]
    random: list[dict[str, FloatArray]]
    inside: dict[str, np.ndarray]
    seconds: float
    p: np.ndarray


def steps_of(candidates: Candidates, pictures: int) -> int:
    """How often `compare` calls `step` for so many pictures."""
    return len(candidates.methods) * (2 + DRAWS) + 2 * pictures


def compare(
    candidates: Candidates,
    samples: Sequence[Sample],
    targets: IntArray,
    numbers: Sequence[int],
    seed: int,
    step: Callable[[], object],
    others: Sequence[Sample] = (),
) -> pd.DataFrame:
    """A row for each picture and candidate: picture (its number), sample, NAMES and COLUMNS.

    `others` are as many other pictures, whose maps of `Candidates.lend` are tried on these, or none.
    """
    model = candidates.model
    noisy = [
        _with_noise(sample, np.random.default_rng([seed, number]))
        for sample, number in zip(samples, numbers, strict=True)
    ]
    made = []
    for method in candidates.methods:
        made.append(_made(candidates, method, samples, noisy, targets, seed, step))
    if has_weights(model):
        for net in untrained(model, draws=DRAWS, seed=seed):
            for one in made:
                if one.method.repeatable:
                    one.random.append(candidates.maps(net, samples, targets, one.method))
                step()
    lent: dict[str, FloatArray] = {}
    for method in candidates.lend if others else ():
        lent |= {
            candidates.name(method, at): maps for at, maps in candidates.maps(model, others, targets, method).items()
        }
    limit = studies.gate_limit(len(model.class_names), independent=model.outputs.independent)
    rows = []
    for place, (sample, number) in enumerate(zip(samples, numbers, strict=True)):
        maps = {
            candidates.name(one.method, layer): one.shown[layer][place]
            for one in made
            for layer in candidates.places(one.method)
        }
        theirs = {f"{name} of another picture": every[place] for name, every in lent.items()}
        gains = _gains(model, sample, int(targets[place]), maps | theirs, seed, step)
        for one in made:
            for layer in candidates.places(one.method):
                name = candidates.name(one.method, layer)
                about = (name, one.method.key, one.method.title, layer, *candidates.where(layer))
                strange = float(np.mean(gains.get(f"{name} of another picture", np.nan)))
                said = (*_said(one, layer, place), strange, float(one.p[place]), limit)
                rows.append((number, sample.name, *about, *gains[name], *said))
    return pd.DataFrame(rows, columns=["picture", "sample", *NAMES, *COLUMNS])


def _with_noise(sample: Sample, rng: np.random.Generator) -> Sample:
    """The picture under noise that nobody sees."""
    noise = rng.normal(0, NOISE, sample.pixels.shape)
    view = np.clip(np.rint(sample.pixels + noise), 0, 255).astype(np.uint8)
    return replace(sample, id=content_id(view), pixels=view, mask=None)


def _made(
    candidates: Candidates,
    method: Method,
    samples: Sequence[Sample],
    noisy: Sequence[Sample],
    targets: IntArray,
    seed: int,
    step: Callable[[], object],
) -> _Maps:
    """A method's maps of pictures and of noisy pictures, with the time that they took, and where they lie."""
    model, draws = candidates.model, SEED in candidates.settings[method.key]
    started = time.perf_counter()
    found = candidates.explained(model, samples, targets, method, **({SEED: seed} if draws else {}))
    seconds = (time.perf_counter() - started) / len(samples)
    step()
    places, again = candidates.places(method), {}
    if method.repeatable:
        again = candidates.maps(model, noisy, targets, method, **({SEED: seed + 1} if draws else {}))
    else:
        seconds = np.nan  # that whoever made them needed
    step()
    inside = {layer: np.full(len(samples), np.nan) for layer in places}
    if any(sample.mask is not None for sample in samples):
        table = studies.foreground_background(found, list(samples), control=False)
        for layer, key in zip(places, found, strict=True):
            inside[layer] = table.loc[table["layer"] == key, "auc"].to_numpy(float)
    shown = dict(zip(places, found.values(), strict=True))
    p = found.predictions.probabilities[np.arange(len(samples)), targets]
    return _Maps(method, shown, again, [], inside, seconds, p)


def _said(made: _Maps, layer: str, place: int) -> tuple[float, float, float, bool, float]:
    """What a picture says of a candidate, in the order of COLUMNS from "weights" to "seconds"."""
    one = made.shown[layer][place]
    flat = bool(is_flat(one))
    left = [0.0 if is_flat(net[layer][place]) else _alike(one, net[layer][place]) for net in made.random]
    weights = float(np.mean(left)) if left and not flat else np.nan
    stable = _alike(one, made.noisy[layer][place]) if layer in made.noisy else np.nan
    return weights, float(made.inside[layer][place]), stable, flat, made.seconds


def _alike(first: FloatArray, second: FloatArray) -> float:
    """Spearman's rank correlation; NaN where a map is flat."""
    from scipy.stats import spearmanr

    if is_flat(first) or is_flat(second):
        return float("nan")
    return float(spearmanr(first.ravel(), second.ravel()).statistic)


def _gains(
    model: Classifier,
    sample: Sample,
    target: int,
    maps: Mapping[str, FloatArray],
    seed: int,
    step: Callable[[], object],
) -> dict[str, tuple[float, float]]:
    """Name -> by how much deletion and insertion do better than random orders; a flat map is one of these."""
    asked: dict[str, Any] = {"targets": target, "steps": STEPS, "draws": ORDERS, "seed": seed}
    areas = []
    numbered = {str(place): one for place, one in enumerate(maps.values())}  # a map may be called as random orders are
    for curves, share in ((deletion, "hidden"), (insertion, "shown")):
        table = curves(model, sample, numbered, **asked).rename(columns={share: "hidden"})
        areas.append(studies.deletion_areas(table).set_index("method")["area"])
        step()
    gone, back = areas
    return {
        name: (float(gone[RANDOM] - gone[own]), float(back[own] - back[RANDOM])) if own in gone else (0.0, 0.0)
        for name, own in zip(maps, numbered, strict=True)
    }
