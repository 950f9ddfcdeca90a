"""How much of the evidence lies on the object, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.maps import energy_inside, rectify, upsample
from xai_core.records import TrainingRun, confused
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.words import format_p, percent, points
from xai_core.types import Heatmaps, IntArray, Sample

FEWEST = 6  # pictures: signs of five can be flipped in 32 ways, so that no p is below 0.0625
_NOTHING = 1e-12  # excess that is a rounding


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
        float (N,), share of the positive evidence inside the mask; NaN without a mask or for a flat map.
    area : ndarray
        float (N,), the mask's share of the picture: what an even map would have.
    """

    energy: np.ndarray
    area: np.ndarray


def object_attention(heatmaps: Heatmaps, samples: Sequence[Sample]) -> ObjectAttention:
    """Share of each picture's positive evidence inside its mask, and the mask's share of the picture.

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
    energy, area = np.full(len(samples), np.nan), np.full(len(samples), np.nan)
    for i, sample in enumerate(samples):
        if sample.mask is not None:
            energy[i] = energy_inside(upsample(rectify(raw[i]), sample.mask.shape), sample.mask)
            area[i] = (sample.mask == 1).sum() / max(1, (sample.mask != 255).sum())
    return ObjectAttention(energy, area)


def attention_table(energy: np.ndarray, area: np.ndarray, epochs: Sequence[int]) -> pd.DataFrame:
    """Share of the positive evidence that lies on the object, by epoch.

    Parameters
    ----------
    energy : ndarray
        float (C, N), share inside the mask at each of C epochs with weights, NaN for a flat map.
    area : ndarray
        float (N,), the mask's share of the picture: what an even map would have.
    epochs : Sequence[int]
        C epochs with weights, ascending.

    Returns
    -------
    DataFrame
        A row an epoch: epoch, inside (mean), area (mean over the same pictures), excess (mean of inside - area) with
        low and high (95% interval over pictures), n (pictures with a map), p (sign-flip test of the excess), looks
        (more than by area, at level 0.05 and with at least `FEWEST` pictures).
    """
    rows = []
    for epoch, values in zip(epochs, energy, strict=True):
        known = np.isfinite(values) & np.isfinite(area)
        excess, n = (values - area)[known], int(known.sum())
        test = stats.sign_flip(excess, np.zeros(n))
        # Equal excesses have no spread, but flipping their signs is a test all the same: all positive or all negative.
        equal = n > 2 and not np.isfinite(test.p) and abs(excess.mean()) > _NOTHING
        p = min(1.0, 2.0 ** (1 - n)) if equal else test.p
        rows.append(
            {
                "epoch": int(epoch),
                "inside": values[known].mean() if known.any() else np.nan,
                "area": area[known].mean() if known.any() else np.nan,
                "excess": excess.mean() if known.any() else np.nan,
                "low": test.interval[0],
                "high": test.interval[1],
                "n": n,
                "p": p,
                "looks": bool(n >= FEWEST and p < ALPHA and excess.mean() > 0),
            }
        )
    return pd.DataFrame(rows)


def attention_sentence(table: pd.DataFrame) -> str:
    """When the model begins to look at the object, if it does.

    The last epoch is tested at level 0.05; only where it looks at the object is the one before tested, and so on back
    to the first that does not. In such a fixed sequence the chance of any wrong claim stays at 0.05, however many
    epochs there are.
    """
    known = table[table["n"] >= FEWEST]
    if known.empty:
        return (
            f"With fewer than {FEWEST} usable maps at an epoch this cannot be said: a test of so few can't fall below "
            f"p = {ALPHA:g}."
        )
    last = known.iloc[-1]
    spread = ""
    if np.isfinite(last["low"]):
        spread = f", 95% interval {100 * last['low']:+.0f} to {100 * last['high']:+.0f}"
    tested = f", {format_p(last['p'])}" if np.isfinite(last["p"]) else ""
    end = (
        f"At epoch {last['epoch']:.0f}, {percent(last['inside'])} of the evidence lies on the object, which covers "
        f"{percent(last['area'])} of the picture (n = {last['n']:.0f}, excess {points(last['excess'], 0, 'none')}"
        f"{spread}{tested})."
    )
    looking = known["looks"].to_numpy()
    if last["p"] < ALPHA and last["excess"] < 0:
        return f"It looks at the object less than an even map would: what it goes by lies elsewhere. {end}"
    if not looking[-1]:
        return f"It is not shown to look at the object more than an even map would. {end}"
    away = np.flatnonzero(~looking)
    since = known.iloc[away[-1] + 1 if len(away) else 0]["epoch"]
    return (
        f"From epoch {since:.0f} on it looks at the object more than an even map would. {end} Epochs are tested from "
        "the last one back to the first that fails, which keeps the level of all together at 0.05."
    )
