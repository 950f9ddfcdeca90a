"""Where the maps of the same network with random weights lie: what architecture and pictures alone give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.foreground import ALPHA
from xai_core.studies.groups import group_means, groups_of
from xai_core.studies.layer_order import flipped_p
from xai_core.studies.mask_control import column_of
from xai_core.studies.words import format_p, percent, points


@dataclass(frozen=True)
class UntrainedMaps:
    """What the trained network's maps have on the object beyond other pictures' objects, against random weights.

    Attributes
    ----------
    draws : tuple of float
        Of each draw of random weights, the mean over pictures.
    trained : float
        The trained network's, over the same pictures.
    p : float
        Of the paired difference between the trained network and the mean of the draws, by random signs.
    n : int
        Pictures with a usable map in the trained network and in a draw, or their groups, where pictures have some.
    percent : bool
        Whether the numbers are shares.
    """

    draws: tuple[float, ...]
    trained: float
    p: float
    n: int
    percent: bool

    def beyond(self, outcome: str) -> bool:
        """Whether the trained network goes further that way ("more", "less") than chance and than one more draw would.

        Of many pictures the smallest difference between two draws is no chance, so the largest of a few draws is no
        bound: a network that learned nothing exceeds three others in one case of four.
        """
        low, high = stats.next_interval(self.draws, confidence=1 - ALPHA)
        return bool(self.p < ALPHA and (self.trained > high if outcome == "more" else self.trained < low))

    def sentence(self, outcome: str) -> str:
        """The numbers, in words; `outcome` is that of the maps ("more", "less", "none" or "unknown")."""
        draws = len(self.draws)
        low, high = stats.next_interval(self.draws, confidence=1 - ALPHA)
        spread = (
            f"{self._number(min(self.draws))} to {self._number(max(self.draws))} in {draws} draws, of which one "
            f"more would lie between {self._number(low)} and {self._number(high)} in {percent(1 - ALPHA)} of cases"
        )
        words = "not clearly more"
        if outcome in ("more", "less") and self.beyond(outcome):
            words = f"clearly {outcome}"
        return (
            f"With random weights the same architecture puts {self._number(float(np.mean(self.draws)))} "
            f"({spread if draws > 1 else 'one draw'}) on a picture's own object beyond the objects of others; the "
            f"trained network puts {self._number(self.trained)} there, {words} ({format_p(self.p)}, n = {self.n:,})."
        )

    def _number(self, value: float) -> str:
        return points(value, none="nothing") if self.percent else f"{value:+.3f}"


def beyond_others(table: pd.DataFrame) -> pd.DataFrame:
    """What maps have on their own picture's object beyond other pictures' objects.

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background` for one layer, held against other masks.

    Returns
    -------
    DataFrame
        A column for each measure of FOREGROUND_MEASURES, a row a picture; NaN without a usable map or another mask.
    """
    return pd.DataFrame(
        {
            key: table[kind.inside].to_numpy(float) - kind.against(table) - table[column_of(key)].to_numpy(float)
            for key, kind in FOREGROUND_MEASURES.items()
        }
    )


def untrained_maps(table: pd.DataFrame, measure: str, draws: Sequence[pd.DataFrame]) -> UntrainedMaps | None:
    """Hold maps against those of random weights, picture by picture.

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background` for one layer of the trained network, held against other masks.
    measure : str
        Key of FOREGROUND_MEASURES.
    draws : Sequence of DataFrame
        Of each draw, what `beyond_others` gives for the same pictures.

    Returns
    -------
    UntrainedMaps or None
        None without a picture that has usable maps in both.
    """
    if not draws or column_of(measure) not in table:
        return None
    own = beyond_others(table)[measure].to_numpy()
    others = np.stack([draw[measure].to_numpy(float) for draw in draws])  # (D, N)
    kept = np.isfinite(own) & np.isfinite(others).any(axis=0)
    if not kept.any():
        return None
    own, others, groups = own[kept], others[:, kept], groups_of(table)
    others = others[np.isfinite(others).any(axis=1)]
    differences = own - np.nanmean(others, axis=0)
    if groups is not None:  # pictures that belong together count once
        differences = group_means(differences, [one for one, there in zip(groups, kept, strict=True) if there])
    return UntrainedMaps(
        tuple(float(one) for one in np.nanmean(others, axis=1)),
        float(own.mean()),
        flipped_p(differences),
        len(differences),
        FOREGROUND_MEASURES[measure].percent,
    )
