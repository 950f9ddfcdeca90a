"""What interventions by mask and attacks change, tested and said in words; whether they fit the maps."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from xai_core.studies.foreground import ALPHA
from xai_core.studies.foreground_verdict import ForegroundVerdict
from xai_core.studies.paired import paired_tests
from xai_core.studies.words import format_p, percent

_TOO_UNSURE = 0.2  # mean probability below which an intervention has little to take away


_HALF, _SOME = 0.5, 0.15  # of the probability, lost with another background


def dose_row(epsilon: int, table: pd.DataFrame, right: np.ndarray, similarity: np.ndarray) -> dict[str, float]:
    """One strength of an attack in numbers: epsilon, accuracy, energy, area, similarity, n.

    Parameters
    ----------
    epsilon : int
        Strength of the attack, in 255ths of the range of a pixel.
    table : DataFrame
        `foreground_background` of the attacked pictures, one layer.
    right : ndarray
        bool (n,), whether the prediction is still right.
    similarity : ndarray
        float (n,), rank correlation of each map with that of the picture as it was.
    """
    known = table[table["reason"] == ""]
    return {
        "epsilon": epsilon,
        "accuracy": float(np.mean(right)) if len(right) else np.nan,
        "energy": float(known["energy_inside"].mean()),
        "area": float(known["mask_area"].mean()),
        "similarity": float(np.nanmean(similarity)) if np.isfinite(similarity).any() else np.nan,
        "n": len(right),
    }


def dose_sentence(table: pd.DataFrame, *, labels: bool = False) -> str:
    """What an attack did, in words; `table` has a `dose_row` a strength, the weakest first.

    With `labels`, its accuracy is the share of pictures in which the independent label that is attacked is predicted.
    """
    first, last = table.iloc[0], table.iloc[-1]
    what = "share of pictures in which the label is predicted" if labels else "accuracy"
    if len(table) < 2:
        said = "have the label that is attacked predicted" if labels else "are right"
        return f"Unchanged, {percent(first['accuracy'])} of {first['n']:.0f} pictures {said}."
    fallen = table[table["accuracy"] < 0.5 * first["accuracy"]]
    half = (
        f"It takes ε = {fallen['epsilon'].iloc[0]:.0f} of 255 to halve the {what}"
        if len(fallen)
        else f"No strength tried halves the {what}"
    )
    return (
        f"{half}: it goes from {percent(first['accuracy'])} to {percent(last['accuracy'])} at ε = "
        f"{last['epsilon']:.0f} (n = {last['n']:.0f}). Meanwhile the share of energy on the object goes from "
        f"{percent(first['energy'])} to {percent(last['energy'])}, and the maps' rank correlation with the clean ones "
        f"to {last['similarity']:.2f}."
    )


def intervention_tests(table: pd.DataFrame) -> pd.DataFrame:
    """Each intervention against the whole picture: a row a kind, mean, drop, t, p, d_z, low, high, rank_biserial, n."""
    wide = table.pivot(index="picture", columns="kind", values="p")
    rows = []
    for kind in table["kind"].unique():
        if kind == "whole":
            continue
        tests = paired_tests(wide["whole"].to_numpy(), wide[kind].to_numpy())
        rows.append(
            {
                "kind": kind,
                "mean": wide[kind].mean(),
                "drop": (wide["whole"] - wide[kind]).mean(),
                "n": tests.n,
                "t": tests.t.value,
                "p": tests.t.p,
                "d_z": tests.t.effect,
                "low": tests.t.interval[0],
                "high": tests.t.interval[1],
                "rank_biserial": tests.wilcoxon.effect,
            }
        )
    return pd.DataFrame(rows)


def relies_on(table: pd.DataFrame) -> Literal["object", "background", "both", "neither"]:
    """What the answers rest on, by what another background costs: more than half, some, or little of the probability.

    "neither" where the model was not sure of the classes to begin with.
    """
    means = table.groupby("kind")["p"].mean()
    if means["whole"] < _TOO_UNSURE:
        return "neither"
    lost = means["whole"] - means["swapped"]
    if lost > _HALF * means["whole"]:
        return "background"
    return "both" if lost > _SOME * means["whole"] else "object"


def intervention_sentence(table: pd.DataFrame) -> str:
    """What keeping and swapping did to the probability, in words."""
    means, n = table.groupby("kind")["p"].mean(), table["picture"].nunique()
    tests = intervention_tests(table).set_index("kind")
    swap = tests.loc["swapped"]
    words = {
        "object": "It rests on the object: another background costs little",
        "background": "It rests on the background: with another one the class is lost, though the object is there",
        "both": "It rests on both: another background costs some of it",
        "neither": "The model is not sure of these classes to begin with, so there is little to lose",
    }[relies_on(table)]
    if relies_on(table) in ("both", "background") and swap["p"] >= ALPHA:
        words = "For so few pictures, no loss with another background is shown"
    change = -100 * swap["drop"]
    tested = f": {change:+.0f} points"
    if np.isfinite(swap["p"]):
        tested += f", t = {swap['t']:.2f}, {format_p(swap['p'])}, d_z = {swap['d_z']:.2f}"
    cut = (
        " That the object alone does worse need not mean that the background counts: an object cut out is unlike any "
        "picture that the model learned from."
        if means["object"] < _HALF * means["whole"] and means["swapped"] > means["object"] + _SOME
        else ""
    )
    return (
        f"{words}. Over {n} picture{'' if n == 1 else 's'}, the mean probability is {percent(means['whole'])} as they "
        f"are, {percent(means['object'])} with the object alone, {percent(means['background'])} with the background "
        f"alone, and {percent(means['swapped'])} on another picture's background ({tested[2:]}).{cut}"
    )


def disagreement_sentence(verdict: ForegroundVerdict, table: pd.DataFrame) -> str:
    """Where heatmap and intervention say different things, or that they agree; empty where one of them says nothing."""
    found = relies_on(table)
    if verdict.outcome == "unknown" or found == "neither":
        return ""
    if verdict.outcome == "more" and found == "background":
        return (
            "The maps lie on the object, but the answers change with the background: the maps do not show what the "
            "model goes by. Believe the intervention."
        )
    if verdict.outcome == "less" and found == "object":
        return (
            "The maps lie off the object, but the answers survive another background: the maps do not show what the "
            "model goes by. Believe the intervention."
        )
    if found == "both":
        return "By intervention object and background both count; the maps only say where the evidence lies most."
    if verdict.outcome == "none":
        return f"The maps do not tell object from background, the intervention does: it rests on the {found}."
    return "Heatmaps and intervention agree."
