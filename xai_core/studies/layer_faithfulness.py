"""How faithful each layer's map is: to the gradients that it averages, and to what a class loses when it is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core.stats import holm, sign_flip
from xai_core.studies.averaged_gradients import averaging_check, averaging_doubt, averaging_table
from xai_core.studies.hypothesis import Checked
from xai_core.studies.words import listed, uncapitalised
from xai_core.types.counts import part_of

FEWEST = 6  # pictures below which deletion says nothing of a layer
LEVEL = 0.05  # of all layers together
_COLUMNS = {
    "rank_correlation": (
        "Rank correlation: with the map of the method that does not average gradients; 1 if both are the same."
    ),
    "deletion": (
        "Deletion: how much more of the class's probability is lost where patches are hidden in the map's order and "
        "not in random order; around 0, the map says nothing of what the class depends on."
    ),
}


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """What stands beside each layer.

    Attributes
    ----------
    table : DataFrame
        A row a layer, as `layer_faithfulness` gives it.
    checks : tuple of Checked
        What it says, for the card.
    doubt : str
        Which layers' maps are no evidence for the class, for a student; empty where none is known.
    """

    table: pd.DataFrame
    checks: tuple[Checked, ...]
    doubt: str = ""


def faithfulness_columns(table: pd.DataFrame) -> str:
    """What the columns that a table of `layer_faithfulness` has are of, and nothing of those that it lacks.

    Parameters
    ----------
    table : DataFrame
        With or without `rank_correlation` and `deletion`.

    Returns
    -------
    str

    Examples
    --------
    >>> import pandas as pd
    >>> faithfulness_columns(pd.DataFrame({"layer": ["a"], "rank_correlation": [0.9]})).split(":")[0]
    'Rank correlation'
    """
    return " ".join(said for column, said in _COLUMNS.items() if column in table)


def deletion_table(gains: np.ndarray, layers: Mapping[str, str]) -> pd.DataFrame:
    """The mean by layer of what deletion costs beyond random order, with a sign-flip test.

    Parameters
    ----------
    gains : ndarray
        float (N, L), a row a picture as `checks.layer_deletion.deletion_gains` gives it; NaN where it was not asked.
    layers : Mapping of str to str
        L names and titles.

    Returns
    -------
    DataFrame
        A row a layer: layer, n, gain, low, high (95% interval; probability), p_holm (over the layers).
    """
    rows = []
    for name, column in zip(layers, np.asarray(gains, float).T, strict=True):
        known = column[np.isfinite(column)]
        test = sign_flip(known, np.zeros(len(known)))
        rows.append([name, len(known), float(known.mean()) if len(known) else np.nan, *test.interval, test.p])
    table = pd.DataFrame(rows, columns=["layer", "n", "gain", "low", "high", "p"])
    return table.assign(p_holm=holm(table["p"].to_numpy(float))).drop(columns="p")


def deletion_check(table: pd.DataFrame, layers: Mapping[str, str], pictures: int) -> Checked:
    """What `deletion_table` says, for the card.

    Parameters
    ----------
    table : DataFrame
        As `deletion_table` gives it.
    layers : Mapping of str to str
        Names and titles.
    pictures : int
        Of all that the maps are of; some of them were asked about.
    """
    title, known = "Deletion by layer", table[table["n"] > 0]
    if known.empty:
        return Checked(
            title, None, "All maps that were asked about are flat, so they give no order to hide patches in."
        )
    values = [f"{uncapitalised(layers[row['layer']])} {100 * row['gain']:+.1f} points" for _, row in known.iterrows()]
    said = (
        "Patches were hidden in the order of each layer's map and in random order, on "
        f"{part_of(int(known['n'].max()), pictures, 'picture')}. So much more of the class's probability goes in the "
        f"map's order, on average over a quarter, a half and three quarters hidden: {listed(values)}."
    )
    if known["n"].max() < FEWEST:
        return Checked(title, None, f"{said} Fewer than six pictures cannot tell that from chance.")
    found = (known["p_holm"] < LEVEL) & (known["n"] >= FEWEST)
    more, less = known[found & (known["gain"] > 0)], known[found & (known["gain"] < 0)]
    if len(more) == len(known):
        return Checked(title, True, f"{said} At every layer that is more than chance (sign flips, Holm over layers).")
    said += " By sign flips, Holm over layers:"
    for rows, words in (
        (more, "the class depends on where the map is high"),
        (known[~found], "the map cannot be told from random order, so it is no evidence of what the class depends on"),
        (less, "the class depends on other places than those where the map is high"),
    ):
        if len(rows):
            said += f" at {listed([uncapitalised(layers[name]) for name in rows['layer']])} {words};"
    return Checked(title, False, f"{said[:-1]}.")


def layer_faithfulness(
    layers: Mapping[str, str],
    method: str,
    *,
    exact: str = "",
    correlations: np.ndarray | None = None,
    gains: np.ndarray | None = None,
) -> Faithfulness | None:
    """How faithful the maps of each layer are, by what was looked at.

    Parameters
    ----------
    layers : Mapping of str to str
        L names and titles.
    method, exact : str
        Titles of the method whose maps they are, and of the one that does not average.
    correlations : ndarray, optional
        float (N, L), of `averaging_correlations`.
    gains : ndarray, optional
        float (N, L), of `checks.layer_deletion.deletion_gains`; NaN where a picture was not asked about.

    Returns
    -------
    Faithfulness or None
        None where nothing was looked at. The table has a row a layer: layer, and where it was looked at
        rank_correlation, correlation_low, correlation_high, correlation_n and deletion, deletion_low, deletion_high,
        deletion_p_holm, deletion_n.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import studies
    >>> gains = np.linspace([0.1, -0.05], [0.3, 0.05], 8)
    >>> found = studies.layer_faithfulness({"a": "Stage 1", "b": "Stage 2"}, "Grad-CAM", gains=gains)
    >>> found.table["deletion"].round(2).tolist(), found.checks[0].fine
    ([0.2, 0.0], False)
    """
    table, checks, doubt = pd.DataFrame({"layer": list(layers)}), [], ""
    if correlations is not None:
        one = averaging_table(correlations, list(layers))
        checks.append(averaging_check(one, layers, method, exact))
        doubt = averaging_doubt(one, layers, method)
        table = table.assign(
            rank_correlation=one["rank_correlation"],
            correlation_low=one["low"],
            correlation_high=one["high"],
            correlation_n=one["n"],
        )
    if gains is not None:
        one = deletion_table(gains, layers)
        checks.append(deletion_check(one, layers, len(gains)))
        table = table.assign(
            deletion=one["gain"],
            deletion_low=one["low"],
            deletion_high=one["high"],
            deletion_p_holm=one["p_holm"],
            deletion_n=one["n"],
        )
    return Faithfulness(table, tuple(checks), doubt) if checks else None
