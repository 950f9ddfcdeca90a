"""What a record is made of besides arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xai_core.types import IntArray

RIGHT, COUNT = "val_right", "val_count"  # of each class, beside the figures of an epoch
# The figures of an epoch, in the order of the table: losses in nats, accuracies in [0, 1], seconds.
LOG = ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds")


@dataclass(frozen=True, eq=False)
class ByClass:
    """How many validation pictures of each class are right at each epoch.

    Attributes
    ----------
    right, count : ndarray
        int64 (E, K): right ones, and all; 0 of 0 at an epoch that does not say.
    """

    right: IntArray
    count: IntArray

    def rows(self, chosen: np.ndarray) -> ByClass:
        """Some of the epochs, by a mask bool (E,)."""
        return ByClass(self.right[chosen], self.count[chosen])


@dataclass(frozen=True)
class PictureSource:
    """Where the pictures of a run are found again.

    Attributes
    ----------
    data : str
        A data set's key or a folder with a data set; or empty.
    split : str, optional
        Of that data set.
    files : str
        Folder that the pictures' file names start from; or empty.
    stored : bool
        Whether the record itself holds the pictures.
    """

    data: str = ""
    split: str | None = None
    files: str = ""
    stored: bool = False


def class_counts(labels: IntArray, right: np.ndarray, classes: int) -> tuple[IntArray, IntArray]:
    """Right ones and all of each class: int64 (K,) twice, from labels int64 (N,) and right bool (N,)."""
    wanted = np.asarray(labels, np.int64)
    return np.bincount(wanted[np.asarray(right, bool)], minlength=classes), np.bincount(wanted, minlength=classes)


def read_by_class(figures: Sequence[Mapping[str, Any]], classes: int) -> ByClass | None:
    """What epochs say of their validation pictures by class; None where none says anything that can be."""
    rows = [_counts(one, classes) for one in figures]
    if not any(count.any() for _, count in rows):
        return None
    return ByClass(np.stack([right for right, _ in rows]), np.stack([count for _, count in rows]))


def _counts(figures: Mapping[str, Any], classes: int) -> tuple[IntArray, IntArray]:
    """An epoch's, zeros where it has none or they cannot be."""
    nothing = np.zeros(classes, np.int64)
    right, count = figures.get(RIGHT), figures.get(COUNT)
    for values in (right, count):
        if not isinstance(values, list) or len(values) != classes or not all(type(one) is int for one in values):
            return nothing, nothing
    try:
        found = np.array(right, np.int64), np.array(count, np.int64)
    except OverflowError:
        return nothing, nothing
    return found if (found[0] >= 0).all() and (found[0] <= found[1]).all() else (nothing, nothing)
