"""Intervals that cover also with few pictures: a bootstrap of (estimate - truth) over its own standard error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from xai_core.stats.intervals import batches, resampled
from xai_core.stats.results import NAN
from xai_core.stats.tables import Table

FEWEST = 5  # pictures below which no interval is given: resamples of fewer are too much alike
FEWEST_FOR_MEAN = 6  # values below which a mean gets none: of five with ties it holds in less than 93% of cases
_NO_SPREAD = 1e-9  # of the largest value: a standard error below is one of equal values

Estimate = tuple[np.ndarray, np.ndarray]


def studentised_interval(
    table: Table,
    estimate: Callable[[np.ndarray], Estimate],
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Symmetric bootstrap-t interval over pictures (Hall 1988, doi 10.1214/aos/1176350933).

    The percentile bootstrap of few pictures is too narrow, since a resample has less spread than what it was drawn
    from. Here each resample's distance from the estimate is measured in its own standard errors; the interval is never
    narrower than Student's.

    Parameters
    ----------
    table : ndarray
        (n, ...), a row a picture.
    estimate : callable
        Maps tables (R, n, ...) to estimates (R,) and their standard errors (R,).
    confidence : float
        In (0, 1).
    resamples : int
        0 gives no interval.
    seed : int
        Of the draws.

    Returns
    -------
    low, high : float
        NaN for fewer than five pictures, and where they have no spread.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> def mean(drawn):
    ...     return drawn.mean(axis=1), drawn.std(axis=1, ddof=1) / drawn.shape[1] ** 0.5
    >>> low, high = stats.studentised_interval(np.arange(12.0), mean)
    >>> bool(low < 3.4 and high > 7.6)
    True
    """
    n = len(table)
    if n < FEWEST or resamples < 1:
        return NAN, NAN
    (centre,), (error,) = estimate(table[None])
    least = _NO_SPREAD * float(np.abs(table).max())
    if not error > least:
        return NAN, NAN
    distances = []
    for some in resampled(table, resamples, seed):
        values, errors = estimate(some)
        # A resample of one picture alone has no spread: it lies infinitely far away.
        with np.errstate(invalid="ignore", divide="ignore"):
            distances.append(np.where(errors > least, np.abs(values - centre) / errors, np.inf))
    # Few pictures with few values make resamples that are much alike: never narrower than Student's t.
    drawn = float(np.quantile(np.concatenate(distances), confidence, method="higher"))
    student = float(stats.t.ppf((1 + confidence) / 2, n - 1))
    reach = (max(drawn, student) if np.isfinite(drawn) else student) * float(error)
    return float(centre) - reach, float(centre) + reach


def mean_interval(
    values: np.ndarray, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0, fewest: int = FEWEST_FOR_MEAN
) -> tuple[float, float]:
    """`studentised_interval` of a mean.

    Parameters
    ----------
    values : ndarray
        float (n,), without NaN.
    confidence : float
        In (0, 1).
    resamples : int
        0 gives no interval.
    seed : int
        Of the draws.
    fewest : int
        Values below which no interval is given, five or more.

    Returns
    -------
    low, high : float
        NaN for fewer values than that or equal ones.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> low, high = stats.mean_interval(np.arange(12.0))
    >>> bool(low < 5.5 < high), stats.mean_interval(np.ones(12))
    (True, (nan, nan))
    """

    def mean(drawn: np.ndarray) -> Estimate:
        return drawn.mean(axis=1), drawn.std(axis=1, ddof=1) / np.sqrt(drawn.shape[1])

    if len(values) < fewest:
        return NAN, NAN
    return studentised_interval(np.asarray(values, float), mean, confidence=confidence, resamples=resamples, seed=seed)


def carried_interval(
    values: np.ndarray, *, confidence: float = 0.95, draws: int = 4000, seed: int = 0
) -> tuple[float, float]:
    """Interval of a mean that a few of many values may carry, such as losses that are all or nothing.

    The mean under random weights (Dirichlet: 1 for each value, and 1/2 for one more), where the one more is like the
    largest value seen for the upper end, and like the smallest for the lower one. For values of two kinds it is close
    to Jeffreys' interval of a share. After Gaffke's bound of a bounded mean (Learned-Miller and Thomas 2020, arXiv
    1905.06208), which takes the ends of the range in place of those seen, with a weight of 1.

    Parameters
    ----------
    values : ndarray
        float (n,), without NaN.
    confidence : float
        In (0, 1).
    draws : int
        Of weights.
    seed : int
        Of the draws.

    Returns
    -------
    low, high : float
        NaN without any value.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.stats import beta
    >>> from xai_core import stats
    >>> low, high = stats.carried_interval(np.repeat([0.0, 1.0], [60, 4]))
    >>> abs(low - float(beta.ppf(0.025, 4, 60.5))) < 0.01, abs(high - float(beta.ppf(0.975, 4.5, 60))) < 0.01
    (True, True)
    """
    values, rng = np.asarray(values, float), np.random.default_rng(seed)
    if not len(values):
        return NAN, NAN
    lower, upper = [], []
    for some in batches(draws, len(values)):
        weights, one_more = rng.standard_exponential((some, len(values))), rng.standard_gamma(0.5, some)
        known, total = weights @ values, weights.sum(axis=1) + one_more
        lower.append((known + one_more * values.min()) / total)
        upper.append((known + one_more * values.max()) / total)
    low = np.quantile(np.concatenate(lower), (1 - confidence) / 2)
    high = np.quantile(np.concatenate(upper), (1 + confidence) / 2)
    return float(low), float(high)
