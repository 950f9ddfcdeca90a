"""Losses and accuracies of a record that has none, from TensorBoard's event files beside it, its run's log of Weights &
Biases, or the charts that were exported there.

A log knows steps, and a record epochs. A curve is taken where the two are sure to fit: its steps, or the epochs
that are logged at its steps, are the epochs of the record; or it has one point for each of them. What is not taken is
said, with the reason.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from xai_core.errors import NO_PATH
from xai_core.records import event_files, wandb_exports, wandb_files
from xai_core.records.event_files import NAMED
from xai_core.records.fields import LOG
from xai_core.records.scalars import Event, Scalars
from xai_core.records.wandb_exports import is_export
from xai_core.types import IntArray
from xai_core.types.counts import number_of

Run = TypeVar("Run")
MAX_FILES = 100
_NAMES = {
    "train_loss": "training loss",
    "train_accuracy": "training accuracy",
    "val_loss": "validation loss",
    "val_accuracy": "validation accuracy",
    "learning_rate": "learning rate",
}
# What a word of a tag stands for; a tag with any other word is of something else, "loss_step" of single batches.
_WORDS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "eval"), "val"),
    **dict.fromkeys(("acc", "accuracy"), "accuracy"),
    "loss": "loss",
    "epoch": "epoch",
    "lr": "learning rate",
    "learning": "learning rate",
    "rate": "learning rate",
}
_ROUNDING = 1e-3  # an accuracy may lie so far beyond 1


class _Source(NamedTuple):
    """Who wrote logs, and how they are read."""

    whose: str
    kind: str
    events: Callable[[BinaryIO], Iterator[Event]]

    @property
    def files(self) -> str:
        """They, in a sentence."""
        return f"{self.whose} {self.kind} beside the record"


_TENSORBOARD = _Source("TensorBoard's", "event files", event_files.events)
_WANDB = _Source("Weights & Biases'", "log files", wandb_files.events)
_EXPORTED = _Source("Weights & Biases'", "exported charts", wandb_exports.events)


class _Curve(NamedTuple):
    """What a tag says: `steps` and `values` by step, each once."""

    whose: str
    tag: str
    steps: list[int]
    values: list[float]

    @property
    def called(self) -> str:
        """Its tag in a sentence."""
        return repr(self.tag[:80])


def beside(place: Path) -> list[Path]:
    """The logs that may belong to a record.

    TensorBoard's event files in its folder and in those folders of it that curves are written to; the log of the run of
    Weights & Biases that it lies in; charts that were exported into its folder.

    Parameters
    ----------
    place : pathlib.Path
        A record's file or folder.

    Returns
    -------
    list of Path
        By name; empty where there are none, or the folder cannot be listed.
    """
    try:
        folder = _folder(place)
        with os.scandir(folder) as entries:
            names = [one.name for one in entries if _is_log(one.name) or _words(one.name) is not None]
        found = [folder / name for name in names if _is_log(name)]
        for name in set(names) - {path.name for path in found}:
            if (folder / name).is_dir():
                with os.scandir(folder / name) as entries:
                    found += [Path(one.path) for one in islice(entries, MAX_FILES) if NAMED in one.name]
        return sorted(path for path in (*found, *wandb_files.log_beside(folder)) if path.is_file())
    except NO_PATH:
        return []


def _is_log(name: str) -> bool:
    """Whether a file is one by its name."""
    return NAMED in name or is_export(name)


def _source(path: Path) -> _Source:
    """Who wrote a log."""
    return _TENSORBOARD if NAMED in path.name else _EXPORTED if is_export(path.name) else _WANDB


def _folder(place: Path) -> Path:
    return place if place.is_dir() else place.absolute().parent


def with_curves(make: Callable[..., Run], place: Path) -> Callable[..., Run]:
    """What makes a run, so that it takes what the record does not say of its epochs from logs beside it.

    Parameters
    ----------
    make : callable
        Called with the fields of a `TrainingRun`, which this module does not know.
    place : pathlib.Path
        The record's file or folder.

    Returns
    -------
    callable
    """
    files = beside(place)

    def made(**fields: Any) -> Run:
        epochs: IntArray = fields["epochs"]
        log = fields.get("log")
        if log is None:
            log = pd.DataFrame(np.nan, index=range(len(epochs)), columns=list(LOG))
        taken, problems = [], list(fields.get("problems", ()))
        for source in (_TENSORBOARD, _WANDB, _EXPORTED):
            if of_it := [path for path in files if _source(path) is source]:
                log, how, said = _taken(source, of_it, _folder(place), epochs, log)
                taken += [how] if how else []
                problems += said
        settings = dict(fields.get("settings", {})) | ({"curves": "; ".join(taken)} if taken else {})
        return make(**{**fields, "log": log, "settings": settings, "problems": tuple(problems)})

    return made if files else make


def _taken(
    source: _Source, files: Sequence[Path], root: Path, epochs: IntArray, log: pd.DataFrame
) -> tuple[pd.DataFrame, str, list[str]]:
    """The table of epochs with what logs say besides, what that was, and what was not taken, and why."""
    scalars = Scalars()
    for path in files[:MAX_FILES]:
        before = f"{path.parent.name}/" if source is _TENSORBOARD and path.parent != root else ""
        scalars.add(path, before, lambda tag: _meaning(tag) is not None, source.events)
    said = list(scalars.problems)
    if len(files) > MAX_FILES:
        said.append(f"Of {len(files):,} {source.files}, the first {MAX_FILES} are read.")
    curves = _by_figure(scalars, source.whose, said)
    logged = curves.pop("epoch", [])
    taken = []
    for figure in LOG:
        if figure in curves and not log[figure].notna().any():  # else the record itself says it
            found, how = _figure(figure, curves[figure], logged, epochs)
            if found is None:
                said.append(how)
            else:
                log = log.assign(**{figure: found})
                taken.append(how)
    if not curves and not said:
        some = ", ".join(sorted(scalars.others)[:8])
        said.append(
            f"{source.files} are not used: no scalar's name says that it is a loss or an accuracy of training or "
            f"validation. Theirs are {some[:300] or 'none'}."
        )
    return log, f"from {source.files}: {'; '.join(taken)}" if taken else "", said


def _by_figure(scalars: Scalars, whose: str, said: list[str]) -> dict[str, list[_Curve]]:
    """The curves whose tags name a figure of `LOG` or the epoch; what is left out is added to `said`."""
    curves: dict[str, list[_Curve]] = {}
    for tag, points in scalars.points.items():
        figure, values = _meaning(tag) or "", dict(points)
        if all(_same(value, values[step]) for step, value in points):
            steps = sorted(values)
            curves.setdefault(figure, []).append(_Curve(whose, tag, steps, [values[step] for step in steps]))
        elif figure != "epoch":
            said.append(f"{whose} {tag[:80]!r} is not used: it has two values at one step, so it is of two trainings.")
    return curves


def _figure(
    figure: str, candidates: Sequence[_Curve], logged: Sequence[_Curve], epochs: IntArray
) -> tuple[np.ndarray | None, str]:
    """A figure at each epoch, float64 (E,), and how it was found; or None, and why not."""
    if len(candidates) > 1:
        tags = ", ".join(one.called for one in candidates)
        return None, f"{candidates[0].whose} {tags[:300]} all say the {_NAMES[figure]}; none is used."
    (curve,) = candidates
    unused = f"{curve.whose} {curve.called} is not used"
    values = np.array([value if math.isfinite(value) else np.nan for value in curve.values])
    if figure.endswith("accuracy") and ((values > 1 + _ROUNDING) | (values < 0)).any():
        return None, f"{unused}: an accuracy lies between 0 and 1."
    at, by = _logged(curve, logged), "the epoch logged at each step"
    if at is None:
        at, by = curve.steps, "step"
    if sorted(at) == epochs.tolist():
        return values[np.argsort(at)], f"{_NAMES[figure]} ({curve.called}, by {by})"
    if len(at) != len(epochs):
        why = (
            f"it has {number_of(len(at), 'point')} and the record {number_of(len(epochs), 'epoch')}, and which points "
            "are of which epochs is not logged"
        )
    elif not _in_step(np.array(at), epochs, logged=at is not curve.steps):
        why = f"by {by}, its points are not those of the record's epochs"
    else:
        return values, f"{_NAMES[figure]} ({curve.called}, {number_of(len(at), 'point')} in the order of the epochs)"
    return None, f"{unused}: {why}."


def _in_step(at: IntArray, epochs: IntArray, *, logged: bool) -> bool:
    """Whether steps, counted in batches or epochs, or epochs that are `logged`, go with those of the record.

    Both int64 (E,). They are evenly spaced, and begin at most an epoch apart, as when one counts from 0 and one from 1.
    """
    if len(at) == 1:
        return True
    a_step, an_epoch = int(at[1] - at[0]), int(epochs[1] - epochs[0])
    if (np.diff(at) != a_step).any() or (np.diff(epochs) != an_epoch).any():
        return False
    if a_step < an_epoch or (logged and a_step != an_epoch):
        return False
    return abs(at[0] * an_epoch / a_step - epochs[0]) <= 1


def _logged(curve: _Curve, logged: Sequence[_Curve]) -> list[int] | None:
    """The epoch at each step of a curve; None where that is not logged of all of them, or not as whole numbers."""
    known: dict[int, set[float]] = {}
    for one in logged:
        for step, value in zip(one.steps, one.values, strict=True):
            known.setdefault(step, set()).add(value)
    found = [known.get(step, set()) for step in curve.steps]
    if not all(len(values) == 1 and _is_epoch(*values) for values in found):
        return None
    return [int(next(iter(values))) for values in found]


def _is_epoch(value: float) -> bool:
    return value.is_integer() and abs(value) < 1e9


def _words(name: str) -> list[str] | None:
    """What the words of a tag stand for; None if one of them is not known."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    words = [_WORDS.get(word, "") for word in re.findall(r"[^\W_]+", spaced)]
    return words if words and all(words) else None


def _meaning(tag: str) -> str | None:
    """The figure of an epoch that a tag names, as "train_loss"; "epoch" for the epoch itself; None for all else."""
    if (words := _words(tag)) is None:
        return None
    said = set(words) - {"epoch"}
    if said <= {"train"}:
        return "epoch" if "epoch" in words else None
    if said - {"train"} == {"learning rate"}:
        return "learning_rate"
    phase, measure = said & {"train", "val"}, said & {"loss", "accuracy"}
    return f"{phase.pop()}_{measure.pop()}" if len(said) == 2 and phase and measure else None


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
