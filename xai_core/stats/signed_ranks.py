"""Wilcoxon's signed ranks: of two conditions, and of every pair of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from xai_core.stats.corrections import holm
from xai_core.stats.paired import why_not_paired
from xai_core.stats.results import USABLE, cannot, too_few
from xai_core.stats.shift_scores import shift_interval
from xai_core.stats.tables import Table, complete_rows
from xai_core.types import StatResult


def rank_biserial(differences: np.ndarray) -> np.ndarray:
    """Matched-pairs rank-biserial correlation (Kerby 2014), zeros left out.

    The share of rank sums in favour of a positive difference minus the share against it.

    Parameters
    ----------
    differences : ndarray
        float (n, m), m columns of differences.

    Returns
    -------
    ndarray
        float (m,) in [-1, 1].

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> stats.rank_biserial(np.array([[1.0], [2.0], [-3.0]])).tolist()
    [0.0]
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
    ways = np.zeros(doubled.sum() + 1)  # in which signs give each sum of positive ranks
    ways[0] = 1
    for rank in doubled:
        ways[rank:] += ways[:-rank].copy()
    observed = int(doubled[there > 0].sum())
    return float(min(1, 2 * min(ways[: observed + 1].sum(), ways[observed:].sum()) / ways.sum()))


def pairwise_wilcoxon(table: Table, names: Sequence[str]) -> pd.DataFrame:
    """Wilcoxon's signed-rank test for every pair of conditions, Holm-corrected over all pairs.

    p-values are exact up to 50 pictures, ties included, and by the normal approximation beyond.

    Parameters
    ----------
    table : ndarray
        float (n, k), a row a picture, a column a condition; rows with NaN are left out.
    names : sequence of str
        Of the k conditions.

    Returns
    -------
    DataFrame
        A row a pair: `first`, `second`, `n`, `median_difference` (second minus first), `rank_biserial`
        (positive where the second is larger), `W`, `p`, `p_holm`, `reason` where it cannot be computed.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> pairs = stats.pairwise_wilcoxon(np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0]]), ["early", "late"])
    >>> pairs[["first", "second", "median_difference", "p_holm"]].values.tolist()
    [['early', 'late', 2.0, 0.25]]
    """
    table = complete_rows(table)
    n, k = table.shape
    first, second = (indices.tolist() for indices in np.triu_indices(k, 1))
    frame = pd.DataFrame({"first": [names[i] for i in first], "second": [names[j] for j in second], "n": n})
    columns = ["median_difference", "rank_biserial", "W", "p"]
    if n < 2 or k < 2:
        reason = too_few(n, "two", USABLE)
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


def wilcoxon_signed_rank(first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95) -> StatResult:
    """Wilcoxon's signed-rank test (1945), two-sided, with the matched-pairs rank-biserial correlation.

    The interval is `shift_interval`.

    Parameters
    ----------
    first, second : ndarray
        float (n,), the same pictures under two conditions.
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    StatResult

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> result = stats.wilcoxon_signed_rank(np.array([1.0, 2.0, 3.0]), np.zeros(3))
    >>> result.effect, result.p
    (1.0, 0.25)
    """
    name, effect_name = "Wilcoxon", "rank-biserial r"
    differences = np.asarray(first, float) - np.asarray(second, float)
    n = len(differences)
    if reason := why_not_paired(differences):
        return cannot(name, "W", effect_name, n, reason)
    (w,), (p,) = _signed_ranks(differences[:, None])
    interval = shift_interval(differences, confidence=confidence)
    effect = float(rank_biserial(differences[:, None])[0])
    return StatResult(name, "W", float(w), float(p), effect_name, effect, interval, confidence, n)
