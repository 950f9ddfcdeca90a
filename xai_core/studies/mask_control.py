"""The control for where objects lie: each map on the other pictures' masks.

Photographers put objects in the middle, and a blob there lies on most of them. What a map has on its own picture's
object beyond what it has on the objects of other pictures cannot come from that. Research on gaze controls so, with the
shuffled AUC (Zhang et al. 2008, doi 10.1167/8.7.32).

Masks differ, too: a large one in the middle gets more of every map. So a map is held against what it gives other masks,
plus what other maps give its own mask beyond those (`xai_core.stats.additive_fit`). On average over pictures that lend
to one another this adds nothing; it takes what masks differ in out of each picture's difference. As groups count once
where differences are tested, so do their masks where they are lent: else one long film would be what is usual.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.measures.seen import FineMap
from xai_core.studies.lent_masks import OTHERS, SEED, Lent, lend_masks
from xai_core.studies.on_mask import map_problem, mask_problem, measured
from xai_core.types import ByteArray, FloatArray, Heatmaps

UNIT = "unit"  # a table's column
FEWEST_UNITS = 12  # below that, two that have a label to themselves count each: a large effect of few needs all signs
ALIKE = 0.8  # mean intersection over union from which on masks are too alike to tell whose a map is about


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
    found = np.full((len(places), lent.grid.shape[1], len(FOREGROUND_MEASURES)), np.nan, np.float32)
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


def as_usual(own: np.ndarray, values: FloatArray, lent: Lent) -> np.ndarray:
    """What each map would have on its own mask if it knew nothing of its picture.

    Parameters
    ----------
    own : ndarray
        float (N,), what it has there.
    values : ndarray
        float (N, K), on the masks of `lent`, in the order of its grid.
    lent : Lent
        Of the same N pictures.

    Returns
    -------
    ndarray
        float (N,): what the map gives other masks, plus as much of what other maps give this mask beyond others as
        makes the differences smallest (least squares: of a few maps, the mask is told by noise); NaN where the map was
        held against none.
    """
    weights = lending_weights(np.isfinite(values), lent)

    def average(cells: np.ndarray) -> np.ndarray:
        total = weights.sum(axis=1)
        return np.where(weights > 0, cells * weights, 0).sum(axis=1) / np.where(total > 0, total, np.nan)

    columns = stats.additive_fit(values, lent.grid, len(values)).columns
    alone, of_mask = average(values), columns - average(columns[lent.grid])
    rest = own - alone
    there = np.isfinite(of_mask) & np.isfinite(rest)
    square = float(of_mask[there] @ of_mask[there])
    share = float(np.clip(of_mask[there] @ rest[there] / square, 0, 1)) if square else 0.0
    return np.asarray(alone + share * of_mask)


def lending_weights(known: np.ndarray, lent: Lent) -> np.ndarray:
    """Of the masks that each map is held against, those of one group count as one: a long film is no usual place.

    Parameters
    ----------
    known : ndarray
        bool (N, K), which cells of the grid have a value.
    lent : Lent
        Of the same N pictures.

    Returns
    -------
    ndarray
        float (N, K), zero where there is no value.
    """
    rows, _ = np.nonzero(known)
    whose = rows * (max(lent.units, default=0) + 1) + np.asarray(lent.units, int)[lent.grid[known]]
    _, group, pictures = np.unique(whose, return_inverse=True, return_counts=True)
    weights = np.zeros(known.shape)
    weights[known] = 1 / pictures[group]
    return weights


def control_columns(own: pd.DataFrame, found: OnOthers, lent: Lent) -> pd.DataFrame:
    """The columns of `control_table` for one layer, of N pictures, with their `own_differences`."""
    table = pd.DataFrame(
        {
            column_of(key): as_usual(own[key].to_numpy(float), found.values[:, :, turn], lent)
            for turn, key in enumerate(FOREGROUND_MEASURES)
        }
    )
    others = np.isfinite(found.values[:, :, 0]).sum(axis=1).astype(float)
    return table.assign(others=others, likeness=found.likeness, same_label=lent.same_label, **{UNIT: lent.units})


def control_table(
    own: pd.DataFrame,
    heatmaps: Heatmaps,
    masks: Sequence[ByteArray | None],
    labels: Sequence[str | None],
    *,
    groups: Sequence[str | None] | None = None,
    others: int = OTHERS,
    seed: int = SEED,
) -> pd.DataFrame:
    """Hold each map against the masks of other pictures.

    Parameters
    ----------
    own : DataFrame
        What maps have on their own masks, a row for each picture and layer (`own_differences`).
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
    count = len(masks)
    tables = [
        control_columns(own[turn * count : (turn + 1) * count], on_others(maps, masks, lent), lent)
        for turn, maps in enumerate(heatmaps.values())
    ]
    return pd.concat(tables, ignore_index=True)


def own_differences(table: pd.DataFrame) -> pd.DataFrame:
    """The difference that each measure of `FOREGROUND_MEASURES` finds on a picture's own mask, a column each."""
    return pd.DataFrame({key: own_difference(table, key) for key in FOREGROUND_MEASURES})


def own_difference(table: pd.DataFrame, measure: str) -> np.ndarray:
    """`own_differences` of one measure, float (n,)."""
    kind = FOREGROUND_MEASURES[measure]
    return np.asarray(table[kind.inside].to_numpy(float) - kind.against(table))


def enough_units(units: Sequence[int], held: np.ndarray) -> bool:
    """Whether enough of what counts together is left to be tested, of the pictures that are held against others."""
    return len(np.unique(np.asarray(units)[held])) >= FEWEST_UNITS


def units_of(table: pd.DataFrame) -> list[int] | None:
    """What rows of a control count with; None where each counts by itself, or too few would be left to be tested.

    Then each of a pair counts, which errs on the safe side: where one gains by what masks differ in, the other loses.
    """
    if UNIT not in table or not table[UNIT].duplicated().any():
        return None
    units = list(table[UNIT])
    return units if enough_units(units, (table["others"] > 0).to_numpy()) else None


def column_of(measure: str) -> str:
    """The column that holds a measure's mean difference on other pictures' masks."""
    return f"control_{measure}"
