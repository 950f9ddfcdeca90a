"""What hiding a picture in a method's order does, in numbers and words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xai_core.studies.words import listed, percent
from xai_core.types.counts import form


def deletion_areas(curves: pd.DataFrame) -> pd.DataFrame:
    """How fast a class is lost when the picture is hidden in a method's order, against random orders.

    Parameters
    ----------
    curves : DataFrame
        As `xai.deletion` gives them, of one class: method, draw, hidden, p.

    Returns
    -------
    DataFrame
        A row a method: method, area (mean probability over the share hidden, in [0, 1]), low and high (smallest and
        largest over the draws), gain (the random orders' mean area minus its own; positive where it finds what
        matters).
    """
    areas = (
        curves.sort_values("hidden", kind="stable")
        .groupby(["method", "draw"], sort=False)[["hidden", "p"]]
        .apply(lambda part: float(np.trapezoid(part["p"], part["hidden"])))
        .rename("area")
        .reset_index()
    )
    found = areas.groupby("method", sort=False)["area"].agg(["mean", "min", "max"]).reset_index()
    found.columns = pd.Index(["method", "area", "low", "high"])
    random = found.loc[found["method"] == "random", "area"]
    return found.assign(gain=(float(random.iloc[0]) if len(random) else np.nan) - found["area"])


def deletion_sentence(areas: pd.DataFrame, class_name: str) -> str:
    """Which methods find what the class depends on, in words."""
    methods, random = areas[areas["method"] != "random"].sort_values("area"), areas[areas["method"] == "random"]
    if methods.empty:
        return f"No method that ran gives an order in which to hide what {class_name} depends on."
    numbers = ", ".join(f"{row.method} {percent(row.area)}" for row in methods.itertuples())
    tail = f"Mean probability of {class_name} while more and more is hidden: {numbers}"
    if random.empty:
        return f"{tail}."
    low, mean, high = (float(random[column].iloc[0]) for column in ("low", "area", "high"))
    tail += f"; in random orders {percent(mean)} ({percent(low)} to {percent(high)})."
    better, between, worse = (
        [row.method for row in methods.itertuples() if inside(row.area)]
        for inside in (lambda area: area < low, lambda area: low <= area <= high, lambda area: area > high)
    )
    said = [
        f"what {listed(names)} {form(len(names), 'points', 'point')} at lowers the probability of {class_name} {how}"
        for names, how in (
            (better, "sooner than every random order"),
            (between, "no sooner than some random orders"),
            (worse, "later than every random order"),
        )
        if names
    ]
    return f"Hiding first {'; '.join(said)}. {tail}"
