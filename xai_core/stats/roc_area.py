"""Whether a value of one group tends to exceed one of another: Brunner and Munzel's test, the area and its interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from xai_core.stats.results import NAN, cannot
from xai_core.stats.studentised import FEWEST
from xai_core.types import StatResult

PERMUTED_BELOW = 50  # of either group: for fewer, p comes from permutations and not from Student's t
DRAWS = 10_000  # permutations
_AT_ONCE = 2_000_000  # values that are permuted at a time
_PRIOR = 8  # values that the variance of the exponential family weighs beside the observed one
_AREAS = np.linspace(0, 1, 2001)


class Placements(NamedTuple):
    """What share of the other group each value exceeds, ties half: (..., n) and (..., m)."""

    first: np.ndarray
    second: np.ndarray


def placements(one: np.ndarray, two: np.ndarray) -> Placements:
    ordered, other = np.sort(two), np.sort(one)
    first = (np.searchsorted(ordered, one, "left") + np.searchsorted(ordered, one, "right")) / (2 * len(two))
    second = 1 - (np.searchsorted(other, two, "left") + np.searchsorted(other, two, "right")) / (2 * len(one))
    return Placements(first, second)


def _statistic(mean: np.ndarray, variance: np.ndarray, n: int, m: int) -> np.ndarray:
    """Distance of the area from one half in standard errors; without any spread that of half a pair counts."""
    least = 1 / (2 * n * m) ** 2
    return (mean - 0.5) / np.sqrt(np.maximum(variance, least))


def _permuted_p(one: np.ndarray, two: np.ndarray, observed: float, seed: int) -> float:
    """Studentised permutation test (Neubert and Brunner 2007): p is right for equal groups, and for others nearly."""
    n, m = len(one), len(two)
    ranked = stats.rankdata(np.concatenate([one, two]))
    rng = np.random.default_rng(seed)
    size, extreme = max(1, _AT_ONCE // (n + m)), 0
    for start in range(0, DRAWS, size):
        drawn = rng.permuted(np.tile(ranked, (min(size, DRAWS - start), 1)), axis=1)
        parts = drawn[:, :n], drawn[:, n:]
        # Rank in all minus rank in the own group: how many of the other group lie below.
        first = (parts[0] - stats.rankdata(parts[0], axis=1)) / m
        second = (parts[1] - stats.rankdata(parts[1], axis=1)) / n
        variance = first.var(axis=1, ddof=1) / n + second.var(axis=1, ddof=1) / m
        found = _statistic(first.mean(axis=1), variance, n, m)
        extreme += int((np.abs(found) >= abs(observed) - 1e-9).sum())
    return (extreme + 1) / (DRAWS + 1)


def area_interval(area: float, placed: Placements, confidence: float) -> tuple[float, float]:
    """Newcombe's score interval (2006, method 5), widened by what the placements vary beyond its family."""
    n, m = len(placed.first), len(placed.second)
    if min(n, m) < FEWEST:
        return NAN, NAN
    parts = placed.first.var(ddof=1) / n, placed.second.var(ddof=1) / m
    half = (n + m) / 2 - 1

    def family(one: np.ndarray) -> np.ndarray:
        return one * (1 - one) * (1 + half * (1 - one) / (2 - one) + half * one / (1 + one)) / (n * m)

    few = min(n, m)
    inside = np.asarray((area * n * m + (n + m) / 4) / (n * m + (n + m) / 2))  # off the ends, where nothing varies
    widened = max(1.0, (few * sum(parts) / float(family(inside)) + _PRIOR) / (few + _PRIOR))
    reach = stats.norm.ppf((1 + confidence) / 2)
    held = np.flatnonzero(np.abs(area - _AREAS) <= reach * np.sqrt(widened * family(_AREAS)))
    ends = _AREAS[held] if len(held) else np.array([area])
    return float(min(ends[0], area)), float(max(ends[-1], area))


def brunner_munzel(first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95, seed: int = 0) -> StatResult:
    """Brunner and Munzel's test (2000) of two independent groups, two-sided.

    H0: a value of the first group exceeds one of the second as often as the other way round (ties count half), so that
    the area under the ROC curve is one half. Mann and Whitney's test assumes equal distributions under H0; this one
    does not, so groups with the same middle and other spread are not called different. With fewer than 50 in a group p
    comes from a studentised permutation test (Neubert and Brunner 2007, doi 10.1016/j.csda.2006.05.024).

    Parameters
    ----------
    first, second : ndarray
        float (n,) and (m,).
    confidence : float
        Of the interval, in (0, 1).
    seed : int
        Of the permutations.

    Returns
    -------
    StatResult
        The effect is the area, with a score interval (Newcombe 2006, doi 10.1002/sim.2324) where both groups have at
        least five.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> result = stats.brunner_munzel(np.arange(10.0) + 8, np.arange(12.0))
    >>> round(result.effect, 2), result.p < 0.001
    (0.93, True)
    """
    name, statistic, effect_name = "Brunner-Munzel", "t", "AUROC"
    one, two = np.asarray(first, float), np.asarray(second, float)
    n, m = len(one), len(two)
    if not n or not m:
        return cannot(name, statistic, effect_name, n + m, "It needs pictures of both kinds; all are of one.")
    if np.ptp(np.concatenate([one, two])) == 0:
        return cannot(name, statistic, effect_name, n + m, "All values are equal.")
    if min(n, m) < 2:
        return cannot(name, statistic, effect_name, n + m, "It needs at least two pictures of each kind; one has one.")
    placed = placements(one, two)
    area = float(placed.first.mean())
    parts = placed.first.var(ddof=1) / n, placed.second.var(ddof=1) / m
    value = float(_statistic(np.asarray(area), np.asarray(sum(parts)), n, m))
    if min(n, m) < PERMUTED_BELOW or not sum(parts):
        p = _permuted_p(one, two, value, seed)
    else:
        freedom = sum(parts) ** 2 / (parts[0] ** 2 / (n - 1) + parts[1] ** 2 / (m - 1))
        p = float(2 * stats.t.sf(abs(value), freedom))
    interval = area_interval(area, placed, confidence)
    return StatResult(name, statistic, value, p, effect_name, area, interval, confidence, n + m)
