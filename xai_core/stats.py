"""Tests for the same pictures under several conditions, their effect sizes, intervals and corrections.

Tables are (n, k): a row a picture, a column a condition (a layer). The unit is the picture, never the pixel.
What cannot be computed is NaN with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from xai_core.types import StatResult

Table = np.ndarray
_NAN = float("nan")


_RESAMPLED_ROWS = 2_000_000  # that are drawn at once, so that many pictures do not take gigabytes


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Holm's step-down correction (1979): adjusted p-values, NaN where p is NaN."""
    values = np.asarray(p, dtype=float)
    adjusted = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(values[order] * factors))
    return adjusted


def complete_rows(table: Table) -> Table:
    """The rows without NaN: a paired test needs every condition of a picture."""
    return table[np.isfinite(table).all(axis=1)]


def ranks(table: Table) -> Table:
    """Rank of each condition within its picture, 1 the smallest, ties shared: (n, k) -> (n, k)."""
    return stats.rankdata(table, axis=1)


def kendalls_w(table: Table) -> float:
    """Kendall's W, agreement of the pictures on the order of the conditions, with ties corrected, in [0, 1].

    W = chi2 / (n (k - 1)) of Friedman's test; computed from the ranks so that resamples are cheap.
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
    """Spearman correlation of each picture's values with the conditions' order: (n, k) -> (n,).

    0 for a picture with the same value everywhere, which is what its tied ranks add to Page's L.
    """
    k = table.shape[1]
    depth = np.arange(k) - (k - 1) / 2
    centred = ranks(table) - (k + 1) / 2
    spread = np.sqrt((centred**2).sum(axis=1) * (depth**2).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, centred @ depth / spread, 0.0)


def _percentiles(values: np.ndarray, confidence: float) -> tuple[float, float]:
    tail = 100 * (1 - confidence) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


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
    table : (n, ...), a row a picture
    statistic : maps resampled tables (R, n, ...) to values (R,)
    resamples : 0 gives no interval
    """
    n = len(table)
    if n < 2 or resamples < 1:
        return _NAN, _NAN
    rng = np.random.default_rng(seed)
    at_once = max(1, _RESAMPLED_ROWS // n)
    values = np.concatenate(
        [
            np.asarray(statistic(table[rng.integers(0, n, (min(at_once, resamples - start), n))]), dtype=float)
            for start in range(0, resamples, at_once)
        ]
    )
    known = values[np.isfinite(values)]  # of few pictures, a draw may hold one alone and have no spread
    return _percentiles(known, confidence) if len(known) else (_NAN, _NAN)


def _cannot(name: str, statistic: str, effect_name: str, n: int, reason: str) -> StatResult:
    return StatResult(name, statistic, _NAN, _NAN, effect_name, _NAN, (_NAN, _NAN), 0.95, n, reason=reason)


def _why_not(table: Table, fewest_conditions: int) -> str:
    n, k = table.shape
    if k < fewest_conditions:
        return f"It needs at least {fewest_conditions} layers; there {'is' if k == 1 else 'are'} {k}."
    if n < 2:
        return (
            f"It needs at least two pictures with a usable map at every layer; there {'is' if n == 1 else 'are'} {n}."
        )
    if (table == table[:, :1]).all():
        return "Every picture has the same value at every layer, so there is nothing to rank."
    return ""


def friedman(table: Table, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0) -> StatResult:
    """Friedman's test for paired samples, with Kendall's W = chi2 / (n (k - 1)) and its bootstrap interval."""
    name, effect_name = "Friedman", "Kendall's W"
    table = complete_rows(table)
    n = len(table)
    if reason := _why_not(table, 3):
        return _cannot(name, "chi2", effect_name, n, reason)
    chi2, p = stats.friedmanchisquare(*table.T)
    interval = bootstrap_interval(ranks(table), _w_of_ranks, confidence=confidence, resamples=resamples, seed=seed)
    return StatResult(name, "chi2", float(chi2), float(p), effect_name, kendalls_w(table), interval, confidence, n)


def page_trend(table: Table, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0) -> StatResult:
    """Page's test for a trend over ordered conditions, two-sided.

    The effect is the mean over pictures of the Spearman correlation with the order, which is Page's L on a
    scale from -1 to 1. SciPy's test asks for an increase only: both directions are tested and the smaller p is
    doubled.
    """
    name, effect_name = "Page's trend", "mean rank correlation with depth"
    table = complete_rows(table)
    n = len(table)
    if reason := _why_not(table, 3):
        return _cannot(name, "L", effect_name, n, reason)
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
    """
    name, effect_name = "Kruskal-Wallis", "epsilon-squared"
    groups = [column[np.isfinite(column)] for column in table.T]
    n = len(complete_rows(table))
    if reason := _why_not(complete_rows(table), 2):
        return _cannot(name, "H", effect_name, n, reason)
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


def rank_biserial(differences: np.ndarray) -> np.ndarray:
    """Matched-pairs rank-biserial correlation (Kerby 2014): (n, m) -> (m,) in [-1, 1], zeros left out.

    The share of rank sums in favour of a positive difference minus the share against it.
    """
    magnitude = np.where(differences == 0, np.nan, np.abs(differences))
    ranked = stats.rankdata(magnitude, axis=0, nan_policy="omit")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nansum(np.sign(differences) * ranked, axis=0) / np.nansum(ranked, axis=0)


def _signed_ranks(differences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """W and the two-sided p of the signed-rank test for each column of (n, k), none of them all zeros.

    Up to 50 pictures p is exact given the ranks, tied ones included: under the null every difference is as likely to
    be positive as negative. SciPy has that without ties; with them it enumerates signs one by one, a second for eight
    pictures and ten pairs.
    """
    result: Any = stats.wilcoxon(differences, axis=0, method="asymptotic")
    if len(differences) > 50:
        return result.statistic, result.pvalue
    return result.statistic, np.array([_exact_signed_rank_p(column) for column in differences.T])


def _exact_signed_rank_p(differences: np.ndarray) -> float:
    there = differences[differences != 0]
    doubled = np.rint(2 * stats.rankdata(np.abs(there))).astype(int)  # tied ranks are halves
    ways = np.ones(1)  # in which signs give each sum of positive ranks
    for rank in doubled:
        ways = np.pad(ways, (0, rank)) + np.pad(ways, (rank, 0))
    observed = int(doubled[there > 0].sum())
    return float(min(1, 2 * min(ways[: observed + 1].sum(), ways[observed:].sum()) / ways.sum()))


def pairwise_wilcoxon(table: Table, names: Sequence[str]) -> pd.DataFrame:
    """Wilcoxon's signed-rank test for every pair of conditions, Holm-corrected over all pairs.

    p-values are exact up to 50 pictures, ties included, and by the normal approximation beyond.

    Returns
    -------
    DataFrame
        A row a pair: `first`, `second`, `n`, `median_difference` (second minus first), `rank_biserial`
        (positive where the second is larger), `W`, `p`, `p_holm`, `reason` where it cannot be computed.
    """
    table = complete_rows(table)
    n, k = table.shape
    first, second = (indices.tolist() for indices in np.triu_indices(k, 1))
    frame = pd.DataFrame({"first": [names[i] for i in first], "second": [names[j] for j in second], "n": n})
    columns = ["median_difference", "rank_biserial", "W", "p"]
    if n < 2 or k < 2:
        reason = (
            f"It needs at least two pictures with a usable map at every layer; there {'is' if n == 1 else 'are'} {n}."
        )
        return frame.assign(**dict.fromkeys(columns, np.nan), p_holm=np.nan, reason=reason)
    differences = table[:, second] - table[:, first]
    same = (differences == 0).all(axis=0)
    w, p = np.full(len(first), np.nan), np.full(len(first), np.nan)
    if not same.all():
        w[~same], p[~same] = _signed_ranks(differences[:, ~same])
    return frame.assign(
        median_difference=np.median(differences, axis=0),
        rank_biserial=rank_biserial(differences),
        W=w,
        p=p,
        p_holm=holm(p),
        reason=np.where(same, "All differences are zero.", ""),
    )


def mcnemar(first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95, seed: int = 0) -> StatResult:
    """McNemar's exact test (1947): of two classifiers on the same pictures, which is right more often?

    Only pictures that one has right and the other wrong count; of those, the second's share is tested against one
    half. The effect is the difference in accuracy, second - first.

    Parameters
    ----------
    first, second : bool (N,), whether each picture is right
    """
    name, effect_name = "McNemar", "difference in accuracy"
    n, gained = len(first), int((second & ~first).sum())
    discordant = gained + int((first & ~second).sum())
    if not discordant:
        reason = "Both are right and wrong on the very same pictures, so there is nothing to test."
        return _cannot(name, "gained", effect_name, n, reason)
    change = second.astype(float) - first.astype(float)
    interval = bootstrap_interval(
        change[:, None], lambda drawn: drawn.mean(axis=(1, 2)), confidence=confidence, seed=seed
    )
    p = float(stats.binomtest(gained, discordant).pvalue)
    return StatResult(name, "gained", gained, p, effect_name, float(change.mean()), interval, confidence, n)


def rank_sum(first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95) -> StatResult:
    """Mann and Whitney's test (1947), two-sided, of two independent groups.

    The effect is the probability that a value of the first group exceeds one of the second (ties count half), which
    is the area under the ROC curve, U / (n m): 0.5 where neither tends to be larger. Its interval is DeLong's (1988).

    Parameters
    ----------
    first, second : float (n,) and (m,)
    """
    name, effect_name = "Mann-Whitney", "AUROC"
    one, two = np.asarray(first, float), np.asarray(second, float)
    n = len(one) + len(two)
    if not len(one) or not len(two):
        return _cannot(name, "U", effect_name, n, "It needs pictures of both kinds; all are of one.")
    if np.ptp(np.concatenate([one, two])) == 0:
        return _cannot(name, "U", effect_name, n, "All values are equal.")
    result: Any = stats.mannwhitneyu(one, two, alternative="two-sided")

    ordered, other = np.sort(two), np.sort(one)
    below = (np.searchsorted(ordered, one, "left") + np.searchsorted(ordered, one, "right")) / (2 * len(two))
    above = 1 - (np.searchsorted(other, two, "left") + np.searchsorted(other, two, "right")) / (2 * len(one))
    effect = float(below.mean())
    interval = (_NAN, _NAN)
    if len(one) > 1 and len(two) > 1:
        reach = stats.norm.ppf((1 + confidence) / 2) * np.sqrt(
            below.var(ddof=1) / len(one) + above.var(ddof=1) / len(two)
        )
        interval = (float(max(0.0, effect - reach)), float(min(1.0, effect + reach)))
    return StatResult(
        name, "U", float(result.statistic), float(result.pvalue), effect_name, effect, interval, confidence, n
    )


def _why_not_paired(differences: np.ndarray) -> str:
    n = len(differences)
    if n < 3:
        return f"It needs at least three pictures; there {'is' if n == 1 else 'are'} {n}."
    if np.ptp(differences) <= 1e-12 * max(1.0, float(np.abs(differences).max())):
        return "All differences are equal, so there is no spread to measure them by."
    return ""


def paired_t(
    first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> StatResult:
    """Paired t-test, two-sided, with d_z = mean / standard deviation of the differences = t / sqrt(n).

    Parameters
    ----------
    first, second : float (n,), the same pictures under two conditions
    """
    name, effect_name = "Paired t", "d_z"
    differences = np.asarray(first, float) - np.asarray(second, float)
    n = len(differences)
    if reason := _why_not_paired(differences):
        return _cannot(name, "t", effect_name, n, reason)
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


def d_av(
    first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> tuple[float, tuple[float, float]]:
    """Difference of the means over the mean of the two standard deviations (Cumming 2012), with bootstrap interval.

    NaN where a test could not be computed either, or where neither condition varies.
    """
    table = np.stack([np.asarray(first, float), np.asarray(second, float)], axis=1)
    if _why_not_paired(table[:, 0] - table[:, 1]):
        return _NAN, (_NAN, _NAN)

    def effect(drawn: np.ndarray) -> np.ndarray:
        spread = drawn.std(axis=1, ddof=1).mean(axis=1)
        mean = (drawn[:, :, 0] - drawn[:, :, 1]).mean(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(spread > 1e-9 * np.abs(mean), mean / spread, np.nan)

    return float(effect(table[None])[0]), bootstrap_interval(
        table, effect, confidence=confidence, resamples=resamples, seed=seed
    )


def wilcoxon_signed_rank(
    first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> StatResult:
    """Wilcoxon's signed-rank test (1945), two-sided, with the matched-pairs rank-biserial correlation."""
    name, effect_name = "Wilcoxon", "rank-biserial r"
    differences = np.asarray(first, float) - np.asarray(second, float)
    n = len(differences)
    if reason := _why_not_paired(differences):
        return _cannot(name, "W", effect_name, n, reason)
    (w,), (p,) = _signed_ranks(differences[:, None])
    interval = bootstrap_interval(
        differences, lambda drawn: rank_biserial(drawn.T), confidence=confidence, resamples=resamples, seed=seed
    )
    effect = float(rank_biserial(differences[:, None])[0])
    return StatResult(name, "W", float(w), float(p), effect_name, effect, interval, confidence, n)


def shapiro_p(values: np.ndarray) -> float:
    """p of Shapiro and Wilk's test for a normal distribution (1965); NaN for fewer than three or equal values."""
    if len(values) < 3 or np.ptp(values) == 0:
        return _NAN
    return float(stats.shapiro(values[:5000]).pvalue)  # it is not made for more
