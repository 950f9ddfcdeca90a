"""Corrections of p-values for many tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Holm's step-down correction (1979).

    Parameters
    ----------
    p : sequence of float or ndarray
        p-values; NaN where a test could not be computed.

    Returns
    -------
    ndarray
        float64, adjusted p-values, NaN where p is NaN.

    Examples
    --------
    >>> from xai_core import stats
    >>> stats.holm([0.01, 0.04, float("nan")]).tolist()
    [0.02, 0.04, nan]
    """
    values = np.asarray(p, dtype=float)
    adjusted = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(values[order] * factors))
    return adjusted
