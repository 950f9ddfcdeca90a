"""An evaluation of independent labels in numbers: over all labels, and label by label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.evaluation import calibration_error
from xai_core.studies.label_curves import label_calibration, precision_recall
from xai_core.types import LabelEvaluation

NAN = float("nan")


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
    unknown : int
        Labels of those pictures of which the data do not say whether they are true; left out.
    labels : int
        Labels that some picture has, over which the macro means go.
    exact : int
        Pictures of which every known label is right.
    interval : tuple of float
        Blaker's 95% interval (2000) of the share of those.
    accuracy : float
        Share of decisions that are right, in [0, 1]; 1 minus the Hamming loss.
    micro_precision, micro_recall, micro_f1 : float
        From the decisions about all labels together, in [0, 1].
    macro_f1, mean_average_precision : float
        Means over labels that some picture has, in [0, 1].
    ece : float
        Expected calibration error of all probabilities, in [0, 1].
    """

    n: int
    unlabelled: int
    unusable: int
    decisions: int
    wrong: int
    unknown: int
    labels: int
    exact: int
    interval: tuple[float, float]
    accuracy: float
    micro_precision: float
    micro_recall: float
    micro_f1: float
    macro_f1: float
    mean_average_precision: float
    ece: float

    @property
    def exact_share(self) -> float:
        """Share of the pictures of which every known label is right; NaN without a picture."""
        return _divided(self.exact, self.n)


def _divided(part: float, whole: float) -> float:
    return float(part / whole) if whole else NAN


def summarise_labels(evaluation: LabelEvaluation) -> LabelSummary:
    """The numbers of a whole evaluation.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.

    Returns
    -------
    LabelSummary
    """
    known = evaluation.known
    judged = evaluation.judged
    n, exact = int(judged.sum()), int((judged & ~evaluation.mistaken).sum())
    interval = (NAN, NAN)
    if n:
        interval = stats.share_interval(exact, n)
    found, missed, false = (int(one.sum()) for one in (evaluation.found, evaluation.missed, evaluation.false_positives))
    report = label_report(evaluation)
    some = report[report["pictures"] > 0]
    decisions = int(known.sum())
    return LabelSummary(
        n=n,
        unlabelled=int((evaluation.usable & ~judged).sum()),
        unusable=int((~evaluation.usable).sum()),
        decisions=decisions,
        wrong=missed + false,
        unknown=n * known.shape[1] - decisions,
        labels=len(some),
        exact=exact,
        interval=interval,
        accuracy=_divided(decisions - missed - false, decisions),
        micro_precision=_divided(found, found + false),
        micro_recall=_divided(found, found + missed),
        micro_f1=_divided(2 * found, 2 * found + missed + false),
        macro_f1=float(some["f1"].mean()) if len(some) else NAN,
        mean_average_precision=float(some["average_precision"].mean()) if len(some) else NAN,
        ece=calibration_error(label_calibration(evaluation)),
    )


def label_report(evaluation: LabelEvaluation) -> pd.DataFrame:
    """How each label fared, over the pictures whose data say whether they have it.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.

    Returns
    -------
    DataFrame
        A row a label: class (number), label, known (pictures whose data say whether they have it), pictures (that have
        it), prevalence (share of those), threshold, predicted, precision, recall, f1, average_precision in [0, 1],
        missed (have it, not predicted), false_positives (predicted, have it not), best_threshold (where F1 is highest
        on these very pictures, so that it is optimistic) and best_f1, reason (why a number is NaN).
    """
    rows = []
    for index, name in enumerate(evaluation.label_names):
        known = int(evaluation.known[:, index].sum())
        found, missed, false = (
            int(one[:, index].sum()) for one in (evaluation.found, evaluation.missed, evaluation.false_positives)
        )
        there, predicted = found + missed, found + false
        curve = precision_recall(evaluation, index)
        best = int(np.argmax(curve.f1)) if there else 0
        reason = "" if predicted else "It is never predicted, so it has no precision."
        if not there:
            reason = "No picture is known to have it." if known else "The data do not say which pictures have it."
        rows.append(
            {
                "class": index,
                "label": name,
                "known": known,
                "pictures": there,
                "prevalence": _divided(there, known),
                "threshold": float(evaluation.thresholds[index]),
                "predicted": predicted,
                "precision": _divided(found, predicted),
                "recall": _divided(found, there),
                "f1": _divided(2 * found, predicted + there),
                "average_precision": curve.average_precision,
                "missed": missed,
                "false_positives": false,
                "best_threshold": float(curve.thresholds[best]) if there else NAN,
                "best_f1": float(curve.f1[best]) if there else NAN,
                "reason": reason,
            }
        )
    return pd.DataFrame(rows)


def label_table(evaluation: LabelEvaluation) -> pd.DataFrame:
    """An evaluation as a table to take away, a row for each picture and label.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of N pictures and K labels.

    Returns
    -------
    DataFrame
        N x K rows, picture by picture: index (in the data set), picture, id, labels (all that the data say is true),
        class (number), label, true (1 true, 0 not, -1 not known), probability, threshold, predicted, outcome ("found",
        "missed", "false positive", "rejected", or "not known").
    """
    n, k = evaluation.truth.shape
    outcome = np.select(
        [evaluation.found, evaluation.missed, evaluation.false_positives, evaluation.known],
        ["found", "missed", "false positive", "rejected"],
        "not known",
    )
    return pd.DataFrame(
        {
            "index": np.repeat(evaluation.index, k),
            "picture": np.repeat(np.array(evaluation.pictures, object), k),
            "id": np.repeat(np.array(evaluation.ids, object), k),
            "labels": np.repeat(np.array([", ".join(one) for one in evaluation.labels], object), k),
            "class": np.tile(np.arange(k), n),
            "label": np.tile(np.array(evaluation.label_names, object), n),
            "true": evaluation.truth.ravel(),
            "probability": evaluation.probabilities.ravel(),
            "threshold": np.tile(evaluation.thresholds, n),
            "predicted": evaluation.predicted.ravel(),
            "outcome": outcome.ravel(),
        }
    )
