"""Discovery before a study is complete: accuracy; groups are looked for when all pictures have been looked at."""

from __future__ import annotations

import numpy as np

from xai_core.batch.store import StudyFolder
from xai_core.questions.so_far import SoFar
from xai_core.studies.shortcut_reading import accuracy_words


def _values(study: StudyFolder, number: int) -> np.ndarray:
    """Whether each picture is right: float (n,)."""
    p, targets = study.array(number, "view/probabilities"), study.array(number, "view/targets")
    return np.where(np.isfinite(p).all(axis=1), (p.argmax(axis=1) == targets).astype(float), np.nan)


def _say(study: StudyFolder, values: np.ndarray) -> str:
    return f"{accuracy_words(int(values.sum()), len(values))}. Groups are looked for when all are there."


SO_FAR = SoFar(_values, _say, measure="share of right answers")
