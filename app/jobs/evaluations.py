"""Evaluations that sessions share and work on together, batch by batch: of one class a picture, or of its labels."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import streamlit as st

import xai_core as xai
from app.cache import study_folders
from app.jobs import right
from app.jobs.queue import stored
from xai_core.batch.opening import data_stamp as study_stamp
from xai_core.inference.label_evaluation import evaluate_labels_batch
from xai_core.questions.misclassified.labels.stored import stored_labels
from xai_core.questions.misclassified.stored import stored_evaluation
from xai_core.result_types import returned


@dataclass(frozen=True, eq=False)
class Kind:
    """What is found of a part of the pictures, and how parts become one.

    Attributes
    ----------
    name : under which parts are kept
    ask : model and pictures -> a part, and a sentence for each picture that cannot be read
    shifted : the part, its places counted on
    joined : parts -> what is found of all
    known : whether any of the labels of a part can be right or wrong
    right : whether a part from the disk can be of so many pictures and of the model
    """

    name: str
    ask: Callable[[xai.Classifier, Sequence[xai.Sample]], tuple[Any, list[str]]]
    shifted: Callable[[Any, int], Any]
    joined: Callable[[list[Any]], Any]
    known: Callable[[Any], bool]
    right: Callable[[Any, int, xai.Classifier], bool]


def _ask_labels(model: xai.Classifier, pictures: Sequence[xai.Sample]) -> tuple[xai.LabelEvaluation, list[str]]:
    found = evaluate_labels_batch(model, pictures)
    return found, list(found.problems)


ONE_CLASS = Kind(
    "evaluation",
    xai.evaluate_batch,
    lambda rows, by: rows.assign(index=rows["index"] + by),
    lambda parts: pd.concat(parts, ignore_index=True),
    lambda rows: bool((rows["true"] >= 0).any()),
    right.evaluated,
)
LABELS = Kind(
    "evaluation of labels",
    _ask_labels,
    lambda part, by: replace(part, index=part.index + by),
    xai.LabelEvaluation.concatenate,
    lambda part: bool((part.truth >= 0).any()),
    right.evaluated_labels,
)


@dataclass(eq=False)
class Evaluation:
    """An evaluation as far as it has come. Sessions that ask for the same one share it and work on it together.

    Attributes
    ----------
    data_id : stands for the pictures, their labels and the names of the classes
    total, done : pictures in all, and those that were looked at
    kind : of one class a picture, or of labels
    problems : pictures that could not be read, in words
    seconds : spent on it
    """

    data_id: str
    total: int
    kind: Kind
    done: int = 0
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    _parts: list[Any] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def complete(self) -> bool:
        return self.done >= self.total

    @property
    def empty(self) -> bool:
        """Whether no picture could be read so far."""
        return not self._parts

    @property
    def table(self) -> Any:
        """What was found so far, unless that is empty: rows, or an evaluation of labels."""
        with self._lock:
            if len(self._parts) > 1:
                self._parts[:] = [self.kind.joined(self._parts)]
            return self._parts[0]

    @property
    def known(self) -> bool:
        """Whether any label so far can be right or wrong."""
        return not self.empty and self.kind.known(self.table)

    def take_over(self, table: Any) -> None:
        """Be done with what a study found of the same pictures."""
        with self._lock:
            if not self.done:
                self._parts, self.done = [table], self.total

    def wait(self) -> None:
        """Until the pictures under way are looked at, such as by a run of the page that was just cancelled."""
        with self._lock:
            pass

    def advance(self, model: xai.Classifier, chosen: xai.Dataset) -> None:
        """Look at the next pictures, unless another session just did."""
        before = self.done
        with self._lock:
            if self.done > before:
                return
            started = time.perf_counter()
            stop = min(before + _at_once(model), self.total)
            part, problems = stored(
                self.kind.name,
                (model.id, self.data_id, before, stop),
                lambda: self.kind.ask(model, chosen[before:stop]),
                returned(self.kind.ask),
                lambda found: self.kind.right(found, stop - before, model),
            )
            if len(part):
                self._parts.append(self.kind.shifted(part, before))
            self.problems += problems
            self.done = stop
            self.seconds += time.perf_counter() - started


def _at_once(model: xai.Classifier) -> int:
    """Pictures between two moves of a progress bar: about a second's work on two cores."""
    return 128 if max(model.preprocessing.size) <= 64 else 16


@st.cache_resource(max_entries=12, show_spinner=False)
def _evaluation(model_id: str, data_id: str, total: int, labels: bool) -> Evaluation:
    return Evaluation(data_id, total, LABELS if labels else ONE_CLASS)


def evaluation(model: xai.Classifier, data_id: str, chosen: xai.Dataset) -> Evaluation:
    """The evaluation of a model on pictures, as far as it has come; `data_id` is `data_stamp` of both."""
    labels = model.outputs.independent
    work = _evaluation(model.id, data_id, len(chosen), labels)
    there = study_folders.opened_study() if not work.done else None
    if there is not None and there.head["stamp"] == study_stamp(chosen):
        ask: Callable[..., Any] = stored_labels if labels else stored_evaluation
        found = ask(there, model.id, len(chosen), model.class_names)
        if found is not None:
            work.take_over(found)
    return work
