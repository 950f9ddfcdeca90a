"""Two groups or two classifiers: Mann and Whitney, McNemar."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from xai_core.stats.proportions import gain_interval
from xai_core.stats.results import NAN, cannot
from xai_core.stats.roc_area import area_interval, placements
from xai_core.stats.studentised import FEWEST
from xai_core.types import StatResult


def mcnemar(first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95) -> StatResult:
    """McNemar's exact test (1947): of two classifiers on the same pictures, which is right more often?

    Only pictures that one has right and the other wrong count; of those, the second's share is tested against one
    half. The effect is the difference in accuracy, second - first, with Tango's score interval (`gain_interval`) for
    five pictures or more.

    Parameters
    ----------
    first, second : ndarray
        bool (N,), whether each picture is right.
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    StatResult

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> result = stats.mcnemar(np.array([True, False, False]), np.array([True, True, True]))
    >>> result.value, result.p, round(result.effect, 3)
    (2, 0.5, 0.667)
    """
    name, effect_name = "McNemar", "difference in accuracy"
    n, gained = len(first), int((second & ~first).sum())
    discordant = gained + int((first & ~second).sum())
    if not discordant:
        reason = "Both are right and wrong on the very same pictures, so there is nothing to test."
        return cannot(name, "gained", effect_name, n, reason)
    lost = discordant - gained
    interval = gain_interval(gained, lost, n, confidence=confidence) if n >= FEWEST else (NAN, NAN)
    effect = (2 * gained - discordant) / n
    p = float(stats.binomtest(gained, discordant).pvalue)
    return StatResult(name, "gained", gained, p, effect_name, effect, interval, confidence, n, in_points=True)


def rank_sum(first: np.ndarray, second: np.ndarray, *, confidence: float = 0.95) -> StatResult:
    """Mann and Whitney's test (1947), two-sided, of two independent groups.

    The effect is the probability that a value of the first group exceeds one of the second (ties count half), which
    is the area under the ROC curve, U / (n m): 0.5 where neither tends to be larger. H0 is that both groups have
    the same distribution, not only that this area is one half: `brunner_munzel` asks that.

    Parameters
    ----------
    first, second : ndarray
        float (n,) and (m,).
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    StatResult

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> stats.rank_sum(np.array([3.0, 4.0]), np.array([1.0, 2.0])).effect
    1.0
    """
    name, effect_name = "Mann-Whitney", "AUROC"
    one, two = np.asarray(first, float), np.asarray(second, float)
    n = len(one) + len(two)
    if not len(one) or not len(two):
        return cannot(name, "U", effect_name, n, "It needs pictures of both kinds; all are of one.")
    if np.ptp(np.concatenate([one, two])) == 0:
        return cannot(name, "U", effect_name, n, "All values are equal.")
    result: Any = stats.mannwhitneyu(one, two, alternative="two-sided")

    placed = placements(one, two)
    effect = float(placed.first.mean())
    interval = area_interval(effect, placed, confidence)
    return StatResult(
        name, "U", float(result.statistic), float(result.pvalue), effect_name, effect, interval, confidence, n
    )
