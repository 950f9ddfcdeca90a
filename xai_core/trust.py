"""Can one map of one picture be relied on? Every check that fits its method, computed and graded together.

It sits above attribution and studies, which do not know of each other: the first computes, the second judges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from xai_core import studies
from xai_core.types import Classifier, FloatArray, Sample

Method = Literal["grad_cam", "saliency", "lime"]
Progress = Callable[[int, int], object]
TITLES: dict[Method, str] = {"grad_cam": "Grad-CAM", "saliency": "Saliency", "lime": "LIME"}
_DRAWS = 3  # of random weights: a single 7 x 7 map may resemble the trained one by chance
_STEPS = 6  # of the cascade
_HIDING_STEPS = 20  # of deletion and of insertion, as `xai.deletion` has them
_LIME_STEPS = 3  # LIME costs a thousand times a gradient, so its cascade is shorter
LIME_SAMPLES = 300  # perturbations for each of its maps here
_SEEDS = 3
_SMALL = 128  # pixels of a side below which quickshift finds a handful of superpixels only


@dataclass(frozen=True, eq=False)
class MapTrust:
    """What the checks of a map gave.

    Attributes
    ----------
    method, layer, target : whose map it is; `layer` is empty but for Grad-CAM
    trust : the grade with its reasons
    heatmap : float32 (h, w), the map that was checked
    randomisation, deletion, insertion, agreements : the tables behind the reasons; empty where the map is flat
    seeds : rank correlations of LIME's weights between seeds; empty for other methods
    """

    method: Method
    layer: str
    target: int
    trust: studies.Trust
    heatmap: FloatArray
    randomisation: pd.DataFrame
    deletion: pd.DataFrame
    insertion: pd.DataFrame
    agreements: pd.DataFrame
    seeds: FloatArray


def suited_superpixels(model: Classifier) -> Literal["quickshift", "slic"]:
    """The kind of superpixels for the size of a model's input."""
    return "slic" if model.preprocessing.crop < _SMALL else "quickshift"


def trust_map(
    model: Classifier,
    image: Sample,
    *,
    method: Method = "grad_cam",
    target: int | str | None = None,
    layer: str | None = None,
    lime_samples: int = LIME_SAMPLES,
    seed: int = 0,
    progress: Progress | None = None,
) -> MapTrust:
    """Check one map: do its weights matter, does what it points at matter, do others agree, would it come out again?

    The weights are randomised layer by layer from the top (Adebayo et al., arXiv 1810.03292); the picture is hidden
    and uncovered in the map's order and in random ones (Petsiuk et al., arXiv 1806.07421); the map is held against the
    other methods'; LIME is run with several seeds.

    Parameters
    ----------
    target : class by index or name; None is the prediction
    layer : of Grad-CAM, whichever method is checked; None is the last stage
    lime_samples : perturbations of each LIME
    progress : called with (parts done, parts in all)

    Raises
    ------
    ValueError
        For a method that is none.
    LayerError, TargetError, PictureError
        With a sentence that gives the choices.
    """
    from xai_core import attribution  # torch, which pages that only offer the check do without

    if method not in get_args(Method):
        raise ValueError(f"Unknown method {method!r}. Choose one of: {', '.join(get_args(Method))}.")
    sample = model.preprocessing.prepare(image)
    index = int(attribution.grad_cam(model, [sample], layers=_last(model), targets=[target]).targets[0])
    where = model.select([layer])[0].name if layer else _last(model)[0]
    segments = attribution.superpixels(sample.pixels, suited_superpixels(model))
    draws, steps = (1, _LIME_STEPS) if method == "lime" else (_DRAWS, _STEPS)
    total = 1 + 2 * (1 + 5) + 1 + (_SEEDS if method == "lime" else 0)  # and the cascade, once its length is known
    done, cascade = 0, draws * steps + 1

    def report() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total + cascade)

    def cascading(_: int, parts: int) -> None:
        nonlocal cascade
        cascade = parts
        report()

    def weights(net: Classifier, draw: int) -> FloatArray:
        found = attribution.lime(
            net, sample, targets=[index], num_samples=lime_samples, segments=segments, seed=draw, precision="float32"
        )
        return np.asarray(found.weights[0], np.float32)

    def explain(net: Classifier, picture: Sample, how: Method) -> FloatArray:
        if how == "grad_cam":
            return attribution.grad_cam(net, [picture], layers=[where], targets=[index])[where][0]
        if how == "saliency":
            return attribution.saliency(net, [picture], targets=[index])["input"][0]
        return weights(net, seed)[segments]

    heatmap = explain(model, sample, method)
    report()
    empty = pd.DataFrame()
    if flat := studies.flat_check(heatmap):
        if progress:
            progress(1, 1)
        return MapTrust(
            method,
            where if method == "grad_cam" else "",
            index,
            studies.judge([flat]),
            heatmap,
            empty,
            empty,
            empty,
            empty,
            np.empty(0, np.float32),
        )
    randomised = attribution.randomisation(
        model,
        sample,
        lambda net, picture: explain(net, picture, method),
        steps=steps,
        draws=draws,
        seed=seed,
        progress=cascading,
    )
    name = TITLES[method]
    hiding = {"targets": index, "steps": _HIDING_STEPS, "seed": seed, "progress": lambda *_: report()}
    deleted = attribution.deletion(model, sample, {name: heatmap}, **hiding)  # type: ignore[arg-type]
    inserted = attribution.insertion(model, sample, {name: heatmap}, **hiding)  # type: ignore[arg-type]
    others = {TITLES[other]: explain(model, sample, other) for other in TITLES if other != method}
    report()
    agreements = studies.agreements({name: heatmap, **others})
    checks = [
        studies.randomisation_check(randomised),
        studies.deletion_check(deleted, inserted, name, index, model.class_names[index]),
        studies.agreement_check(agreements, name),
    ]
    seeds = np.empty(0, np.float32)
    if method == "lime":
        drawn = []
        for extra in range(_SEEDS):
            drawn.append(weights(model, seed + extra))  # the first is the map's own, over superpixels
            report()
        seeds = np.array(
            [stats.spearmanr(drawn[i], drawn[j]).statistic for i in range(_SEEDS) for j in range(i)], np.float32
        )
        checks.append(studies.seeds_check(seeds))
    return MapTrust(
        method,
        where if method == "grad_cam" else "",
        index,
        studies.judge(checks),
        heatmap,
        randomised,
        deleted,
        inserted,
        agreements,
        seeds,
    )


def _last(model: Classifier) -> list[str]:
    return [model.select("stages")[-1].name]
