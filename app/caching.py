"""What is kept between reruns and sessions, and for how many requests; what asks a model goes through a queue.

Keys are ids and settings. Arguments with a leading underscore are what the ids stand for and are not hashed.
Nothing in here draws, so that a cached result never replays another session's widgets.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

import xai_core as xai
from app import paths
from app.work import disk, say_news, shared, stored
from xai_core import figures, studies
from xai_core.batch.opening import data_stamp as study_stamp
from xai_core.batch.store import STUDY, SUMMARY, StudyFolder
from xai_core.checks.map_trust import MapTrust, trust_map
from xai_core.data import SPLITS, Problem
from xai_core.figures import Caption, Style, grid_html
from xai_core.studies import MapMeasures, measure_maps
from xai_core.types import Layer

P = ParamSpec("P")
R = TypeVar("R")
Progress = Callable[[int, int], object]
_NO_PATH = (OSError, ValueError, RuntimeError)  # not there, a zero byte, too long, nobody's home
# Pictures in a cached piece of work: small enough that a bar moves and a change of mind is soon noticed.
BATCH = 8
LAYOUTS = {*SPLITS, "images", "masks", "ImageSets"}  # folders whose own folders hold files
SMALL_BYTES = 4 << 20  # of weights, of which dozens may stay in memory
PATIENCE_S = 4.0  # for which work in the background goes on after a page last asked for it


@st.cache_resource(max_entries=3, show_spinner=False)
def classifier(key: str, settings: tuple[tuple[str, Any], ...], stamp: str) -> xai.Classifier:
    """A loaded model; `settings` are keyword arguments of `xai.load_model`, `stamp` the checkpoint file's state."""
    model = xai.load_model(key, **dict(settings))
    # Each collection of garbage would walk through a million objects of torch and plotly that never go away: 180 ms
    # in which no session runs.
    gc.collect()
    gc.freeze()
    return model


def is_folder(path: str | Path) -> bool:
    """Whether a path is that of a folder; what can be no path is none."""
    try:
        return Path(path).expanduser().is_dir()
    except _NO_PATH:
        return False


def file_stamp(path: str | Path) -> str:
    """Changes when the file or folder does; empty where there is none."""
    try:
        status = Path(path).expanduser().stat()
    except _NO_PATH:
        return ""
    return f"{status.st_mtime_ns}:{status.st_size}"


def folder_stamp(path: str) -> str:
    """Changes when a folder, a class folder in it or one of a split, of masks or of VOC gains or loses a file."""
    try:
        root = Path(path).expanduser()
        folders = [root, *_folders_in(root)]
        for _ in range(3):
            deeper = [folder for folder in folders if folder.name in LAYOUTS or folder.name.startswith("VOC")]
            folders = list(dict.fromkeys([*folders, *(found for folder in deeper for found in _folders_in(folder))]))
        return f"{len(folders)}:{max((folder.stat().st_mtime_ns for folder in folders), default=0)}"
    except _NO_PATH:  # one may go while they are looked at
        return ""


def _folders_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()]


@st.cache_resource(max_entries=16, show_spinner=False)
def dataset(key: str, split: str | None, stamp: str, others: str = "background") -> xai.Dataset:
    """A data set's list of pictures; `stamp`: `folder_stamp` of a folder; `others`: of VOC's other classes."""
    return xai.load_dataset(key, split=split, others=others)  # type: ignore[arg-type]


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
    if (study := opened_study()) is not None:
        ids = tuple(sample.id for sample in samples)
        # One that is not complete may hold more the next time.
        found = (
            _study_heatmaps(study.identity, model.id, ids, names, tuple(targets), study)
            if study.complete
            else study.heatmaps(model.id, ids, names, targets)
        )
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


@st.cache_resource(max_entries=512, show_spinner=False)
def _kept(name: str, key: tuple[object, ...], _compute: Callable[[], Any]) -> Any:
    return _compute()


