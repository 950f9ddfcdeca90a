"""Intervals by resampling pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
