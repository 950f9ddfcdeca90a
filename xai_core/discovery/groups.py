"""The groups of a class that are tested: the whole class, and what clusters of each view suggest on the first half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_core.discovery.clusters import SMALLEST, Space, cluster, nearest
from xai_core.discovery.pictures import Pictures
from xai_core.types import FloatArray

MOST_GROUPS = 4  # of a class, the whole class among them
MOST_LOOKED = 250  # pictures of a class that are clustered; more change nothing but the time
SAME = 0.75  # shared pictures, of all in either: two groups are the same one


@dataclass(frozen=True)
class View:
    """One way in which pictures may be alike.

    Attributes
    ----------
    key : str
        The attribute of `Pictures` that holds it; empty where no view divides the class.
    title : str
        For people.
    """

    key: str
    title: str


WHOLE = View("", "the whole class")
CONTENT = View("what", "a content that they hold")
VIEWS = (
    View("what", "which channels speak for the class"),
    View("where", "where the map points"),
    View("features", "features of the layer"),
)


@dataclass(frozen=True, eq=False)
class Halves:
    """Rows of `Pictures`, int64 each, in the half that was looked at and in the one for tests."""

    looked: np.ndarray
    tested: np.ndarray


@dataclass(frozen=True, eq=False)
class Group:
    """Pictures of a class that are alike.

    Attributes
    ----------
    view : View
        In which they are.
    dense : bool
        Whether it was found as a small dense group.
    looked, tested : ndarray
        int64 rows of `Pictures`, in the half that was looked at and in the other.
    stability : float
        Of the clustering; NaN for the whole class and for dense groups.
    chosen_from : ndarray, optional
        Where pictures were chosen since they hold a content, rows in the half for tests before that.
    """

    view: View
    dense: bool
    looked: np.ndarray
    tested: np.ndarray
    stability: float = float("nan")
    chosen_from: np.ndarray | None = None

    @property
    def before(self) -> np.ndarray:
        """Rows in the half for tests, before any were chosen by a content."""
        return self.tested if self.chosen_from is None else self.chosen_from


def find_groups(pictures: Pictures, looked: np.ndarray, tested: np.ndarray, seed: int) -> list[Group]:
    """The groups of one class.

    Parameters
    ----------
    pictures : Pictures
        Of all classes.
    looked, tested : ndarray
        int64 rows of the class in each half.
    seed : int

    Returns
    -------
    list of Group
        The whole class first.
    """
    groups = [Group(WHOLE, False, looked, tested)]
    rows = looked
    if len(looked) > MOST_LOOKED:
        rows = np.sort(np.random.default_rng(seed).permutation(looked)[:MOST_LOOKED])
    for view in VIEWS:
        values = getattr(pictures, view.key).reshape(len(pictures), -1).astype(float)
        if float(np.ptp(values[looked], axis=0).max(initial=0)) <= 0:
            continue
        groups += _of_view(view, values, rows, tested, seed)
    order = [0, *sorted(range(1, len(groups)), key=lambda at: (groups[at].dense, at))]
    return different([groups[at] for at in order])


def different(groups: Sequence[Group]) -> list[Group]:
    """The first MOST_GROUPS groups of which no two are nearly the same pictures."""
    kept: list[Group] = []
    for group in groups:
        if all(_overlap(group, other) < SAME for other in kept):
            kept.append(group)
    return kept[:MOST_GROUPS]


def _of_view(view: View, values: FloatArray, rows: np.ndarray, tested: np.ndarray, seed: int) -> list[Group]:
    found = cluster(values[rows], seed)
    space = Space.of(values[rows])
    near = nearest(space(values[rows]), space(values[tested]))
    groups = []
    for labels, dense in ((found.labels, False), (found.small, True)):
        numbers = [] if not dense and found.count < 2 else [one for one in np.unique(labels) if one >= 0]
        for number in numbers:
            inside = labels == number
            group = Group(view, dense, rows[inside], tested[inside[near]], float("nan") if dense else found.stability)
            if len(group.looked) >= SMALLEST and len(group.tested) >= SMALLEST:
                groups.append(group)
    return groups


def _overlap(one: Group, other: Group) -> float:
    """Pictures in both, of those in either."""
    return len(np.intersect1d(one.looked, other.looked)) / len(np.union1d(one.looked, other.looked))
