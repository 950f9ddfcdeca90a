"""An interval of a median, from the values in order: no resampling, and no shape of the distribution."""

from __future__ import annotations

import numpy as np
from scipy import stats

from xai_core.stats.results import NAN
from xai_core.stats.studentised import FEWEST


def median_interval(values: np.ndarray, *, confidence: float = 0.95) -> tuple[float, float]:
    """Hettmansperger and Sheather's interval of a median (1986, doi 10.1016/0167-7152(86)90021-0).

    Between which values in order the median lies follows from the binomial distribution alone; between two orders the
    ends are interpolated. The smallest and the largest of five hold it in 93.75% of cases, which is the most that five
    can tell.

    Parameters
    ----------
    values : ndarray
        float (n,), without NaN.
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float
        NaN for fewer than five values.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> low, high = stats.median_interval(np.arange(1.0, 12))
    >>> round(low, 2), round(high, 2)
    (2.92, 9.08)
    """
    ordered, n = np.sort(np.asarray(values, float)), len(values)
    if n < FEWEST:
        return NAN, NAN
    held = 1 - 2 * stats.binom.cdf(np.arange(n // 2 + 1) - 1, n, 0.5)  # by the k-th from either end
    outer = int(np.flatnonzero(held >= confidence)[-1])
    if outer == 0:
        return float(ordered[0]), float(ordered[-1])
    share = (held[outer] - confidence) / (held[outer] - held[outer + 1])
    inwards = (n - outer) * share / (outer + (n - 2 * outer) * share)
    low, high = ((1 - inwards) * side[outer - 1] + inwards * side[outer] for side in (ordered, ordered[::-1]))
    return float(low), float(high)
