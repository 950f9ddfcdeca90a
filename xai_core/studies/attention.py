"""How much of the evidence lies on the object, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core.maps import energy_inside, rectify, upsample
from xai_core.records import TrainingRun, confused
from xai_core.studies.foreground import ALPHA
from xai_core.studies.groups import group_means
from xai_core.studies.mask_control import ALIKE, lend_masks, overlap
from xai_core.studies.on_mask import mask_problem
from xai_core.studies.paired import FEWEST_FLIPPED, flipped, supported
from xai_core.studies.words import format_p, percent, points
from xai_core.types import ByteArray, FloatArray, Heatmaps, IntArray, Sample

_ALONE = (
    "By themselves, maps do not say that it looks there: those of a network with random weights often lie on objects "
    "that stand out."
)


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
        the map has on their masks beyond theirs. NaN where no other picture lends a mask, and throughout where the
        masks are too alike to tell (`xai_core.studies.mask_control`).
    """

    energy: np.ndarray
    area: np.ndarray
    usual: np.ndarray


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
    labels, groups = [sample.label for sample in samples], [sample.group for sample in samples]
    lent = lend_masks(labels, [mask is not None for mask in masks], groups=groups)
    energy, area, usual = np.full((3, len(samples)), np.nan)
    likeness = []
    for i, mask in enumerate(masks):
        if mask is None:
            continue
        fine = upsample(rectify(raw[i]), mask.shape)
        others = [other for place in lent.places[i] if (other := masks[place]) is not None]
        energy[i], area[i] = energy_inside(fine, mask), _area(mask)
        usual[i] = area[i] + _beyond_area(fine, others)
        likeness += [overlap(mask, other) for other in others]
    if likeness and np.mean(likeness) >= ALIKE:
        usual[:] = np.nan
    return ObjectAttention(energy, area, usual)


def _area(mask: ByteArray) -> float:
    return float((mask == 1).sum() / (mask != 255).sum())


def _beyond_area(fine: FloatArray, masks: Sequence[ByteArray]) -> float:
    """What a map has on masks beyond their area, on average; NaN where it has nothing on any."""
    beyond = np.array([energy_inside(fine, mask) - _area(mask) for mask in masks])
    known = beyond[np.isfinite(beyond)]
    return float(known.mean()) if len(known) else float("nan")


def attention_table(found: Mapping[int, ObjectAttention], groups: Sequence[str | None] | None = None) -> pd.DataFrame:
    """Share of the positive evidence that lies on the object, by epoch.

    Parameters
    ----------
    found : Mapping of int to ObjectAttention
        By epoch with weights, ascending, each of the same N pictures.
    groups : Sequence of str or None, optional
        What each of the N pictures belongs to: those of a group are averaged and count once.

    Returns
    -------
    DataFrame
        A row an epoch: epoch; inside, area and usual (means over pictures with a map; see `ObjectAttention`); excess
        (mean of inside - usual) with low and high (95% interval over pictures, or groups); n (those that are tested);
        pictures (in them); p (sign-flip test of the excess); outcome ("more", "less" or "none" by that test and its
        interval, "unknown" for fewer than `FEWEST_FLIPPED`).
    """
    return pd.DataFrame([{"epoch": int(epoch)} | _row(seen, groups) for epoch, seen in found.items()])


def _row(seen: ObjectAttention, groups: Sequence[str | None] | None) -> dict[str, object]:
    there = np.isfinite(seen.energy)
    kept = [None if groups is None else groups[place] for place in np.flatnonzero(there).tolist()]
    inside, area, usual = group_means(np.stack(seen, axis=1)[there], kept).T
    known = np.isfinite(usual)
    excess = (inside - usual)[known]
    test = flipped(excess)
    return {
        "inside": _mean(inside),
        "area": _mean(area),
        "usual": _mean(usual[known]),
        "excess": _mean(excess),
        "low": test.interval[0],
        "high": test.interval[1],
        "n": len(excess),
        "pictures": int(np.isfinite(seen.usual[there]).sum()),
        "p": test.p,
        "outcome": supported(test),
    }


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def attention_sentence(table: pd.DataFrame) -> str:
    """From when on its maps lie on the object, if they do; that it looks there, maps by themselves cannot say.

    The last epoch is tested at level 0.05; only where maps lie on the object is the one before tested, and so on back
    to the first where they do not, or that has too few maps for a test. In such a fixed sequence the chance of any
    wrong claim stays at 0.05, however many epochs there are.
    """
    known = np.flatnonzero(table["n"] >= FEWEST_FLIPPED)
    if not len(known):
        return _untested(table)
    last = table.iloc[known[-1]]
    spread = ""
    if np.isfinite(last["low"]):
        spread = f", 95% interval {100 * last['low']:+.0f} to {100 * last['high']:+.0f}"
    tested = f", {format_p(last['p'])}" if np.isfinite(last["p"]) else ""
    unit = " groups" if last["n"] < last["pictures"] else ""
    end = (
        f"At epoch {last['epoch']}, {percent(last['inside'])} of the evidence lies on the object; "
        f"{percent(last['usual'])} would if it only lay where objects usually lie (n = {last['n']:,}{unit}, difference "
        f"{points(last['excess'], 0, 'none')}{spread}{tested}). The object covers {percent(last['area'])} of the "
        "picture."
    )
    if last["outcome"] == "less":
        off = "Its maps lie off the object: less of the evidence lies on it than where objects usually lie."
        return f"{off} {end} {_ALONE}"
    if last["outcome"] != "more":
        return f"It is not shown to look at the object: its maps say no more than where objects usually lie. {end}"
    away = np.flatnonzero(table["outcome"].iloc[: known[-1]] != "more")
    since = table.iloc[away[-1] + 1 if len(away) else 0]["epoch"]
    reach = "on" if known[-1] == len(table) - 1 else f"to {last['epoch']}"
    return (
        f"From epoch {since} {reach} its maps lie on the object: more of the evidence lies on it than where objects "
        f"usually lie. {end} {_ALONE} The test begins at the last epoch and goes back until one fails or has too "
        "few maps (level 0.05 for all together)."
    )


def _untested(table: pd.DataFrame) -> str:
    """Why no epoch is tested."""
    if table["inside"].notna().any() and table["usual"].isna().all():
        return (
            "Whether it looks at the object cannot be told: no other picture has a mask to compare with, or all masks "
            "are so alike that a map of the object is one of the place where objects usually lie."
        )
    what = "groups of pictures with usable maps" if (table["n"] < table["pictures"]).any() else "usable maps"
    return (
        f"With fewer than {FEWEST_FLIPPED} {what} at an epoch this cannot be said: a test of so few can't fall below "
        f"p = {ALPHA:g}."
    )
