"""Change between two windows of epochs on the same pictures, and how alike neighbouring epochs are."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import linalg, stats

from xai_core.stats.clusters import freedom_of, jackknife_error
from xai_core.stats.courses import MOST_ALIKE, POWERS, autoregressive, beyond_course
from xai_core.stats.results import cannot
from xai_core.types import StatResult

BLOCKS = 6  # of epochs in a window, at most: of longer ones each is a mean, to which pictures add less by chance
_NOTHING = 1e-12  # below it a difference of shares, or a square of one, is rounding
_FEWEST = 14  # blocks, below which nothing tells how alike neighbours are
_SURE = 0.8  # of the bound on how alike they are
_ELSE = 0.7  # share of courses that look less alike, where the course moves no more than pictures explain
_LEVEL = 0.05  # at which a course is said to move by more than the pictures that were drawn
_DRAWS = 1000  # of courses at each correlation
_GRID = np.linspace(0, MOST_ALIKE, 17)  # correlations


def window_change(
    right: np.ndarray,
    width: int,
    *,
    groups: np.ndarray | None = None,
    alike: float | None = None,
    confidence: float = 0.95,
) -> StatResult:
    """Change of a mean from the first window of epochs to the last, two-sided.

    Pictures are a sample, and so are epochs: from one to the next a network gets better or worse on all pictures. The
    squared standard error is the sum of both (two-way clustering without the part that they share, which errs on the
    safe side: Cameron, Gelbach and Miller 2011, doi 10.1198/jbes.2010.07136). That of epochs comes from how far they,
    or blocks of them, lie off a line within each window, of one slope in both. Neighbours that are alike move less
    within a window than windows do, so it is that of a first-order autoregressive series. Student's t has
    Satterthwaite's degrees of freedom.

    Parameters
    ----------
    right : ndarray
        bool or float (T, N), of the same N pictures at each epoch, from the first of one window to the last of the
        other.
    width : int
        Epochs in each window: at least two, at most half.
    groups : ndarray, optional
        int (N,), the number of each picture's group, where pictures belong together: each picture counts, and groups
        are what is independent; leaving out one of them at a time tells the error, so one may hold most pictures.
    alike : float, optional
        Correlation of neighbours, in [0, 1), such as `epochs_alike` of a whole training; None takes that of these
        epochs alone.
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
    >>> level, better = rng.random((8, 200)) < 0.5, rng.random((8, 200)) < 0.8
    >>> result = stats.window_change(np.concatenate([level, better]), 6)
    >>> round(result.effect, 1), result.p < 0.01
    (0.3, True)
    """
    name, effect_name = "Windows of epochs", "difference in accuracy"
    x = np.asarray(right, float)
    n = x.shape[1]
    numbers = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    units = len(set(numbers.tolist()))
    if units < 3 or width < 2:
        unit = "pictures" if units == n else "groups of pictures"
        reason = f"It needs three {unit} and two epochs in each window; there are {units} and {width}."
        return cannot(name, "t", effect_name, n, reason)
    one, two = x[:width], x[-width:]
    change = two.mean(axis=0) - one.mean(axis=0)
    by_picture, of_pictures = _of_pictures(change, numbers)
    by_epoch, alone = _of_epochs(x, width, epochs_alike(x, width) if alike is None else alike)
    error, effect = float(np.sqrt(by_picture + by_epoch)), float(change.mean())
    if error < _NOTHING:
        same = (
            "No picture changed"
            if abs(effect) < _NOTHING
            else f"Every picture changed by the same amount ({effect:+.2f})"
        )
        reason = f"{same} between the windows, so there is no variation to test against."
        return cannot(name, "t", effect_name, n, reason)
    freedom = error**4 / (by_picture**2 / of_pictures + by_epoch**2 / alone)
    p = float(2 * stats.t.sf(abs(effect) / error, freedom))
    reach = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    interval = (max(-1.0, effect - reach), min(1.0, effect + reach))
    return StatResult(name, "t", effect / error, p, effect_name, effect, interval, confidence, n, in_points=True)


def _of_pictures(change: np.ndarray, numbers: np.ndarray) -> tuple[float, float]:
    """Variance of a mean over pictures, of which groups are independent, and its degrees of freedom."""
    sums, sizes = np.bincount(numbers, change), np.bincount(numbers)
    return jackknife_error((sums.sum() - sums) / (len(change) - sizes)) ** 2, freedom_of(sizes)


def _of_epochs(right: np.ndarray, width: int, alike: float) -> tuple[float, float]:
    """Variance of the difference of both windows' means by their epochs, and its degrees of freedom."""
    count, each = _blocks(len(right), width)
    one, two = (_means(part, each).mean(axis=1) for part in (right[:width], right[-width:]))
    means, level = np.concatenate([one, two]), np.repeat([1.0, 0.0], each)
    columns = [level, 1 - level]
    if each > 2:  # else nothing would be left
        columns.append(np.tile(np.arange(each) - (each - 1) / 2, 2))
    rest = _off(np.stack(columns, axis=1))
    at = np.r_[np.arange(each), count - each + np.arange(each)]
    correlated = alike ** np.abs(np.subtract.outer(at, at))
    contrast, seen = (1 - 2 * level) / each, rest @ correlated
    spread, squares = float(np.trace(seen)), float(means @ rest @ means)  # spread: of epochs with a variance of one
    variance = squares / spread * float(contrast @ correlated @ contrast)
    return variance if squares > _NOTHING else 0.0, spread**2 / float(np.trace(seen @ seen))


