"""The control for where objects lie: each map on the other pictures' masks.

Photographers put objects in the middle, and a blob there lies on most of them. What a map has on its own picture's
object beyond what it has on the objects of other pictures cannot come from that. Research on gaze controls so, with the
shuffled AUC (Zhang et al. 2008, doi 10.1167/8.7.32).

Masks differ, too: a large one in the middle gets more of every map. So a map is held against what it gives other masks,
plus what other maps give its own mask beyond those (`xai_core.stats.additive_fit`). On average over pictures that lend
to one another this adds nothing; it takes what masks differ in out of each picture's difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from xai_core import stats
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.measures.seen import FineMap
from xai_core.studies.groups import group_numbers
from xai_core.studies.on_mask import map_problem, mask_problem, measured
from xai_core.types import ByteArray, FloatArray, Heatmaps, IntArray

UNIT = "unit"  # a table's column
OTHERS = 32  # masks that each map is held against at most; what a draw of them adds is averaged over the pictures
ALIKE = 0.8  # mean intersection over union from which on masks are too alike to tell whose a map is about
_SEED = 0


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

    def grid(self) -> IntArray:
        """`places` as int (N, K), K those of the picture with most; -1 where a picture has fewer."""
        found = np.full((len(self.places), max(map(len, self.places), default=0)), -1, np.int64)
        for row, places in zip(found, self.places, strict=True):
            row[: len(places)] = places
        return found


def labels_or_classes(labels: Sequence[str | None], targets: Sequence[int] | IntArray) -> list[str]:
    """What pictures are alike in, for `lend_masks`: their label, else the class that their map explains.

    Parameters
    ----------
    labels : Sequence[str or None]
        N labels.
    targets : Sequence[int]
        N classes by number.
    """
    return [label or f"class {target}" for label, target in zip(labels, targets, strict=True)]


def lend_masks(
    labels: Sequence[str | None],
    usable: Sequence[bool],
    others: int = OTHERS,
    seed: int = _SEED,
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


def overlap(first: ByteArray, second: ByteArray) -> float:
    """Intersection over union of two objects, in [0, 1]; what a mask ignores is no object of its own."""
    one, two = first == 1, second == 1
    union = int((one | two).sum())
    return int((one & two).sum()) / union if union else float("nan")


class OnOthers(NamedTuple):
    """Maps on the masks that are lent to them.

    Attributes
    ----------
    values : ndarray
        float32 (n, K, M): the difference that each measure of `FOREGROUND_MEASURES` finds, in the order of
        `Lent.grid`; NaN where there is none.
    likeness : ndarray
        float (n,): the mean intersection over union of these masks with the picture's own.
    """

    values: FloatArray
    likeness: np.ndarray


def on_others(
    maps: Iterable[np.ndarray], masks: Sequence[ByteArray | None], lent: Lent, only: Sequence[int] | None = None
) -> OnOthers:
    """Measure maps on other pictures' masks.

    Parameters
    ----------
    maps : Iterable of ndarray
        n maps of one layer.
    masks : Sequence of ndarray or None
        N, uint8 (H, W) at the size of the network's input.
    lent : Lent
        Who lends whom, of N pictures.
    only : Sequence[int], optional
        Places of the n pictures that the maps are of; None where they are of all.
    """
    places = range(len(masks)) if only is None else only
    found = np.full((len(places), lent.grid().shape[1], len(FOREGROUND_MEASURES)), np.nan, np.float32)
    likeness = np.full(len(places), np.nan)
    for turn, (place, raw) in enumerate(zip(places, maps, strict=True)):
        own = masks[place]
        there = [mask for other in lent.places[place] if (mask := masks[other]) is not None]
        if own is None or not there or map_problem(raw):
            continue
        found[turn, : len(there)] = values_on(FineMap(raw, own.shape), there)
        likeness[turn] = np.mean([overlap(own, mask) for mask in there])
    return OnOthers(found, likeness)


def values_on(whole: FineMap, masks: Sequence[ByteArray]) -> FloatArray:
    """The difference that each measure finds for one map on some masks, float32 (K, M); NaN where it has none."""
    found = np.full((len(masks), len(FOREGROUND_MEASURES)), np.nan, np.float32)
    for row, mask in zip(found, masks, strict=True):
        if (values := measured(whole, mask)) is not None:
            row[:] = [
                values[kind.inside] - (kind.chance if isinstance(kind.chance, float) else values[kind.chance])
                for kind in FOREGROUND_MEASURES.values()
            ]
    return found


def as_usual(values: FloatArray, lent: Lent) -> np.ndarray:
    """What each map would have on its own mask if it knew nothing of its picture.

    Parameters
    ----------
    values : ndarray
        float (N, K), on the masks of `lent`, in the order of its grid.
    lent : Lent
        Of the same N pictures.

    Returns
    -------
    ndarray
        float (N,): what the map gives other masks, plus what other maps give this mask beyond others; NaN where the
        map was held against none.
    """
    fit = stats.additive_fit(values, lent.grid(), len(values))
    return fit.rows + fit.columns


def control_columns(found: OnOthers, lent: Lent) -> pd.DataFrame:
    """The columns of `control_table` for one layer, of all N pictures that lend to one another."""
    keys = list(map(column_of, FOREGROUND_MEASURES))
    table = pd.DataFrame({key: as_usual(found.values[:, :, turn], lent) for turn, key in enumerate(keys)})
    others = np.isfinite(found.values[:, :, 0]).sum(axis=1).astype(float)
    return table.assign(others=others, likeness=found.likeness, same_label=lent.same_label, **{UNIT: lent.units})


def control_table(
    heatmaps: Heatmaps,
    masks: Sequence[ByteArray | None],
    labels: Sequence[str | None],
    *,
    groups: Sequence[str | None] | None = None,
    others: int = OTHERS,
    seed: int = _SEED,
) -> pd.DataFrame:
    """Hold each map against the masks of other pictures.

    Parameters
    ----------
    heatmaps : Heatmaps
        Of N pictures at L layers.
    masks : Sequence of ndarray or None
        N, uint8 (H, W) at the size of the network's input.
    labels : Sequence[str or None]
        N labels; see `lend_masks`.
    groups : Sequence of str or None, optional
        What each of the N pictures belongs to: masks are those of other groups.
    others : int
        Masks for a picture; where there are more, so many are drawn.
    seed : int
        Of the draw.

    Returns
    -------
    DataFrame
        A row for each picture and layer, in the order of `foreground_background`: for each measure of
        `FOREGROUND_MEASURES`, under control_ and its key, the difference that is usual for this map and this mask
        (`as_usual`; NaN where there is no other mask); others (how many masks), likeness (their mean intersection over
        union with the picture's own), same_label, unit (what counts once, by number; see `Lent`).
    """
    lent = lend_masks(labels, [not mask_problem(mask) for mask in masks], others, seed, groups)
    return pd.concat(
        [control_columns(on_others(maps, masks, lent), lent) for maps in heatmaps.values()], ignore_index=True
    )


def units_of(table: pd.DataFrame) -> list[int] | None:
    """What rows of a control count with; None where each counts by itself, or the table does not say."""
    if UNIT not in table or not table[UNIT].duplicated().any():
        return None
    found: list[int] = table[UNIT].tolist()
    return found


def column_of(measure: str) -> str:
    """The column that holds a measure's mean difference on other pictures' masks."""
    return f"control_{measure}"
