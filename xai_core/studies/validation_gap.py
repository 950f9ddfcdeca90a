"""Accuracy by class on the validation pictures against that on the test pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.records import TrainingRun
from xai_core.records.fields import class_counts
from xai_core.studies.groups import group_numbers
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.words import Finding, listed, percent, points
from xai_core.types.counts import part_of

_NAMED = 3  # classes that a sentence names
_FEWEST = 5  # pictures of a class in each set from which on its accuracies are compared


def class_gaps(run: TrainingRun, groups: Sequence[str | None] = ()) -> pd.DataFrame:
    """Each class's accuracy on validation and on recorded pictures at the last epoch that has both.

    A class that is right on pictures like those of the training and wrong on others is a mark of a shortcut, which the
    accuracy over all classes hides.

    Parameters
    ----------
    run : TrainingRun
    groups : Sequence of str or None, optional
        What each recorded picture belongs to: tests take as many pictures of both sets as those of a group are worth
        (`as_many_alone`).

    Returns
    -------
    DataFrame
        A row for each class with at least five pictures in both sets, the largest fall first: class, epoch, validation,
        recorded (accuracies in [0, 1]), n_validation, n_recorded, difference (validation minus recorded), low, high
        (its 95% interval), p (`stats.two_shares`), p_holm. Empty for a record without validation pictures by class.
    """
    columns = [
        "class",
        "epoch",
        "validation",
        "recorded",
        "n_validation",
        "n_recorded",
        "difference",
        "low",
        "high",
        "p",
    ]
    known = run.validation
    epochs = np.flatnonzero(known.count.any(axis=1)) if known is not None else np.zeros(0, int)
    rows = []
    if known is not None and len(epochs):
        at = int(epochs[-1])
        right, count = class_counts(run.labels, run.correct[at], len(run.class_names))
        for place, name in enumerate(run.class_names):
            pairs = (int(known.right[at, place]), int(right[place])), (int(known.count[at, place]), int(count[place]))
            if min(pairs[1]) < _FEWEST:
                continue
            of_class = np.flatnonzero(run.labels == place)
            belong = [groups[picture] for picture in of_class.tolist()] if groups else ()
            test = stats.two_shares(*shrunk(*pairs, as_many_alone(run.correct[at, of_class], belong)))
            shares = [one / of for one, of in zip(*pairs, strict=True)]
            said = (*shares, *pairs[1], shares[0] - shares[1], *test.interval, test.p)
            rows.append([name, int(run.epochs[at]), *said])
    table = pd.DataFrame(rows, columns=columns)
    table["p_holm"] = stats.holm(table["p"].to_numpy(float))
    return table.sort_values("difference", ascending=False, kind="stable", ignore_index=True)


def as_many_alone(right: np.ndarray, groups: Sequence[str | None]) -> float:
    """Independent pictures that would tell a share as exactly (`stats.independent_worth`), for each of these: 0 to 1.

    Parameters
    ----------
    right : ndarray
        bool (N,).
    groups : Sequence of str or None
        What each picture belongs to; empty where each is alone.
    """
    return stats.independent_worth(right, group_numbers(groups)) / len(right) if any(groups) else 1.0


def shrunk(right: tuple[int, int], count: tuple[int, int], worth: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """As many right ones, and pictures, of two sets as `count` pictures of both are worth, with about the same share.

    Parameters
    ----------
    right, count : tuple of int
        Of both sets.
    worth : float
        Of each picture, in (0, 1].
    """
    of = [max(1, int(one * worth)) for one in count]
    rights = [round(one * fewer / whole) for one, fewer, whole in zip(right, of, count, strict=True)]
    return (rights[0], rights[1]), (of[0], of[1])


def class_gap_finding(gaps: pd.DataFrame) -> Finding | None:
    """What `class_gaps` says, in a sentence; None without classes that can be compared.

    Parameters
    ----------
    gaps : DataFrame
        As `class_gaps` gives it.
    """
    if gaps.empty:
        return None
    topic, count = "Class by class", len(gaps)
    fallen = gaps[(gaps["p_holm"] < ALPHA) & (gaps["low"] > 0)]  # nothing that the interval beside it contradicts
    if fallen.empty:
        worst = gaps.iloc[0]
        return Finding(
            topic,
            f"No class is classified significantly better on the validation than on the test pictures ({count} "
            f"classes, exact tests, Holm-corrected); the largest difference is {_points(worst)}, for "
            f"{worst['class']}.",
        )
    named = [
        f"{row['class']} ({percent(row['validation'])} against {percent(row['recorded'])})"
        for _, row in fallen.head(_NAMED).iterrows()
    ]
    most = "most of all " if len(fallen) > _NAMED else ""
    return Finding(
        topic,
        f"{part_of(len(fallen), count, 'class', 'is', 'are')} classified better on the validation "
        f"pictures than on the test pictures: {most}{listed(named)}. Validation pictures may share a shortcut with the "
        "training pictures that the test pictures lack: check what the model looks at.",
        warning=True,
    )


def _points(row: pd.Series) -> str:
    return f"{points(row['difference'])}, 95% interval {100 * row['low']:+.1f} to {100 * row['high']:+.1f}"
