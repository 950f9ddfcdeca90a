"""Layer Explorer before a study is complete: the share above the threshold at the first and at the last layer."""

from __future__ import annotations

import numpy as np

from xai_core.batch.store import StudyFolder
from xai_core.questions.so_far import SoFar, mean_words
from xai_core.studies.map_measures import SWEEP, THRESHOLD


def _threshold(study: StudyFolder) -> float:
    return float(study.request.get("threshold") or THRESHOLD)


def _values(study: StudyFolder, number: int) -> np.ndarray:
    """Shares at the first and at the last layer: float (n, 2)."""
    shares = study.array(number, "own/share")[:, :, SWEEP.index(round(_threshold(study), 2))]
    return shares[:, [0, -1]].astype(float)


def _say(study: StudyFolder, values: np.ndarray) -> str:
    share, layers = f"the share of pixels above {_threshold(study):g} is", list(study.head["layers"])
    if len(layers) < 2:
        return f"{share} {mean_words(values[:, 0])} at {layers[0]}."
    first, last = values.mean(axis=0)
    return (
        f"{share} {100 * first:.1f}% at {layers[0]} and {100 * last:.1f}% at {layers[-1]}; the difference is "
        f"{mean_words(values[:, 1] - values[:, 0], signed=True)}."
    )


SO_FAR = SoFar(
    _values,
    _say,
    measure="share of pixels above the threshold, at the last layer minus at the first",
    each=lambda values: values[:, 1] - values[:, 0],
)
