"""Pictures that belong together: each group counts once in a test, by the mean of its pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core.studies.checked import Checked
from xai_core.studies.hypothesis import INDEPENDENT, Hypothesis
from xai_core.types import FloatArray, IntArray
from xai_core.types.counts import number_of

GROUP = "group"  # a table's column
OF_GROUPS = Checked(
    "Groups are independent",
    None,
    "Pictures of a group (a patient, a film) are averaged first, so each group counts once; a picture without a group "
    "is one by itself.",
)


def group_numbers(groups: Sequence[object]) -> np.ndarray:
    """The number of each picture's group, in order of first appearance; a picture without one is a group by itself.

    Parameters
    ----------
    groups : Sequence
        N of them, by name or number; None for a picture without one.

    Returns
    -------
    ndarray
        int64 (N,).

    Examples
    --------
    >>> group_numbers(["a", None, "b", "a", None]).tolist()
    [0, 1, 2, 0, 3]
    """
    named: dict[object, int] = {}
    keys = ((place,) if _is_none(group) else group for place, group in enumerate(groups))
    return np.array([named.setdefault(key, len(named)) for key in keys], np.int64)


def _is_none(group: object) -> bool:
    return group is None or group != group  # pandas has NaN for it


class Units(NamedTuple):
    """What a test takes as independent: groups, or pictures where none belong together.

    Attributes
    ----------
    numbers : ndarray
        int64 (N,), the unit of each picture.
    n : int
        How many there are.
    grouped : bool
        Whether there are fewer than pictures.
    """

    numbers: IntArray
    n: int
    grouped: bool


def units_of(groups: Sequence[object] | None, pictures: int) -> Units:
    """The independent units of so many pictures; without groups, each is one.

    Examples
    --------
    >>> units_of(["a", None, "a"], 3).n, units_of(None, 3).grouped
    (2, False)
    """
    numbers = group_numbers(groups or range(pictures))
    count = len(np.unique(numbers))
    return Units(numbers, count, count < pictures)


def group_means(values: FloatArray, groups: Sequence[object]) -> FloatArray:
    """The mean of each group's pictures, NaN left out.

    Parameters
    ----------
    values : ndarray
        float (N,) or (N, L).
    groups : Sequence
        N of them, by name or number; None for a picture without one.

    Returns
    -------
    ndarray
        float (G,) or (G, L), in order of first appearance; NaN where a group has no value.

    Examples
    --------
    >>> import numpy as np
    >>> group_means(np.array([1.0, 5.0, 3.0]), ["a", None, "a"]).tolist()
    [2.0, 5.0]
    """
    table = pd.DataFrame(np.asarray(values, float))
    means = table.groupby(group_numbers(groups)).mean().to_numpy()
    return means.reshape(-1, *np.shape(values)[1:])


def groups_of(table: pd.DataFrame) -> list[str | None] | None:
    """The groups of a table's rows; None where its pictures have none."""
    return table[GROUP].tolist() if GROUP in table else None


def with_groups(table: pd.DataFrame, groups: Iterable[str | None]) -> pd.DataFrame:
    """A table with a column of groups before the last, where there is any; else as it is."""
    known = list(groups)
    if GROUP in table or not any(not _is_none(group) for group in known):
        return table
    found = table.copy()
    found.insert(len(found.columns) - 1, GROUP, known)
    return found


def by_group(table: pd.DataFrame, groups: Sequence[object] | None = None) -> pd.DataFrame:
    """A row a group (of the table, where none are given), its numbers averaged; as it is where pictures have none."""
    groups = groups_of(table) if groups is None else groups
    if groups is None:
        return table
    return table.select_dtypes("number").groupby(group_numbers(groups), sort=False).mean()


def with_kin(table: pd.DataFrame, groups: Sequence[str | None]) -> pd.DataFrame:
    """The table of an evaluation with a column of groups: those of the data set, and copies of one picture.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate`.
    groups : Sequence of str or None
        What each of the data set's pictures belongs to; empty where none belongs to any.
    """
    belong = [groups[place] if groups else None for place in table["index"]]
    copied = table["id"].duplicated(keep=False)
    rows = zip(table["id"], belong, copied, strict=True)
    return with_groups(table, [f"copies of {one}" if group is None and many else group for one, group, many in rows])


def counted(n: int, pictures: int, grouped: bool) -> str:
    """What a test counts, in words: "12 groups (36 pictures)", or pictures.

    Parameters
    ----------
    n : int
        Units of the test.
    pictures : int
        In them.
    grouped : bool
        Whether the units are groups.

    Examples
    --------
    >>> counted(12, 36, True), counted(1, 1, False)
    ('12 groups (36 pictures)', '1 picture')
    """
    said = number_of(pictures, "picture")
    return f"{number_of(n, 'group')} ({said})" if grouped else said


def counting_pictures(card: Hypothesis, groups: Sequence[str | None]) -> Hypothesis:
    """A card whose test counts pictures, although these belong together: it says so, and its yes or no is marked.

    Others stay as they are.

    Parameters
    ----------
    card : Hypothesis
    groups : Sequence of str or None
        Of the pictures that were tested.
    """
    if not any(groups):
        return card
    n = len(set(group_numbers(groups).tolist()))
    return marked_dependent(
        card,
        f"The {len(groups):,} pictures belong to {number_of(n, 'group')} (patients, films), but this test "
        "counts pictures: its p-value and interval are smaller than they should be.",
    )


def marked_dependent(card: Hypothesis, why: str) -> Hypothesis:
    """A card that takes pictures as independent which are not: it says why, and its yes or no is marked."""
    said = Checked(INDEPENDENT.name, False, why)
    told = tuple(said if one == INDEPENDENT else one for one in card.assumptions)
    return replace(card, assumptions=told, tone="caution" if card.tone in ("yes", "no") else card.tone)
