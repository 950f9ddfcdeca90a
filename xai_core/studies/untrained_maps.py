"""Where the maps of the same network with random weights lie: what architecture and pictures alone give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.foreground import ALPHA
from xai_core.studies.groups import group_means, groups_of
from xai_core.studies.layer_order import flipped_p
from xai_core.studies.mask_control import column_of, own_difference, units_of
from xai_core.studies.words import format_p, percent, points


@dataclass(frozen=True)
class UntrainedMaps:
    """What the trained network's maps have on the object beyond other pictures' objects, against random weights.

    Attributes
    ----------
    draws : tuple of float
        Of each draw of random weights, the mean over pictures, or over groups' means.
    trained : float
        The trained network's, over the same.
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
        return goes_beyond(self.trained, self.p, self.next_draw, more=outcome == "more")

    @property
    def next_draw(self) -> tuple[float, float]:
        """Between which means one more draw would lie in 95% of cases; NaN for a single draw."""
        return stats.next_interval(self.draws, confidence=1 - ALPHA)

    def sentence(self, outcome: str) -> str:
        """The numbers, in words; `outcome` is that of the maps ("more", "less", "none" or "unknown")."""
        way = "less" if outcome == "less" else "more"
        words = f"clearly {way}" if outcome in ("more", "less") and self.beyond(outcome) else f"not clearly {way}"
        spread = draws_in_words(self.draws, self.next_draw, self._number)
        return (
            f"With random weights the same architecture puts {self._number(float(np.mean(self.draws)))} ({spread}) on "
            "a picture's own object beyond the objects of others; the trained network puts "
            f"{self._number(self.trained)} there, {words} ({format_p(self.p)}, n = {self.n:,})."
        )

    def _number(self, value: float) -> str:
        return points(value, none="nothing") if self.percent else f"{value:+.3f}"


def goes_beyond(trained: float, p: float, next_draw: tuple[float, float], *, more: bool) -> bool:
    """Whether a trained network goes further, one way or the other, than chance and than one more draw would."""
    low, high = next_draw
    return bool(p < ALPHA and (trained > high if more else trained < low))


def draws_in_words(draws: Sequence[float], next_draw: tuple[float, float], number: Callable[[float], str]) -> str:
    """Where draws lie, and where one more would."""
    if len(draws) == 1:
        return "one draw"
    low, high = next_draw
    return (
        f"{number(min(draws))} to {number(max(draws))} in {len(draws)} draws, of which one more would lie between "
        f"{number(low)} and {number(high)} in {percent(1 - ALPHA)} of cases"
    )


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
    return pd.DataFrame({key: beyond(table, key) for key in FOREGROUND_MEASURES})


def beyond(table: pd.DataFrame, measure: str) -> np.ndarray:
    """`beyond_others` of one measure, float (n,); NaN where the maps were not held against other masks."""
    if column_of(measure) not in table:
        return np.full(len(table), np.nan)
    return np.asarray(own_difference(table, measure) - table[column_of(measure)].to_numpy(float))


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
    others = np.stack([draw[measure].to_numpy(float) for draw in draws])
    units = units_of(table) or groups_of(table)
    return held_against(beyond(table, measure), others, units, percent=FOREGROUND_MEASURES[measure].percent)


def held_against(
    own: np.ndarray, others: np.ndarray, groups: Sequence[object] | None, *, percent: bool
) -> UntrainedMaps | None:
    """Hold what maps have on their own picture's object beyond other pictures' objects against random weights.

    Parameters
    ----------
    own : ndarray
        float (N,), of the trained network; NaN without a usable map.
    others : ndarray
        float (D, N), of each draw. Where a map of one draw cannot be used, what the other draws have on that picture
        stands in for it, with what this draw has beyond the others on the rest (`xai_core.stats.additive_fit`).
    groups : Sequence, optional
        What each of the N pictures belongs to, None where to nothing: those of a group count once, by their mean.
    percent : bool
        Whether the numbers are shares.

    Returns
    -------
    UntrainedMaps or None
        None without a picture that has usable maps in both.
    """
    kept = np.isfinite(own) & np.isfinite(others).any(axis=0)
    if not kept.any():
        return None
    own, others = own[kept], others[:, kept]
    others = others[np.isfinite(others).any(axis=1)]
    cells = np.broadcast_to(np.arange(len(others)), others.T.shape)
    pictures, draws = stats.additive_fit(others.T, cells, len(others))
    every = np.column_stack([own, np.where(np.isfinite(others.T), others.T, pictures[:, None] + draws)])
    if groups is not None:
        every = group_means(every, [one for one, there in zip(groups, kept, strict=True) if there])
    trained, *means = every.mean(axis=0).tolist()
    differences = every[:, 0] - every[:, 1:].mean(axis=1)
    return UntrainedMaps(tuple(means), trained, flipped_p(differences), len(differences), percent)
