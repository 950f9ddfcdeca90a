"""An evaluation of independent labels in numbers: per label, over all, and which occur together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats as scipy_stats

from xai_core.studies.evaluation import BINS, calibration_error
from xai_core.types import FloatArray, IntArray, Setting

DECISION = Setting(
    key="threshold",
    title="Threshold",
    default=0.5,
    low=0.01,
    high=0.99,
    step=0.01,
    help="From which probability on a label counts as predicted.",
    address="threshold",
)
NAN = float("nan")


@dataclass(frozen=True, eq=False)
class LabelArrays:
    """An evaluation as arrays; N pictures, K labels.

    Attributes
    ----------
    pictures : DataFrame
        N rows: index, picture, id, labels, usable.
    truth : ndarray
        int8 (N, K): 1 true, 0 not, -1 not known or answered with NaN.
    p : ndarray
        float64 (N, K), probabilities.
    """

    pictures: pd.DataFrame
    truth: npt.NDArray[np.int8]
    p: FloatArray

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """bool (N, K): what can be right or wrong."""
        return self.truth >= 0


def label_arrays(table: pd.DataFrame, classes: int) -> LabelArrays:
    """A table of `xai.evaluate_labels` as arrays.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate_labels`.
    classes : int
        K, the model's labels.

    Returns
    -------
    LabelArrays
    """
    first = table.iloc[::classes]
    usable = table["usable"].to_numpy(bool).reshape(-1, classes)
    truth = table["true"].to_numpy(np.int8).reshape(-1, classes)
    pictures = first[["index", "picture", "id", "labels", "usable"]].reset_index(drop=True)
    return LabelArrays(pictures, np.where(usable, truth, np.int8(-1)), table["p"].to_numpy(float).reshape(-1, classes))


@dataclass(frozen=True)
class LabelSummary:
    """A set of pictures with several labels in a few numbers.

    Attributes
    ----------
    n : int
        Pictures that could be judged, by one label at least.
    unlabelled, unusable : int
        Pictures of whose labels nothing is known, and those that the model answered NaN to.
    decisions, wrong : int
        Labels of pictures that could be judged, and those among them that are wrong.
    labels : int
        Labels that a picture has, over which the macro means go.
    exact : int
        Pictures whose every known label is right.
    interval : tuple of float
        Wilson's 95 % interval (1927) of the share of those.
    hamming : float
        Share of decisions that are right, in [0, 1].
    micro_precision, micro_recall, micro_f1 : float
        From the decisions about all labels together, in [0, 1].
    macro_precision, macro_recall, macro_f1, mean_average_precision : float
        Means over labels, in [0, 1]; the precision of one that is never predicted counts as 0.
    ece : float
        Expected calibration error of all probabilities, in [0, 1].
    threshold : float
        From which a label counts as predicted.
    """

    n: int
    unlabelled: int
    unusable: int
    decisions: int
    wrong: int
    labels: int
    exact: int
    interval: tuple[float, float]
    hamming: float
    micro_precision: float
    micro_recall: float
    micro_f1: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    mean_average_precision: float
    ece: float
    threshold: float

    @property
    def exact_share(self) -> float:
        """Share of the pictures whose every known label is right; NaN without a picture."""
        return self.exact / self.n if self.n else NAN


def _divided(part: float, whole: float) -> float:
    return float(part / whole) if whole else NAN


def summarise_labels(table: pd.DataFrame, names: Sequence[str], threshold: float = DECISION.default) -> LabelSummary:
    """The numbers of a whole table.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate_labels`.
    names : Sequence[str]
        The model's labels.
    threshold : float
        From which probability on a label counts as predicted.

    Returns
    -------
    LabelSummary
    """
    arrays = label_arrays(table, len(names))
    known, said = arrays.known, arrays.p >= threshold
    true = arrays.truth == 1
    wrong = known & (said != true)
    judged = known.any(axis=1)
    n, exact = int(judged.sum()), int((judged & ~wrong.any(axis=1)).sum())
    interval = (NAN, NAN)
    if n:
        bounds = scipy_stats.binomtest(exact, n).proportion_ci(method="wilson")
        interval = (float(bounds.low), float(bounds.high))
    right, predicted, there = (int(one.sum()) for one in (true & said, known & said, true))
    report = label_report(table, names, threshold)
    some = report[report["pictures"] > 0]
    usable = arrays.pictures["usable"].to_numpy(bool)
    decisions = int(known.sum())
    return LabelSummary(
        n=n,
        unlabelled=int((usable & ~judged).sum()),
        unusable=int((~usable).sum()),
        decisions=decisions,
        wrong=int(wrong.sum()),
        labels=len(some),
        exact=exact,
        interval=interval,
        hamming=_divided(decisions - int(wrong.sum()), decisions),
        micro_precision=_divided(right, predicted),
        micro_recall=_divided(right, there),
        micro_f1=_divided(2 * right, predicted + there),
        macro_precision=float(some["precision"].fillna(0).mean()) if len(some) else NAN,
        macro_recall=float(some["recall"].mean()) if len(some) else NAN,
        macro_f1=float(some["f1"].mean()) if len(some) else NAN,
        mean_average_precision=float(some["average_precision"].mean()) if len(some) else NAN,
        ece=calibration_error(label_calibration(table, len(names))),
        threshold=threshold,
    )


def label_report(table: pd.DataFrame, names: Sequence[str], threshold: float = DECISION.default) -> pd.DataFrame:
    """How each label fared.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate_labels`.
    names : Sequence[str]
        The model's labels.
    threshold : float
        From which probability on a label counts as predicted.

    Returns
    -------
    DataFrame
        A row a label: class (number), label, pictures (that have it), predicted, precision, recall, f1 and
        average_precision in [0, 1], missed (have it, not predicted), false_alarms (predicted, have it not), reason
        (why a number is NaN).
    """
    from sklearn.metrics import average_precision_score

    arrays = label_arrays(table, len(names))
    rows = []
    for index, name in enumerate(names):
        known = arrays.known[:, index]
        true, p = arrays.truth[known, index] == 1, arrays.p[known, index]
        said = p >= threshold
        right, there, predicted = int((true & said).sum()), int(true.sum()), int(said.sum())
        reason = "" if predicted else "It is never predicted, so it has no precision."
        if not there:
            reason = "No picture has it." if len(true) else "The data do not say which pictures have it."
        rows.append(
            {
                "class": index,
                "label": name,
                "pictures": there,
                "predicted": predicted,
                "precision": _divided(right, predicted) if there else NAN,
                "recall": _divided(right, there),
                "f1": 2 * right / (predicted + there) if there else NAN,
                "average_precision": float(average_precision_score(true, p)) if there else NAN,
                "missed": there - right,
                "false_alarms": predicted - right,
                "reason": reason,
            }
        )
    return pd.DataFrame(rows)


def label_calibration(table: pd.DataFrame, classes: int, label: int | None = None, bins: int = BINS) -> pd.DataFrame:
    """Whether the probabilities of labels can be believed: how many pictures have a label that is given so much.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate_labels`.
    classes : int
        K, the model's labels.
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
    arrays = label_arrays(table, classes)
    which = slice(None) if label is None else [label]
    known = arrays.known[:, which]
    p, true = arrays.p[:, which][known], arrays.truth[:, which][known]
    place = np.searchsorted(np.arange(1, bins) / bins, p)
    frame = pd.DataFrame({"bin": place, "p": p, "true": true.astype(float)})
    found = frame.groupby("bin").agg(n=("p", "size"), confidence=("p", "mean"), accuracy=("true", "mean"))
    edges = found.index.to_numpy()
    found.insert(0, "low", edges / bins)
    found.insert(1, "high", (edges + 1) / bins)
    return found.reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class CoOccurrence:
    """How often labels occur together, in truth and in prediction.

    Attributes
    ----------
    labels : ndarray
        int64 (L,), numbers of the labels shown.
    true, predicted : ndarray
        int64 (L, L), pictures that have both, or are given both; the diagonal counts each label by itself. Only
        pictures of which both labels are known.
    hidden : int
        Labels that occur and are not shown.
    """

    labels: IntArray
    true: IntArray
    predicted: IntArray
    hidden: int


def co_occurrence(
    table: pd.DataFrame, classes: int, threshold: float = DECISION.default, limit: int = 24
) -> CoOccurrence:
    """Which labels occur together.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate_labels`.
    classes : int
        K, the model's labels.
    threshold : float
        From which probability on a label counts as predicted.
    limit : int
        At most so many labels, the most frequent ones.

    Returns
    -------
    CoOccurrence
    """
    arrays = label_arrays(table, classes)
    true = (arrays.truth == 1).astype(np.int64)
    said = (arrays.known & (arrays.p >= threshold)).astype(np.int64)
    known = arrays.known.astype(np.int64)
    weight = (true + said).sum(axis=0)
    occurs = np.flatnonzero(weight)
    shown = np.sort(occurs[np.argsort(-weight[occurs], kind="stable")[:limit]])
    # A pair counts where both are known: a product of a label with itself is the label.
    pairs = [(one * known).T[shown] @ (one * known)[:, shown] for one in (true, said)]
    return CoOccurrence(shown, pairs[0], pairs[1], len(occurs) - len(shown))
