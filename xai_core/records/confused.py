"""The confusion matrix, as the pairs that occur: a matrix of thousands would fill the memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xai_core.errors import RecordError
from xai_core.types import IntArray

MOST_DENSE = 5_000  # classes of a whole matrix: 200 MB


@dataclass(frozen=True, eq=False)
class Confused:
    """The pairs of a true and a predicted class that occur, in ascending order.

    Attributes
    ----------
    true, predicted : ndarray
        int64 (M,), class numbers.
    pictures : ndarray
        int64 (M,), how many pictures there are of each pair, at least 1.
    classes : int
        Number of classes, K.
    """

    true: IntArray
    predicted: IntArray
    pictures: IntArray
    classes: int

    @property
    def of_true(self) -> IntArray:
        """int64 (K,), pictures of each true class."""
        return self._totals(self.true)

    @property
    def of_predicted(self) -> IntArray:
        """int64 (K,), pictures of each predicted class."""
        return self._totals(self.predicted)

    def _totals(self, of: IntArray) -> IntArray:
        totals = np.zeros(self.classes, np.int64)
        np.add.at(totals, of, self.pictures)
        return totals

    def wrong(self) -> Confused:
        """The pairs of two different classes.

        Returns
        -------
        Confused
        """
        keep = self.true != self.predicted
        return Confused(self.true[keep], self.predicted[keep], self.pictures[keep], self.classes)

    def among(self, classes: Sequence[int] | IntArray) -> IntArray:
        """The matrix of some classes.

        Parameters
        ----------
        classes : sequence of int or ndarray
            M class numbers, each once.

        Returns
        -------
        ndarray
            int64 (M, M), pictures by true class (rows) and predicted class (columns).
        """
        place = np.full(self.classes, -1, np.int64)
        place[np.asarray(classes, np.int64)] = np.arange(len(classes))
        row, column = place[self.true], place[self.predicted]
        keep = (row >= 0) & (column >= 0)
        matrix = np.zeros((len(classes), len(classes)), np.int64)
        matrix[row[keep], column[keep]] = self.pictures[keep]
        return matrix

    def dense(self, called: str) -> IntArray:
        """The whole matrix.

        Parameters
        ----------
        called : str
            What the sentence calls that of which it is.

        Returns
        -------
        ndarray
            int64 (K, K), as `among` gives it.

        Raises
        ------
        RecordError
            If there are more classes than `MOST_DENSE`.
        """
        if self.classes > MOST_DENSE:
            raise RecordError(
                f"{called} has {self.classes:,} classes, and a matrix of so many would fill the memory; at most "
                f"{MOST_DENSE:,}. Ask for the pairs that occur."
            )
        return self.among(range(self.classes))


def confused(run: Any, epoch: int | None = None) -> Confused:
    """The confusion matrix of an epoch, correct pictures included.

    Parameters
    ----------
    run : TrainingRun
        Which this module does not know.
    epoch : int, optional
        Its number; None is the last.

    Returns
    -------
    Confused

    Raises
    ------
    RecordError
        If there is no such epoch.
    """
    rows = np.flatnonzero(run.epochs == (run.epochs[-1] if epoch is None else epoch))
    if not len(rows):
        raise RecordError(f"{run.name} has no epoch {epoch}; it has {span(run.epochs)}.")
    k = len(run.class_names)
    pairs, pictures = np.unique(run.labels * k + run.predictions[int(rows[0])], return_counts=True)
    return Confused(pairs // k, pairs % k, pictures.astype(np.int64), k)


def span(epochs: IntArray) -> str:
    """The epochs of a run in words.

    Parameters
    ----------
    epochs : ndarray
        int64 (E,), their numbers.

    Returns
    -------
    str
    """
    return f"{len(epochs)} epochs, {epochs[0]} to {epochs[-1]}" if len(epochs) > 1 else f"epoch {epochs[0]}"
