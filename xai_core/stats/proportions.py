"""Shares: an interval of one, and of the difference of two, of the same pictures or of different ones."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import optimize, stats

from xai_core.stats.results import NAN, cannot
from xai_core.types import StatResult

_STEPS = 400  # in which a share is looked for before its place is made exact
_EXACT = 1e-12  # of a probability: two tails that differ by less are equal
_HALVINGS = 32
_BOSCHLOO, _FISHER = "Boschloo's exact test", "Fisher's exact test"
_MOST_PAIRS = 10_000  # of counts, up to which Boschloo's test takes some milliseconds
_BESIDE = 1e-9  # of what was seen, where the variance may be zero


def share_interval(right: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Blaker's exact interval of a share (2000, doi 10.2307/3315916).

    It covers at least what it promises, whatever the true share is: Wilson's interval, though right on average, covers
    84% of some shares with sixteen pictures. It lies within Clopper and Pearson's, which promises the same.

    Parameters
    ----------
    right, n : int
        How many of how many.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float
        In [0, 1]; NaN of none.

    Examples
    --------
    >>> from xai_core import stats
    >>> [round(end, 3) for end in stats.share_interval(3, 10)]
    [0.087, 0.619]
    """
    if not n:
        return NAN, NAN
    low = _lower_end(right, n, confidence)
    return low, 1 - _lower_end(n - right, n, confidence)


def share_at_most(count: float, n: float, *, confidence: float = 0.95) -> float:
    """Clopper and Pearson's one-sided bound of a share (1934, doi 10.1093/biomet/26.4.404).

    Where none of n was seen, it is 1 - (1 - confidence) ** (1 / n), about 3 / n at 0.95.

    Parameters
    ----------
    count, n : float
        How many of how many, n at least 1; of pictures that belong together no whole numbers (`clustered_share`).
    confidence : float
        In (0, 1).

    Returns
    -------
    float
        In (0, 1]: a larger share would show more than `count` with this probability.

    Examples
    --------
    >>> from xai_core import stats
    >>> round(stats.share_at_most(0, 14), 3)
    0.193
    """
    return float(stats.beta.ppf(confidence, count + 1, n - count)) if count < n else 1.0


def _acceptable(right: int, n: int, shares: np.ndarray) -> np.ndarray:
    """How acceptable each share is: the tail from `right` on, and as much of the other tail as is no likelier."""
    upper = stats.binom.sf(right - 1, n, shares)
    other = stats.binom.ppf(np.minimum(upper * (1 + _EXACT), 1), n, shares) - 1
    return upper + stats.binom.cdf(other, n, shares)


@lru_cache(maxsize=4096)
def _lower_end(right: int, n: int, confidence: float) -> float:
    """The smallest acceptable share, between Clopper and Pearson's end and the observed share."""
    if not right:
        return 0.0
    level = 1 - confidence
    shares = np.linspace(stats.beta.ppf(level / 2, right, n - right + 1), right / n, _STEPS)
    first = int(np.argmax(_acceptable(right, n, shares) > level))
    low, high = shares[max(0, first - 1)], shares[first]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _acceptable(right, n, np.array([middle]))[0] > level else (middle, high)
    return float(low)


def gain_interval(gained: int, lost: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Tango's score interval of the difference of two shares of the same pictures (1998).

    It covers nearly what it promises from eight pictures on, and is narrower than Bonett and Price's (doi
    10.3102/1076998611411915).

    Parameters
    ----------
    gained, lost : int
        Pictures that count in the second share only, and in the first only.
    n : int
        Pictures in all.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float
        In [-1, 1], of the second share minus the first.

    Examples
    --------
    >>> from xai_core import stats
    >>> [round(end, 3) for end in stats.gain_interval(12, 2, 30)]
    [0.1, 0.535]
    """
    z = float(stats.norm.ppf((1 + confidence) / 2))

    def beyond(difference: float) -> float:
        """Squared distance from what was seen, beyond z standard errors of the likeliest shares so far apart."""
        linear = -gained - lost + (2 * n - gained + lost) * difference
        constant = -lost * difference * (1 - difference)
        share = (np.sqrt(max(0.0, linear**2 - 8 * n * constant)) - linear) / (4 * n)
        return (gained - lost - n * difference) ** 2 - z**2 * n * (2 * share + difference * (1 - difference))

    seen = (gained - lost) / n
    low = -1.0 if lost == n else float(optimize.brentq(beyond, -1.0, seen - _BESIDE))
    high = 1.0 if gained == n else float(optimize.brentq(beyond, seen + _BESIDE, 1.0))
    return low, high


def two_shares(right: tuple[int, int], counts: tuple[int, int], *, confidence: float = 0.95) -> StatResult:
    """Boschloo's exact test of two shares of different pictures, and Agresti and Caffo's interval of their difference.

    Parameters
    ----------
    right : tuple of int
        How many of each are right.
    counts : tuple of int
        How many of each there are.
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    StatResult
        Effect: the first share minus the second, in [-1, 1]; NaN where one of them has no pictures.

    Notes
    -----
    The test (Boschloo 1970, doi 10.1111/j.1467-9574.1970.tb00104.x) takes Fisher's one-sided p as its statistic and
    holds its level whatever the common share is, so it finds what Fisher's does and more; p is twice that of the side
    that was seen. From about 100 pictures each on, where the two are much the same and Boschloo's takes seconds, p is
    twice Fisher's one-sided one, and the result says so. The interval adds a success and a failure to either (Agresti
    and Caffo 2000, doi 10.1080/00031305.2000.10474560). Newcombe's covers as often on average, but with few pictures
    only 88% of some pairs of shares.

    Examples
    --------
    >>> from xai_core import stats
    >>> found = stats.two_shares((56, 48), (70, 80))
    >>> round(found.effect, 4), [round(end, 4) for end in found.interval]
    (0.2, [0.0525, 0.3358])
    """
    (one, two), (n, m) = right, counts
    if not n or not m:
        missing = cannot(_BOSCHLOO, "odds ratio", "difference of shares", n + m, "One has no pictures.")
        return missing
    p, q = (one + 1) / (n + 2), (two + 1) / (m + 2)
    reach = stats.norm.ppf((1 + confidence) / 2) * np.sqrt(p * (1 - p) / (n + 2) + q * (1 - q) / (m + 2))
    name, value = _exact_p(right, counts)
    odds = stats.fisher_exact([[one, n - one], [two, m - two]]).statistic
    return StatResult(
        name,
        "odds ratio",
        float(odds) if np.isfinite(odds) else NAN,
        value,
        "difference of shares",
        one / n - two / m,
        (float(max(-1.0, p - q - reach)), float(min(1.0, p - q + reach))),
        confidence,
        n + m,
    )


def _exact_p(right: tuple[int, int], counts: tuple[int, int]) -> tuple[str, float]:
    """Name and two-sided p of an exact test of two shares: twice that of the side that was seen."""
    (one, two), (n, m) = right, counts
    table = [[one, two], [n - one, m - two]]
    side = "greater" if one / n > two / m else "less"
    if n * m > _MOST_PAIRS:
        return _FISHER, min(1.0, 2 * float(stats.fisher_exact(table, alternative=side).pvalue))
    return _BOSCHLOO, min(1.0, 2 * float(stats.boschloo_exact(table, alternative=side).pvalue))
