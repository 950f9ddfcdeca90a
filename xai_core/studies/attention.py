"""How much of the evidence lies on the object, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core.maps import energy_inside, rectify, upsample
from xai_core.records import TrainingRun, confused
from xai_core.studies.groups import group_means
from xai_core.studies.lent_masks import labels_or_classes, lend_masks
from xai_core.studies.mask_control import ALIKE, as_usual, enough_units, overlap
from xai_core.studies.on_mask import mask_problem
from xai_core.studies.paired import flipped, supported, without_rounding
from xai_core.studies.untrained_maps import held_against
from xai_core.types import ByteArray, Heatmaps, IntArray, Sample

UNSEEN = "unseen"  # outcome of an epoch whose maps explain classes that its network does not see


def confused_classes(run: TrainingRun, limit: int) -> IntArray:
    """The classes to show in a confusion matrix: all, or those most often confused."""
    k = len(run.class_names)
    if k <= limit:
        return np.arange(k)
    looked_at = run.epochs[[0, len(run.epochs) // 2, -1]]
    wrong = [confused(run, int(epoch)).wrong() for epoch in looked_at]
    often = np.sum([pairs.of_true + pairs.of_predicted for pairs in wrong], axis=0)
    return np.sort(np.argsort(-often, kind="stable")[:limit])


class ObjectAttention(NamedTuple):
    """How much of the positive evidence lies on the object of each picture.

    Attributes
    ----------
    energy : ndarray
        float (N,), share of the positive evidence inside the mask; NaN for a flat map, or where no mask tells object
        from background.
    area : ndarray
        float (N,), the mask's share of the picture, NaN where energy is for want of a mask.
    usual : ndarray
        float (N,), what the same map would have if it only lay where objects of other pictures lie: the area, and what
        is usual beyond areas for this map and this mask (`xai_core.studies.mask_control`). NaN where no other picture
        lends a mask, and throughout where the masks are too alike to tell.
    p : ndarray, optional
        float (N,), the probability of the class that each map explains.
    units : tuple of int, optional
        What each of the N pictures counts with: its group, and where a label has two alone, each other, since each is
        held against the other's mask.
    """

    energy: np.ndarray
    area: np.ndarray
    usual: np.ndarray
    p: np.ndarray | None = None
    units: tuple[int, ...] | None = None


def object_attention(heatmaps: Heatmaps, samples: Sequence[Sample]) -> ObjectAttention:
    """Share of each picture's positive evidence inside its mask, and what it would have where objects usually lie.

    Parameters
    ----------
    heatmaps : Heatmaps
        Of one layer.
    samples : Sequence[Sample]
        N, as the network saw them; one without a mask gives NaN.

    Returns
    -------
    ObjectAttention
    """
    (raw,) = heatmaps.values()
    masks = [None if mask_problem(sample.mask) else sample.mask for sample in samples]
    labels = [sample.label for sample in samples]
    alike = labels_or_classes(labels, heatmaps.targets, heatmaps.predictions.classes)
    groups = [sample.group for sample in samples]
    lent = lend_masks(alike, [mask is not None for mask in masks], groups=groups)
    energy, area = np.full((2, len(samples)), np.nan)
    on_others = np.full(lent.grid.shape, np.nan)
    likeness = []
    for i, mask in enumerate(masks):
        if mask is None:
            continue
        fine = upsample(rectify(raw[i]), mask.shape)
        others = [other for place in lent.places[i] if (other := masks[place]) is not None]
        energy[i], area[i] = energy_inside(fine, mask), _area(mask)
        on_others[i, : len(others)] = [energy_inside(fine, other) - _area(other) for other in others]
        likeness += [overlap(mask, other) for other in others]
    usual = area + as_usual(energy - area, on_others, lent)
    if likeness and np.mean(likeness) >= ALIKE:
        usual[:] = np.nan
    p = heatmaps.predictions.probabilities[np.arange(len(samples)), heatmaps.targets]
    return ObjectAttention(energy, area, usual, p.astype(float), lent.units)


def _area(mask: ByteArray) -> float:
    return float((mask == 1).sum() / (mask != 255).sum())


def attention_table(
    found: Mapping[int, ObjectAttention],
    groups: Sequence[str | None] | None = None,
    draws: Sequence[ObjectAttention] = (),
    *,
    limit: float = 0.0,
) -> pd.DataFrame:
    """Share of the positive evidence that lies on the object, by epoch.

    Parameters
    ----------
    found : Mapping of int to ObjectAttention
        By epoch with weights, ascending, each of the same N pictures.
    groups : Sequence of str or None, optional
        What each of the N pictures belongs to, where `found` does not say: those of a group count once, by their mean.
    draws : Sequence of ObjectAttention
        Of the same architecture with random weights, of the same pictures; none where they were not looked at.
    limit : float
        Mean probability of the explained classes below which an epoch's network does not see them (`gate_limit`).

    Returns
    -------
    DataFrame
        A row an epoch: epoch; inside, area and usual (means over pictures with a map; see `ObjectAttention`); excess
        (mean of inside - usual) with low and high (95% interval over pictures, or groups); n (those that are tested);
        pictures (in them); p (sign-flip test of the excess); seen (mean probability of the explained classes); outcome
        ("more", "less" or "none" by that test and its interval, "unknown" for fewer than `FEWEST_FLIPPED`, "unseen"
        below the limit). With draws also random (their mean excess), random_low and random_high (where one more draw
        would lie in 95% of cases), p_random (sign-flip test of the difference) and beyond (whether the epoch goes
        further its way than chance and than one more draw would).
    """
    return pd.DataFrame([{"epoch": int(epoch)} | _row(seen, groups, draws, limit) for epoch, seen in found.items()])


def _row(
    found: ObjectAttention, groups: Sequence[object] | None, draws: Sequence[ObjectAttention], limit: float
) -> dict[str, object]:
    there = np.isfinite(found.energy)
    groups = _units(found, groups)
    kept = [None if groups is None else groups[place] for place in np.flatnonzero(there).tolist()]
    inside, area, usual = group_means(np.stack(found[:3], axis=1)[there], kept).T
    known = np.isfinite(usual)
    excess = without_rounding((inside - usual)[known])
    test = flipped(excess)
    seen = float("nan") if found.p is None else float(found.p.mean())
    outcome = UNSEEN if seen < limit else supported(test)
    row: dict[str, object] = {
        "inside": _mean(inside),
        "area": _mean(area),
        "usual": _mean(usual[known]),
        "excess": _mean(excess),
        "low": test.interval[0],
        "high": test.interval[1],
        "n": len(excess),
        "pictures": int(np.isfinite(found.usual[there]).sum()),
        "p": test.p,
        "seen": seen,
        "outcome": outcome,
    }
    return row | _against(found, groups, draws, outcome) if draws else row


def _units(found: ObjectAttention, groups: Sequence[object] | None) -> Sequence[object] | None:
    """What pictures count with, unless too few pairs would be left to be tested (`mask_control.units_of`)."""
    if found.units is None:
        return groups
    return found.units if enough_units(found.units, np.isfinite(found.usual)) else groups


def _against(
    found: ObjectAttention, groups: Sequence[object] | None, draws: Sequence[ObjectAttention], outcome: str
) -> dict[str, object]:
    """An epoch's maps against those of random weights."""
    others = np.stack([draw.energy - draw.usual for draw in draws])
    held = held_against(found.energy - found.usual, others, groups, percent=True)
    if held is None:
        return {"beyond": False}
    low, high = held.next_draw
    return {
        "random": float(np.mean(held.draws)),
        "random_low": low,
        "random_high": high,
        "p_random": held.p,
        "beyond": outcome in ("more", "less") and held.beyond(outcome),
    }


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
