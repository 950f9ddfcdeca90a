"""Whether a mean differs from zero, by flipping signs: Fisher's randomisation test (1935), chosen before looking."""

from __future__ import annotations

import numpy as np
from scipy import stats

from xai_core.stats.paired import noncentral_below, why_not_paired
from xai_core.stats.results import cannot
from xai_core.stats.studentised import mean_interval
from xai_core.types import StatResult

EXACT_UP_TO = 14  # pictures whose signs are all tried: 16,384 ways
DRAWS = 20_000  # of signs for more pictures: p below 0.00005 is not resolved
_AT_ONCE = 4_000_000  # signs that are held at a time
_ROUNDING = 1e-9  # sums that differ by so little of the largest possible one count as equal


def _as_extreme(differences: np.ndarray, signs: np.ndarray) -> int:
    """How many of the sign patterns (R, n) give a studentised mean at least as far from zero."""
    total = np.abs(differences).sum()
    observed = abs(differences.sum())
    return int((np.abs(signs @ differences) >= observed - _ROUNDING * total).sum())


def _exact_p(differences: np.ndarray) -> float:
    n = len(differences)
    codes = np.arange(2 ** (n - 1))  # of the other half, every sum has the opposite sign
    signs = 1.0 - 2.0 * ((codes[:, None] >> np.arange(n)) & 1)
    return _as_extreme(differences, signs) / len(codes)


def _drawn_p(differences: np.ndarray, draws: int, seed: int) -> float:
    n = len(differences)
    rng = np.random.default_rng(seed)
    size = max(1, _AT_ONCE // n)
    extreme = sum(
        _as_extreme(differences, rng.integers(0, 2, (min(size, draws - start), n), dtype=np.int8) * 2.0 - 1.0)
        for start in range(0, draws, size)
    )
    return (extreme + 1) / (draws + 1)  # the data's own signs are one of the patterns


def sign_flip(
    first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95, draws: int = DRAWS, seed: int = 0
) -> StatResult:
    """Sign-flip permutation test of the mean difference, two-sided.

    Under H0 a difference is as likely to have one sign as the other; p is the share of sign patterns whose mean lies at
    least as far from zero. It is exact up to 14 pictures, by `draws` seeded patterns beyond. Unlike the t-test it needs
    no normal distribution, unlike Wilcoxon's it asks about the mean, and no look at the data chooses it (a choice by a
    test of normality changes the level: Rochon, Gondan and Kieser 2012, doi 10.1186/1471-2288-12-81).

    Parameters
    ----------
    first, second : ndarray
        float (n,), the same pictures under two conditions.
    confidence : float
        Of the interval, in (0, 1).
    draws : int
        Sign patterns beyond 14 pictures.
    seed : int
        Of the patterns and of the interval's bootstrap.

    Returns
    -------
    StatResult
        The effect is the mean difference, with `mean_interval`.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> result = stats.sign_flip(np.array([1.0, 2.0, 4.0]), np.zeros(3))
    >>> result.p, round(result.effect, 2)
    (0.25, 2.33)
    """
    name, statistic, effect_name = "Sign flips", "sum", "mean difference"
    differences = np.asarray(first, float) - np.asarray(second, float)
    n = len(differences)
    if reason := why_not_paired(differences):
        return cannot(name, statistic, effect_name, n, reason)
    p = _exact_p(differences) if n <= EXACT_UP_TO else _drawn_p(differences, draws, seed)
    interval = mean_interval(differences, confidence=confidence, seed=seed)
    return StatResult(
        name, statistic, float(differences.sum()), p, effect_name, float(differences.mean()), interval, confidence, n
    )


def paired_power(n: int, effect: float, *, level: float = 0.05) -> float:
    """Power of a two-sided paired t-test of normal differences, by the noncentral t distribution.

    Parameters
    ----------
    n : int
        Pictures.
    effect : float
        True d_z.
    level : float
        Of the test, in (0, 1).

    Returns
    -------
    float
        In [0, 1]; NaN for fewer than two pictures.

    Examples
    --------
    >>> from xai_core import stats
    >>> round(stats.paired_power(15, 0.5), 2), round(stats.paired_power(34, 0.5), 2)
    (0.44, 0.81)
    """
    if n < 2:
        return float("nan")
    edge, shift = stats.t.ppf(1 - level / 2, n - 1), effect * np.sqrt(n)
    return 1 - noncentral_below(edge, n - 1, shift) + noncentral_below(-edge, n - 1, shift)


def detectable_effect(n: int, *, power: float = 0.8, level: float = 0.05) -> float:
    """The smallest d_z that a two-sided paired t-test finds with some power.

    Parameters
    ----------
    n : int
        Pictures.
    power, level : float
        In (0, 1).

    Returns
    -------
    float
        NaN for fewer than three pictures.

    Examples
    --------
    >>> from xai_core import stats
    >>> round(stats.detectable_effect(34), 2)
    0.5
    """
    if n < 3:
        return float("nan")
    low, high = 0.0, 20.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if paired_power(n, middle, level=level) < power else (low, middle)
    return high
