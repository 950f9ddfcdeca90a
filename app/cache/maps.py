"""Maps of pictures and what is measured on them; probabilities."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app.cache import study_folders
from app.cache.batches import BATCH, Progress
from app.jobs.queue import shared
from xai_core.figures import Caption, Style, grid_html
from xai_core.studies import MapMeasures, measure_maps
from xai_core.types import Layer


@shared(256)
def _grad_cam_batch(
    model_id: str,
    ids: tuple[str, ...],
    layers: tuple[str, ...],
    targets: tuple[int | None, ...],
    _model: xai.Classifier,
    _samples: Sequence[xai.Sample],
) -> xai.Heatmaps:
    return xai.grad_cam(_model, _samples, layers=layers, targets=targets)


def heatmaps(
    model: xai.Classifier,
    samples: Sequence[xai.Sample],
    layers: Sequence[Layer],
    targets: Sequence[int | None],
    progress: Progress,
) -> xai.Heatmaps:
    """Grad-CAM of all pictures, batch by batch; a target of None is the prediction.

    A rerun that interrupts it keeps the finished batches.
    """
    names = tuple(layer.name for layer in layers)
    if (study := study_folders.opened_study()) is not None:
        ids = tuple(sample.id for sample in samples)
        found = study_folders.heatmaps(study, model.id, ids, names, tuple(targets))
        if found is not None:
            return found
    parts = []
    for start in range(0, len(samples), BATCH):
        batch = samples[start : start + BATCH]
        ids = tuple(sample.id for sample in batch)
        part = _grad_cam_batch(model.id, ids, names, tuple(targets[start : start + BATCH]), model, batch)
        parts.append(part)
        progress(min(start + BATCH, len(samples)), len(samples))
    return xai.Heatmaps.concatenate(parts)


@st.cache_data(max_entries=32, show_spinner=False)
def measures(request: str, grid: str, _heatmaps: xai.Heatmaps, _samples: Sequence[xai.Sample]) -> MapMeasures:
    """The measures of all maps for every threshold of the slider."""
    return measure_maps(_heatmaps, grid=grid, masks=[sample.mask for sample in _samples])  # type: ignore[arg-type]


@st.cache_data(max_entries=64, show_spinner=False)
def grid(
    request: str,
    rows: tuple[int, ...],
    style: Style,
    _samples: Sequence[xai.Sample],
    _heatmaps: xai.Heatmaps,
    _layers: Sequence[Layer],
    _captions: Sequence[Caption],
) -> str:
    """The grid's HTML for some of the pictures; a shared scale covers all."""
    return grid_html(
        [_samples[row] for row in rows],
        _heatmaps.take(rows),
        _layers,
        [_captions[row] for row in rows],
        style,
        among=_heatmaps,
    )


@st.cache_data(max_entries=48, show_spinner=False)
def foreground(request: str, _heatmaps: xai.Heatmaps, _samples: Sequence[xai.Sample]) -> pd.DataFrame:
    """Where each map lies; `request` stands for model, pictures, layers and targets."""
    return xai.foreground_background(_heatmaps, _samples)


@shared(512)
def probabilities(model_id: str, picture: str, _model: xai.Classifier, _sample: xai.Sample) -> np.ndarray:
    """What a model says of a picture: float32 (K,)."""
    return xai.predict(_model, [_sample]).probabilities[0]


@shared(512)
def view_probability(model_id: str, view: str, _model: xai.Classifier, _view: np.ndarray) -> np.ndarray:
    """What a model says of a view, which is not cut again: float32 (K,)."""
    return xai.predict(_model, [xai.Sample(view, _view, view_of=_model.preprocessing)]).probabilities[0]


@shared(512)
def grad_cam_pair(
    model_id: str, picture: str, classes: tuple[int, int], layer: str, _model: xai.Classifier, _sample: xai.Sample
) -> tuple[np.ndarray, float]:
    """Grad-CAM at a layer for two classes: float32 (2, h, w), and the seconds that it took."""
    started = time.perf_counter()
    found = xai.grad_cam(_model, [_sample, _sample], layers=[layer], targets=list(classes))
    return found[layer], time.perf_counter() - started


@shared(512)
def saliency_pair(
    model_id: str, picture: str, classes: tuple[int, int], signed: bool, _model: xai.Classifier, _sample: xai.Sample
) -> tuple[np.ndarray, float]:
    """Saliency of the input for two classes: float32 (2, H, W), and the seconds that it took."""
    started = time.perf_counter()
    found = xai.saliency(_model, [_sample, _sample], targets=list(classes), signed=signed)
    return found["input"], time.perf_counter() - started
