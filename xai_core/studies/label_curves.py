"""A label's probabilities against the truth: precision and recall at every threshold, and calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core.studies.evaluation import BINS
from xai_core.types import FloatArray, LabelEvaluation

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class PrecisionRecall:
    """Precision and recall of a label at each threshold that tells its pictures apart, the highest threshold first.

    Attributes
    ----------
    thresholds : ndarray
        float32 (T,), falling.
    precision, recall : ndarray
        float64 (T,), in [0, 1].
    """

    thresholds: FloatArray
    precision: np.ndarray
    recall: np.ndarray

    @property
    def average_precision(self) -> float:
        """The mean of the precision weighted by the rise of recall, without interpolation; NaN without a point."""
        return float((np.diff(self.recall, prepend=0.0) * self.precision).sum()) if len(self.recall) else NAN

    @property
    def f1(self) -> np.ndarray:
        """float64 (T,), the harmonic mean of both; 0 where both are."""
        both = self.precision + self.recall
        return np.divide(2 * self.precision * self.recall, both, out=np.zeros_like(both), where=both > 0)


def precision_recall(evaluation: LabelEvaluation, label: int) -> PrecisionRecall:
    """Precision and recall of a label at every threshold; without points where no picture is known to have it.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.
    label : int
        Number of the label.

    Returns
    -------
    PrecisionRecall
    """
    known = evaluation.known[:, label]
    true, p = evaluation.truth[known, label] == 1, evaluation.probabilities[known, label]
    if not true.any():
        return PrecisionRecall(np.zeros(0, np.float32), np.zeros(0), np.zeros(0))
    order = np.argsort(-p, kind="stable")
    true, p = true[order], p[order]
    last = np.append(np.flatnonzero(np.diff(p)), len(p) - 1)  # of equal probabilities, which no threshold parts
    found, predicted = np.cumsum(true)[last], last + 1
    return PrecisionRecall(p[last], found / predicted, found / true.sum())


def label_calibration(evaluation: LabelEvaluation, label: int | None = None, bins: int = BINS) -> pd.DataFrame:
    """Whether the probabilities of labels can be believed: how many pictures have a label that is given so much.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.
    label : int, optional
        Number of one label; None takes all together.
    bins : int
        Equal bins of [0, 1].

    Returns
    -------
    DataFrame
        A row for each bin that holds a probability: low, high, n, confidence (mean probability), accuracy (share of
        pictures that have the label), as `calibration` gives them.
    """
    which = slice(None) if label is None else slice(label, label + 1)
    known = evaluation.known[:, which]
    p, true = evaluation.probabilities[:, which][known].astype(np.float64), evaluation.truth[:, which][known] == 1
    place = np.searchsorted(np.arange(1, bins) / bins, p)
    frame = pd.DataFrame({"bin": place, "p": p, "true": true.astype(float)})
    found = frame.groupby("bin").agg(n=("p", "size"), confidence=("p", "mean"), accuracy=("true", "mean"))
    edges = found.index.to_numpy()
    found.insert(0, "low", edges / bins)
    found.insert(1, "high", (edges + 1) / bins)
    return found.reset_index(drop=True)
