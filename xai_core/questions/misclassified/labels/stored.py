"""The evaluation of independent labels that a study on disk holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core.batch.store import StudyFolder
from xai_core.questions.misclassified.fits import labels_fit
from xai_core.questions.misclassified.question import MISCLASSIFIED
from xai_core.types import LabelEvaluation
from xai_core.types.label_evaluation import label_thresholds

TRUE, PROBABILITIES = "labels/true", "labels/p"  # arrays of a part


def labels_evaluation(study: StudyFolder, names: Sequence[str]) -> LabelEvaluation:
    """The evaluation of all batches."""
    numbers = range(study.head["parts"])
    said = [study.about(number) for number in numbers]
    k = len(names)
    read = any(about["ids"] for about in said)
    return LabelEvaluation(
        label_names=tuple(names),
        index=study.stacked("index", numbers) if read else np.zeros(0, np.int64),
        pictures=tuple(name for about in said for name in about["names"]),
        ids=tuple(one for about in said for one in about["ids"]),
        labels=tuple(tuple(labels) for about in said for labels in about["every label"]),
        truth=np.asarray(study.stacked(TRUE, numbers)) if read else np.zeros((0, k), np.int8),
        probabilities=np.asarray(study.stacked(PROBABILITIES, numbers)) if read else np.zeros((0, k), np.float32),
        thresholds=label_thresholds(names),
    )


def stored_labels(study: StudyFolder, model_id: str, pictures: int, names: Sequence[str]) -> LabelEvaluation | None:
    """The complete evaluation, in the form of `xai.evaluate_labels`; None until the study is complete.

    Parameters
    ----------
    study : StudyFolder
    model_id : str
        Of the model that is asked about.
    pictures : int
        As many as are asked about.
    names : Sequence[str]
        Of the model's labels.

    Returns
    -------
    LabelEvaluation or None
        None, too, where a part is damaged, or of other pictures or labels.
    """
    if not study.answers(MISCLASSIFIED.key, model_id):
        return None
    try:
        found = labels_evaluation(study, names)
        return found if labels_fit(found, pictures, names) else None
    except Exception:  # damaged or taken away
        return None
