"""Maps of pictures and what is measured on them; probabilities."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app.cache import results, study_folders
from app.cache.batches import BATCH, Progress
from app.jobs import right
from app.jobs.queue import shared
from xai_core.figures import Caption, Style, grid_html
from xai_core.methods import DEFAULT
from xai_core.models import explained_classes
from xai_core.questions.choices import UNTRAINED_DRAWS
from xai_core.studies import MapMeasures, measure_maps
from xai_core.types import Estimate, Layer, Method

Settings = tuple[tuple[str, Any], ...]  # of a method: those that differ from its defaults, in order


@shared(256, right.map_batch)
def _map_batch(
    method: str,
    settings: Settings,
    model_id: str,
    ids: tuple[str, ...],
    layers: tuple[str, ...],
    targets: tuple[int | None, ...],
    _model: xai.Classifier,
    _samples: Sequence[xai.Sample],
) -> xai.Heatmaps:
    return explained(method, settings, layers, targets, _model, _samples)


@shared(1024, right.map_batch, long=True)
def _sampled_map(
    method: str,
    settings: Settings,
    model_id: str,
    ids: tuple[str, ...],
    layers: tuple[str, ...],
    targets: tuple[int | None, ...],
    _model: xai.Classifier,
    _samples: Sequence[xai.Sample],
) -> xai.Heatmaps:
    return explained(method, settings, layers, targets, _model, _samples)


def explained(
    method: str,
    settings: Settings,
    layers: tuple[str, ...],
    targets: Sequence[int | None],
    model: xai.Classifier,
    samples: Sequence[xai.Sample],
) -> xai.Heatmaps:
    """Maps of a method; no layers: it has none."""
    where: dict[str, Any] = {"layers": layers} if layers else {}
    return xai.explain(model, samples, method=method, targets=list(targets), **where, **dict(settings))


def in_order(settings: Mapping[str, Any]) -> Settings:
    """Settings as part of a key."""
    return tuple(sorted(settings.items()))


def heatmaps(
    model: xai.Classifier,
    samples: Sequence[xai.Sample],
    layers: Sequence[Layer],
    targets: Sequence[int | None],
    progress: Progress,
    *,
    method: Method,
    settings: Mapping[str, Any],
) -> xai.Heatmaps:
    """A method's maps of all pictures, batch by batch; a target of None is the prediction.

    A rerun that interrupts it keeps the finished batches. A method that draws samples takes picture by picture, in
    the queue of long requests.
    """
    names = tuple(layer.name for layer in layers) if method.at_layers else ()
    if (study := study_folders.opened_study()) is not None:
        ids = tuple(sample.id for sample in samples)
        places = names or (method.place,)
        found = study_folders.heatmaps(study, model.id, ids, places, tuple(targets), method.key, in_order(settings))
        if found is not None and right.maps(found, len(samples), len(model.class_names), (), model.preprocessing.size):
            return found
    if not method.repeatable:  # nothing to compute but what the model says of the pictures
        key = (method.key, model.id, *(sample.id for sample in samples), *names, *targets)
        where: dict[str, Any] = {"layers": names} if names else {}
        asked = {"method": method, "targets": list(targets), **where}
        return results.kept(key, xai.explain, model, samples, **asked)
    parts = []
    ask, size = (_sampled_map, 1) if method.draws_samples else (_map_batch, BATCH)
    for start in range(0, len(samples), size):
        batch = samples[start : start + size]
        ids = tuple(sample.id for sample in batch)
        wanted = tuple(targets[start : start + size])
        parts.append(ask(method.key, in_order(settings), model.id, ids, names, wanted, model, batch))
        progress(min(start + size, len(samples)), len(samples))
    return xai.Heatmaps.concatenate(parts)


def at_last_stage(model: xai.Classifier, samples: Sequence[xai.Sample], targets: Sequence[int | None]) -> xai.Heatmaps:
    """Maps of the method that pages begin with, at the last stage alone; a target of None is the prediction."""
    layers, method = model.select("stages")[-1:], xai.get_method(DEFAULT)
    return heatmaps(model, samples, layers, targets, lambda *_: None, method=method, settings={})


@shared(512, right.rivals)
def rival_maps(
    model_id: str,
    picture: str,
    classes: tuple[int, int],
    method: str,
    layer: str | None,
    settings: Settings,
    _model: xai.Classifier,
    _sample: xai.Sample,
) -> Estimate:
    """A method's maps of a picture for two classes, at a layer where it has layers, and the seconds that they took."""
    started = time.perf_counter()
    found = explained(method, settings, (layer,) if layer else (), classes, _model, [_sample, _sample])
    return Estimate(found, 1, 1, time.perf_counter() - started, "", np.full(2, np.nan))


