"""How far two methods agree on many pictures."""

from __future__ import annotations

from typing import Any

import pandas as pd

import xai_core as xai
from app.cache import data
from app.cache.batches import BATCH, Progress
from app.jobs.queue import shared
from xai_core import studies


@shared(512, long=True)
def _disagreement_batch(
    model_id: str, ids: tuple[str, ...], layer: str, targets: tuple[int, ...], _model: Any, _samples: Any
) -> list[tuple[float, float]]:
    cams = xai.grad_cam(_model, _samples, layers=[layer], targets=list(targets))[layer]
    pixels = xai.saliency(_model, _samples, targets=list(targets))["input"]
    return [studies.agreement(cam, one) for cam, one in zip(cams, pixels, strict=True)]


def disagreement(
    model: xai.Classifier, chosen: xai.Dataset, table: pd.DataFrame, layer: str, progress: Progress
) -> pd.DataFrame:
    """How far Grad-CAM and saliency for the prediction agree on some pictures: columns id, rank_correlation, overlap.

    `table` has the rows of the pictures.
    """
    rows = []
    for start in range(0, len(table), BATCH):
        part = table.iloc[start : start + BATCH]
        read = [data.picture(chosen, int(index), model) for index in part["index"]]
        there = [(s, int(c)) for s, c in zip(read, part["predicted"], strict=True) if isinstance(s, xai.Sample)]
        if there:
            samples, targets = [s for s, _ in there], tuple(c for _, c in there)
            found = _disagreement_batch(model.id, tuple(s.id for s in samples), layer, targets, model, samples)
            rows += [(s.id, *pair) for s, pair in zip(samples, found, strict=True)]
        progress(min(start + BATCH, len(table)), len(table))
    return pd.DataFrame(rows, columns=["id", "rank_correlation", "overlap"])
