"""The control for where objects lie: each map on the other pictures' masks.

Photographers put objects in the middle, and a blob there lies on most of them. What a map has on its own picture's
object beyond what it has on the objects of other pictures cannot come from that. Research on gaze controls so, with the
shuffled AUC (Zhang et al. 2008, doi 10.1167/8.7.32).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core.measures import FOREGROUND_MEASURES
from xai_core.measures.seen import FineMap
from xai_core.studies.groups import group_numbers
from xai_core.studies.on_mask import map_problem, mask_problem, measured
from xai_core.types import ByteArray, Heatmaps, IntArray

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
    """

    places: tuple[tuple[int, ...], ...]
    same_label: bool


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
    return Lent(tuple(found), all_same)


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


def control_row(whole: FineMap, own: ByteArray, lent: Sequence[ByteArray]) -> dict[str, float]:
    """One map on other pictures' masks: the mean difference of each measure, how many masks, and how alike they are.

    Parameters
    ----------
    whole : FineMap
        The map.
    own : ndarray
        uint8 (H, W), the mask of its picture.
    lent : Sequence of ndarray
        uint8 (H, W), other pictures' masks.

    Returns
    -------
    dict of str to float
        By the column of each measure; `others`, `likeness`.
    """
    values: dict[str, list[float]] = {key: [] for key in FOREGROUND_MEASURES}
    for mask in lent:
        found = measured(whole, mask)
        if found is not None:
            for key, kind in FOREGROUND_MEASURES.items():
                values[key].append(
                    found[kind.inside] - (kind.chance if isinstance(kind.chance, float) else found[kind.chance])
                )
    count = len(next(iter(values.values()), []))
    means = {column_of(key): float(np.mean(one)) if one else float("nan") for key, one in values.items()}
    likeness = float(np.mean([overlap(own, mask) for mask in lent])) if lent else float("nan")
    return means | {"others": float(count), "likeness": likeness}


def control_table(
    heatmaps: Heatmaps,
    masks: Sequence[ByteArray | None],
    labels: Sequence[str | None],
    *,
    groups: Sequence[str | None] | None = None,
    only: Sequence[int] | None = None,
    lent: Lent | None = None,
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
    only : Sequence[int], optional
        Places of the pictures that the maps are of, where `masks` and `labels` are those of more, all of them usable;
        None where the maps are of all.
    lent : Lent, optional
        What `lend_masks` chose for the same labels, where that is known already.
    others : int
        Masks for a picture; where there are more, so many are drawn.
    seed : int
        Of the draw.

    Returns
    -------
    DataFrame
        A row for each picture and layer, in the order of `foreground_background`: for each measure of
        `FOREGROUND_MEASURES`, under control_ and its key, its mean difference on the other masks (NaN where there is
        none); others (how many masks), likeness (their mean intersection over union with the picture's own),
        same_label.
    """
    places = range(len(masks)) if only is None else only
    if lent is None:
        usable = [not mask_problem(mask) for mask in masks] if only is None else [True] * len(masks)
        lent = lend_masks(labels, usable, others, seed, groups)
    rows = []
    for maps in heatmaps.values():
        for place, raw in zip(places, maps, strict=True):
            own = masks[place]
            there = [mask for other in lent.places[place] if (mask := masks[other]) is not None]
            held = own is not None and bool(there) and not map_problem(raw)
            row = control_row(FineMap(raw, own.shape), own, there) if held and own is not None else {}
            rows.append(row | {"same_label": lent.same_label})
    columns = [*map(column_of, FOREGROUND_MEASURES), "others", "likeness", "same_label"]
    return pd.DataFrame(rows, columns=columns).fillna({"others": 0})


def column_of(measure: str) -> str:
    """The column that holds a measure's mean difference on other pictures' masks."""
    return f"control_{measure}"
