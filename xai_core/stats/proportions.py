"""Two shares of different pictures: an exact test, and an interval of their difference."""

from __future__ import annotations

import numpy as np
from scipy import stats

from xai_core.stats.results import NAN, cannot
from xai_core.types import StatResult


def two_shares(right: tuple[int, int], counts: tuple[int, int], *, confidence: float = 0.95) -> StatResult:
    """Fisher's exact test of two shares, and their difference with Newcombe's interval.

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
    The interval is the hybrid of two Wilson intervals (Newcombe 1998, doi
    10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, method 10).

    Examples
    --------
    >>> from xai_core import stats
    >>> found = stats.two_shares((56, 48), (70, 80))
    >>> round(found.effect, 4), [round(end, 4) for end in found.interval]
    (0.2, [0.0524, 0.3339])
    """
    (one, two), (n, m) = right, counts
    if not n or not m:
        missing = cannot("Fisher's exact test", "odds ratio", "difference of shares", n + m, "One has no pictures.")
        return missing
    p, q = one / n, two / m
    (low_p, high_p), (low_q, high_q) = (
        stats.binomtest(k, total).proportion_ci(confidence, method="wilson") for k, total in ((one, n), (two, m))
    )
    low = p - q - np.hypot(p - low_p, high_q - q)
    high = p - q + np.hypot(high_p - p, q - low_q)
    odds, value = stats.fisher_exact([[one, n - one], [two, m - two]])
    return StatResult(
        "Fisher's exact test",
        "odds ratio",
        float(odds) if np.isfinite(odds) else NAN,
        float(value),
        "difference of shares",
        p - q,
        (float(low), float(high)),
        confidence,
        n + m,
    )
