"""Whether a trend over layers holds step by step, or comes from one layer, one jump, or a rise and a fall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
from scipy.stats import norm, rankdata

from xai_core import stats
from xai_core.studies.words import uncapitalised

Shape = Literal["steady", "turns", "one layer", "one step", "level", "unknown"]
LEVEL = 0.05  # of each test here
_EXACT = 12  # pictures up to which every sign is tried
_EQUAL = 1e-9  # sums that are closer than that are the same


@dataclass(frozen=True)
class LayerOrder:
    """The shape of a measure over layers.

    Attributes
    ----------
    shape : {"steady", "turns", "one layer", "one step", "level", "unknown"}
        "steady" goes one way; "turns" has clear steps both ways; "one layer" and "one step" have no trend without
        that layer, or on either side of that step; "level" has no trend; "unknown" has too few layers or pictures.
    words : str
        Of the values, such as "rises until stage 4, then falls"; empty where it is steady, or where no step is clear.
    """

    shape: Shape
    words: str


def layer_order(values: np.ndarray, titles: Sequence[str]) -> LayerOrder:
    """The shape of a measure over layers, picture by picture.

    Each step between neighbours is tested (signed ranks, Holm over the steps); then the trend is tested again without
    each layer, and on both sides of each step. All of these have to hold for "steady", so none is corrected for the
    others.

    Parameters
    ----------
    values : ndarray
        float (N, L), a row a picture, the layers in order of depth; rows with NaN are left out.
    titles : Sequence[str]
        L names of the layers, for people.

    Returns
    -------
    LayerOrder

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import studies
    >>> rng = np.random.default_rng(0)
    >>> table = np.array([1.0, 3, 4, 5, 2]) + rng.normal(0, 0.5, (30, 5))
    >>> studies.layer_order(table, [f"stage {i}" for i in range(1, 6)]).words
    'rises until stage 4, then falls'
    """
    table = stats.complete_rows(values)
    n, deep = table.shape
    if n < 2 or deep < 3:
        return LayerOrder("unknown", "")
    signs = np.sign(table[:, None, :] - table[:, :, None])  # (n, from, to)
    everything = range(deep)
    trend, steps = _trend(signs, [tuple(everything)]), _steps(table)
    if not trend:
        return LayerOrder("level", _turns(steps, titles))
    if -trend in steps:
        return LayerOrder("turns", _turns(steps, titles))
    for layer in (deep - 1, 0, *range(1, deep - 1)):
        if _trend(signs, [tuple(one for one in everything if one != layer)]) != trend:
            return LayerOrder("one layer", f"only {uncapitalised(titles[layer])} stands out")
    for step in range(1, deep):
        if _trend(signs, [tuple(range(step)), tuple(range(step, deep))]) != trend:
            return LayerOrder("one step", _between(trend, titles[step - 1], titles[step]))
    return LayerOrder("steady", "")


def _trend(signs: np.ndarray, parts: Sequence[tuple[int, ...]]) -> int:
    """The way in which layers of the same part go: 1, -1, or 0 where it may be chance."""
    pairs = [(i, j) for part in parts for place, i in enumerate(part) for j in part[place + 1 :]]
    if not pairs:
        return 0
    first, second = np.array(pairs).T
    sums = signs[:, first, second].sum(axis=1)
    return int(np.sign(sums.mean())) if flipped_p(sums) < LEVEL else 0


def flipped_p(values: np.ndarray) -> float:
    """Two-sided p of a sum under random signs: exact up to a dozen values, beyond them by the normal approximation.

    Parameters
    ----------
    values : ndarray
        float (N,).

    Returns
    -------
    float
        In (0, 1].
    """
    n, seen = len(values), abs(float(values.sum()))
    if n <= _EXACT:
        signs = 1 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
        return float((np.abs(signs @ values) >= seen - _EQUAL).mean())
    spread = float(np.sqrt((values**2).sum()))  # the variance of a sum under random signs is that of its parts
    return float(2 * norm.sf(seen / spread)) if spread > 0 else 1.0


def _steps(table: np.ndarray) -> list[int]:
    """Each step's way, 0 where it may be chance: signed ranks, Holm over the steps."""
    differences = np.diff(table, axis=1)
    signed = np.sign(differences) * rankdata(np.abs(differences), axis=0)
    p = stats.holm([flipped_p(column) for column in signed.T])
    return [int(np.sign(total)) if one < LEVEL else 0 for total, one in zip(signed.sum(axis=0), p, strict=True)]


def _between(way: int, before: str, after: str) -> str:
    """ "rises between stage 1 and stage 2 only"."""
    return f"{'rises' if way > 0 else 'falls'} between {uncapitalised(before)} and {uncapitalised(after)} only"


def _turns(steps: Sequence[int], titles: Sequence[str]) -> str:
    """ "rises until stage 4, then falls", from the steps that are clear."""
    ways = [(way, place) for place, way in enumerate(steps, start=1) if way]
    runs = [(way, [place for _, place in run]) for way, run in groupby(ways, key=lambda one: one[0])]
    if len(runs) == 1:  # nothing comes before "then"
        ((way, places),) = runs
        return _between(way, titles[places[0] - 1], titles[places[-1]])
    said = []
    for number, (way, places) in enumerate(runs):
        word = "rises" if way > 0 else "falls"
        until = f" until {uncapitalised(titles[places[-1]])}" if number < len(runs) - 1 else ""
        said.append(f"{'then ' if number == len(runs) - 1 else ''}{word}{until}")
    return ", ".join(said)
