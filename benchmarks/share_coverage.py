"""How often intervals of shares hold the truth: counted over every possible outcome, without chance.

Of n pictures, 0 to n are right, so an interval of a share has n + 1 forms, and its coverage jumps from share to share:
no interval holds the truth in 93 to 97% of cases at each. What can be asked is that none falls short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from math import lgamma

import numpy as np
from scipy.stats import binom, binomtest

from xai_core import stats

SHARES = np.round(np.linspace(0.01, 0.99, 197), 3)  # steps that are no round shares of few pictures
Truth = tuple[float, float]


@dataclass(frozen=True)
class Row:
    """An interval at one truth, or at the one where it holds least often.

    Attributes
    ----------
    interval, truth : str
        In words.
    least : float
        What it should hold at least, in [0, 1].
    share : callable
        ``share(n)`` gives how often it holds the truth.
    """

    interval: str
    truth: str
    least: float
    share: Callable[[int], float]


def of_one(n: int, wilson: bool = False) -> np.ndarray:
    """How often the interval of an accuracy holds each of SHARES."""
    if wilson:
        bounds = [binomtest(right, n).proportion_ci(method="wilson") for right in range(n + 1)]
        ends = np.array([(one.low, one.high) for one in bounds])
    else:
        ends = np.array([stats.share_interval(right, n) for right in range(n + 1)])
    held = (ends[:, :1] <= SHARES) & (ends[:, 1:] >= SHARES)
    return (binom.pmf(np.arange(n + 1)[:, None], n, SHARES) * held).sum(axis=0)


def of_gain(n: int, truths: Iterable[Truth]) -> np.ndarray:
    """How often the interval of a gain on the same pictures holds it; a truth is the shares gained and lost."""
    counts = np.array([(gained, lost) for gained in range(n + 1) for lost in range(n + 1 - gained)])
    same = n - counts.sum(axis=1)
    ends = np.array([stats.gain_interval(int(gained), int(lost), n) for gained, lost in counts])
    log = np.vectorize(lgamma)
    ways = lgamma(n + 1) - log(counts[:, 0] + 1) - log(counts[:, 1] + 1) - log(same + 1)
    found = []
    for gained, lost in truths:
        chance = np.exp(ways + counts @ np.log([gained, lost]) + same * np.log(1 - gained - lost))
        held = (ends[:, 0] - 1e-9 <= gained - lost) & (ends[:, 1] + 1e-9 >= gained - lost)
        found.append(float((chance * held).sum()))
    return np.array(found)


@cache
def _two_ends(n: int) -> np.ndarray:
    return np.array([[stats.two_shares((one, two), (n, n)).interval for two in range(n + 1)] for one in range(n + 1)])


def of_two(n: int, truths: Iterable[Truth]) -> np.ndarray:
    """How often the interval of the difference of two shares of n other pictures each holds it."""
    counts = np.arange(n + 1)
    ends = _two_ends(n)
    found = []
    for one, two in truths:
        chance = binom.pmf(counts, n, one)[:, None] * binom.pmf(counts, n, two)
        held = (ends[..., 0] - 1e-9 <= one - two) & (ends[..., 1] + 1e-9 >= one - two)
        found.append(float((chance * held).sum()))
    return np.array(found)


_GRID = np.linspace(0.03, 0.97, 20)
_GAINS = [(one, two) for one in _GRID for two in _GRID if one + two < 0.97]
_PAIRS = [(one, two) for one in _GRID for two in _GRID]


def _share(truth: float) -> Callable[[int], float]:
    return lambda n: float(of_one(n)[np.abs(SHARES - truth).argmin()])


ROWS = (
    *(Row("accuracy (Blaker)", f"{100 * truth:.0f}% right", 0.95, _share(truth)) for truth in (0.6, 0.8, 0.95)),
    Row("accuracy (Blaker)", "least of all", 0.95, lambda n: float(of_one(n).min())),
    Row("for comparison: Wilson", "least of all", 0.0, lambda n: float(of_one(n, wilson=True).min())),
    *(
        Row(
            "difference in accuracy, the same pictures (Tango)",
            f"{100 * gained:.0f}% gained, {100 * lost:.0f}% lost",
            0.92,
            lambda n, truth=(gained, lost): float(of_gain(n, [truth])[0]),
        )
        for gained, lost in ((0.1, 0.1), (0.3, 0.1))
    ),
    Row(
        "difference in accuracy, the same pictures (Tango)",
        "least of all",
        0.92,
        lambda n: float(of_gain(n, _GAINS).min()),
    ),
    *(
        Row(
            "difference in accuracy, other pictures (Agresti and Caffo)",
            f"{100 * one:.0f}% against {100 * two:.0f}%",
            0.91,
            lambda n, truth=(one, two): float(of_two(n, [truth])[0]),
        )
        for one, two in ((0.7, 0.7), (0.9, 0.7))
    ),
    Row(
        "difference in accuracy, other pictures (Agresti and Caffo)",
        "least of all",
        0.91,
        lambda n: float(of_two(n, _PAIRS).min()),
    ),
)
