"""Means of the same pictures under two conditions: the t-test and its effect sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from xai_core.stats.results import NAN, cannot, too_few
from xai_core.stats.studentised import Estimate, studentised_interval
from xai_core.stats.tables import Table
from xai_core.types import StatResult

FEWEST_FOR_EFFECT = 8  # pictures below which effects in standard deviations get no interval
_LEAST_VARIANCE = 0.05  # of d_z times n: estimated cumulants can leave nothing of it, for normal differences it is 1
_EQUAL = 1e-9  # of the largest value: differences that spread less are equal but for rounding


def why_not_paired(differences: np.ndarray) -> str:
    n = len(differences)
    if n < 3:
        return too_few(n, "three", "pictures")
    if np.ptp(differences) <= 1e-12 * max(1.0, float(np.abs(differences).max())):
        return "All differences are equal, so there is no spread to measure them by."
    return ""


def _d_z(drawn: np.ndarray) -> Estimate:
    """d_z of (R, n) differences and its standard errors (the delta method), with the cumulants' unbiased estimates.

    Var(d_z) is (1 - d_z skewness + d_z^2 (excess kurtosis + 2) / 4) / n. Few pictures show too little of both, since a
    sample of n has no more skewness than sqrt(n); k-statistics (Fisher 1930) allow for that.
    """
    n = drawn.shape[1]
    mean = drawn.mean(axis=1)
    centred = drawn - mean[:, None]
    second, third, fourth = ((centred**power).mean(axis=1) for power in (2, 3, 4))
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = second * n / (n - 1)
        skewness = third * n**2 / ((n - 1) * (n - 2)) / variance**1.5
        kurtosis = n**2 * ((n + 1) * fourth - 3 * (n - 1) * second**2) / ((n - 1) * (n - 2) * (n - 3)) / variance**2
        effect = mean / np.sqrt(variance)
        # No distribution has less kurtosis than its skewness squared, less two.
        spread = 1 - effect * skewness + effect**2 * (np.maximum(kurtosis, skewness**2 - 2) + 2) / 4
    error = np.sqrt(np.maximum(spread, _LEAST_VARIANCE) / n)
    return _known(np.sqrt(variance) > _EQUAL * np.abs(drawn).max(axis=1), effect, error)


def _d_av(drawn: np.ndarray) -> Estimate:
    """d_av of (R, n, 2) values and its standard errors, by each picture's influence (the delta method)."""
    n = drawn.shape[1]
    centred, spreads = drawn - drawn.mean(axis=1, keepdims=True), drawn.std(axis=1, ddof=1)
    spread = spreads.mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        effect = (drawn[:, :, 0] - drawn[:, :, 1]).mean(axis=1) / spread
        # Of a condition that never varies, the standard deviation has no influence to speak of.
        on_spread = np.nan_to_num((centred**2 / spreads[:, None] - spreads[:, None]) / 2).mean(axis=2)
        influence = (centred[:, :, 0] - centred[:, :, 1] - effect[:, None] * on_spread) / spread[:, None]
    return _known(spread > _EQUAL * np.abs(drawn).max(axis=(1, 2)), effect, influence.std(axis=1, ddof=1) / np.sqrt(n))


def noncentral_below(t: float, df: int, shift: float) -> float:
    """P(T <= t) of the noncentral t distribution; SciPy's is NaN far in a tail, where it is 0 or 1 but for rounding."""
    below = float(stats.nct.cdf(t, df, shift))
    return below if np.isfinite(below) else float(shift < t)


def noncentral_interval(t: float, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """The values of d_z that a paired t could come from, by the noncentral t distribution: exact for normal data.

    Parameters
    ----------
    t : float
        Of the paired t-test.
    n : int
        Pictures, at least two.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> from xai_core import stats
    >>> low, high = stats.noncentral_interval(2.0, 16)
    >>> round(low, 2), round(high, 2)
    (-0.03, 1.01)
    """
    tail = (1 - confidence) / 2

    def shift(share: float) -> float:
        # Beyond this far, the normal approximation of t leaves nothing.
        reach = 12 + 6 * abs(t) / np.sqrt(n - 1) + abs(t)
        low, high = t - reach, t + reach
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if noncentral_below(t, n - 1, middle) > share else (low, middle)
        return (low + high) / 2

    return float(shift(1 - tail) / np.sqrt(n)), float(shift(tail) / np.sqrt(n))


def _of_enough(
    table: Table, estimate: Callable[[np.ndarray], Estimate], confidence: float, resamples: int, seed: int
) -> tuple[float, float]:
    """`studentised_interval` of an effect in standard deviations; NaN for few pictures, which hardly tell these.

    Divided by the spread of few pictures, effects are too large on average, the more so where the tail that they miss
    points against them. So the interval lies around Hedges' estimate (1981), and reaches to the effect at least.
    """
    n = len(table)
    if n < FEWEST_FOR_EFFECT:
        return NAN, NAN
    effect = float(estimate(table[None])[0][0])
    low, high = studentised_interval(table, estimate, confidence=confidence, resamples=resamples, seed=seed)
    too_large = effect * 3 / (4 * (n - 1) - 1)
    return min(low - too_large, effect), max(high - too_large, effect)


def _known(varies: np.ndarray, effect: np.ndarray, error: np.ndarray) -> Estimate:
    """Resamples of one picture alone have no spread to divide by: no effect, and an error of zero."""
    return np.where(varies, effect, 0.0), np.where(varies, error, 0.0)


def paired_t(
    first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> StatResult:
    """Paired t-test, two-sided, with d_z = mean / standard deviation of the differences = t / sqrt(n).

    The interval of d_z is `studentised_interval` around Hedges' estimate (1981, doi 10.3102/10769986006002107), of
    eight pictures or more: with fewer, none that was tried covers skewed differences and is narrow enough to say
    anything. That of the noncentral t distribution, exact for normal differences (`noncentral_interval`), covers 82 to
    86% where they are skewed against the effect.

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

    interval = _of_enough(differences, _d_z, confidence, resamples, seed)
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

    interval = _of_enough(table, _d_av, confidence, resamples, seed)
    return EffectSize(float(_d_av(table[None])[0][0]), interval)


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
