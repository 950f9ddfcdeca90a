"""An evaluation in numbers: tallies, calibration, the confusion matrix. It all reads `xai.evaluate`'s table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.groups import groups_of, units_of
from xai_core.types import IntArray
from xai_core.types.counts import number_of

BINS = 15  # of confidence, as in Guo et al.


TOP5_FROM = 11  # classes, from which on the top five say something


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that can be right or wrong: with a label that the model knows and an answer that is a number."""
    return table[(table["true"] >= 0) & table["usable"]]


def confusion(table: pd.DataFrame, classes: int) -> IntArray:
    """int64 (K, K): pictures by true class (rows) and predicted class (columns)."""
    known = judged(table)
    cells = known["true"].to_numpy() * classes + known["predicted"].to_numpy()
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


@dataclass(frozen=True)
class Summary:
    """A labelled set in a few numbers.

    Attributes
    ----------
    n, right : int
        Pictures that could be judged, and those among them that are right.
    unlabelled, unusable : int
        Pictures without a label that the model knows, and those that it answered NaN to.
    accuracy, top5 : float
        In [0, 1], NaN without a picture; top5 is NaN up to ten classes.
    interval : tuple of float
        95% interval of the accuracy: Blaker's (2000), or where pictures belong together Korn and Graubard's (1998).
    macro_f1 : float
        Mean over the classes that occur, in [0, 1].
    ece : float
        Expected calibration error in [0, 1].
    confidence : float
        Mean confidence in [0, 1].
    groups : int
        Groups that the interval counts; 0 where it counts pictures.
    """

    n: int
    right: int
    unlabelled: int
    unusable: int
    accuracy: float
    interval: tuple[float, float]
    top5: float
    macro_f1: float
    ece: float
    confidence: float
    groups: int = 0

    @property
    def counting(self) -> str:
        """What the interval counts where that is not pictures, to stand behind its numbers."""
        return f", counting the {number_of(self.groups, 'group')} that pictures belong to" if self.groups else ""


def summarise(table: pd.DataFrame, names: Sequence[str]) -> Summary:
    """The numbers of a whole table; with a column of groups (`with_kin`) the interval counts groups."""
    known = judged(table)
    n, right = len(known), int(known["correct"].sum())
    units = units_of(groups_of(known), n)
    interval = stats.share_interval(right, n)
    if units.grouped:
        interval = stats.clustered_share(known["correct"].to_numpy(bool), units.numbers)
    report = class_report(table, names)
    f1 = report.loc[report["pictures"] > 0, "f1"].fillna(0)
    return Summary(
        n=n,
        right=right,
        unlabelled=int((table["true"] < 0).sum()),
        unusable=int(((table["true"] >= 0) & ~table["usable"]).sum()),
        accuracy=right / n if n else float("nan"),
        interval=interval,
        top5=float(known["in_top5"].mean()) if n and len(names) >= TOP5_FROM else float("nan"),
        macro_f1=float(f1.mean()) if len(f1) else float("nan"),
        ece=calibration_error(calibration(table)),
        confidence=float(known["confidence"].mean()) if n else float("nan"),
        groups=units.n if units.grouped else 0,
    )