@st.cache_data(max_entries=32, show_spinner=False)
def measures(request: str, grid: str, _heatmaps: xai.Heatmaps, _samples: Sequence[xai.Sample]) -> MapMeasures:
    """The measures of all maps for every threshold of the slider."""
    masks = None if grid == "sampled" else [sample.mask for sample in _samples]  # no object keeps its shape there
    groups = [sample.group for sample in _samples]
    return measure_maps(_heatmaps, grid=grid, masks=masks, groups=groups)  # type: ignore[arg-type]


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
def foreground(
    request: str, _heatmaps: xai.Heatmaps, _samples: Sequence[xai.Sample], control: bool = True
) -> pd.DataFrame:
    """Where each map lies; `request` stands for model, pictures, layers and targets."""
    return xai.foreground_background(_heatmaps, _samples, control=control)


@shared(48, right.same_as, long=True)
def _untrained(
    request: str,
    draw: int,
    layers: tuple[str, ...],
    method: str,
    _model: xai.Classifier,
    _heatmaps: xai.Heatmaps,
    _samples: Sequence[xai.Sample],
) -> xai.Heatmaps:
    """The same maps of a draw of random weights; `request` stands for model, pictures, targets and settings."""
    (network,) = xai.untrained(_model, draws=1, seed=draw)
    targets = [int(one) for one in _heatmaps.targets]
    return explained(method, in_order(_heatmaps.settings), layers, targets, network, _samples)


def maps_of_draw(
    request: str,
    draw: int,
    model: xai.Classifier,
    heatmaps: xai.Heatmaps,
    samples: Sequence[xai.Sample],
    method: Method,
) -> xai.Heatmaps:
    """The same maps in one draw of random weights; for `request` see `untrained_maps`."""
    return _untrained(request, draw, tuple(heatmaps) if method.at_layers else (), method.key, model, heatmaps, samples)


def untrained_maps(
    request: str,
    model: xai.Classifier,
    heatmaps: xai.Heatmaps,
    samples: Sequence[xai.Sample],
    method: Method,
    progress: Progress,
) -> list[xai.Heatmaps]:
    """The same maps in the same network with random weights, some times.

    Parameters
    ----------
    request : stands for model, pictures, targets, method and its settings
    """
    layers = tuple(heatmaps) if method.at_layers else ()
    found = []
    for draw in range(UNTRAINED_DRAWS):
        found.append(_untrained(request, draw, layers, method.key, model, heatmaps, samples))
        progress(draw + 1, UNTRAINED_DRAWS)
    return found


@shared(512, right.probabilities)
def probabilities(model_id: str, picture: str, _model: xai.Classifier, _sample: xai.Sample) -> np.ndarray:
    """What a model says of a picture: float32 (K,)."""
    return xai.predict(_model, [_sample]).probabilities[0]


def explained_labels(model: xai.Classifier, samples: Sequence[xai.Sample]) -> list[int | None]:
    """The class that each map explains where it is to explain the label; None where the model knows none."""
    return explained_classes(
        model, samples, lambda some: np.stack([probabilities(model.id, one.id, model, one) for one in some])
    )


@shared(512, right.probabilities)
def view_probability(model_id: str, view: str, _model: xai.Classifier, _view: np.ndarray) -> np.ndarray:
    """What a model says of a view, which is not cut again: float32 (K,)."""
    return xai.predict(_model, [xai.Sample(view, _view, view_of=_model.preprocessing)]).probabilities[0]
