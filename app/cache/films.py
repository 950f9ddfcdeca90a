"""What a model looked at, epoch by epoch of a training whose weights were kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import xai_core as xai
from app.cache import models, stamps
from app.cache.batches import Progress
from app.jobs.queue import shared
from xai_core import studies


@shared(256)
def _film_frame(
    model_file: str, stamp: str, picture: str, layer: str, true: int, _path: Path, _sample: xai.Sample
) -> xai.Heatmaps:
    model = models.checkpoint(_path)
    sample = model.preprocessing.prepare(_sample)
    return xai.explain(model, [sample, sample], layers=[layer], targets=[None, true])


def film(
    run: xai.TrainingRun, sample: xai.Sample, true: int, layer: str, progress: Progress
) -> tuple[dict[int, xai.Heatmaps], list[str]]:
    """Maps of a picture for the predicted and for the true class, by epoch, and why others have none."""
    return _by_epoch(
        run,
        lambda path: _film_frame(str(path), stamps.file_stamp(path), sample.id, layer, true, path, sample),
        progress,
    )


def _by_epoch(
    run: xai.TrainingRun, compute: Callable[[Path], Any], progress: Progress
) -> tuple[dict[int, Any], list[str]]:
    """What `compute` gives for each epoch's weights; weights that cannot be used cost their epoch alone."""
    found, problems = {}, []
    for done, (epoch, path) in enumerate(run.checkpoints.items(), start=1):
        try:
            found[epoch] = compute(path)
        except xai.XaiError as error:
            problems.append(f"Epoch {epoch} is left out: {error}")
        progress(done, len(run.checkpoints))
    return found, problems


@shared(128, long=True)
def _attention(
    model_file: str, stamp: str, pictures: str, layer: str, _path: Path, _samples: Any, _targets: Any
) -> Any:
    model = models.checkpoint(_path)
    samples = [model.preprocessing.prepare(sample) for sample in _samples]
    return studies.object_attention(xai.explain(model, samples, layers=[layer], targets=_targets), samples)


def attention(
    run: xai.TrainingRun,
    run_id: str,
    samples: Sequence[xai.Sample],
    targets: Sequence[int | None],
    layer: str,
    progress: Progress,
) -> tuple[pd.DataFrame, list[str]]:
    """Share of the evidence that lies on the object, at each epoch with weights; a target of None: the prediction."""
    identity = f"{run_id}:{targets}"
    found, problems = _by_epoch(
        run,
        lambda path: _attention(str(path), stamps.file_stamp(path), identity, layer, path, samples, list(targets)),
        progress,
    )
    if not found:
        raise xai.ModelError(problems[0])
    energy, area = (np.stack(part) for part in zip(*found.values(), strict=True))
    return studies.attention_table(energy, area[0], list(found)), problems
