"""Models beside each other on the same pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.foreground import ALPHA
from xai_core.studies.groups import by_group, group_means, groups_of
from xai_core.studies.paired import paired_tests
from xai_core.studies.untrained_maps import beyond
from xai_core.studies.words import format_p, uncapitalised


def compare_models(tables: Mapping[str, pd.DataFrame], drops: Mapping[str, np.ndarray], measure: str) -> pd.DataFrame:
    """Every model against the first, on the same pictures: where the maps lie, and what another background costs.

    Parameters
    ----------
    tables : Mapping of str to DataFrame
        model -> `foreground_background` of the same pictures in the same order, one layer.
    drops : Mapping of str to ndarray
        model -> float (n,), probability lost with another background; NaN where there is none.
    measure : str
        Key of FOREGROUND_MEASURES.

    Returns
    -------
    DataFrame
        A row a model: model, inside (mean), chance, beyond (what maps have on their own object beyond those of other
        pictures; NaN where they were not held against these), drop (mean), each over the pictures that have a value
        with every model that has any; and against the first model p_inside, d_z_inside, p_drop, d_z_drop; both p are of
        sign-flip tests, Holm-corrected over all of them (models x questions). NaN for the first. Of maps that were held
        against other pictures' masks, `beyond` is tested: a blob in the middle that is narrower than another has more
        on any object. outcome_inside and outcome_drop: "more", "less", "none" or "unknown", nothing that the test's
        interval would contradict; nothing for the first.
    """
    kind = FOREGROUND_MEASURES[measure]
    first = next(iter(tables))
    groups = groups_of(tables[first])
    inside = _shared({name: table[kind.inside].to_numpy(float) for name, table in tables.items()})
    lost = _shared({name: np.asarray(drop, float) for name, drop in drops.items()})
    own = _shared({name: beyond(table, measure) for name, table in tables.items()})
    held = all(np.isfinite(one).any() for one in own.values())
    rows: list[dict[str, Any]] = []
    for name, table in tables.items():
        there = table[np.isfinite(inside[name])]
        row = {"model": name, "inside": _mean(inside[name], groups), "chance": kind.mean_chance(by_group(there))}
        rows.append(row | {"beyond": _mean(own[name], groups), "drop": _mean(lost[name], groups)})
        for question, values in (("inside", own if held else inside), ("drop", lost)):
            test = paired_tests(values[name], values[first], groups)
            itself = name == first
            rows[-1] |= {f"p_{question}": np.nan if itself else test.result.p}
            rows[-1] |= {f"d_z_{question}": np.nan if itself else test.t.effect}
            rows[-1] |= {f"outcome_{question}": "" if itself else test.outcome}
    frame = pd.DataFrame(rows)
    both = ["p_inside", "p_drop"]  # one family: both questions are asked of every model
    frame[both] = stats.holm(frame[both].to_numpy().ravel()).reshape(-1, 2)
    for question in ("inside", "drop"):
        frame.loc[frame[f"p_{question}"] >= ALPHA, f"outcome_{question}"] = "none"
    return frame


def _shared(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Values of the same pictures: NaN where one of the models that have any has none."""
    known = [np.isfinite(one) for one in values.values() if np.isfinite(one).any()]
    there = np.logical_and.reduce(known) if known else False
    return {name: np.where(there, one, np.nan) for name, one in values.items()}


def _mean(values: np.ndarray, groups: Sequence[str | None] | None) -> float:
    """The mean over pictures, or groups of them, that have a value; NaN where none has."""
    known = np.isfinite(values)
    if not known.any():
        return float("nan")
    kept = values[known]
    return float(
        (kept if groups is None else group_means(kept, [groups[i] for i in np.flatnonzero(known).tolist()])).mean()
    )


def models_sentences(compared: pd.DataFrame, measure: str) -> tuple[str, ...]:
    """How models differ from the first, in a sentence each; of several the name of the first stands before them."""
    title = uncapitalised(FOREGROUND_MEASURES[measure].title)
    first, parts = compared.iloc[0], []
    for row in compared.iloc[1:].itertuples():
        numbers, where = f"({row.inside:.2f} against {first['inside']:.2f}", "on the object"
        if np.isfinite(row.beyond):
            numbers = f"({row.beyond:+z.2f} against {first['beyond']:+z.2f}"
            where = "on the object, beyond what comes from where objects usually lie"
        inside = f"shows no difference in {title} {where} {numbers})"
        if row.outcome_inside in ("more", "less"):
            inside = f"has {row.outcome_inside} {title} {where} {numbers}, {format_p(row.p_inside)})"
        points = f"({100 * row.drop:.0f} points against {100 * first['drop']:.0f}"
        drop = f"no difference is shown in what another background costs {points})"
        if not np.isfinite(row.p_drop):
            drop = "what another background costs could not be compared"
        elif row.outcome_drop in ("more", "less"):
            drop = f"another background costs it {row.outcome_drop} {points}, {format_p(row.p_drop)})"
        parts.append(f"{row.model} {inside}, and {drop}.")
    against = f"Against {first['model']}"
    return (f"{against}:", *parts) if len(parts) > 1 else tuple(f"{against}, {one}" for one in parts)