def _blocks(epochs: int, width: int) -> tuple[int, int]:
    """Blocks in all epochs, and in a window."""
    each = min(width, BLOCKS)
    return max(round(epochs * each / width), 2 * each), each


def _means(right: np.ndarray, blocks: int) -> np.ndarray:
    """Of each picture over the epochs of each block: float (blocks, N)."""
    return np.stack([part.mean(axis=0) for part in np.array_split(right, blocks)])


def _off(columns: np.ndarray) -> np.ndarray:
    """What takes out all that these columns explain."""
    return np.eye(len(columns)) - columns @ linalg.pinv(columns)


def epochs_alike(right: np.ndarray, width: int) -> float:
    """Correlation of neighbouring epochs, or blocks of them, beyond the course of a training.

    That is a cubic in the logarithm of time: fast at first, then ever more slowly. The more epochs, the better it is
    known, so give a whole training; with fewer than 14 it is taken to be the largest. Short series look less alike than
    they are, so what is found is held against courses that are drawn at each correlation. Where the course moves by
    more than drawing its pictures explains (chi-squared test, 5%), the largest correlation counts that it leaves room
    for (in one of five cases it is larger); else little is left that could be alike, and it is the largest one that
    seven of ten such courses fall short of.

    Parameters
    ----------
    right : ndarray
        bool or float (T, N), of the same N pictures at each epoch.
    width : int
        Epochs in a window, which has at most six blocks.

    Returns
    -------
    float
        In [0, 0.8].

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> rng = np.random.default_rng(0)
    >>> slow = 0.5 + 0.2 * np.sin(np.arange(20.0))[:, None]
    >>> stats.epochs_alike(rng.random((20, 500)) < slow, 4), stats.epochs_alike(rng.random((20, 500)) < 0.5, 4) < 0.6
    (0.8, True)
    """
    count, _ = _blocks(len(right), width)
    x = _means(np.asarray(right, float), count)
    if count < _FEWEST or x.shape[1] < 2:
        return MOST_ALIKE
    rest = beyond_course(x.mean(axis=1)[None])
    squares = float((rest**2).sum())
    if squares < _NOTHING:
        return 0.0
    each = x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + x.mean()
    drawing = float((each**2).sum()) / (count - 1) / (x.shape[1] - 1) / x.shape[1]  # of a mean, if pictures do it alone
    moves = drawing < _NOTHING or stats.chi2.sf(squares / drawing, count - POWERS) < _LEVEL
    found, drawn = _neighbours(rest), _drawn(count)
    as_low = (drawn <= found).mean(axis=1)
    room = np.flatnonzero(as_low > (1 - _SURE if moves else _ELSE))
    return float(_GRID[room[-1]]) if len(room) else 0.0


def _neighbours(rest: np.ndarray) -> np.ndarray:
    return (rest[:, 1:] * rest[:, :-1]).sum(axis=1) / (rest**2).sum(axis=1)


@lru_cache(maxsize=32)
def _drawn(count: int) -> np.ndarray:
    """Correlations of neighbours in courses of so many epochs: float (grid, draws)."""
    noise = np.random.default_rng(0).normal(size=(_DRAWS, count))
    return np.stack([_neighbours(beyond_course(autoregressive(noise, alike))) for alike in _GRID.tolist()])
