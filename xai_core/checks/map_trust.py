"""Can one map of one picture be relied on? Every check that fits its method, computed and graded together.

Methods and studies do not know of each other: the first compute, the second judge, and both meet here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.checks.map_question import (
    SEED,
    SEEDS,
    Counter,
    MapQuestion,
    Progress,
    asked_twice,
    between_seeds,
    score_references,
)
from xai_core.checks.untrained import has_weights
from xai_core.errors import MethodError
from xai_core.inference.map_sets import GivenMaps
from xai_core.methods import DEFAULT, get_method, given_method, usable_methods, why_missing
from xai_core.types import Classifier, FloatArray, Heatmaps, Method, Sample
from xai_core.types.display import Plotted

if TYPE_CHECKING:
    from xai_core.inference.batches import Picture, Target
    from xai_core.inference.map_reading import Given

_DRAWS = 3  # of random weights: a single 7 x 7 map may resemble the trained one by chance
_STEPS = 6  # of the cascade
_HIDING_STEPS = 10  # of deletion and of insertion
_ORDERS = 11  # random ones that deletion and insertion compare with
_SAMPLED_STEPS = 3  # a method that draws samples costs a thousand times a gradient, so its cascade is shorter


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
        The tables behind the reasons; empty where the map is flat, or where the model does not see the class.
    seeds : ndarray
        float32 (P,), rank correlations, in [-1, 1], between maps of every two seeds; empty for a method without chance.
    references : DataFrame
        Kind and score of the map and of what it has to beat, as `studies.reference_scores` gives them.
    top_shared : ndarray
        float32 (P,), of the most important superpixels the share that every two seeds have in common, in [0, 1].

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digit = xai.load_model("digits"), xai.load_dataset("textured_digits")[0]
    >>> checked = xai.trust_map(model, digit, method="saliency")
    >>> checked.method, len(checked.trust.checks), checked.heatmap.shape
    ('saliency', 4, (64, 64))
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
    references: pd.DataFrame = field(default_factory=pd.DataFrame)
    top_shared: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))


def trust_map(
    model: Classifier,
    image: Picture,
    *,
    method: str | Method = DEFAULT,
    given: Given | None = None,
    target: Target = None,
    layer: str | None = None,
    settings: Mapping[str, Any] | None = None,
    others: Sequence[Picture] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> MapTrust:
    """Check one map: do its weights matter, does what it points at matter, do others agree, would it come out again?

    The weights are randomised layer by layer from the top (Adebayo et al., arXiv 1810.03292); the picture is hidden
    and uncovered in the map's order and in random ones (Petsiuk et al., arXiv 1806.07421); with patches hidden at
    random the map has to beat those of other classes, other pictures and random weights, a centred blob and smoothed
    noise; it is held against those of the other methods; a method that draws samples is run with several seeds. A
    class that
    the model does not see (`studies.class_seen`) gets no grade.

    Parameters
    ----------
    model : Classifier
    image : Sample, PIL.Image.Image or uint8 (H, W, 3)
    method : str or Method
        One of `list_methods` whose values say how much a place matters, by its key or itself.
    given : str, pathlib.Path, ndarray, Mapping or sequence of ndarray, optional
        A map of this picture that was made elsewhere, as `given_maps` takes it, in place of the method's. What would
        have to make it again (for random weights, for another seed) is said to be unknown.
    target : int, str or None
        Class by index or name; None is the prediction.
    layer : str, optional
        Of every method that gives a map for each layer; None is the last stage.
    settings : Mapping, optional
        Of the method, in place of those with which the checks run it (`Method.quick`).
    others : sequence of Sample, PIL.Image.Image or uint8 (H, W, 3)
        Other pictures, whose maps it has to beat, too; the first eight count.
    seed : int
        Of random weights, random orders, hidden patches, and methods that draw samples.
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
    >>> xai.trust_map(model, digit).trust.grade in ("holds", "care", "fails", "unknown")
    True
    """
    from xai_core.checks.randomisation import as_seen

    sample = as_seen(model, image)
    known = _checkable(model, method if given is None else given_method(GivenMaps.open(given, [sample.name]), model))
    where = _layer(model, known, layer)
    index = _class(model, sample, target)
    chosen = known.quickly(model) | ({SEED: seed} if SEED in known.defaults(model) else {}) | dict(settings or {})
    question = MapQuestion(known, index, where, chosen)
    random = SEED in chosen
    draws, steps = (1, _SAMPLED_STEPS) if known.draws_samples else (_DRAWS, _STEPS)
    counter = Counter(3 + 2 * (1 + _ORDERS) + 1 + (SEEDS if random else 0), draws * steps + 1, progress)

    shown = question.explain(model, sample, known)
    (values,) = shown.values()
    heatmap = values[0]
    counter.step()
    layer_name = where if known.at_layers else ""
    answer = shown.predictions.probabilities[0]
    gate = studies.class_seen(
        [answer[index]], [model.class_names[index]], len(answer), independent=model.outputs.independent
    )
    if (flat := studies.flat_check(heatmap)) or not gate.seen:
        if progress:
            progress(1, 1)
        empty, none = pd.DataFrame(), np.empty(0, np.float32)
        trust = studies.judge([flat], None if flat else gate)
        return MapTrust(known.key, layer_name, index, trust, heatmap, empty, empty, empty, empty, none)
    rivals = [as_seen(model, one) for one in others]
    return _checked(question, model, sample, shown, layer_name, draws, steps, seed, counter, rivals)


def _checked(
    question: MapQuestion,
    model: Classifier,
    sample: Sample,
    shown: Heatmaps,
    layer_name: str,
    draws: int,
    steps: int,
    seed: int,
    counter: Counter,
    rivals: Sequence[Sample],
) -> MapTrust:
    """Every check of a map that has contrast, with their grade."""
    from xai_core.checks.deletion import deletion, insertion  # torch, which pages that only offer the check do without

    known, index = question.checked, question.target
    (values,) = shown.values()
    heatmap = values[0]
    randomised = _randomised(question, model, sample, draws, steps, seed, counter)
    own = {known.title: heatmap}
    hiding: dict[str, Any] = {
        "targets": index,
        "steps": _HIDING_STEPS,
        "draws": _ORDERS,
        "seed": seed,
        "progress": counter.step,
    }
    deleted, inserted = deletion(model, sample, own, **hiding), insertion(model, sample, own, **hiding)
    others = [one for one in usable_methods(model, ranks=True, usual=True) if one is not known]
    agreements = studies.agreements(own | {one.title: question.map_of(model, sample, one) for one in others})
    counter.step()
    references = score_references(question, model, sample, heatmap, rivals, seed, counter)
    name = model.class_names[index]
    checks = [
        _dependence(known, model, randomised),
        studies.deletion_check(deleted, inserted, known.title, index, name),
        studies.agreement_check(agreements, known.title),
        studies.reference_check(references, name),
        asked_twice(model, sample),
    ]
    seeds = shared = np.empty(0, np.float32)
    if SEED in question.settings:
        seeds, shared = between_seeds(question, model, sample, shown, counter)
        checks.append(studies.seeds_check(seeds, shared))
    trust, tables = studies.judge(checks), (randomised, deleted, inserted, agreements)
    return MapTrust(known.key, layer_name, index, trust, heatmap, *tables, seeds, references, shared)


def _dependence(known: Method, model: Classifier, randomised: pd.DataFrame) -> studies.Check:
    if not known.repeatable:
        return studies.made_elsewhere_check()
    return studies.randomisation_check(randomised) if has_weights(model) else studies.black_box_check()


def _randomised(
    question: MapQuestion, model: Classifier, sample: Sample, draws: int, steps: int, seed: int, counter: Counter
) -> pd.DataFrame:
    """The map while the weights become random; of one that cannot be made again, no step of it."""
    from xai_core.checks.randomisation import nothing_randomised, randomisation

    if not question.checked.repeatable or not has_weights(model):
        return nothing_randomised()
    return randomisation(
        model,
        sample,
        lambda net, picture: question.map_of(net, picture, question.checked),
        steps=steps,
        draws=draws,
        seed=seed,
        progress=counter.cascading,
    )


def _checkable(model: Classifier, key: str | Method) -> Method:
    known = get_method(key)
    if problem := why_missing(known, model):
        raise MethodError(problem)
    if not known.ranks:
        raise MethodError(f"The values of {known.title} do not say how much a place matters, so it cannot be checked.")
    return known


def _layer(model: Classifier, known: Method, layer: str | None) -> str:
    """The layer that is meant; empty where the model has none."""
    if known.layers:
        return layer or known.layers[-1].name
    if layer:
        return model.select([layer])[0].name
    return model.select("stages")[-1].name if model.layers else ""


def _class(model: Classifier, sample: Sample, target: Target) -> int:
    from xai_core.inference.batches import resolve_targets
    from xai_core.inference.prediction import predict

    index = int(resolve_targets(model, [target], 1)[0])
    return index if index >= 0 else int(predict(model, [sample]).classes[0])
