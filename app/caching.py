"""The only place with Streamlit's caches: what is kept between reruns and sessions, and for how many requests.

Keys are ids and settings. Arguments with a leading underscore are what the ids stand for and are not hashed.
Nothing in here draws, so that a cached result never replays another session's widgets.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from xai_core import figures, studies
from xai_core.data import SPLITS, Problem
from xai_core.figures import Caption, Style, grid_html
from xai_core.studies import MapMeasures, measure_maps
from xai_core.types import Layer

Progress = Callable[[int, int], object]
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


@st.cache_resource(max_entries=12, show_spinner=False)
def run(path: str, stamp: str) -> xai.TrainingRun:
    """A recorded run: a folder or InstanceFlow's JSON; `stamp` is `run_stamp` of it."""
    place = Path(path).expanduser()
    return xai.TrainingRun.open(place) if place.is_dir() else xai.TrainingRun.from_instanceflow(place)


@st.cache_resource(max_entries=8, show_spinner=False)
def uploaded_run(digest: str, _content: bytes) -> xai.TrainingRun:
    """A run from the content of InstanceFlow's JSON."""
    return xai.TrainingRun.from_instanceflow(_content)


def run_stamp(path: str | Path) -> str:
    """Changes when a record gains an epoch or a JSON file changes."""
    place = Path(path).expanduser()
    return file_stamp(place / "run.json") + file_stamp(place / "epochs") if place.is_dir() else file_stamp(place)


@st.cache_data(max_entries=12, show_spinner=False)
def run_measures(run_id: str, _run: xai.TrainingRun) -> pd.DataFrame:
    """How each picture of a run fared."""
    return _run.measures()


@st.cache_resource(max_entries=12, show_spinner=False)
def run_pictures(run_id: str, _run: xai.TrainingRun) -> xai.Dataset:
    """The pictures of a run, read when asked for."""
    return xai.run_pictures(_run)


@st.cache_data(max_entries=64, show_spinner=False)
def evolution(
    run_id: str, first: int, last: int, view: figures.EvolutionView, by_class: bool, sort: str,
    true: tuple[int, ...], predicted: tuple[int, ...], only: studies.Only, picture: int | None,
    _run: xai.TrainingRun,
) -> tuple[Any, tuple[tuple[int, ...], ...]]:  # fmt: skip
    """The evolution figure of some epochs and pictures, and the pictures of each of its rows."""
    part = _run.between(first, last)
    table = part.measures()
    order = studies.choose_rows(part, table, sort=sort, by_class=by_class, true=true, predicted=predicted, only=only)
    rows = studies.evolution_rows(part, order, table, by_class=by_class)
    marked = rows.row_of(picture) if picture is not None else None
    figure = figures.evolution_figure(
        part, rows, view=view, by_class=by_class, selected=marked, colours=figures.run_colours(_run)
    )
    return figure, tuple(tuple(int(i) for i in members) for members in rows.members)


@st.cache_resource(max_entries=4, show_spinner=False)
def _checkpoint(path: str, stamp: str) -> xai.Classifier:
    return xai.load_model(path)


def checkpoint(path: Path) -> xai.Classifier:
    """The model that a run was at an epoch."""
    return _checkpoint(str(path), file_stamp(path))


@st.cache_data(max_entries=256, show_spinner=False)
def _film_frame(
    model_file: str, stamp: str, picture: str, layer: str, true: int, _path: Path, _sample: xai.Sample
) -> xai.Heatmaps:
    model = checkpoint(_path)
    sample = model.preprocessing.prepare(_sample)
    return xai.grad_cam(model, [sample, sample], layers=[layer], targets=[None, true])


def film(
    run: xai.TrainingRun, sample: xai.Sample, true: int, layer: str, progress: Progress
) -> tuple[dict[int, xai.Heatmaps], list[str]]:
    """Grad-CAM of a picture for the predicted and for the true class, by epoch, and why others have none."""
    return _by_epoch(
        run, lambda path: _film_frame(str(path), file_stamp(path), sample.id, layer, true, path, sample), progress
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


@st.cache_data(max_entries=128, show_spinner=False)
def _attention(
    model_file: str, stamp: str, pictures: str, layer: str, _path: Path, _samples: Any, _targets: Any
) -> Any:
    model = checkpoint(_path)
    samples = [model.preprocessing.prepare(sample) for sample in _samples]
    return studies.object_attention(xai.grad_cam(model, samples, layers=[layer], targets=_targets), samples)


def attention(
    run: xai.TrainingRun, run_id: str, samples: Sequence[xai.Sample], targets: Sequence[int | None], layer: str,
    progress: Progress,
) -> tuple[pd.DataFrame, list[str]]:  # fmt: skip
    """Share of the evidence that lies on the object, at each epoch with weights; a target of None: the prediction."""
    identity = f"{run_id}:{targets}"
    found, problems = _by_epoch(
        run,
        lambda path: _attention(str(path), file_stamp(path), identity, layer, path, samples, list(targets)),
        progress,
    )
    if not found:
        raise xai.ModelError(problems[0])
    energy, area = (np.stack(part) for part in zip(*found.values(), strict=True))
    return studies.attention_table(energy, area[0], list(found)), problems


@st.cache_data(max_entries=32, show_spinner=False)
def comparison(first_id: str, second_id: str, _first: xai.TrainingRun, _second: xai.TrainingRun) -> Any:
    """Two runs side by side."""
    return studies.compare_runs(_first, _second)
