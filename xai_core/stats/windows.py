"""Change between two windows of epochs on the same pictures."""

from __future__ import annotations

import numpy as np
from scipy import stats

from xai_core.stats.results import cannot
from xai_core.types import StatResult

_NOTHING = 1e-12  # below it a difference of shares is rounding


def window_change(first: np.ndarray, last: np.ndarray, *, confidence: float = 0.95) -> StatResult:
    """Change of a mean between two windows of epochs, two-sided.

    Pictures are a sample, and so are epochs: from one to the next a network gets better or worse on all pictures. The
    squared standard error is the sum of both (two-way clustering without the part that they share, which errs on the
    safe side: Cameron, Gelbach and Miller 2011, doi 10.1198/jbes.2010.07136), with Student's t of the smaller degrees
    of freedom.

    Parameters
    ----------
    first, last : ndarray
        bool or float (E, N) and (F, N): at least two epochs each, of the same N pictures.
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    StatResult
        The effect is the difference of the means, last - first.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> rng = np.random.default_rng(0)
    >>> result = stats.window_change(rng.random((5, 200)) < 0.5, rng.random((5, 200)) < 0.8)
    >>> round(result.effect, 1), result.p < 0.001
    (0.3, True)
    """
    name, effect_name = "Windows of epochs", "difference in accuracy"
    one, two = np.asarray(first, float), np.asarray(last, float)
    n, epochs = one.shape[1], min(len(one), len(two))
    if n < 3 or epochs < 2:
        reason = f"It needs three pictures and two epochs in each window; there are {n} and {epochs}."
        return cannot(name, "t", effect_name, n, reason)
    change = two.mean(axis=0) - one.mean(axis=0)
    by_picture = change.var(ddof=1) / n
    by_epoch = one.mean(axis=1).var(ddof=1) / len(one) + two.mean(axis=1).var(ddof=1) / len(two)
    error, effect = float(np.sqrt(by_picture + by_epoch)), float(change.mean())
    if error < _NOTHING:
        same = (
            "No picture changed"
            if abs(effect) < _NOTHING
            else f"Every picture changed by the same amount ({effect:+.2f})"
        )
        reason = f"{same} between the windows, so there is no variation to test against."
        return cannot(name, "t", effect_name, n, reason)
    freedom = min(n - 1, len(one) + len(two) - 2)
    p = float(2 * stats.t.sf(abs(effect) / error, freedom))
    reach = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    interval = (max(-1.0, effect - reach), min(1.0, effect + reach))
    return StatResult(name, "t", effect / error, p, effect_name, effect, interval, confidence, n)
