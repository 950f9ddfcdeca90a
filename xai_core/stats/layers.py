"""Tests of the same pictures under three conditions or more, such as layers: Friedman, Page, Kruskal-Wallis.

Tables are (n, k): a row a picture, a column a condition, in order.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from xai_core.stats.results import NAN, USABLE, cannot, too_few
from xai_core.stats.studentised import FEWEST, mean_interval
from xai_core.stats.tables import Table, complete_rows, ranks
from xai_core.types import StatResult

# Pictures scatter less around a mean that they agree on: by this power of the disagreement (benchmarks/coverage.py).
_SCATTER = 1.5


def kendalls_w(table: Table) -> float:
    """Kendall's W, agreement of the pictures on the order of the conditions, with ties corrected.

    W = chi2 / (n (k - 1)) of Friedman's test. It is biased: of noise it is 1 / n on average.

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
    ranked = ranks(table)
    n, k = ranked.shape
    between = ((ranked.sum(axis=0) - n * (k + 1) / 2) ** 2).sum()
    within = ((ranked - (k + 1) / 2) ** 2).sum()  # n (k^3 - k) / 12 without ties
    return float(between / (n * within)) if within else NAN


def _corrected_w(w: float, n: int) -> float:
    """W without its bias: of noise, W is 1 / n on average. It is the mean rank correlation of two pictures."""
    return float(max(0.0, (n * w - 1) / (n - 1)))


def _w_interval(w: float, n: int, k: int, confidence: float) -> tuple[float, float]:
    """The agreements that a W could come from, by the noncentral chi-squared distribution of the ranks' mean."""
    if n < FEWEST:
        return NAN, NAN
    agreement = np.linspace(0, 0.999, 1000)
    scale = (1 - agreement) ** _SCATTER / (n * (k - 1))
    below = stats.ncx2.cdf(w / scale, k - 1, np.maximum(agreement / scale, 1e-9))
    tail = (1 - confidence) / 2
    low, high = np.flatnonzero(below <= 1 - tail), np.flatnonzero(below >= tail)
    return (
        float(agreement[low[0]]) if len(low) else 1.0,
        (float(agreement[high[-1]]) if high[-1] < len(agreement) - 1 else 1.0) if len(high) else 0.0,
    )


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


def friedman(table: Table, *, confidence: float = 0.95) -> StatResult:
    """Friedman's test for paired samples, with Kendall's W corrected for its bias.

    W = chi2 / (n (k - 1)) is 1 / n on average where nothing is to be found; (n W - 1) / (n - 1), the mean rank
    correlation of two pictures, is then 0 on average. It is the effect, or 0 where it is below. Its interval is that of
    a noncentral chi-squared distribution, for five pictures or more.

    Parameters
    ----------
    table : ndarray
        float (n, k), a row a picture, a column a condition; rows with NaN are left out.
    confidence : float
        Of the interval, in (0, 1).

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
    name, effect_name = "Friedman", "bias-corrected Kendall's W"
    table = complete_rows(table)
    n = len(table)
    if reason := _why_not(table, 3):
        return cannot(name, "chi2", effect_name, n, reason)
    chi2, p = stats.friedmanchisquare(*table.T)
    w = kendalls_w(table)
    interval = _w_interval(w, n, table.shape[1], confidence)
    return StatResult(name, "chi2", float(chi2), float(p), effect_name, _corrected_w(w, n), interval, confidence, n)


def _rho_interval(rho: np.ndarray, confidence: float, resamples: int, seed: int) -> tuple[float, float]:
    """`mean_interval` of correlations; where all are 1, or all -1, Clopper and Pearson's of a share of n in n."""
    n = len(rho)
    if resamples and n >= FEWEST and np.abs(rho.sum()) > n - 1e-9:
        nearest = 2 * ((1 - confidence) / 2) ** (1 / n) - 1
        return (nearest, 1.0) if rho[0] > 0 else (-1.0, -nearest)
    low, high = mean_interval(rho, confidence=confidence, resamples=resamples, seed=seed, fewest=FEWEST)
    return (max(-1.0, low), min(1.0, high)) if np.isfinite(low) else (low, high)


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
    interval = _rho_interval(rho, confidence, resamples, seed)
    return StatResult(
        name, "L", float(rising.statistic), float(p), effect_name, float(rho.mean()), interval, confidence, n
    )


def kruskal_wallis(table: Table) -> StatResult:
    """Kruskal-Wallis with epsilon-squared = H / (N - 1).

    It takes a picture's values at k layers for k independent pictures, which they are not: with paired
    pictures it hardly ever rejects. It is here since studies report it,
    without an interval, which would rest on the same mistake.

    Parameters
    ----------
    table : ndarray
        float (n, k), a row a picture, a column a condition; rows with NaN are left out, as the tests beside it do.

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
    rows = complete_rows(table)
    n = len(rows)
    if reason := _why_not(rows, 2):
        return cannot(name, "H", effect_name, n, reason)
    h, p = stats.kruskal(*rows.T)
    return StatResult(name, "H", float(h), float(p), effect_name, float(h) / (rows.size - 1), (NAN, NAN), 0.95, n)
