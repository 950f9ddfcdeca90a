"""The evaluation that a study on disk holds."""

from __future__ import annotations

import pandas as pd

from xai_core.batch.store import StudyFolder
from xai_core.batch.tables import table_of
from xai_core.questions.misclassified.question import MISCLASSIFIED

# Columns of an evaluation; those of TEXTS are no numbers.
COLUMNS = (
    "index",
    "picture",
    "id",
    "label",
    "true",
    "true_class",
    "predicted",
    "predicted_class",
    "confidence",
    "p_true",
    "margin",
    "loss",
    "correct",
    "in_top5",
    "usable",
)
TEXTS = ("picture", "id", "label", "true_class", "predicted_class")


def evaluation_table(study: StudyFolder) -> pd.DataFrame:
    """The rows of all batches."""
    return table_of(study, range(study.head["parts"]), COLUMNS, TEXTS)


def stored_evaluation(study: StudyFolder, model_id: str) -> pd.DataFrame | None:
    """The complete table of an evaluation, in the form of `xai.evaluate`; None until the study is complete."""
    if study.kind != MISCLASSIFIED.key or not study.complete or model_id != study.model_id:
        return None
    try:
        return evaluation_table(study)
    except Exception:  # damaged or taken away
        return None
