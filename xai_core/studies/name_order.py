"""Whether class names seem to be in another order than the outputs of the network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from xai_core.studies.evaluation import confusion, judged
from xai_core.studies.groups import group_numbers, groups_of
from xai_core.studies.words import Finding, first_listed
from xai_core.types import IntArray
from xai_core.types.counts import number_of

_FEWEST = 5  # pictures of a class from which on most of them say something
_CHANCE, _DRAWS = 0.01, 499
_NAMED = 3  # classes that are named


def name_order(table: pd.DataFrame, names: Sequence[str]) -> Finding | None:
    """What speaks for class names in the wrong order: classes whose pictures go by one another's names.

    Two classes or more of which more than half of the pictures (of five at least) are predicted as one other class,
    which itself is predicted as another; more classes than where answers are dealt out anew by chance, or more pictures
    than by the toss of a coin (p < 0.01). A network confuses two classes in one direction; it hardly
    swaps them. Pictures that belong together count once for each class that they have, by their commonest answer.

    Parameters
    ----------
    table : DataFrame
        Of `evaluate`; with a column of groups (`with_kin`) where pictures belong together.
    names : Sequence[str]
        The model's classes.

    Returns
    -------
    Finding, optional
        None where nothing speaks for it.

    Examples
    --------
    >>> import pandas as pd
    >>> from xai_core import studies
    >>> table = pd.DataFrame({"true": [0] * 5 + [1] * 5, "predicted": [1] * 5 + [0] * 5, "usable": True})
    >>> print(studies.name_order(table, ["cat", "dog"]).sentence[:58])
    Most pictures of 2 classes are predicted as another class,
    """
    matrix = confusion(_answers(table), len(names))
    called, passed = matrix.argmax(1), _passed(matrix)
    if len(passed) < 2 or _by_chance(matrix, passed) >= _CHANCE:
        return None
    few = first_listed([f"{names[one]} as {names[int(called[one])]}" for one in passed.tolist()], _NAMED)
    return Finding(
        "Class names",
        f"Most pictures of {number_of(len(passed), 'class')} are predicted as another class, which is predicted as "
        f"another one itself: {few}. Class names in the wrong order look like this: compare them with the order of the "
        "network's outputs before you trust any of these numbers.",
        warning=True,
    )


def _answers(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each group and class: the commonest answer, the right one if it is among several."""
    groups = groups_of(table)
    if groups is None:
        return table
    known = judged(table.assign(number=group_numbers(groups)))
    counts = known.groupby(["number", "true", "predicted"]).size().rename("n").reset_index()
    counts["right"] = counts["true"] == counts["predicted"]
    ordered = counts.sort_values(["n", "right"], ascending=False, kind="stable")
    return ordered.drop_duplicates(["number", "true"]).assign(usable=True)


def _passed(matrix: IntArray) -> IntArray:
    """Classes of which most pictures are called another one that is itself called another."""
    pictures, called = matrix.sum(1), matrix.argmax(1)
    most = (pictures >= _FEWEST) & (2 * matrix.max(1) > pictures)
    moved = most & (called != np.arange(len(matrix)))
    return np.flatnonzero(moved & moved[called])


def _by_chance(matrix: IntArray, passed: IntArray) -> float:
    """How often so much would pass where the network knows nothing of the classes."""
    pictures = matrix.sum(1)
    coin = binomtest(int(matrix.max(1)[passed].sum()), int(pictures[passed].sum()), alternative="greater").pvalue
    if (pictures > 0).sum() <= 2 or coin < _CHANCE:
        return float(coin)
    rng, answers = np.random.default_rng(0), np.repeat(np.arange(len(matrix)), matrix.sum(0))
    starts = np.concatenate([[0], np.cumsum(pictures)])
    extreme = 0
    for _ in range(_DRAWS):
        dealt = rng.permutation(answers)
        rows = [np.bincount(dealt[one:end], minlength=len(matrix)) for one, end in pairwise(starts)]
        extreme += len(_passed(np.stack(rows))) >= len(passed)
    return (extreme + 1) / (_DRAWS + 1)
