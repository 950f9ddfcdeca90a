"""What a model says of pictures that were changed: parts hidden, another background, an attack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import xai_core as xai
from app.cache import study_folders
from app.cache.batches import BATCH, Progress
from app.jobs import right
from app.jobs.queue import shared
from xai_core import studies
from xai_core.questions.foreground.stored import stored_intervention
from xai_core.types import Method


@shared(256, right.intervened)
def _intervention_batch(
    model_id: str,
    ids: tuple[str, ...],
    others: tuple[tuple[str, str], ...],
    targets: tuple[int, ...],
    fill: str,
    _model: xai.Classifier,
    _samples: Any,
    _lenders: Any,
    _alike: Any,
) -> pd.DataFrame:
    return xai.intervention(_model, _samples, targets=list(targets), fill=fill, lenders=_lenders, alike=_alike)  # type: ignore[arg-type]


def intervention(
    model: xai.Classifier, samples: Sequence[xai.Sample], targets: Sequence[int], fill: str, progress: Progress
) -> pd.DataFrame:
    """The probabilities with object or background alone, or another background, batch by batch."""
    opened = study_folders.opened_study()
    every, classes = [sample.id for sample in samples], len(model.class_names)
    found = opened and stored_intervention(opened, model.id, every, targets, fill, classes)
    if found is not None:
        return found
    lenders, alike = (
        [samples[index] if index >= 0 else None for index in lent]
        for lent in (xai.partners(samples), xai.siblings(samples, targets=targets))
    )
    parts = []
    for start in range(0, len(samples), BATCH):
        here = slice(start, start + BATCH)
        ids = tuple(sample.id for sample in samples[here])
        others = tuple(
            (one.id if one else "", two.id if two else "") for one, two in zip(lenders[here], alike[here], strict=True)
        )
        part = _intervention_batch(
            model.id, ids, others, tuple(targets[here]), fill, model, samples[here], lenders[here], alike[here]
        )
        parts.append(part.assign(picture=part["picture"] + start))
        progress(min(start + BATCH, len(samples)), len(samples))
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True, eq=False)
class Attacked:
    """Pictures after an attack: their maps, where those lie, and their rank correlation (n,) with the clean ones."""

    samples: list[xai.Sample]
    heatmaps: xai.Heatmaps
    table: pd.DataFrame
    similarity: np.ndarray


def attacked(
    model: xai.Classifier,
    samples: Sequence[xai.Sample],
    targets: Sequence[int],
    epsilon: int,
    attack: str,
    method: Method,
    clean: xai.Heatmaps,
    progress: Progress,
) -> Attacked:
    """An attack of one strength on all pictures; maps are by the method and for the classes of the clean ones."""
    changed = xai.perturb(
        model,
        samples,
        epsilon,
        attack=attack,  # type: ignore[arg-type]
        targets=list(targets),
        progress=progress,
    )
    (name,) = clean
    where: dict[str, Any] = {"layers": [name]} if method.at_layers else {}
    targets = [int(index) for index in clean.targets]
    maps = xai.explain(model, changed, method=method.key, targets=targets, **where, **clean.settings)
    pairs = zip(maps[name], clean[name], strict=True)
    similarity = np.array([studies.map_similarity(one, other) for one, other in pairs])
    return Attacked(changed, maps, xai.foreground_background(maps, changed, control=False), similarity)


@shared(512, right.layer_gains, long=True)
def _deletion_gains(request: str, row: int, _model: xai.Classifier, _sample: xai.Sample, _maps: Any) -> np.ndarray:
    from xai_core.checks.layer_deletion import deletion_gains

    return deletion_gains(_model, _sample, _maps, row)


def layer_deletion(
    request: str, model: xai.Classifier, samples: Sequence[xai.Sample], maps: xai.Heatmaps, progress: Progress
) -> np.ndarray:
    """What hiding costs beyond random order at each layer, float64 (N, L); NaN of pictures that are not asked about.

    Parameters
    ----------
    request : stands for model, pictures, targets, method and its settings
    """
    from xai_core.checks.layer_deletion import deleted_places

    found, rows = np.full((len(samples), len(maps)), np.nan), deleted_places(len(samples)).tolist()
    for done, row in enumerate(rows, start=1):
        found[row] = _deletion_gains(request, row, model, samples[row], maps)
        progress(done, len(rows))
    return found


@shared(64, right.deleted, long=True)
def deletion(
    request: str, classes: tuple[int, int], fill: str, _model: xai.Classifier, _sample: xai.Sample, _maps: Any
) -> pd.DataFrame:
    """The probabilities of both classes while the picture is hidden in each method's order."""
    return xai.deletion(_model, _sample, _maps, targets=classes, fill=fill)  # type: ignore[arg-type]
