"""The control for where objects lie: each map on the other pictures' masks.

Photographers put objects in the middle, and a blob there lies on most of them. What a map has on its own picture's
object beyond what it has on the objects of other pictures cannot come from that. Research on gaze controls so, with the
shuffled AUC (Zhang et al. 2008, doi 10.1167/8.7.32).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core.measures import FOREGROUND_MEASURES
from xai_core.measures.seen import FineMap
from xai_core.studies.on_mask import map_problem, mask_problem, measured
from xai_core.types import ByteArray, Heatmaps

OTHERS = 32  # masks that each map is held against at most; what a draw of them adds is averaged over the pictures
FEWEST_OTHERS = 4  # of the same label; where there are fewer, those of all labels serve
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


def lend_masks(labels: Sequence[str | None], usable: Sequence[bool], others: int = OTHERS, seed: int = _SEED) -> Lent:
    """Choose the masks that each picture is held against: of its label, all or so many drawn.

    Parameters
    ----------
    labels : Sequence[str or None]
        N labels.
    usable : Sequence[bool]
        Which of the N pictures have a mask that tells object from background; the others lend none and get none.
    others : int
        Masks for a picture, at most.
    seed : int
        Of the draw.

    Returns
    -------
    Lent
    """
    everybody = [place for place, fine in enumerate(usable) if fine]
    by_label: dict[str | None, list[int]] = {}
    for place in everybody:
        by_label.setdefault(labels[place], []).append(place)
    found: list[tuple[int, ...]] = [()] * len(labels)
    all_same = True
    for place in everybody:
        group = by_label[labels[place]]
        if len(group) <= FEWEST_OTHERS and len(group) < len(everybody):
            group, all_same = everybody, False
        found[place] = _drawn(group, place, others, seed)
    return Lent(tuple(found), all_same)


def _drawn(group: Sequence[int], place: int, others: int, seed: int) -> tuple[int, ...]:
    """All of a rising group but one of its places, or so many of them drawn."""
    own = bisect_left(group, place)
    turns: Sequence[int] = range(len(group) - 1)
    if len(turns) > others:
        turns = sorted(np.random.default_rng((seed, place)).choice(len(turns), others, replace=False).tolist())
    return tuple(group[turn + (turn >= own)] for turn in turns)


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
        N labels. A picture is held against pictures of its own label; where there are fewer than `FEWEST_OTHERS`,
        against all.
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
        lent = lend_masks(labels, usable, others, seed)
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
