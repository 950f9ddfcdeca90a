"""What a model looked at, epoch by epoch of a training whose weights were kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

import xai_core as xai
from app.cache import maps, models, stamps
from app.cache.batches import Progress
from app.jobs import right
from app.jobs.queue import shared
from xai_core import studies

R = TypeVar("R")
DRAWS = 10  # of random weights; of five, the interval for one more is a quarter wider


@dataclass(frozen=True, eq=False)
class ByEpoch(Generic[R]):
    """What the weights of each epoch give, and why others are left out."""

    found: dict[int, R]
    problems: list[str]


@dataclass(frozen=True, eq=False)
class Attention:
    """The rows of `attention_table`, and why epochs are left out."""

    table: pd.DataFrame
    problems: list[str]


@shared(256, right.film_frame)
def _film_frame(
    model_file: str, stamp: str, picture: str, method: str, layer: str | None, true: int, _path: Path, _sample: Any
) -> xai.Heatmaps:
    model = models.checkpoint(_path)
    sample = model.preprocessing.prepare(_sample)
    return maps.explained(method, (), _layers(layer), [None, true], model, [sample, sample])


def _layers(layer: str | None) -> tuple[str, ...]:
    return (layer,) if layer else ()


def film(
    run: xai.TrainingRun, sample: xai.Sample, true: int, method: str, layer: str | None, progress: Progress
) -> ByEpoch[xai.Heatmaps]:
    """Maps of a picture for the predicted and for the true class, by epoch; a layer of None: the method has none."""
    return _by_epoch(
        run,
        lambda path: _film_frame(str(path), stamps.file_stamp(path), sample.id, method, layer, true, path, sample),
        progress,
    )


def _by_epoch(run: xai.TrainingRun, compute: Callable[[Path], R], progress: Progress) -> ByEpoch[R]:
    """What `compute` gives for each epoch's weights; weights that cannot be used cost their epoch alone."""
    found, problems = {}, []
    for done, (epoch, path) in enumerate(run.checkpoints.items(), start=1):
        try:
            found[epoch] = compute(path)
        except xai.XaiError as error:
            problems.append(f"Epoch {epoch} is left out: {error}")
        progress(done, len(run.checkpoints))
    return ByEpoch(found, problems)


@shared(192, right.attention, long=True)
def _attention(
    model_file: str,
    stamp: str,
    draw: int | None,
    pictures: str,
    method: str,
    layer: str | None,
    _path: Path,
    _samples: Any,
    _targets: Any,
) -> Any:
    """Of the weights in a file, or of a draw of random weights of the same network."""
    model = models.checkpoint(_path)
    if draw is not None:
        (model,) = xai.untrained(model, draws=1, seed=draw)
    samples = [model.preprocessing.prepare(sample) for sample in _samples]
    return studies.object_attention(maps.explained(method, (), _layers(layer), _targets, model, samples), samples)


def attention(
    run: xai.TrainingRun,
    run_id: str,
    samples: Sequence[xai.Sample],
    targets: Sequence[int | None],
    method: str,
    layer: str | None,
    progress: Progress,
) -> Attention:
    """Share of the evidence that lies on the object, at each epoch with weights and with random weights.

    A target of None is the prediction, a layer of None a method that has none.
    """
    identity = f"{run_id}:{targets}"

    def look(path: Path, draw: int | None = None) -> studies.ObjectAttention:
        file = str(path), stamps.file_stamp(path)
        return _attention(*file, draw, identity, method, layer, path, samples, list(targets))

    total = len(run.checkpoints) + DRAWS
    epochs = _by_epoch(run, look, lambda done, _: progress(done, total))
    if not epochs.found:
        raise xai.ModelError(epochs.problems[0])
    path = run.checkpoints[max(epochs.found)]
    draws = []
    for draw in range(DRAWS):
        draws.append(look(path, draw))
        progress(len(run.checkpoints) + draw + 1, total)
    groups = [sample.group for sample in samples]
    model = models.checkpoint(path)
    limit = studies.gate_limit(len(model.class_names), independent=model.outputs.independent)
    return Attention(studies.attention_table(epochs.found, groups, draws, limit=limit), epochs.problems)
