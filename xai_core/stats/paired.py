"""Means of the same pictures under two conditions: the t-test, its effect sizes, and whether it may be believed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from xai_core.stats.intervals import bootstrap_interval
from xai_core.stats.results import NAN, cannot, too_few
from xai_core.types import StatResult


def why_not_paired(differences: np.ndarray) -> str:
    n = len(differences)
    if n < 3:
        return too_few(n, "three", "pictures")
    if np.ptp(differences) <= 1e-12 * max(1.0, float(np.abs(differences).max())):
        return "All differences are equal, so there is no spread to measure them by."
    return ""


def paired_t(
    first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> StatResult:
    """Paired t-test, two-sided, with d_z = mean / standard deviation of the differences = t / sqrt(n).

    Parameters
    ----------
    first, second : ndarray
        float (n,), the same pictures under two conditions.
    confidence : float
        Of the interval, in (0, 1).
    resamples : int
        Of the bootstrap; 0 gives no interval.
    seed : int
        Of the bootstrap.

    Returns
    -------
    StatResult

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> result = stats.paired_t(np.array([2.0, 3.0, 4.0]), np.zeros(3))
    >>> round(result.value, 3), result.effect
    (5.196, 3.0)
    """
    name, effect_name = "Paired t", "d_z"
    differences = np.asarray(first, float) - np.asarray(second, float)
    n = len(differences)
    if reason := why_not_paired(differences):
        return cannot(name, "t", effect_name, n, reason)
    result: Any = stats.ttest_rel(first, second)

    def d_z(drawn: np.ndarray) -> np.ndarray:
        mean, spread = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(spread > 1e-9 * np.abs(mean), mean / spread, np.nan)

    interval = bootstrap_interval(differences, d_z, confidence=confidence, resamples=resamples, seed=seed)
    effect = float(differences.mean() / differences.std(ddof=1))
    return StatResult(
        name, "t", float(result.statistic), float(result.pvalue), effect_name, effect, interval, confidence, n
    )


class EffectSize(NamedTuple):
    """An effect and its interval, (low, high)."""

    effect: float
    interval: tuple[float, float]


def d_av(
    first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> EffectSize:
    """Difference of the means over the mean of the two standard deviations (Cumming 2012), with bootstrap interval.

    Parameters
    ----------
    first, second : ndarray
        float (n,), the same pictures under two conditions.
    confidence : float
        Of the interval, in (0, 1).
    resamples : int
        Of the bootstrap; 0 gives no interval.
    seed : int
        Of the bootstrap.

    Returns
    -------
    EffectSize
        NaN where a test could not be computed either, or where neither condition varies.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> effect, interval = stats.d_av(np.array([2.0, 3.0, 4.0]), np.array([0.0, 1.0, 1.5]), resamples=0)
    >>> round(effect, 3), interval
    (2.457, (nan, nan))
    """
    table = np.stack([np.asarray(first, float), np.asarray(second, float)], axis=1)
    if why_not_paired(table[:, 0] - table[:, 1]):
        return EffectSize(NAN, (NAN, NAN))

    def effect(drawn: np.ndarray) -> np.ndarray:
        spread = drawn.std(axis=1, ddof=1).mean(axis=1)
        mean = (drawn[:, :, 0] - drawn[:, :, 1]).mean(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(spread > 1e-9 * np.abs(mean), mean / spread, np.nan)

    interval = bootstrap_interval(table, effect, confidence=confidence, resamples=resamples, seed=seed)
    return EffectSize(float(effect(table[None])[0]), interval)


def shapiro_p(values: np.ndarray) -> float:
    """p of Shapiro and Wilk's test for a normal distribution (1965).

    Parameters
    ----------
    values : ndarray
        float (n,).

    Returns
    -------
    float
        NaN for fewer than three or equal values.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> stats.shapiro_p(np.ones(5))
    nan
    """
    if len(values) < 3 or np.ptp(values) == 0:
        return NAN
    return float(stats.shapiro(values[:5000]).pvalue)  # it is not made for more
