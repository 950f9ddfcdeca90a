"""Can one map of one picture be relied on? Every check that fits its method, computed and graded together.

Methods and studies do not know of each other: the first compute, the second judge, and both meet here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from xai_core import studies
from xai_core.errors import MethodError
from xai_core.methods import DEFAULT, get_method, usable_methods
from xai_core.types import Classifier, FloatArray, Heatmaps, Method, Sample
from xai_core.types.display import Plotted
from xai_core.types.method import segment_values

if TYPE_CHECKING:
    from xai_core.inference.batches import Picture, Target

Progress = Callable[[int, int], object]
_DRAWS = 3  # of random weights: a single 7 x 7 map may resemble the trained one by chance
_STEPS = 6  # of the cascade
_HIDING_STEPS = 20  # of deletion and of insertion, as `xai.deletion` has them
_ORDERS = 5  # random ones that deletion and insertion compare with
_SAMPLED_STEPS = 3  # a method that draws samples costs a thousand times a gradient, so its cascade is shorter
_SEEDS = 3
SEED = "seed"  # the setting of a method that draws at random


@dataclass(frozen=True, eq=False)
class MapTrust(Plotted):
    """What the checks of a map gave.

    Attributes
    ----------
    method : str
        Key of the method whose map it is.
    layer : str
        Of a method that gives a map for each layer; else empty.
    target : int
        The class that the map explains.
    trust : Trust
        The grade with its reasons.
    heatmap : ndarray
        float32 (h, w), the map that was checked.
    randomisation, deletion, insertion, agreements : DataFrame
        The tables behind the reasons; empty where the map is flat.
    seeds : ndarray
        float32 (P,), rank correlations, in [-1, 1], between maps of every two seeds; empty for a method without chance.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digit = xai.load_model("digits"), xai.load_dataset("textured_digits")[0]
    >>> checked = xai.trust_map(model, digit, method="saliency")
    >>> checked.method, len(checked.trust.checks), checked.heatmap.shape
    ('saliency', 3, (64, 64))
    """

    method: str
    layer: str
    target: int
    trust: studies.Trust
    heatmap: FloatArray
    randomisation: pd.DataFrame
    deletion: pd.DataFrame
    insertion: pd.DataFrame
    agreements: pd.DataFrame
    seeds: FloatArray


class _Counter:
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
class _Question:
    """Whose maps are asked for: the class, the layer, and the settings of the method that is checked."""

    checked: Method
    target: int
    layer: str
    settings: Mapping[str, Any]

    def explain(self, net: Classifier, picture: Sample, method: Method, **changes: Any) -> Heatmaps:
        from xai_core.methods.explain import explain

        settings = dict(self.settings) if method is self.checked else method.quickly(net)
        where: dict[str, Any] = {"layers": [self.layer]} if method.at_layers else {}
        return explain(net, [picture], method=method.key, targets=[self.target], **where, **(settings | changes))

    def map_of(self, net: Classifier, picture: Sample, method: Method) -> FloatArray:
        """float32 (h, w)."""
        (values,) = self.explain(net, picture, method).values()
        return values[0]


def trust_map(
    model: Classifier,
    image: Picture,
    *,
    method: str = DEFAULT,
    target: Target = None,
    layer: str | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> MapTrust:
    """Check one map: do its weights matter, does what it points at matter, do others agree, would it come out again?

    The weights are randomised layer by layer from the top (Adebayo et al., arXiv 1810.03292); the picture is hidden
    and uncovered in the map's order and in random ones (Petsiuk et al., arXiv 1806.07421); the map is held against
    those of the other methods; a method that draws samples is run with several seeds.

    Parameters
    ----------
    model : Classifier
    image : Sample, PIL.Image.Image or uint8 (H, W, 3)
    method : str
        Key of one of `list_methods` whose values say how much a place matters.
    target : int, str or None
        Class by index or name; None is the prediction.
    layer : str, optional
        Of every method that gives a map for each layer; None is the last stage.
    settings : Mapping, optional
        Of the method, in place of those with which the checks run it (`Method.quick`).
    seed : int
        Of random weights, random orders, and methods that draw samples.
    progress : callable, optional
        Called with (parts done, parts in all).

    Returns
    -------
    MapTrust
        The grade with its reasons, and the tables behind them.

    Raises
    ------
    MethodError, LayerError, TargetError, PictureError
        With a sentence that gives the choices.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, (digit,) = xai.load_model("digits"), xai.load_dataset("textured_digits")[:1]
    >>> xai.trust_map(model, digit).trust.grade in ("holds", "care", "fails")
    True
    """
    from xai_core.checks.randomisation import as_seen

    known = _checkable(model, method)
    sample = as_seen(model, image)
    where = _layer(model, layer)
    index = _class(model, sample, target)
    chosen = known.quickly(model) | ({SEED: seed} if SEED in known.defaults(model) else {}) | dict(settings or {})
    question = _Question(known, index, where, chosen)
    random = SEED in chosen
    draws, steps = (1, _SAMPLED_STEPS) if known.draws_samples else (_DRAWS, _STEPS)
    counter = _Counter(1 + 2 * (1 + _ORDERS) + 1 + (_SEEDS if random else 0), draws * steps + 1, progress)

    shown = question.explain(model, sample, known)
    (values,) = shown.values()
    heatmap = values[0]
    counter.step()
    layer_name = where if known.at_layers else ""
    if flat := studies.flat_check(heatmap):
        if progress:
            progress(1, 1)
        empty, none = pd.DataFrame(), np.empty(0, np.float32)
        return MapTrust(known.key, layer_name, index, studies.judge([flat]), heatmap, empty, empty, empty, empty, none)
    return _checked(question, model, sample, shown, layer_name, draws, steps, seed, counter)


def _checked(
    question: _Question,
    model: Classifier,
    sample: Sample,
    shown: Heatmaps,
    layer_name: str,
    draws: int,
    steps: int,
    seed: int,
    counter: _Counter,
) -> MapTrust:
    """Every check of a map that has contrast, with their grade."""
    from xai_core.checks.deletion import deletion, insertion  # torch, which pages that only offer the check do without
    from xai_core.checks.randomisation import randomisation

    known, index = question.checked, question.target
    (values,) = shown.values()
    heatmap = values[0]
    randomised = randomisation(
        model,
        sample,
        lambda net, picture: question.map_of(net, picture, known),
        steps=steps,
        draws=draws,
        seed=seed,
        progress=counter.cascading,
    )
    own = {known.title: heatmap}
    hiding: dict[str, Any] = {"targets": index, "steps": _HIDING_STEPS, "seed": seed, "progress": counter.step}
    deleted, inserted = deletion(model, sample, own, **hiding), insertion(model, sample, own, **hiding)
    others = [one for one in usable_methods(model, ranks=True) if one is not known]
    agreements = studies.agreements(own | {one.title: question.map_of(model, sample, one) for one in others})
    counter.step()
    checks = [
        studies.randomisation_check(randomised),
        studies.deletion_check(deleted, inserted, known.title, index, model.class_names[index]),
        studies.agreement_check(agreements, known.title),
    ]
    seeds = np.empty(0, np.float32)
    if SEED in question.settings:
        seeds = _between_seeds(question, model, sample, shown, counter)
        checks.append(studies.seeds_check(seeds))
    return MapTrust(
        known.key, layer_name, index, studies.judge(checks), heatmap, randomised, deleted, inserted, agreements, seeds
    )


def _checkable(model: Classifier, key: str) -> Method:
    known = get_method(key)
    if problem := known.missing(model):
        raise MethodError(problem)
    if not known.ranks:
        raise MethodError(f"The values of {known.title} do not say how much a place matters, so it cannot be checked.")
    return known


def _layer(model: Classifier, layer: str | None) -> str:
    """The layer that is meant; empty where the model has none."""
    if layer:
        return model.select([layer])[0].name
    return model.select("stages")[-1].name if model.layers else ""


def _class(model: Classifier, sample: Sample, target: Target) -> int:
    from xai_core.inference.batches import resolve_targets
    from xai_core.inference.prediction import predict

    index = int(resolve_targets(model, [target], 1)[0])
    return index if index >= 0 else int(predict(model, [sample]).classes[0])


def _between_seeds(
    question: _Question, model: Classifier, sample: Sample, shown: Heatmaps, counter: _Counter
) -> FloatArray:
    """Rank correlations between the maps of every two seeds: float32 (P,)."""
    drawn = []
    for extra in range(_SEEDS):  # the first seed is the map's own
        again = {SEED: question.settings[SEED] + extra}
        found = question.explain(model, sample, question.checked, **again) if extra else shown
        (values,) = found.values()
        segments = found.segments
        drawn.append(values[0].ravel() if segments is None else segment_values(values[0], segments[0]))
        counter.step()
    pairs = [(i, j) for i in range(_SEEDS) for j in range(i)]
    return np.array([stats.spearmanr(drawn[i], drawn[j]).statistic for i, j in pairs], np.float32)
