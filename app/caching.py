"""The only place with Streamlit's caches: what is kept between reruns and sessions, and for how many requests.

Keys are ids and settings. Arguments with a leading underscore are what the ids stand for and are not hashed.
Nothing in here draws, so that a cached result never replays another session's widgets.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

import xai_core as xai
from xai_core import studies
from xai_core.data import SPLITS, Problem
from xai_core.figures import Caption, Style, grid_html
from xai_core.studies import MapMeasures, measure_maps
from xai_core.types import Layer

Progress = Callable[[int, int], None]
# Pictures in a cached piece of work: small enough that a bar moves and a change of mind is soon noticed.
BATCH = 8


@st.cache_resource(max_entries=3, show_spinner=False)
def classifier(key: str, settings: tuple[tuple[str, Any], ...], stamp: str) -> xai.Classifier:
    """A loaded model; `settings` are keyword arguments of `xai.load_model`, `stamp` the checkpoint file's state."""
    model = xai.load_model(key, **dict(settings))
    # Streamlit collects garbage after every run, and would each time walk through a million objects of torch and
    # plotly that never go away: 180 ms for nothing.
    gc.collect()
    gc.freeze()
    return model


def file_stamp(path: str | Path) -> str:
    """Changes when the file or folder does; empty where there is none."""
    try:
        status = Path(path).expanduser().stat()
    except OSError:
        return ""
    return f"{status.st_mtime_ns}:{status.st_size}"


def folder_stamp(path: str) -> str:
    """Changes when a folder, a class folder in it or a class folder of a split gains or loses a file."""
    root = Path(path).expanduser()
    try:
        folders = [root, *(p for p in root.iterdir() if p.is_dir())]
        folders += [p for folder in folders[1:] if folder.name in SPLITS for p in folder.iterdir() if p.is_dir()]
    except OSError:
        return ""
    return f"{len(folders)}:{max((folder.stat().st_mtime_ns for folder in folders), default=0)}"


@st.cache_resource(max_entries=16, show_spinner=False)
def dataset(key: str, split: str | None, stamp: str) -> xai.Dataset:
    """A data set's list of pictures; `stamp` is `folder_stamp` of a folder."""
    return xai.load_dataset(key, split=split)


@st.cache_data(max_entries=256, show_spinner=False)
def _read_batch(
    keys: tuple[tuple[str, str, str | None], ...], view: str, _items: Any, _model: xai.Classifier
) -> tuple[list[xai.Sample], list[Problem]]:
    samples, problems = [], []
    for item in _items:
        try:
            samples.append(_model.preprocessing.prepare(item.read()))
        except xai.XaiError as error:
            problems.append(Problem(item.name, str(error)))
    return samples, problems


def pictures(chosen: xai.Dataset, model: xai.Classifier, progress: Progress) -> tuple[list[xai.Sample], list[Problem]]:
    """The pictures as the model sees them, and those that cannot be read."""
    samples: list[xai.Sample] = []
    problems: list[Problem] = []
    for start in range(0, len(chosen), BATCH):
        items = chosen.items[start : start + BATCH]
        keys = tuple((item.stamp, item.name, item.label) for item in items)
        read, failed = _read_batch(keys, repr(model.preprocessing), items, model)
        samples, problems = samples + read, problems + failed
        progress(min(start + BATCH, len(chosen)), len(chosen))
    return samples, problems


@st.cache_data(max_entries=256, show_spinner=False)
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


@st.cache_data(max_entries=32, show_spinner=False)
def sweep(request: str, grid: str, _measured: MapMeasures) -> pd.DataFrame:
    """The trend at every threshold."""
    return studies.sweep(_measured)
