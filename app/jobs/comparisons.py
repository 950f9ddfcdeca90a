"""Comparisons of methods and layers, which take many passes: run when asked, growing, shared by the sessions."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

import xai_core as xai
from app.cache import study_folders
from app.jobs.growing import GrowingRun
from app.jobs.queue import disk
from xai_core.batch.opening import data_stamp
from xai_core.checks.method_comparison import MethodComparison, growing_comparison
from xai_core.questions.methods.stored import stored_comparison
from xai_core.types import Method

_MOST_S = 30.0  # that a part takes; where more went by, it was stopped in between


@dataclass(eq=False)
class ComparisonRun(GrowingRun[MethodComparison]):
    """A comparison as far as it has come.

    Attributes
    ----------
    parts : how many parts of it are done, and how many there are
    spent : seconds that these took, without those for which it was stopped
    """

    kept_as: str = "comparison"
    parts: tuple[int, int] = (0, 1)
    spent: float = 0.0
    _looked: float = 0.0

    @property
    def seconds_left(self) -> float:
        """How long the rest takes at the pace so far; NaN before the first part."""
        done, total = self.parts
        return self.spent / done * (total - done) if done else math.nan

    def begin(
        self,
        model: xai.Classifier,
        samples: Sequence[xai.Sample],
        methods: Sequence[str],
        given: Sequence[Method],
        layers: str,
        targets: Sequence[int] | None,
        pictures: int,
    ) -> Iterator[MethodComparison]:
        """The estimates; `parts` moves between them, too. Of the methods, `given` are maps made elsewhere."""
        brought = [one for one in given if one.key in methods]
        ours = [key for key in methods if key not in {one.key for one in given}]

        def progress(done: int, total: int) -> None:
            now = time.monotonic()
            self.spent += min(now - self._looked, _MOST_S)
            self.parts, self._looked = (done, total), now

        self._looked = time.monotonic()
        asked: dict[str, Any] = {"methods": ours, "given": brought, "layers": layers, "targets": targets}
        return growing_comparison(model, samples, **asked, pictures=pictures, progress=progress)


def stored_on_disk(model: xai.Classifier, samples: Sequence[xai.Sample]) -> MethodComparison | None:
    """What the study that the address names found of these pictures; None where it found nothing of them."""
    there = study_folders.opened_study()
    if there is None or not isinstance(samples, xai.Dataset) or there.head["stamp"] != data_stamp(samples):
        return None
    return stored_comparison(there, model.id)


@st.cache_resource(max_entries=32, show_spinner=False)
def comparison_run(
    model_id: str, names: tuple[str, ...], pictures: str, methods: tuple[str, ...], layers: str, most: int
) -> ComparisonRun:
    """The run on some pictures, which another server may have done.

    Parameters
    ----------
    names : of the model's classes
    pictures : stands for the pictures and the classes that are explained
    most : pictures that are looked at
    """
    key = (model_id, names, pictures, methods, layers, most)
    there = disk()
    found = there.find("comparison", key, None, kind=MethodComparison) if there is not None else None
    return ComparisonRun(key, found)
