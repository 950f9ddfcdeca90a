"""Whose map is checked, and what is asked of it and of its rivals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from xai_core import studies
from xai_core.methods import DEFAULT, get_method
from xai_core.types import Classifier, FloatArray, Heatmaps, Method, Sample
from xai_core.types.superpixels import segment_values, shared_top

Progress = Callable[[int, int], object]
SEEDS = 3
AGAIN = 4  # times that a picture is asked about again: dropout of a few channels often draws the same twice
SEED = "seed"  # the setting of a method that draws at random


class Counter:
    """Parts that are done, told to whoever asked; how many the cascade has is known once it begins."""

    def __init__(self, parts: int, cascade: int, progress: Progress | None) -> None:
        self._parts, self._cascade, self._progress, self._done = parts, cascade, progress, 0

    def step(self, *_: object) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done, self._parts + self._cascade)

    def cascading(self, _: int, parts: int) -> None:
        self._cascade = parts
        self.step()


@dataclass(frozen=True, eq=False)
class MapQuestion:
    """Whose maps are asked for: the class, the layer, and the settings of the method that is checked."""

    checked: Method
    target: int
    layer: str
    settings: Mapping[str, Any]

    def explain(self, net: Classifier, picture: Sample, method: Method, **changes: Any) -> Heatmaps:
        from xai_core.methods.explain import explain

        settings = dict(self.settings) if method is self.checked else method.quickly(net)
        where: dict[str, Any] = {"layers": [self.own_layer(net, method)]} if method.at_layers else {}
        return explain(net, [picture], method=method, targets=[self.target], **where, **(settings | changes))

    def own_layer(self, net: Classifier, method: Method) -> str:
        """The layer of a method's map; of maps made elsewhere the others' is the model's last stage."""
        ours = method is self.checked or not self.checked.layers
        return self.layer if ours else net.select("stages")[-1].name

    def map_of(self, net: Classifier, picture: Sample, method: Method) -> FloatArray:
        """float32 (h, w)."""
        (values,) = self.explain(net, picture, method).values()
        return values[0]


def score_references(
    question: MapQuestion,
    model: Classifier,
    sample: Sample,
    heatmap: FloatArray,
    rivals: Sequence[Sample],
    seed: int,
    counter: Counter,
) -> pd.DataFrame:
    """Scores of the map and of what it has to beat.

    Those are maps of the same method, or of the first of all where it draws samples or cannot be asked again.
    """
    from xai_core.checks.random_hiding import hide_at_random
    from xai_core.checks.references import reference_maps
    from xai_core.methods.explain import explain

    hiding = hide_at_random(model, sample, question.target, seed=seed)
    counter.step()
    own = question.checked.repeatable and not question.checked.draws_samples
    by = question.checked if own else get_method(DEFAULT)
    where: dict[str, Any] = {"layers": [question.own_layer(model, by)]} if by.at_layers else {}

    def maps_of(net: Classifier, pictures: Sequence[Sample], targets: Sequence[int | None]) -> list[FloatArray]:
        (values,) = explain(net, pictures, method=by.key, targets=list(targets), **where).values()
        return list(values)

    usable = not by.missing(model)
    others = reference_maps(model, sample, question.target, maps_of, others=rivals, seed=seed) if usable else {}
    counter.step()
    return studies.reference_scores(heatmap, hiding.shown, hiding.p, others=others, seed=seed)


def asked_twice(model: Classifier, sample: Sample) -> studies.Check | None:
    """A caution where the model answers the same picture differently each time; None where it does not."""
    from xai_core.inference.prediction import predict

    first = predict(model, [sample]).probabilities[0]
    for _ in range(AGAIN):
        if found := studies.chance_check(first, predict(model, [sample]).probabilities[0]):
            return found
    return None


def between_seeds(
    question: MapQuestion, model: Classifier, sample: Sample, shown: Heatmaps, counter: Counter
) -> tuple[FloatArray, FloatArray]:
    """Between the maps of every two seeds, rank correlations and shared top superpixels: float32 (P,) each."""
    drawn = []
    for extra in range(SEEDS):  # the first seed is the map's own
        again = {SEED: question.settings[SEED] + extra}
        found = question.explain(model, sample, question.checked, **again) if extra else shown
        (values,) = found.values()
        segments = found.segments
        drawn.append(values[0].ravel() if segments is None else segment_values(values[0], segments[0]))
        counter.step()
    pairs = [(i, j) for i in range(SEEDS) for j in range(i)]
    ranks = np.array([stats.spearmanr(drawn[i], drawn[j]).statistic for i, j in pairs], np.float32)
    return ranks, np.array([shared_top(drawn[i], drawn[j]) for i, j in pairs], np.float32)
