"""Trainings and their records are about one class a picture."""

from __future__ import annotations

from xai_core.data import Dataset
from xai_core.errors import DataError


def require_one_class(dataset: Dataset) -> None:
    """Refuse pictures with several labels.

    Parameters
    ----------
    dataset : Dataset
        To learn from, or to record.

    Raises
    ------
    DataError
        If a picture has several labels.
    """
    several = next((item for item in dataset.items if len(item.every_label) > 1), None)
    if several is not None:
        raise DataError(
            f"{several.name} has several labels: {', '.join(several.every_label[:6])}. Trainings here, and their "
            "records, are about one class a picture. Misclassifications evaluates a network of independent labels "
            "that was trained elsewhere."
        )
