"""Which pictures of an evaluation to look at, and what to hold them against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from xai_core.types import IntArray

Rightness = Literal["wrong", "right", "all"]


# How a gallery can be sorted: key -> (title, column of the table, largest first).
GALLERY_SORTS: dict[str, tuple[str, str, bool]] = {
    "sure": ("Most confident", "confidence", True),
    "unsure": ("Least confident", "confidence", False),
    "close": ("Smallest margin", "margin", False),
    "clear": ("Largest margin", "margin", True),
    "loss": ("Largest loss", "loss", True),
    "disagree": ("Methods disagree most", "rank_correlation", False),
}


def choose_pictures(
    table: pd.DataFrame,
    *,
    only: Rightness = "wrong",
    true: Sequence[int] = (),
    predicted: Sequence[int] = (),
    sort: str = "sure",
) -> IntArray:
    """Which pictures to look at, in order: int64 (n,) positions in the table.

    Parameters
    ----------
    table : DataFrame
        Of `evaluate`.
    only : {"wrong", "right", "all"}
        "wrong", "right" or "all"; pictures without a known label or a usable answer are among "all" only.
    true, predicted : Sequence[int]
        Class numbers to keep; empty keeps all.
    sort : str
        A key of `GALLERY_SORTS`; what cannot be compared comes last, ties stay in the table's order.
    """
    keep = np.ones(len(table), dtype=bool)
    if only != "all":
        known = ((table["true"] >= 0) & table["usable"]).to_numpy()
        right = table["correct"].fillna(False).to_numpy(bool)
        keep &= known & (right == (only == "right"))
    if len(true):
        keep &= np.isin(table["true"], true)
    if len(predicted):
        keep &= np.isin(table["predicted"], predicted) & table["usable"].to_numpy()
    _, column, largest_first = GALLERY_SORTS[sort]
    values = table[column].to_numpy(float) if column in table else np.full(len(table), np.nan)
    rows = np.flatnonzero(keep)
    ranked = np.where(np.isnan(values), np.inf, -values if largest_first else values)
    return rows[np.argsort(ranked[rows], kind="stable")]


def rival(table: pd.DataFrame, position: int, probabilities: np.ndarray) -> int:
    """The class to hold against the prediction: the label where that is another, else the runner-up.

    Parameters
    ----------
    table : DataFrame
        Of `evaluate`.
    position : int
        The picture's row.
    probabilities : ndarray
        (K,), the model's for that picture.
    """
    row = table.iloc[position]
    if row["true"] >= 0 and row["true"] != row["predicted"]:
        return int(row["true"])
    order = np.argsort(-np.nan_to_num(probabilities), kind="stable")
    return next((int(index) for index in order if index != row["predicted"]), int(row["predicted"]))


def right_pictures(table: pd.DataFrame, true: int, *, besides: int | None = None) -> IntArray:
    """Pictures of a class that are right, the surest first: int64 (n,) positions in the table.

    Parameters
    ----------
    table : DataFrame
        Of `evaluate`.
    true : int
        Number of a class.
    besides : int, optional
        A position to leave out.
    """
    found = choose_pictures(table, only="right", true=[true], sort="sure")
    return found[found != besides] if besides is not None else found
