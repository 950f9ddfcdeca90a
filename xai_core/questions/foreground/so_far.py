"""Foreground vs Background before a study is complete: how much of the maps lies on the object."""

from __future__ import annotations

import numpy as np

from xai_core.batch.store import StudyFolder
from xai_core.questions.foreground.stored import FIRST_COLUMNS
from xai_core.questions.so_far import SoFar, mean_words


def _layer(study: StudyFolder) -> str:
    """The layer that the study answers for: the one that was asked for, or the last stage."""
    return study.request.get("layer") or study.head["layers"][-1]


def _values(study: StudyFolder, number: int) -> np.ndarray:
    """Share of energy on the object at the study's layer, and the object's share of the picture: float (n, 2)."""
    names = list(study.about(number).get("measures", FIRST_COLUMNS))
    there = study.array(number, "where")[:, study.head["layers"].index(_layer(study))]
    return there[:, [names.index("energy_inside"), names.index("mask_area")]].astype(float)


def _say(study: StudyFolder, values: np.ndarray) -> str:
    where = f" at {_layer(study)}" if len(study.head["layers"]) > 1 else ""
    return (
        f"{mean_words(values[:, 0])} of the map{where} is on the object, which covers "
        f"{100 * values[:, 1].mean():.0f}% of the picture on average. How much of that is where objects usually lie is "
        "not known yet."
    )


SO_FAR = SoFar(_values, _say, measure="share of the map on the object", each=lambda values: values[:, 0])
