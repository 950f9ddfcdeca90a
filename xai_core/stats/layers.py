"""Tests of the same pictures under three conditions or more, such as layers: Friedman, Page, Kruskal-Wallis.

Tables are (n, k): a row a picture, a column a condition, in order.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from xai_core.stats.intervals import bootstrap_interval
from xai_core.stats.results import USABLE, cannot, too_few
from xai_core.stats.tables import Table, complete_rows, ranks
from xai_core.types import StatResult


def kendalls_w(table: Table) -> float:
    """Kendall's W, agreement of the pictures on the order of the conditions, with ties corrected.

    W = chi2 / (n (k - 1)) of Friedman's test; computed from the ranks so that resamples are cheap.

    Parameters
    ----------
    table : ndarray
        float (n, k), without NaN.

    Returns
    -------
    float
        In [0, 1]; NaN where every row is constant.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> stats.kendalls_w(np.tile(np.arange(3.0), (4, 1)))
    1.0
    """
    return float(_w_of_ranks(ranks(table)[None])[0])


def _w_of_ranks(ranked: np.ndarray) -> np.ndarray:
    """W of many rank tables at once: (R, n, k) -> (R,)."""
    _, n, k = ranked.shape
    between = ((ranked.sum(axis=1) - n * (k + 1) / 2) ** 2).sum(axis=1)
    within = ((ranked - (k + 1) / 2) ** 2).sum(axis=(1, 2))  # n (k^3 - k) / 12 without ties
    with np.errstate(invalid="ignore", divide="ignore"):
        return between / (n * within)


def trend_correlations(table: Table) -> np.ndarray:
    """Spearman correlation of each picture's values with the conditions' order.

    Parameters
    ----------
    table : ndarray
        float (n, k), without NaN.

    Returns
    -------
    ndarray
        float (n,) in [-1, 1]; 0 for a picture with the same value everywhere, which is what its tied ranks add to
        Page's L.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> stats.trend_correlations(np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])).tolist()
    [1.0, -1.0]
    """
    k = table.shape[1]
    depth = np.arange(k) - (k - 1) / 2
    centred = ranks(table) - (k + 1) / 2
    spread = np.sqrt((centred**2).sum(axis=1) * (depth**2).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, centred @ depth / spread, 0.0)


def _why_not(table: Table, fewest_conditions: int) -> str:
    n, k = table.shape
    if k < fewest_conditions:
        return too_few(k, str(fewest_conditions), "layers")
    if n < 2:
        return too_few(n, "two", USABLE)
    if (table == table[:, :1]).all():
        return "Every picture has the same value at every layer, so there is nothing to rank."
    return ""


def friedman(table: Table, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0) -> StatResult:
    """Friedman's test for paired samples, with Kendall's W = chi2 / (n (k - 1)) and its bootstrap interval.

    Parameters
    ----------
    table : ndarray
        float (n, k), a row a picture, a column a condition; rows with NaN are left out.
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
    >>> result = stats.friedman(np.tile(np.arange(3.0), (6, 1)))
    >>> result.statistic, result.value, round(result.p, 4), result.effect
    ('chi2', 12.0, 0.0025, 1.0)
    """
    name, effect_name = "Friedman", "Kendall's W"
    table = complete_rows(table)
    n = len(table)
    if reason := _why_not(table, 3):
        return cannot(name, "chi2", effect_name, n, reason)
    chi2, p = stats.friedmanchisquare(*table.T)
    interval = bootstrap_interval(ranks(table), _w_of_ranks, confidence=confidence, resamples=resamples, seed=seed)
    return StatResult(name, "chi2", float(chi2), float(p), effect_name, kendalls_w(table), interval, confidence, n)


def page_trend(table: Table, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0) -> StatResult:
    """Page's test for a trend over ordered conditions, two-sided.

    The effect is the mean over pictures of the Spearman correlation with the order, which is Page's L on a
    scale from -1 to 1. SciPy's test asks for an increase only: both directions are tested and the smaller p is
    doubled.

    Parameters
    ----------
    table : ndarray
        float (n, k), a row a picture, a column a condition, in order; rows with NaN are left out.
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
    >>> stats.page_trend(np.tile(np.arange(3.0), (6, 1))).effect
    1.0
    """
    name, effect_name = "Page's trend", "mean rank correlation with depth"
    table = complete_rows(table)
    n = len(table)
    if reason := _why_not(table, 3):
        return cannot(name, "L", effect_name, n, reason)
    rising = stats.page_trend_test(table, method="asymptotic" if table.size > 60 else "auto")
    falling = stats.page_trend_test(-table, method="asymptotic" if table.size > 60 else "auto")
    p = min(1.0, 2 * min(rising.pvalue, falling.pvalue))
    rho = trend_correlations(table)
    interval = bootstrap_interval(rho, lambda r: r.mean(axis=1), confidence=confidence, resamples=resamples, seed=seed)
    return StatResult(
        name, "L", float(rising.statistic), float(p), effect_name, float(rho.mean()), interval, confidence, n
    )


def kruskal_wallis(table: Table, *, confidence: float = 0.95, seed: int = 0) -> StatResult:
    """Kruskal-Wallis with epsilon-squared = H / (N - 1).

    It takes a picture's values at k layers for k independent pictures, which they are not: with paired
    pictures it hardly ever rejects. It is here since studies report it.

    Parameters
    ----------
    table : ndarray
        float (n, k), a row a picture, a column a condition; NaN is left out.
    confidence : float
        Of the interval, in (0, 1).
    seed : int
        Of the bootstrap.

    Returns
    -------
    StatResult

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> stats.kruskal_wallis(np.tile(np.arange(3.0), (6, 1))).statistic
    'H'
    """
    name, effect_name = "Kruskal-Wallis", "epsilon-squared"
    groups = [column[np.isfinite(column)] for column in table.T]
    n = len(complete_rows(table))
    if reason := _why_not(complete_rows(table), 2):
        return cannot(name, "H", effect_name, n, reason)
    h, p = stats.kruskal(*groups)
    total = sum(len(group) for group in groups)

    def epsilon(resampled: np.ndarray) -> np.ndarray:
        r, m, k = resampled.shape
        ranked = stats.rankdata(resampled.reshape(r, -1), axis=1).reshape(r, m, k)
        between = m * ((ranked.mean(axis=1) - (m * k + 1) / 2) ** 2).sum(axis=1)
        spread = ranked.reshape(r, -1).var(axis=1, ddof=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return between / spread / (m * k - 1)

    interval = bootstrap_interval(complete_rows(table), epsilon, confidence=confidence, resamples=500, seed=seed)
    return StatResult(name, "H", float(h), float(p), effect_name, float(h) / (total - 1), interval, confidence, n)
