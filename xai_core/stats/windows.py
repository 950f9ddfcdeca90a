"""Change between two windows of epochs on the same pictures."""

from __future__ import annotations

import numpy as np
from scipy import stats

from xai_core.stats.results import cannot
from xai_core.types import StatResult

_NOTHING = 1e-12  # below it a difference of shares is rounding
_FEWEST = 6  # epochs from which on a correlation of neighbours is looked for
_MOST = 0.7  # that such a correlation counts as: a sudden change that stays would else be taken for ups and downs


def window_change(
    first: np.ndarray, last: np.ndarray, *, course: np.ndarray | None = None, confidence: float = 0.95
) -> StatResult:
    """Change of a mean between two windows of epochs, two-sided.

    Pictures are a sample, and so are epochs: from one to the next a network gets better or worse on all pictures. The
    squared standard error is the sum of both (two-way clustering without the part that they share, which errs on the
    safe side: Cameron, Gelbach and Miller 2011, doi 10.1198/jbes.2010.07136), with Student's t of Satterthwaite's
    degrees of freedom, no more than the epochs have. Where neighbouring epochs are alike, a window has fewer of them
    than it seems: with `course`, the error of its mean is that of a first-order autoregressive series.

    Parameters
    ----------
    first, last : ndarray
        bool or float (E, N) and (F, N): at least two epochs each, of the same N pictures.
    course : ndarray, optional
        float (T,), the mean at each epoch from the first window to the last, by whose lag-1 correlation beyond a
        parabola, which any course of a training resembles, the epochs are weighed; None takes them as independent.
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
    alike = 0.0 if course is None else _alike(np.asarray(course, float))
    wider = [_wider(len(part), alike) for part in (one, two)]
    by_epoch = sum(
        factor * part.mean(axis=1).var(ddof=1) / len(part) for factor, part in zip(wider, (one, two), strict=True)
    )
    error, effect = float(np.sqrt(by_picture + by_epoch)), float(change.mean())
    if error < _NOTHING:
        same = (
            "No picture changed"
            if abs(effect) < _NOTHING
            else f"Every picture changed by the same amount ({effect:+.2f})"
        )
        reason = f"{same} between the windows, so there is no variation to test against."
        return cannot(name, "t", effect_name, n, reason)
    alone = max(1.0, (len(one) + len(two)) / max(wider) - 2)
    freedom = min(error**4 / (by_picture**2 / (n - 1) + by_epoch**2 / alone), len(one) + len(two) - 2)
    p = float(2 * stats.t.sf(abs(effect) / error, freedom))
    reach = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    interval = (max(-1.0, effect - reach), min(1.0, effect + reach))
    return StatResult(name, "t", effect / error, p, effect_name, effect, interval, confidence, n, in_points=True)


def _alike(course: np.ndarray) -> float:
    """Correlation of neighbours beyond a parabola, in [0, 0.7], without most of the bias of so short a series."""
    time = np.arange(len(course), dtype=float)
    if len(course) < _FEWEST:
        return 0.0
    rest = course - np.polyval(np.polyfit(time, course, 2), time)
    whole = float((rest**2).sum())
    if whole < _NOTHING:
        return 0.0
    found = float((rest[1:] * rest[:-1]).sum()) / whole
    return min(max(0.0, found + (3 + 5 * found) / len(course)), _MOST)


def _wider(epochs: int, alike: float) -> float:
    """By how much the variance of a mean exceeds what the variance within its window makes of it."""
    lags = np.arange(1, epochs)
    spread = 1 + 2 * float(((1 - lags / epochs) * alike**lags).sum())
    return spread * (epochs - 1) / (epochs - spread) if spread < epochs else 1.0
