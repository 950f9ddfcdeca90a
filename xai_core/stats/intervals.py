"""Intervals by resampling pictures, and of one more value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from xai_core.stats.results import NAN
from xai_core.stats.tables import Table

RESAMPLED_ROWS = 2_000_000  # that are drawn at once, so that many pictures do not take gigabytes


def _percentiles(values: np.ndarray, confidence: float) -> tuple[float, float]:
    tail = 100 * (1 - confidence) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def batches(resamples: int, n: int) -> Iterator[int]:
    """Of how many resamples of n rows each batch is, which memory allows at once; so many in all."""
    at_once = max(1, RESAMPLED_ROWS // n)
    for start in range(0, resamples, at_once):
        yield min(at_once, resamples - start)


def resampled(table: Table, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Tables (R, n, ...) of rows drawn with replacement, as many at once as memory allows, so many in all."""
    n, rng = len(table), np.random.default_rng(seed)
    for some in batches(resamples, n):
        yield table[rng.integers(0, n, (some, n))]


def bootstrap_interval(
    table: Table,
    statistic: Callable[[np.ndarray], np.ndarray],
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap over pictures (Efron 1979).

    Parameters
    ----------
    table : ndarray
        (n, ...), a row a picture.
    statistic : callable
        Maps resampled tables (R, n, ...) to values (R,).
    confidence : float
        In (0, 1).
    resamples : int
        0 gives no interval.
    seed : int
        Of the draws.

    Returns
    -------
    low, high : float
        NaN where there is nothing to draw from.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> stats.bootstrap_interval(np.ones(5), lambda drawn: drawn.mean(axis=1))
    (1.0, 1.0)
    """
    n = len(table)
    if n < 2 or resamples < 1:
        return NAN, NAN
    drawn = resampled(table, resamples, seed)
    values = np.concatenate([np.asarray(statistic(some), dtype=float) for some in drawn])
    known = values[np.isfinite(values)]  # of few pictures, a draw may hold one alone and have no spread
    return _percentiles(known, confidence) if len(known) else (NAN, NAN)


def next_interval(values: Sequence[float], *, confidence: float = 0.95) -> tuple[float, float]:
    """Where one more value of the same kind would lie: Student's prediction interval, for values about normal.

    Parameters
    ----------
    values : Sequence[float]
        n of them.
    confidence : float
        In (0, 1): how often the next value lies within.

    Returns
    -------
    low, high : float
        NaN for fewer than two.

    Examples
    --------
    >>> from xai_core import stats
    >>> [round(bound, 2) for bound in stats.next_interval([1.0, 2.0, 3.0])]
    [-2.97, 6.97]
    """
    from scipy.stats import t

    n = len(values)
    if n < 2:
        return NAN, NAN
    away = float(t.ppf(0.5 + confidence / 2, n - 1) * np.std(values, ddof=1) * np.sqrt(1 + 1 / n))
    mean = float(np.mean(values))
    return mean - away, mean + away
