"""Which labels occur together, in truth and in prediction: what a confusion matrix is for a single class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xai_core.types import IntArray, LabelEvaluation


@dataclass(frozen=True, eq=False)
class CoOccurrence:
    """How often a label is predicted, missed or falsely predicted where another one is true.

    Every count goes over pictures whose data say of both labels whether they are true. The last row stands for pictures
    without any label that is known to be true, the last column for those of which no label is predicted.

    Attributes
    ----------
    labels : ndarray
        int64 (L,), numbers of the labels shown.
    true : ndarray
        int64 (L + 1, L), pictures that have the row's label and the column's; the diagonal counts each label by itself.
    predicted : ndarray
        int64 (L + 1, L + 1), pictures that have the row's label and of which the column's is predicted.
    false : ndarray
        int64 (L + 1, L), those of `predicted` that do not have the column's label.
    totals : ndarray
        int64 (L + 1,), pictures of each row.
    hidden : int
        Labels that occur and are not shown.
    """

    labels: IntArray
    true: IntArray
    predicted: IntArray
    false: IntArray
    totals: IntArray
    hidden: int


def co_occurrence(evaluation: LabelEvaluation, limit: int = 24) -> CoOccurrence:
    """Which labels occur together.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.
    limit : int
        At most so many labels; those that are most often true or predicted.

    Returns
    -------
    CoOccurrence
    """
    known = evaluation.known
    true, said = known & (evaluation.truth == 1), known & evaluation.predicted
    often = (true | said).sum(axis=0)
    occurs = np.flatnonzero(often)
    shown = np.sort(occurs[np.argsort(-often[occurs], kind="stable")[:limit]])
    judged = known.any(axis=1)
    rows = np.column_stack([true[:, shown], judged & ~true.any(axis=1)]).astype(np.int64)
    nothing = judged & ~said.any(axis=1)

    def counted(columns: np.ndarray) -> IntArray:
        return rows.T @ columns.astype(np.int64)

    return CoOccurrence(
        labels=shown,
        true=counted(true[:, shown]),
        predicted=counted(np.column_stack([said[:, shown], nothing])),
        false=counted(evaluation.false_positives[:, shown]),
        totals=rows.sum(axis=0),
        hidden=len(occurs) - len(shown),
    )