def class_report(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """How each class fared.

    Returns
    -------
    DataFrame
        A row for each class that is the label or the prediction of a picture: class, pictures (with that label),
        recall, precision and f1 in [0, 1] (NaN where there is nothing to divide by), missed (pictures of the class
        predicted as another), false_positives (pictures of others predicted as it).
    """
    matrix = confusion(table, len(names))
    right, pictures, taken = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    with np.errstate(invalid="ignore"):
        frame = pd.DataFrame(
            {
                "class": list(names),
                "pictures": pictures,
                "recall": right / pictures,
                "precision": right / taken,
                "f1": 2 * right / (pictures + taken),
                "missed": pictures - right,
                "false_positives": taken - right,
            }
        )
    return frame[(pictures > 0) | (taken > 0)].reset_index(drop=True)


def calibration(table: pd.DataFrame, bins: int = BINS) -> pd.DataFrame:
    """Whether confidences can be believed (Guo et al. 2017, arXiv 1706.04599).

    Returns
    -------
    DataFrame
        A row for each of the equal bins of (0, 1] that holds a picture: low, high, n, confidence (mean), accuracy.
    """
    known = judged(table)
    confidence = known["confidence"].to_numpy()
    place = np.searchsorted(np.arange(1, bins) / bins, confidence)
    grouped = known.assign(bin=place).groupby("bin")
    found = grouped.agg(n=("correct", "size"), confidence=("confidence", "mean"), accuracy=("correct", "mean"))
    edges = found.index.to_numpy()
    found.insert(0, "low", edges / bins)
    found.insert(1, "high", (edges + 1) / bins)
    return found.reset_index(drop=True)


def calibration_error(bins: pd.DataFrame) -> float:
    """Expected calibration error in [0, 1]: the mean gap between confidence and accuracy, bins by their pictures."""
    n = bins["n"].sum()
    return float((bins["n"] * (bins["confidence"] - bins["accuracy"]).abs()).sum() / n) if n else float("nan")


def confused_pairs(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Which class is confused with which, most often first.

    Returns
    -------
    DataFrame
        A row a pair that occurs: true, predicted (class numbers), true_class, predicted_class, n, share (of the
        pictures of the true class).
    """
    matrix = confusion(table, len(names))
    pictures = matrix.sum(axis=1)
    np.fill_diagonal(matrix, 0)
    true, predicted = np.nonzero(matrix)
    words = np.array(names, dtype=object)
    counts = matrix[true, predicted]
    frame = pd.DataFrame(
        {
            "true": true,
            "predicted": predicted,
            "true_class": words[true],
            "predicted_class": words[predicted],
            "n": counts,
            "share": counts / pictures[true],
        }
    )
    return frame.sort_values(["n", "share"], ascending=False, kind="stable", ignore_index=True)


@dataclass(frozen=True, eq=False)
class ShownConfusion:
    """The part of a confusion matrix that fits a page.

    Attributes
    ----------
    rows : ndarray
        int64 (R,), true classes shown.
    columns : ndarray
        int64 (C,), predicted classes shown: those of the rows first, then the others, most frequent first.
    counts : ndarray
        int64 (R, C).
    true_totals, predicted_totals : ndarray
        int64 (R,), (C,), over all classes, shown or not.
    other_columns, other_rows : ndarray
        int64 (R,), (C,), pictures in columns and rows that are not shown.
    hidden : int
        Number of classes that occur and are not shown as a row or a column.
    """

    rows: IntArray
    columns: IntArray
    counts: IntArray
    true_totals: IntArray
    predicted_totals: IntArray
    hidden: int

    @property
    def other_columns(self) -> IntArray:
        return self.true_totals - self.counts.sum(axis=1)

    @property
    def other_rows(self) -> IntArray:
        return self.predicted_totals - self.counts.sum(axis=0)


def shown_confusion(matrix: IntArray, limit: int = 24) -> ShownConfusion:
    """The classes that occur; beyond `limit` the most confused ones.

    Parameters
    ----------
    matrix : ndarray
        int64 (K, K).
    limit : int
        At most so many rows and columns.
    """
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    occurs_true, occurs = matrix.sum(axis=1) > 0, (matrix.sum(axis=0) > 0) | (matrix.sum(axis=1) > 0)
    involved = wrong.sum(axis=1) + wrong.sum(axis=0)

    def most(candidates: IntArray, weight: np.ndarray, room: int) -> IntArray:
        return np.sort(candidates[np.argsort(-weight[candidates], kind="stable")[: max(room, 0)]])

    rows = most(np.flatnonzero(occurs_true), involved, limit)
    taken = matrix[rows].sum(axis=0)
    others = np.setdiff1d(np.flatnonzero(taken > 0), rows)
    frequent = others[np.argsort(-taken[others], kind="stable")[: max(limit - len(rows), 0)]]
    columns = np.concatenate([rows, frequent])
    hidden = int(occurs.sum()) - len(columns)
    return ShownConfusion(
        rows=rows,
        columns=columns,
        counts=matrix[np.ix_(rows, columns)],
        true_totals=matrix[rows].sum(axis=1),
        predicted_totals=matrix[:, columns].sum(axis=0),
        hidden=hidden,
    )
