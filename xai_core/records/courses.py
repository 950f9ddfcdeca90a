"""Arithmetic on the course of each picture through a training."""

from __future__ import annotations

import numpy as np

from xai_core.types import IntArray


def course_measures(right: np.ndarray, predictions: IntArray, epochs: IntArray, k: int) -> dict[str, np.ndarray]:
    """How each picture fared; `TrainingRun.measures` says what each measure is.

    Parameters
    ----------
    right : ndarray
        bool (E, N).
    predictions : ndarray
        int64 (E, N).
    epochs : ndarray
        int64 (E,), their numbers.
    k : int
        Number of classes.

    Returns
    -------
    dict of str to ndarray
        (N,) each.
    """
    count, n = predictions.shape
    changed = predictions[1:] != predictions[:-1]
    order = np.sort(predictions, axis=0)
    distinct = 1 + (order[1:] != order[:-1]).sum(axis=0)
    # Counted from the end: the number of epochs at a stretch at which it is right.
    streak = np.where(right.all(axis=0), count, (~right[::-1]).argmax(axis=0))
    return {
        "misclassification": 1 - right.mean(axis=0),
        "frequency": changed.mean(axis=0) if count > 1 else np.full(n, np.nan),
        "variability": distinct / k,
        "forgetting": (right[:-1] & ~right[1:]).sum(axis=0),
        "learned": np.where(streak > 0, epochs[np.minimum(count - streak, count - 1)], np.nan),
    }
