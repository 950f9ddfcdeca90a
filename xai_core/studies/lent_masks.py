"""Who lends whom a mask: pictures of one label, not of one group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from xai_core.studies.groups import group_numbers
from xai_core.types import IntArray

OTHERS = 32  # masks that each map is held against at most; what a draw of them adds is averaged over the pictures
SEED = 0


@dataclass(frozen=True, eq=False)
class Lent:
    """The masks of other pictures that stand in for a picture's own.

    Attributes
    ----------
    places : tuple of tuple of int
        For each of N pictures, the places of the pictures whose masks it is held against.
    same_label : bool
        Whether all are of pictures with the same label.
    units : tuple of int
        For each of N pictures, what it counts with: the number of its group, or of itself. Where a label has two
        groups only, each is held against the other's masks alone, so that one difference says what the other says:
        these two are one.
    """

    places: tuple[tuple[int, ...], ...]
    same_label: bool
    units: tuple[int, ...]

    @cached_property
    def grid(self) -> IntArray:
        """`places` as int (N, K), K those of the picture with most; -1 where a picture has fewer."""
        found = np.full((len(self.places), max(map(len, self.places), default=0)), -1, np.int64)
        for row, places in zip(found, self.places, strict=True):
            row[: len(places)] = places
        return found


def labels_or_classes(
    labels: Sequence[str | None], targets: Sequence[int] | IntArray, predicted: Sequence[int] | IntArray
) -> list[str]:
    """What pictures are alike in, for `lend_masks`: their label, else the explained and the predicted class.

    Where one class is explained for all, that alone would hold pictures of many classes against one another.

    Parameters
    ----------
    labels : Sequence[str or None]
        N labels.
    targets : Sequence[int]
        N classes by number.
    predicted : Sequence[int]
        N classes by number, what the model says.
    """
    each = zip(labels, targets, predicted, strict=True)
    return [label or f"class {target}, predicted {said}" for label, target, said in each]


def lend_masks(
    labels: Sequence[str | None],
    usable: Sequence[bool],
    others: int = OTHERS,
    seed: int = SEED,
    groups: Sequence[str | None] | None = None,
) -> Lent:
    """Choose the masks that each picture is held against: of its label, all or so many drawn.

    The next frame of a film has its object in the same place, so pictures that belong together lend each other none.
    Nor do those of different labels: a map may know the class and where its objects usually lie, and nothing of the
    picture. One other picture of the label is enough, since what a single mask adds by chance is averaged over the
    pictures; a picture that is alone in its label is held against nobody.

    Parameters
    ----------
    labels : Sequence[str or None]
        N labels, such as `labels_or_classes` gives; pictures without one are held against all.
    usable : Sequence[bool]
        Which of the N pictures have a mask that tells object from background; the others lend none and get none.
    others : int
        Masks for a picture, at most.
    seed : int
        Of the draw.
    groups : Sequence of str or None, optional
        What each of the N pictures belongs to; None where they belong to nothing.

    Returns
    -------
    Lent
    """
    own = range(len(labels)) if groups is None else group_numbers(groups).tolist()
    everybody = sorted((place for place, fine in enumerate(usable) if fine), key=own.__getitem__)
    of_all = _Lenders(everybody, own)
    by_label: dict[str | None, list[int]] = {}
    for place in everybody:
        by_label.setdefault(labels[place], []).append(place)
    of_label = {label: _Lenders(places, own) for label, places in by_label.items()}
    found: list[tuple[int, ...]] = [()] * len(labels)
    all_same = True
    for place in everybody:
        lenders = of_label[labels[place]]
        if labels[place] is None:
            lenders, all_same = of_all, False
        found[place] = lenders.drawn(place, others, seed)
    joined = [sorted(some) for places in by_label.values() if len(some := {own[place] for place in places}) == 2]
    return Lent(tuple(found), all_same, tuple(_joined(own, joined)))


def _joined(own: Sequence[int], pairs: Sequence[Sequence[int]]) -> list[int]:
    """Numbers of groups, those of a pair with one number."""
    count = max(own, default=-1) + 1
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(count, count))
    together = connected_components(graph, directed=False)[1] if count else np.zeros(0, int)
    return [int(together[number]) for number in own]


class _Lenders:
    """Places that lend masks, those of a group side by side, so that all others are known without a search."""

    def __init__(self, places: Sequence[int], own: Sequence[int]) -> None:
        self._places, self._own = places, own
        self._blocks: dict[int, range] = {}
        for turn, place in enumerate(places):
            start = self._blocks[own[place]].start if own[place] in self._blocks else turn
            self._blocks[own[place]] = range(start, turn + 1)

    def count(self, place: int) -> int:
        """How many there are outside the group of one of them."""
        return len(self._places) - len(self._blocks[self._own[place]])

    def drawn(self, place: int, others: int, seed: int) -> tuple[int, ...]:
        """All outside its group in rising order, or so many of them drawn."""
        block = self._blocks[self._own[place]]
        turns: Sequence[int] = range(self.count(place))
        if len(turns) > others:
            turns = np.random.default_rng((seed, place)).choice(len(turns), others, replace=False).tolist()
        return tuple(sorted(self._places[turn + (len(block) if turn >= block.start else 0)] for turn in turns))
