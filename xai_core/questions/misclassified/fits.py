"""Whether an evaluation from a file can be what was asked for: whoever may write there can put in another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xai_core.batch.head import plain
from xai_core.types import LabelEvaluation
from xai_core.types.shapes import are_classes, has_shape

NUMBERS, FLAGS = ("confidence", "p_true", "margin", "loss"), ("correct", "in_top5", "usable")
TEXTS = ("picture", "id", "label", "true_class", "predicted_class")  # columns of words; a picture may have no label


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(one, str) for one in values)


def table_fits(table: pd.DataFrame, pictures: int, names: Sequence[str]) -> bool:
    """Whether a table can be that of `xai.evaluate`.

    Parameters
    ----------
    table : DataFrame
    pictures : int
        As many as were asked about.
    names : Sequence[str]
        Of the model's classes.

    Returns
    -------
    bool
    """
    if not {*NUMBERS, *FLAGS, *TEXTS, "index", "true", "predicted"} <= set(table.columns):
        return False
    numbers = [table[name].to_numpy() for name in NUMBERS]
    known = {*names, *map(plain, names), ""}
    return (
        are_classes(table["index"].to_numpy(), pictures)
        and all(are_classes(table[name].to_numpy(), len(names), -1) for name in ("true", "predicted"))
        and all(values.dtype.kind == "f" for values in numbers)
        and not any(np.isinf(values).any() for values in numbers[:-1])  # the loss of a true class without any chance is
        and all(pd.api.types.is_bool_dtype(table[name]) for name in FLAGS)
        and _are_texts(table["picture"])
        and _are_texts(table["id"])
        and _are_texts(table["label"].dropna())
        and all(_are_texts(table[name]) and set(table[name]) <= known for name in ("true_class", "predicted_class"))
    )


def labels_fit(found: LabelEvaluation, pictures: int, names: Sequence[str]) -> bool:
    """Whether an evaluation can be that of `xai.evaluate_labels`.

    Parameters
    ----------
    found : LabelEvaluation
    pictures : int
        As many as were asked about.
    names : Sequence[str]
        Of the model's labels.

    Returns
    -------
    bool
    """
    count, classes = len(found.pictures), len(names)
    return (
        tuple(found.label_names) == tuple(names)
        and has_shape(found.index, count)
        and are_classes(found.index, pictures)
        and len(found.ids) == len(found.labels) == count
        and _are_texts(found.pictures)
        and _are_texts(found.ids)
        and all(isinstance(labels, tuple) and _are_texts(labels) for labels in found.labels)
        and has_shape(found.truth, count, classes)
        and are_classes(found.truth, 2, -1)
        and has_shape(found.probabilities, count, classes)
        and found.probabilities.dtype.kind == "f"
        and has_shape(found.thresholds, classes)
    )
