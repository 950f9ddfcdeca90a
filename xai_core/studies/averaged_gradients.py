"""How far a layer's map shows the gradients that it averages: Grad-CAM against HiResCAM, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from xai_core.stats import mean_interval
from xai_core.studies.foreground import map_similarity
from xai_core.studies.hypothesis import Checked
from xai_core.studies.words import listed, uncapitalised
from xai_core.types import Heatmaps

ROUNDING = 1e-4  # of the averaged map, below which the other one holds nothing
FAITHFUL = 0.5  # mean rank correlation below which a layer's maps are another picture than the gradients


def averaging_correlations(maps: Heatmaps, exact: Heatmaps) -> np.ndarray:
    """Spearman's rank correlation of each map with that of the method which does not average.

    Parameters
    ----------
    maps, exact : Heatmaps
        Of the same N pictures at the same L layers, for the same classes.

    Returns
    -------
    ndarray
        float64 (N, L) in [-1, 1]; NaN where one of the maps is flat, or holds only rounding.
    """
    found = np.full((maps.n_pictures, len(maps)), np.nan)
    for column, name in enumerate(maps):
        for row, (one, other) in enumerate(zip(maps[name], exact[name], strict=True)):
            # Right before a norm over the channels, activation times gradient is nothing but rounding.
            if np.abs(other).max() >= ROUNDING * np.abs(one).max():
                found[row, column] = map_similarity(one, other)
    return found


def averaging_table(correlations: np.ndarray, layers: Sequence[str]) -> pd.DataFrame:
    """The mean by layer.

    Parameters
    ----------
    correlations : ndarray
        float (N, L), as `averaging_correlations` gives them.
    layers : Sequence[str]
        L names.

    Returns
    -------
    DataFrame
        A row a layer: layer, n, rank_correlation, low, high (95% interval over pictures).
    """
    rows = []
    for name, column in zip(layers, np.asarray(correlations, float).T, strict=True):
        known = column[np.isfinite(column)]
        mean = float(known.mean()) if len(known) else float("nan")
        rows.append([name, len(known), mean, *mean_interval(known)])
    return pd.DataFrame(rows, columns=["layer", "n", "rank_correlation", "low", "high"])


def averaging_check(table: pd.DataFrame, titles: Mapping[str, str], method: str, exact: str) -> Checked:
    """What `averaging_table` says, for the card.

    Parameters
    ----------
    table : DataFrame
        As `averaging_table` gives it.
    titles : Mapping of str to str
        Of the layers.
    method, exact : str
        Names of the method that averages, and of the one that does not.
    """
    known = table[table["n"] > 0]
    if known.empty:
        return Checked("Averaged gradients", None, f"{exact} gives no maps here against which {method} could be held.")
    values = [f"{row['rank_correlation']:.2f} at {uncapitalised(titles[row['layer']])}" for _, row in known.iterrows()]
    low = _where_they_disagree(known, titles)
    said = (
        f"{method} averages each channel's gradient over all places, so its maps can be bright where nothing matters "
        f"for the class (arXiv 2011.08891). {exact} does not average, and serves as a check. Mean rank correlation "
        f"of the two methods' maps: {listed(values)}."
    )
    if low:
        said += (
            f" At {low} the two disagree (below {FAITHFUL:g}). At these layers, maps only show where the layer "
            "reacts to the picture, and the test is about how focused these reactions are."
        )
    return Checked("Averaged gradients", not low, said)


def averaging_doubt(table: pd.DataFrame, titles: Mapping[str, str], method: str) -> str:
    """Where the maps of a layer are of its activity, for a student; empty where the two methods agree.

    Parameters
    ----------
    table : DataFrame
        As `averaging_table` gives it.
    titles : Mapping of str to str
        Of the layers.
    method : str
        Name of the method that averages.
    """
    low = _where_they_disagree(table[table["n"] > 0], titles)
    if not low:
        return ""
    return (
        f"At {low}, maps of {method} only show where the layer reacts to the picture, which is no evidence for the "
        "class."
    )


def _where_they_disagree(known: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """The layers of which the averaged map is another one: "stage 1 and stage 3", "stage 1 to stage 4", or none."""
    low = (known["rank_correlation"] < FAITHFUL).to_numpy()
    names = [uncapitalised(titles[name]) for name in known.loc[low, "layer"]]
    if len(names) < 3 or np.diff(np.flatnonzero(low)).max() > 1:
        return listed(names) if names else ""
    return "all layers" if low.all() else f"{names[0]} to {names[-1]}"
