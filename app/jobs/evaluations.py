"""Evaluations that sessions share and work on together, batch by batch."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

import xai_core as xai
from app.cache import study_folders
from app.jobs.queue import stored
from xai_core.batch.opening import data_stamp as study_stamp
from xai_core.questions.misclassified.stored import stored_evaluation


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
    return 128 if max(model.preprocessing.size) <= 64 else 16


@st.cache_resource(max_entries=12, show_spinner=False)
def _evaluation(model_id: str, data_id: str, total: int) -> Evaluation:
    return Evaluation(data_id, total)


def evaluation(model: xai.Classifier, data_id: str, chosen: xai.Dataset) -> Evaluation:
    """The evaluation of a model on pictures, as far as it has come; `data_id` is `data_stamp` of both."""
    work = _evaluation(model.id, data_id, len(chosen))
    there = study_folders.opened_study() if not work.done else None
    if there is not None and there.head["stamp"] == study_stamp(chosen):
        table = stored_evaluation(there, model.id)
        if table is not None:
            work.take_over(table)
    return work
