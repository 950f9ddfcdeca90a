"""Models beside each other on the same pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.foreground import ALPHA
from xai_core.studies.groups import by_group, groups_of
from xai_core.studies.paired import paired_tests
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
        A row a model: model, inside (mean), chance, drop (mean), and against the first model p_inside, d_z_inside,
        p_drop, d_z_drop; both p are of sign-flip tests, Holm-corrected over all of them (models x questions). NaN for
        the first.
    """
    kind = FOREGROUND_MEASURES[measure]
    names = list(tables)
    rows = []
    for name in names:
        table = tables[name]
        row = {
            "model": name,
            "inside": by_group(table)[kind.inside].mean(),
            "chance": kind.mean_chance(by_group(table)),
            "drop": float(np.nanmean(drops[name])) if np.isfinite(drops[name]).any() else np.nan,
        }
        if name == names[0]:
            row |= dict.fromkeys(("p_inside", "d_z_inside", "p_drop", "d_z_drop"), np.nan)
        else:
            groups = groups_of(table)
            inside = paired_tests(table[kind.inside].to_numpy(), tables[names[0]][kind.inside].to_numpy(), groups)
            drop = paired_tests(drops[name], drops[names[0]], groups)
            row |= {"p_inside": inside.result.p, "d_z_inside": inside.t.effect}
            row |= {"p_drop": drop.result.p, "d_z_drop": drop.t.effect}
        rows.append(row)
    frame = pd.DataFrame(rows)
    both = ["p_inside", "p_drop"]  # one family: both questions are asked of every model
    frame[both] = stats.holm(frame[both].to_numpy().ravel()).reshape(-1, 2)
    return frame


def models_sentence(compared: pd.DataFrame, measure: str) -> str:
    """How the models differ, in words."""
    title = uncapitalised(FOREGROUND_MEASURES[measure].title)
    first, parts = compared.iloc[0], []
    for row in compared.iloc[1:].itertuples():
        numbers = f"({row.inside:.2f} against {first['inside']:.2f}"
        inside = f"shows no difference in {title} on the object {numbers})"
        if row.p_inside < ALPHA:
            more = "more" if row.d_z_inside > 0 else "less"
            inside = f"has {more} {title} on the object {numbers}, {format_p(row.p_inside)})"
        points = f"({100 * row.drop:.0f} points against {100 * first['drop']:.0f}"
        drop = f"no difference is shown in what another background costs {points})"
        if not np.isfinite(row.p_drop):
            drop = "what another background costs could not be compared"
        elif row.p_drop < ALPHA:
            costs = "more" if row.d_z_drop > 0 else "less"
            drop = f"another background costs it {costs} {points}, {format_p(row.p_drop)})"
        parts.append(f"Against {first['model']}, {row.model} {inside}, and {drop}.")
    return " ".join(parts)
