"""Which pictures of an evaluation of independent labels to look at, and which label of each."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from xai_core.studies.label_evaluation import DECISION, label_arrays

LabelOutcome = Literal["wrong", "missed", "false_alarm", "found", "all"]
# What a gallery can show: key -> its name for people.
LABEL_OUTCOMES: dict[LabelOutcome, str] = {
    "wrong": "Wrong",
    "missed": "Missed",
    "false_alarm": "False alarms",
    "found": "Found",
    "all": "All",
}


def choose_labelled(
    table: pd.DataFrame,
    classes: int,
    threshold: float = DECISION.default,
    *,
    only: LabelOutcome = "wrong",
    label: int | None = None,
) -> pd.DataFrame:
    """Pictures with a label of each to look at, the surest first.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate_labels`.
    classes : int
        K, the model's labels.
    threshold : float
        From which probability on a label counts as predicted.
    only : {"wrong", "missed", "false_alarm", "found", "all"}
        What became of the label: missed (true, not predicted), false_alarm (predicted, not true), either of these,
        found (true and predicted), or whatever.
    label : int, optional
        Of one label; without it, of each picture that label of which the model is surest.

    Returns
    -------
    DataFrame
        A row a picture: row (its place in the evaluation), index, picture, id, labels, usable; predicted (the number
        of its label to look at) and outcome ("missed", "false alarm", "found", "rejected", "not known"); confidence,
        the probability of that label.
    """
    arrays = label_arrays(table, classes)
    known, true, said = arrays.known, arrays.truth == 1, arrays.p >= threshold
    missed, false_alarm, found = true & ~said, known & ~true & said, true & said
    fits = {
        "wrong": missed | false_alarm,
        "missed": missed,
        "false_alarm": false_alarm,
        "found": found,
        "all": np.ones_like(known),
    }[only]
    if label is not None:
        fits = fits & (np.arange(classes) == label)
    # How sure the model is of what it says about a label; whether it is right does not count. Without a label, what
    # "all" shows is the likeliest one.
    p = np.where(np.isfinite(arrays.p), arrays.p, 0)
    sure = p if only == "all" else np.where(said, p, 1 - p)
    sure = np.where(fits, sure, -1.0)
    best = sure.argmax(axis=1)
    n = np.arange(len(best))
    outcome = np.select(
        [missed[n, best], false_alarm[n, best], found[n, best], known[n, best]],
        ["missed", "false alarm", "found", "rejected"],
        "not known",
    )
    frame = arrays.pictures.assign(
        row=n, predicted=best, outcome=outcome, confidence=arrays.p[n, best], sure=sure[n, best]
    )
    kept = frame[fits.any(axis=1)].sort_values("sure", ascending=False, kind="stable")
    return kept.drop(columns="sure").reset_index(drop=True)
