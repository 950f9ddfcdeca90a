"""Intervals of rank effects that neither end in a point nor leave [-1, 1] where all pictures agree."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import stats

from xai_core.stats.results import NAN
from xai_core.stats.studentised import FEWEST

_SHIFTS = np.linspace(-4, 4, 801)  # of a normal distribution, in standard deviations: r from -1 to 1
_PRIOR = 8  # pictures that the variance of the normal family weighs beside the observed one


@lru_cache(maxsize=1)
def _family() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """P(D > 0), P(D + D' > 0) and P(D + D' > 0, D + D'' > 0) of normal differences with each of `_SHIFTS`."""
    one = stats.norm.cdf(_SHIFTS)
    two = stats.norm.cdf(np.sqrt(2) * _SHIFTS)
    # Given D = x: P(D' > -x) twice, integrated over the density of D.
    x, weight = np.polynomial.hermite_e.hermegauss(80)
    three = (stats.norm.cdf(x[None] + 2 * _SHIFTS[:, None]) ** 2 * weight[None]).sum(axis=1) / np.sqrt(2 * np.pi)
    return one, two, three


def _model_variance(n: int) -> np.ndarray:
    """Variance of the share of Walsh averages above zero, over `_SHIFTS` (Lehmann 1975, section 2.4)."""
    one, two, three = _family()
    within = 2 * (one - two) ** 2 + 3 * two * (1 - two)
    ranks = n * (n - 1) * (n - 2) * (three - two**2) + n * (n - 1) / 2 * within + n * one * (1 - one)
    return ranks / (n * (n + 1) / 2) ** 2


def shift_interval(differences: np.ndarray, *, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of the matched-pairs rank-biserial correlation.

    It holds every r whose own standard error explains the distance to the estimate, as Wilson's interval of a share
    does. The standard error is that of normal differences with this r, widened by what the pictures show beyond it.

    Parameters
    ----------
    differences : ndarray
        float (n,); zeros count for half.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float
        In [-1, 1]; NaN for fewer than five differences that are not zero.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> low, high = stats.shift_interval(np.arange(1.0, 9.0))
    >>> round(low, 2), high
    (0.28, 1.0)
    """
    there = differences[differences != 0]
    n = len(there)
    if n < FEWEST:
        return NAN, NAN
    _, two, three = _family()
    sums = there[:, None] + there[None]
    above = (sums > 0) + 0.5 * (sums == 0)
    share = float(above[np.triu_indices(n)].mean())
    others = (above.sum(axis=1) - np.diag(above)) / (n - 1)
    near = int(np.abs(two - (share * n + 0.5) / (n + 1)).argmin())
    expected = float(three[near] - two[near] ** 2)
    observed = float(others.var(ddof=1))
    widened = max(1.0, (n * observed / expected + _PRIOR) / (n + _PRIOR))
    reach = stats.norm.ppf((1 + confidence) / 2) * np.sqrt(_model_variance(n) * widened)
    expectation = (n * (n - 1) / 2 * two + n * stats.norm.cdf(_SHIFTS)) / (n * (n + 1) / 2)
    held = np.flatnonzero(np.abs(share - expectation) <= reach)
    ends = 2 * two - 1
    low = -1.0 if held[0] == 0 else float(ends[held[0]])
    high = 1.0 if held[-1] == len(_SHIFTS) - 1 else float(ends[held[-1]])
    return min(low, 2 * share - 1), max(high, 2 * share - 1)