def kept(key: tuple[object, ...], function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a function that asks no model gives: tests, sentences, figures; `key` stands for its arguments.

    It is one object for all sessions, so nobody may change it.
    """
    name = f"{function.__module__}.{function.__qualname__}"
    return _kept(name, key, lambda: function(*args, **kwargs))


@st.cache_data(max_entries=128, show_spinner=False)
def panel(request: str, _draw: Callable[[], str]) -> str:
    """A panel's HTML."""
    return _draw()


@dataclass(frozen=True, eq=False)
class LayerAnswer:
    """What the tests between layers say for one measure and threshold.

    Attributes
    ----------
    own, common : the tests on the layers' own resolutions, and on a common grid
    sweeps : title of the grid -> the trend at every threshold, and that in a sentence; empty where it says nothing
    """

    own: studies.LayerFocus
    common: studies.LayerFocus
    card: studies.Hypothesis
    sweeps: dict[str, tuple[pd.DataFrame, str]]


def layer_answer(
    request: str,
    measure: str,
    threshold: float,
    offered: Sequence[str],
    own: MapMeasures,
    common: MapMeasures,
    names: Sequence[str],
    layers: Sequence[Layer],
) -> LayerAnswer:
    """The tests between layers, their card and the sweep of the threshold; `offered`: the measures of the page."""
    grids = {"own": own, "common": common}

    def focus(grid: str, measure: str, threshold: float) -> studies.LayerFocus:
        key = (request, grid, measure, threshold)
        return kept(key, studies.layer_focus, grids[grid], threshold, measure=measure, samples=names)

    first, second = (focus(grid, measure, threshold) for grid in grids)
    verdict = studies.layer_verdict(first, second, [layer.title for layer in layers])
    there = list(grids) if len({layer.size for layer in layers}) > 1 else ["own"]
    if measure != "share" or verdict.outcome == "unknown":
        there = []
    tables = {grid: kept((request, grid), studies.sweep, grids[grid]) for grid in there}
    others = [
        # But for the share, none depends on the threshold.
        focus("own", key, threshold if key == "share" else studies.THRESHOLD)
        for key in offered
        if key != measure
    ]
    titles = {"own": "At their own resolutions", "common": "On the common grid"}
    return LayerAnswer(
        first,
        second,
        studies.layer_hypothesis(first, second, verdict, swept=tables.get("own"), others=others),
        {titles[grid]: (table, studies.sweep_sentence(table, threshold)) for grid, table in tables.items()},
    )


@st.cache_resource(max_entries=12, show_spinner=False)
def run(path: str, stamp: str) -> xai.TrainingRun:
    """A recorded run: a folder or InstanceFlow's JSON; `stamp` is `run_stamp` of it."""
    place = Path(path).expanduser() if is_folder(path) else Path(path)
    paths.check_links(place)
    return xai.TrainingRun.open(place) if is_folder(path) else xai.TrainingRun.from_instanceflow(place)


@st.cache_resource(max_entries=8, show_spinner=False)
def uploaded_run(digest: str, _content: bytes) -> xai.TrainingRun:
    """A run from the content of InstanceFlow's JSON."""
    return xai.TrainingRun.from_instanceflow(_content)


def run_stamp(path: str | Path) -> str:
    """Changes when a record gains an epoch or a JSON file changes."""
    if not is_folder(path):
        return file_stamp(path)
    place = Path(path).expanduser()
    return file_stamp(place / "run.json") + file_stamp(place / "epochs")


@st.cache_data(max_entries=12, show_spinner=False)
def run_measures(run_id: str, _run: xai.TrainingRun) -> pd.DataFrame:
    """How each picture of a run fared."""
    return _run.measures()


@st.cache_resource(max_entries=12, show_spinner=False)
def run_pictures(run_id: str, _run: xai.TrainingRun) -> xai.Dataset:
    """The pictures of a run, read when asked for."""
    return xai.run_pictures(_run)


@st.cache_resource(max_entries=64, show_spinner=False)
def evolution(
    run_id: str,
    first: int,
    last: int,
    view: figures.EvolutionView,
    by_class: bool,
    sort: str,
    true: tuple[int, ...],
    predicted: tuple[int, ...],
    only: studies.Only,
    picture: int | None,
    _run: xai.TrainingRun,
) -> tuple[Any, tuple[tuple[int, ...], ...]]:
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


@st.cache_resource(max_entries=64, show_spinner=False)
def _small_checkpoint(path: str, stamp: str) -> xai.Classifier:
    return xai.load_model(path)


@st.cache_resource(max_entries=4, show_spinner=False)
def _large_checkpoint(path: str, stamp: str) -> xai.Classifier:
    return xai.load_model(path)


def checkpoint(path: Path) -> xai.Classifier:
    """The model that a run was at an epoch; a film asks for all epochs in turn, so small ones are kept."""
    stamp = file_stamp(path)
    small = stamp and int(stamp.rpartition(":")[2]) <= SMALL_BYTES
    return (_small_checkpoint if small else _large_checkpoint)(str(path), stamp)


def weights_stamp(run: xai.TrainingRun) -> str:
    """Changes when the weights of an epoch come, go or change."""
    return " ".join(f"{epoch}:{file_stamp(path)}" for epoch, path in run.checkpoints.items())


@shared(256)
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


@st.cache_resource(max_entries=8, show_spinner=False)
def run_samples(
    run_id: str, model_id: str, indices: tuple[int, ...], _run: xai.TrainingRun, _model: xai.Classifier
) -> list[tuple[int, xai.Sample]]:
    """Pictures of a run as its model sees them, with their index; those that cannot be read are left out."""
    found = []
    for index in indices:
        with contextlib.suppress(xai.XaiError):
            found.append((index, _model.preprocessing.prepare(run_pictures(run_id, _run)[index])))
    return found


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
    model = checkpoint(_path)
    samples = [model.preprocessing.prepare(sample) for sample in _samples]
    return studies.object_attention(xai.grad_cam(model, samples, layers=[layer], targets=_targets), samples)


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


@st.cache_resource(max_entries=8, show_spinner=False)
def _study(path: str, stamp: str) -> StudyFolder:
    paths.check_links(Path(path))
    return StudyFolder.open(path)


def study(path: str) -> StudyFolder:
    """A batch study on disk.

    Raises
    ------
    XaiError
        If there is none, or it may not be opened.
    """
    place = paths.allowed(path)
    return _study(str(place), file_stamp(place / STUDY) + file_stamp(place / SUMMARY))


@st.cache_data(max_entries=16, show_spinner=False)
def _study_heatmaps(
    identity: str,
    model_id: str,
    ids: tuple[str, ...],
    names: tuple[str, ...],
    targets: tuple[int | None, ...],
    _study: StudyFolder,
) -> xai.Heatmaps | None:
    """Maps that a complete study holds, read from the disk once."""
    return _study.heatmaps(model_id, ids, names, targets)


def opened_study() -> StudyFolder | None:
    """The study that the address names, whose results take the place of computing them; None without one."""
    path = st.query_params.get("study")
    try:
        return study(path) if path else None
    except xai.XaiError:
        return None  # the page says so where it begins


def picture(chosen: xai.Dataset, index: int, model: xai.Classifier) -> xai.Sample | str:
    """One picture as the model sees it, or why it cannot be read."""
    samples, problems = pictures(chosen.take([index]), model, lambda *_: None)
    return samples[0] if samples else problems[0].reason


@dataclass(eq=False)
class Evaluation:
    """An evaluation as far as it has come. Sessions that ask for the same one share it and work on it together.

    Attributes
    ----------
    data_id : stands for the pictures, their labels and the names of the classes
    total, done : pictures in all, and those that were looked at
    problems : pictures that could not be read, in words
    seconds : spent on it
    """

    data_id: str
    total: int
    done: int = 0
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    _parts: list[pd.DataFrame] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def complete(self) -> bool:
        return self.done >= self.total

    @property
    def table(self) -> pd.DataFrame:
        """The rows so far."""
        with self._lock:
            if len(self._parts) > 1:
                self._parts[:] = [pd.concat(self._parts, ignore_index=True)]
            return self._parts[0] if self._parts else pd.DataFrame()

    def take_over(self, table: pd.DataFrame) -> None:
        """Be done with what a study found of the same pictures."""
        with self._lock:
            if not self.done:
                self._parts, self.done = [table], self.total

    def advance(self, model: xai.Classifier, chosen: xai.Dataset) -> None:
        """Look at the next pictures, unless another session just did."""
        before = self.done
        with self._lock:
            if self.done > before:
                return
            started = time.perf_counter()
            stop = min(before + _at_once(model), self.total)
            rows, problems = stored(
                "evaluation",
                (model.id, self.data_id, before, stop),
                lambda: xai.evaluate_batch(model, chosen[before:stop]),
            )
            if len(rows):
                self._parts.append(rows.assign(index=rows["index"] + before))
            self.problems += problems
            self.done = stop
            self.seconds += time.perf_counter() - started


def _at_once(model: xai.Classifier) -> int:
    """Pictures between two moves of a progress bar: about a second's work on two cores."""
    return 128 if model.preprocessing.crop <= 64 else 16


@st.cache_resource(max_entries=12, show_spinner=False)
def _evaluation(model_id: str, data_id: str, total: int) -> Evaluation:
    return Evaluation(data_id, total)


def evaluation(model: xai.Classifier, data_id: str, chosen: xai.Dataset) -> Evaluation:
    """The evaluation of a model on pictures, as far as it has come; `data_id` is `data_stamp` of both."""
    work = _evaluation(model.id, data_id, len(chosen))
    there = opened_study() if not work.done else None
    if there and there.head["stamp"] == study_stamp(chosen) and (table := there.evaluation(model.id)) is not None:
        work.take_over(table)
    return work


def data_stamp(model: xai.Classifier, chosen: xai.Dataset) -> str:
    """Changes with the pictures of a data set, their order and labels, and with what the model calls its classes."""
    digest = hashlib.sha256("\n".join([chosen.key, *model.class_names]).encode())
    for item in chosen.items:
        digest.update(f"{item.stamp}\0{item.name}\0{item.label}\n".encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the numbers of an evaluation's table say; `misclassifications` shows it."""

    summary: studies.Summary
    card: studies.Hypothesis
    findings: list[studies.Finding]
    report: pd.DataFrame
    bins: pd.DataFrame
    pairs: pd.DataFrame
    confusion: studies.ShownConfusion


@st.cache_resource(max_entries=24, show_spinner=False)
def judgement(model_id: str, data_id: str, done: int, _table: pd.DataFrame, _names: Sequence[str]) -> Judgement:
    """Everything that is read from a table."""
    return Judgement(
        studies.summarise(_table, _names),
        studies.confidence_hypothesis(_table),
        studies.misclassification_findings(_table, _names),
        studies.class_report(_table, _names),
        studies.calibration(_table),
        studies.confused_pairs(_table, _names),
        studies.shown_confusion(studies.confusion(_table, len(_names))),
    )


@shared(512)
def probabilities(model_id: str, picture: str, _model: xai.Classifier, _sample: xai.Sample) -> np.ndarray:
    """What a model says of a picture: float32 (K,)."""
    return xai.predict(_model, [_sample]).probabilities[0]


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


@dataclass(eq=False)
class LimeRun:
    """LIME of a picture as far as it has come, computed by a thread of its own as long as somebody asks for it.

    A page's fragment could not be stopped while it computes: Streamlit lets it run to its end.

    Attributes
    ----------
    key : what it is of
    latest : the last estimate, or None
    error : why it ended early, or empty
    """

    key: tuple[object, ...]
    latest: xai.LimeExplanation | None = None
    error: str = ""
    _steps: Iterator[xai.LimeExplanation] | None = None
    _wanted_until: float = 0.0
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def complete(self) -> bool:
        return bool(self.error) or (self.latest is not None and self.latest.samples >= self.latest.planned)

    def want(self, begin: Callable[[], Iterator[xai.LimeExplanation]]) -> None:
        """Let it go on for the next seconds; `begin` gives the estimates."""
        with self._lock:
            self._wanted_until = time.monotonic() + PATIENCE_S
            if self._thread is not None or self.complete:
                return
            self._steps = self._steps or begin()
            self._thread = threading.Thread(target=self._work, name="LIME", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End it after the estimate under way, unless another session goes on asking."""
        with self._lock:
            self._wanted_until = 0.0

    def _work(self) -> None:
        while True:
            with self._lock:
                if self.complete or self._steps is None or time.monotonic() > self._wanted_until:
                    self._thread = None
                    self._steps = None if self.complete else self._steps
                    return
                steps = self._steps
            try:
                self.latest = found = next(steps)
                if found.samples >= found.planned and (there := disk()) is not None:
                    there.put("lime", self.key, found)
            except xai.XaiError as error:
                self.error = str(error)
            except Exception:
                logging.getLogger(__name__).exception("LIME ended early")
                self.error = "It ended early; the server's log says why."


@st.cache_resource(max_entries=64, show_spinner=False)
def lime_run(model_id: str, picture: str, classes: tuple[int, int], samples: int, segments: str) -> LimeRun:
    """LIME of a picture for two classes, which another server may have done."""
    key = (model_id, picture, classes, samples, segments)
    return LimeRun(key, there.find("lime", key, None) if (there := disk()) is not None else None)


@shared(64, long=True)
def deletion(
    request: str, classes: tuple[int, int], fill: str, _model: xai.Classifier, _sample: xai.Sample, _maps: Any
) -> pd.DataFrame:
    """The probabilities of both classes while the picture is hidden in each method's order."""
    return xai.deletion(_model, _sample, _maps, targets=classes, fill=fill)  # type: ignore[arg-type]


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
        read = [picture(chosen, int(index), model) for index in part["index"]]
        there = [(s, int(c)) for s, c in zip(read, part["predicted"], strict=True) if isinstance(s, xai.Sample)]
        if there:
            samples, targets = [s for s, _ in there], tuple(c for _, c in there)
            found = _disagreement_batch(model.id, tuple(s.id for s in samples), layer, targets, model, samples)
            rows += [(s.id, *pair) for s, pair in zip(samples, found, strict=True)]
        progress(min(start + BATCH, len(table)), len(table))
    return pd.DataFrame(rows, columns=["id", "rank_correlation", "overlap"])


@dataclass(eq=False)
class TrustRun:
    """The checks of one map, once they ran; sessions that ask for the same share them."""

    result: MapTrust | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def compute(
        self, model: xai.Classifier, sample: xai.Sample, method: str, target: int, layer: str | None, progress: Progress
    ) -> None:
        """Run them, unless another session just did."""
        with self._lock:
            if self.result is None:
                self.result = stored(
                    "trust",
                    (model.id, sample.id, method, target, model.class_names[target], layer),
                    lambda: trust_map(model, sample, method=method, target=target, layer=layer, progress=progress),
                )
        say_news()


@st.cache_resource(max_entries=256, show_spinner=False)
def trust_run(model_id: str, picture: str, method: str, target: int, name: str, layer: str | None) -> TrustRun:
    """The checks of a map, run or not; `name`: the class's, which the reasons say."""
    return TrustRun()


@dataclass(frozen=True, eq=False)
class ForegroundAnswer:
    """What was tested of a measure, and how it came out."""

    tests: studies.PairedTests
    verdict: studies.ForegroundVerdict
    card: studies.Hypothesis


def foreground_answer(table: pd.DataFrame, measure: str) -> ForegroundAnswer:
    """The tests of a measure and what they say."""
    tests = studies.measure_tests(table, measure)
    verdict = studies.foreground_verdict(table, measure, tests)
    return ForegroundAnswer(tests, verdict, studies.foreground_hypothesis(table, measure, tests, verdict))


@st.cache_data(max_entries=48, show_spinner=False)
def foreground(request: str, _heatmaps: xai.Heatmaps, _samples: Sequence[xai.Sample]) -> pd.DataFrame:
    """Where each map lies; `request` stands for model, pictures, layers and targets."""
    return xai.foreground_background(_heatmaps, _samples)


@shared(256)
def _intervention_batch(
    model_id: str,
    ids: tuple[str, ...],
    others: tuple[str, ...],
    targets: tuple[int, ...],
    fill: str,
    _model: xai.Classifier,
    _samples: Any,
    _lenders: Any,
) -> pd.DataFrame:
    return xai.intervention(_model, _samples, targets=list(targets), fill=fill, lenders=_lenders)  # type: ignore[arg-type]


def intervention(
    model: xai.Classifier, samples: Sequence[xai.Sample], targets: Sequence[int], fill: str, progress: Progress
) -> pd.DataFrame:
    """The probabilities with object or background alone, or another background, batch by batch."""
    found = (study := opened_study()) and study.intervention(model.id, [sample.id for sample in samples], targets, fill)
    if found is not None:
        return found
    lenders = [samples[index] for index in xai.partners(samples)]
    parts = []
    for start in range(0, len(samples), BATCH):
        here = slice(start, start + BATCH)
        ids, others = (tuple(sample.id for sample in some[here]) for some in (samples, lenders))
        part = _intervention_batch(
            model.id, ids, others, tuple(targets[here]), fill, model, samples[here], lenders[here]
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
    clean: xai.Heatmaps,
    progress: Progress,
) -> Attacked:
    """An attack of one strength on all pictures; the maps are for the same classes as the clean ones, one layer."""
    changed = xai.perturb(
        model,
        samples,
        epsilon,
        attack=attack,
        targets=list(targets),
        progress=progress,  # type: ignore[arg-type]
    )
    (layer,) = clean
    maps = xai.grad_cam(model, changed, layers=[layer], targets=[int(index) for index in clean.targets])
    pairs = zip(maps[layer], clean[layer], strict=True)
    similarity = np.array([studies.map_similarity(one, other) for one, other in pairs])
    return Attacked(changed, maps, xai.foreground_background(maps, changed), similarity)


@st.cache_data(max_entries=48, show_spinner=False)
def partners_of(request: str, _samples: Any) -> list[int]:
    """Who lends whom a background."""
    return xai.partners(_samples)


@shared(512)
def view_probability(model_id: str, view: str, _model: xai.Classifier, _view: np.ndarray) -> np.ndarray:
    """What a model says of a view, which is not cut again: float32 (K,)."""
    return xai.predict(_model, [xai.Sample(view, _view, view_of=_model.preprocessing)]).probabilities[0]
