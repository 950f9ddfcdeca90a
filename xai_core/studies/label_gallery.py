"""Which pictures of an evaluation of independent labels to look at, and which label of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from xai_core.types import IntArray, LabelEvaluation

LabelOutcome = Literal["wrong", "missed", "false_positive", "found", "predicted", "all"]
# What a gallery can show: key -> its name for people.
LABEL_OUTCOMES: dict[LabelOutcome, str] = {
    "wrong": "Wrong",
    "missed": "Missed",
    "false_positive": "False positives",
    "found": "Found",
    "predicted": "Predicted",
    "all": "All",
}
# How it can be sorted: key -> (title, whether the largest come first).
LABEL_SORTS: dict[str, tuple[str, bool]] = {
    "sure": ("Surest of the label", True),
    "unsure": ("Least sure of the label", False),
    "likely": ("Most probable", True),
    "unlikely": ("Least probable", False),
}
NO_LABEL = -1  # stands for "none of its labels is known to be true" among labels that a picture must have


def choose_labelled(
    evaluation: LabelEvaluation,
    *,
    only: LabelOutcome = "wrong",
    label: int | None = None,
    having: Sequence[int] = (),
    sort: str = "sure",
) -> pd.DataFrame:
    """Pictures with a label of each to look at.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.
    only : {"wrong", "missed", "false_positive", "found", "predicted", "all"}
        What became of the label: missed (true, not predicted), false_positive (predicted, not true), either of these,
        found (true and predicted), predicted, or whatever.
    label : int, optional
        Of one label; without it, of each picture that label of which the model is surest.
    having : sequence of int
        Labels that must all be true of the picture as well; -1 for pictures without a label that is known to be true.
    sort : {"sure", "unsure", "likely", "unlikely"}
        By how far the label's probability lies from its threshold, or by the probability itself.

    Returns
    -------
    DataFrame
        A row a picture: row (its place in the evaluation), index, picture, id; class (number) and label to look at;
        outcome ("missed", "false positive", "found", "rejected", "not known"); probability of that label; labels (all
        that the data say is true, as text).
    """
    known, true, said = evaluation.known, evaluation.truth == 1, evaluation.predicted & evaluation.usable[:, None]
    missed, false, found = evaluation.missed, evaluation.false_positives, evaluation.found
    fits = {
        "wrong": missed | false,
        "missed": missed,
        "false_positive": false,
        "found": found,
        "predicted": said,
        "all": np.ones_like(known),
    }[only].copy()
    if label is not None:
        fits &= np.arange(fits.shape[1]) == label
    for one in having:
        fits &= ((~(true & known).any(axis=1)) if one == NO_LABEL else true[:, one])[:, None]
    p = evaluation.probabilities
    # What "all" shows of a picture is its likeliest label; otherwise that of which the model is surest.
    by = np.nan_to_num(p, nan=-1.0) if only == "all" else np.nan_to_num(np.abs(p - evaluation.thresholds), nan=-1.0)
    best = np.where(fits, by, -2.0).argmax(axis=1)
    rows = np.flatnonzero(fits.any(axis=1))
    best = best[rows]
    outcome = np.select(
        [one[rows, best] for one in (missed, false, found, known)],
        ["missed", "false positive", "found", "rejected"],
        "not known",
    )
    frame = pd.DataFrame(
        {
            "row": rows,
            "index": evaluation.index[rows],
            "picture": [evaluation.pictures[row] for row in rows],
            "id": [evaluation.ids[row] for row in rows],
            "class": best,
            "label": [evaluation.label_names[index] for index in best],
            "outcome": outcome,
            "probability": p[rows, best],
            "labels": [", ".join(evaluation.labels[row]) for row in rows],
        }
    )
    values = frame["probability"].to_numpy(float)
    if sort in ("sure", "unsure"):
        values = np.abs(values - evaluation.thresholds[best])
    largest_first = LABEL_SORTS[sort][1]
    ranked = np.where(np.isnan(values), np.inf, -values if largest_first else values)
    return frame.iloc[np.argsort(ranked, kind="stable")].reset_index(drop=True)


def found_pictures(evaluation: LabelEvaluation, label: int, *, besides: int | None = None) -> IntArray:
    """Pictures in which a label is found, the likeliest first: int64 (n,) places in the evaluation.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.
    label : int
        Number of the label.
    besides : int, optional
        A place to leave out.
    """
    rows = np.flatnonzero(evaluation.found[:, label])
    rows = rows[np.argsort(-evaluation.probabilities[rows, label], kind="stable")]
    return rows[rows != besides] if besides is not None else rows


def worst_label(evaluation: LabelEvaluation, place: int) -> int:
    """The label of a picture to look at first: its surest mistake, or its likeliest label where there is none.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.
    place : int
        Of the picture in it.
    """
    wrong = evaluation.missed[place] | evaluation.false_positives[place]
    p = np.nan_to_num(evaluation.probabilities[place], nan=-1.0)
    sure = np.where(wrong, np.abs(p - evaluation.thresholds), -1.0)
    return int(sure.argmax() if wrong.any() else p.argmax())


def other_label(evaluation: LabelEvaluation, place: int, label: int) -> int:
    """The label to hold against another one: the likeliest that is true, else the likeliest of all.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.
    place : int
        Of the picture in it.
    label : int
        The label that is explained; given back where the model has no other.
    """
    p = np.nan_to_num(evaluation.probabilities[place], nan=-1.0)
    for among in (evaluation.truth[place] == 1, np.ones(len(p), bool)):
        among[label] = False
        if among.any():
            return int(np.where(among, p, -2.0).argmax())
    return label
