"""Misclassifications before a study is complete: accuracy; nothing of independent labels, which have no single one."""

from __future__ import annotations

import numpy as np

from xai_core.batch.store import StudyFolder
from xai_core.questions.so_far import SoFar
from xai_core.studies.shortcut_reading import accuracy_words


def _values(study: StudyFolder, number: int) -> np.ndarray:
    """Whether each picture is right; NaN where its label is no class of the model's, or its answer NaN: float (n,)."""
    right, usable = study.array(number, "column/correct"), study.array(number, "column/usable")
    known = usable.astype(bool) & (study.array(number, "column/true") >= 0)
    return np.where(known, right.astype(float), np.nan)


def _say(study: StudyFolder, values: np.ndarray) -> str:
    return f"{accuracy_words(int(values.sum()), len(values))}."


SO_FAR = SoFar(_values, _say, measure="share of right answers")
