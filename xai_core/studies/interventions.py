"""What interventions by mask and attacks change, tested and said in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.groups import group_numbers, groups_of
from xai_core.studies.paired import paired_tests
from xai_core.studies.words import percent


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
    groups = groups_of(table)
    return {
        "epsilon": epsilon,
        "accuracy": float(np.mean(right)) if len(right) else np.nan,
        "energy": float(known["energy_inside"].mean()),
        "area": float(known["mask_area"].mean()),
        "similarity": float(np.nanmean(similarity)) if np.isfinite(similarity).any() else np.nan,
        "n": len(right),
    } | ({} if groups is None else {"groups": float(len(set(group_numbers(groups).tolist())))})


def dose_sentence(table: pd.DataFrame, *, labels: bool = False) -> str:
    """What an attack did, in words; `table` has a `dose_row` a strength, the weakest first.

    With `labels`, its accuracy is the share of pictures in which the independent label that is attacked is predicted.
    """
    first, last = table.iloc[0], table.iloc[-1]
    what = "share of pictures in which the label is predicted" if labels else "accuracy"
    if len(table) < 2:
        said = "have the label that is attacked predicted" if labels else "are right"
        return f"Unchanged, {percent(first['accuracy'])} of {first['n']:,.0f} pictures {said}."
    counted = f"n = {last['n']:,.0f}"
    if "groups" in table:
        counted += f" pictures, counted each, of {last['groups']:.0f} groups"
    fallen = table[table["accuracy"] < 0.5 * first["accuracy"]]
    half = (
        f"It takes ε = {fallen['epsilon'].iloc[0]:.0f} of 255 to halve the {what}"
        if len(fallen)
        else f"No strength tried halves the {what}"
    )
    return (
        f"{half}: it goes from {percent(first['accuracy'])} to {percent(last['accuracy'])} at ε = "
        f"{last['epsilon']:.0f} ({counted}). Meanwhile the share of energy on the object goes from "
        f"{percent(first['energy'])} to {percent(last['energy'])}, and the maps' rank correlation with the clean ones "
        f"to {last['similarity']:.2f}."
    )


def intervention_tests(table: pd.DataFrame) -> pd.DataFrame:
    """Each intervention against the whole picture.

    Parameters
    ----------
    table : DataFrame
        Of `xai.intervention`.

    Returns
    -------
    DataFrame
        A row a kind: kind, mean, drop, n, t, p (of the t-test, as studies report it), p_holm (of sign-flip tests of the
        mean, over all interventions), d_z, low, high (its 95% interval), rank_biserial.
    """
    wide = table.pivot(index="picture", columns="kind", values="p")
    groups = groups_of(table.drop_duplicates("picture").set_index("picture").loc[wide.index])
    rows, decides = [], []
    for kind in table["kind"].unique():
        if kind == "whole":
            continue
        tests = paired_tests(wide["whole"].to_numpy(), wide[kind].to_numpy(), groups)
        decides.append(tests.result.p)
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
    frame = pd.DataFrame(rows)
    if rows:
        frame.insert(6, "p_holm", stats.holm(decides))
    return frame
