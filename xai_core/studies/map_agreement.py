"""Whether two methods point at the same places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

from xai_core.maps import is_flat, pool, top_shares, upsample
from xai_core.types import FloatArray

_TENTH = 0.1  # the share of a map that counts as its most important part


class Agreement(NamedTuple):
    """How far two maps of a picture agree.

    Attributes
    ----------
    rank_correlation : float
        Spearman's, in [-1, 1]; NaN where a map is flat.
    overlap : float
        Of the most important tenth of the area, the share that both have, in [0, 1]; cells of the same value share
        what is left of the tenth. NaN where a map is flat.
    """

    rank_correlation: float
    overlap: float


def agreement(first: FloatArray, second: FloatArray) -> Agreement:
    """Whether two methods point at the same places of a picture.

    Both maps are averaged down to the coarser one's cells, since a map of pixels and one of cells would else differ
    by their grain alone.

    Parameters
    ----------
    first, second : ndarray
        float32 (h, w) each, large where it matters.

    Returns
    -------
    Agreement
    """
    size = (min(first.shape[0], second.shape[0]), min(first.shape[1], second.shape[1]))
    pooled = np.stack([pool(np.asarray(one, np.float32), size) for one in (first, second)])
    if is_flat(pooled).any() or pooled[0].size < 3:
        return Agreement(float("nan"), float("nan"))
    correlation = float(scipy_stats.spearmanr(pooled[0].ravel(), pooled[1].ravel()).statistic)
    fine = upsample(pooled, (4 * size[0], 4 * size[1]))  # so that a tenth of a coarse map is a tenth
    count = max(1, round(_TENTH * fine[0].size))
    first_top, second_top = (top_shares(one.ravel(), count) for one in fine)
    return Agreement(correlation, float(first_top @ second_top) / count)


def agreements(maps: Mapping[str, FloatArray]) -> pd.DataFrame:
    """`agreement` of every two methods: a row a pair, first, second, rank_correlation, overlap."""
    names = list(maps)
    rows = [(a, b, *agreement(maps[a], maps[b])) for i, a in enumerate(names) for b in names[i + 1 :]]
    return pd.DataFrame(rows, columns=["first", "second", "rank_correlation", "overlap"])
