"""Confidences of right and wrong answers against each other; no answer where even perfect order could be chance."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
from scipy.stats import hmean

from xai_core import stats
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.words import format_p
from xai_core.types import StatResult
from xai_core.types.counts import number_of

FEWEST_GROUPS = 6  # with both kinds: of five, perfect order has p = 0.0625


def compare_confidences(values: np.ndarray, right: np.ndarray, groups: np.ndarray | None = None) -> StatResult:
    """Whether values of right answers tend to be larger or smaller than those of wrong ones.

    Parameters
    ----------
    values : ndarray
        float (N,).
    right : ndarray
        bool (N,).
    groups : ndarray, optional
        int (N,), what each picture belongs to; None where each counts by itself.

    Returns
    -------
    StatResult
        Brunner and Munzel's test, or that of a clustered AUROC. Without p where no order of so few could be below the
        level, with the reason.
    """
    first, second = values[right], values[~right]
    if groups is None:
        test, ways = stats.brunner_munzel(first, second), comb(len(values), len(first))
        least = 2 / ways
        reason = (
            f"It needs more of both kinds, such as four of each: {len(second):,} wrong and {len(first):,} right ones "
            f"can be dealt out in {number_of(ways, 'way')}, so that no p is below {least:.2g}."
        )
    else:
        test = stats.clustered_area(first, second, groups[right], groups[~right])
        good, wrong = (len(np.unique(groups[kind])) for kind in (right, ~right))
        least = 2 * 0.5 ** float(hmean([good, wrong]))
        reason = (
            f"It needs more groups, such as {FEWEST_GROUPS} with answers of both kinds: wrong ones are in "
            f"{number_of(wrong, 'group')} and right ones in {good:,}, whose order could be chance even if it were "
            f"perfect ({format_p(least)})."
        )
    return test if not np.isfinite(test.p) or least < ALPHA else replace(test, p=float("nan"), reason=reason)


def without_answer(test: StatResult, *, grouped: bool = False) -> str:
    """The headline where `compare_confidences` has no p."""
    if not np.isfinite(test.effect):
        return "This cannot be tested"
    return f"Cannot tell from so few {'groups' if grouped else 'of a kind'}"
