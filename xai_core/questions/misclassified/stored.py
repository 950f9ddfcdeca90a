"""The evaluation that a study on disk holds."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xai_core.batch.store import StudyFolder
from xai_core.batch.tables import table_of
from xai_core.questions.misclassified.fits import TEXTS, table_fits
from xai_core.questions.misclassified.question import MISCLASSIFIED

# Columns of an evaluation; those of `TEXTS` are no numbers.
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


def evaluation_table(study: StudyFolder) -> pd.DataFrame:
    """The rows of all batches."""
    return table_of(study, range(study.head["parts"]), COLUMNS, TEXTS)


def stored_evaluation(study: StudyFolder, model_id: str, pictures: int, names: Sequence[str]) -> pd.DataFrame | None:
    """The complete table of an evaluation, in the form of `xai.evaluate`; None until the study is complete.

    Parameters
    ----------
    study : StudyFolder
    model_id : str
        Of the model that is asked about.
    pictures : int
        As many as are asked about.
    names : Sequence[str]
        Of the model's classes.

    Returns
    -------
    DataFrame or None
        None, too, where a part is damaged, or of other pictures or classes.
    """
    if not study.answers(MISCLASSIFIED.key, model_id):
        return None
    try:
        table = evaluation_table(study)
        return table if table_fits(table, pictures, names) else None
    except Exception:  # damaged or taken away
        return None
