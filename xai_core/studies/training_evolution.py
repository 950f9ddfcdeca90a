"""The rows of the evolution figure: which pictures, in which order, several to a row where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from xai_core.records import TrainingRun
from xai_core.studies.runs_compared import _SEPARATE
from xai_core.types import FloatArray, IntArray

_MOST_CLASSES = 1_000  # a row each
_DENSE = 1_000_000  # rows times classes that are counted in a matrix, which is faster where it is small
# Measures to sort by and to draw beside the rows: column of `TrainingRun.measures` -> title.
EVOLUTION_MEASURES = {
    "misclassification": "Wrong",
    "frequency": "Changes",
    "variability": "Variability",
    "forgetting": "Forgotten",
}


Only = Literal["all", "ever wrong", "wrong at the end", "changing", "never right"]


def choose_rows(
    run: TrainingRun,
    measures: pd.DataFrame,
    *,
    sort: str = "misclassification",
    by_class: bool = True,
    true: Sequence[int] = (),
    predicted: Sequence[int] = (),
    only: Only = "all",
) -> IntArray:
    """Which pictures to show, in order: int64 (n,) indices.

    Parameters
    ----------
    run : TrainingRun
    measures : DataFrame
        Of the run.
    sort : str
        A column of `EVOLUTION_MEASURES`, largest first, or "name"; ties stay in the record's order.
    by_class : bool
        Group by true class first.
    true, predicted : Sequence[int]
        Classes to keep, by the label and by the prediction at the last epoch; empty keeps all.
    only : {"all", "ever wrong", "wrong at the end", "changing", "never right"}
        Of those, which pictures by how they fared.
    """
    keep = np.ones(len(run.pictures), dtype=bool)
    if len(true):
        keep &= np.isin(run.labels, true)
    if len(predicted):
        keep &= np.isin(run.predictions[-1], predicted)
    if only == "ever wrong":
        keep &= ~run.correct.all(axis=0)
    elif only == "wrong at the end":
        keep &= ~run.correct[-1]
    elif only == "changing":
        keep &= run.changed.any(axis=0)
    elif only == "never right":
        keep &= ~run.correct.any(axis=0)
    rows = np.flatnonzero(keep)
    if sort == "name":
        rows = rows[np.argsort(np.array(run.pictures)[rows], kind="stable")]
    else:
        rows = rows[np.argsort(-np.nan_to_num(measures[sort].to_numpy()[rows]), kind="stable")]
    return rows[np.argsort(run.labels[rows], kind="stable")] if by_class else rows


@dataclass(frozen=True, eq=False)
class EvolutionRows:
    """What the rows of the evolution figure hold: a picture each, or several where there are too many.

    Attributes
    ----------
    members : tuple of ndarray
        R arrays of picture indices.
    titles : tuple of str
        R names.
    classes : ndarray
        int64 (R, E), the class predicted most often in the row.
    correct : ndarray
        float32 (R, E), share of right pictures in the row, in [0, 1].
    p_true : ndarray or None
        float32 (R, E), mean probability of the true class, in [0, 1]; None where it was not recorded.
    measures : DataFrame
        R rows, columns `EVOLUTION_MEASURES`, means over the row.
    labels : ndarray
        int64 (R,), the true class of the row's first picture.
    """

    members: tuple[IntArray, ...]
    titles: tuple[str, ...]
    classes: IntArray
    correct: FloatArray
    p_true: FloatArray | None
    measures: pd.DataFrame
    labels: IntArray

    def row_of(self, picture: int) -> int | None:
        """The row that holds a picture, if it is shown."""
        return next((row for row, members in enumerate(self.members) if picture in members), None)


def _bins(run: TrainingRun, order: IntArray, by_class: bool, limit: int) -> list[IntArray]:
    if len(order) <= limit:
        return [order[i : i + 1] for i in range(len(order))]
    borders = np.flatnonzero(np.diff(run.labels[order])) + 1 if by_class else np.zeros(0, np.int64)
    if len(borders) >= max(limit, _MOST_CLASSES):
        borders = np.zeros(0, np.int64)  # classes side by side share rows, since a row each would be too many to draw
    groups = np.split(order, borders)
    size = -(-len(order) // max(1, limit - len(groups)))  # no row mixes classes, so each may have one short row
    return [group[i : i + size] for group in groups for i in range(0, len(group), size)]


def _most_often(of_row: IntArray, predicted: IntArray, *, rows: int, classes: int) -> IntArray:
    """The class predicted most often in each row, the first of several: int64 (R,)."""
    pairs = of_row * classes + predicted
    if rows * classes <= _DENSE:
        return np.bincount(pairs, minlength=rows * classes).reshape(rows, classes).argmax(axis=1)
    there, often = np.unique(pairs, return_counts=True)
    best = np.lexsort((-there, often, there // classes))  # ascending: the last of a row is what is looked for
    last = np.flatnonzero(np.diff(there[best] // classes, append=rows))
    return there[best[last]] % classes


def evolution_rows(
    run: TrainingRun, order: IntArray, measures: pd.DataFrame, *, by_class: bool = True, limit: int = _SEPARATE
) -> EvolutionRows:
    """Put pictures into at most `limit` rows, in their order, or a row a class where there are more classes.

    Beyond a thousand classes, rows hold pictures of several.

    Parameters
    ----------
    run : TrainingRun
    order : ndarray
        Indices from `choose_rows`.
    measures : DataFrame
        Of the run.
    by_class : bool
        The order is grouped by true class, and no row may mix two.
    limit : int
        At most so many rows.
    """
    bins = _bins(run, order, by_class, limit)
    counts = np.array([len(members) for members in bins], dtype=np.int64)
    of_row = np.repeat(np.arange(len(bins)), counts)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    if len(bins) == len(order):
        classes = run.predictions[:, order].T
    else:
        most_often = partial(_most_often, of_row, rows=len(bins), classes=len(run.class_names))
        classes = np.stack([most_often(epoch) for epoch in run.predictions[:, order]], axis=1)

    def mean(values: np.ndarray) -> np.ndarray:
        """Over the pictures of each row: (E, n) -> (R, E), or (n,) -> (R,)."""
        if not len(bins):
            return np.zeros((0, *values.shape[:-1]))
        return (np.add.reduceat(values, starts, axis=-1) / counts).T

    columns = {name: mean(measures[name].to_numpy(float)[order]) for name in EVOLUTION_MEASURES}
    return EvolutionRows(
        members=tuple(bins),
        titles=tuple(
            run.pictures[members[0]]
            if len(members) == 1
            else f"{len(members):,} pictures, {run.pictures[members[0]]} to {run.pictures[members[-1]]}"
            for members in bins
        ),
        classes=classes.reshape(len(bins), len(run.epochs)),
        correct=mean(run.correct[:, order].astype(np.float32)).astype(np.float32),
        p_true=None if run.p_true is None else mean(run.p_true[:, order]).astype(np.float32),
        measures=pd.DataFrame(columns),
        labels=run.labels[[members[0] for members in bins]] if bins else np.zeros(0, np.int64),
    )
