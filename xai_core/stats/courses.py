"""Courses of one number over the epochs of a training, of which neighbours are alike."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import ndimage, signal

MOST_ALIKE = 0.8  # correlation of neighbours: more could not be told from a change that stays
_FEWEST = 6  # from which on something is left of a course beside its ups and downs
_LAST = 4  # epochs at least, else a quarter, that say how large ups and downs are at the end
_LONG = 48  # epochs, from which on a single one at the end is hardly seen among the ups and downs that count there
_TWELFTH = 12  # of a course: what lasts less than half of it is no lowest
POWERS = 4  # of the logarithm of time, from a constant on: a course moves fast, then ever more slowly
_SUDDEN = 1.2  # times what each half leaves on its own counts, where smaller: what is sudden is no smooth course
_DRAWS, _AT_ONCE = 4000, 250  # level courses, and how many lie in memory
_NOTHING = 1e-12


def rise_and_fall(course: np.ndarray) -> tuple[float, float]:
    """Whether a course ends further up, or further down, than its own ups and downs take it.

    That it rose is read from how far the last one lies above the lowest, over the standard deviation about a smooth
    course of all epochs, or of both halves: a lowest among early ups and downs is held against these. Ups and downs
    that are larger in the last quarter count instead. That it fell is read from how far it lies below the highest of
    the second half, less the largest step down on the way, over the standard deviation about a line through that half.
    So a fall at once is none that goes on, nor is the end of a spike. The lowest is of running medians of a twelfth of
    the epochs, of three at least, the highest of medians of three, and from 48 epochs on the one before the last has to
    lie as far away, so that none stands alone. They were chosen, and neighbours are alike, so both are held against as
    many epochs of drawn level courses whose neighbours are as alike as can be told (0.8).

    Parameters
    ----------
    course : ndarray
        float (T,), such as the logarithm of a loss.

    Returns
    -------
    rose, fell : float
        p-values, each doubled, since two directions are looked at; NaN of fewer than six epochs.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> level, time = np.random.default_rng(0).normal(0, 0.02, 24), np.arange(24)
    >>> rose, _ = stats.rise_and_fall(level + 0.05 * np.maximum(time - 15, 0))
    >>> rose < 0.01, min(stats.rise_and_fall(level)) > 0.05
    (True, True)
    """
    x = np.asarray(course, float)[None]
    if x.shape[1] < _FEWEST:
        return float("nan"), float("nan")
    found, drawn = _ends(x), _drawn_ends(x.shape[1])
    as_far = ((drawn >= found - _NOTHING).sum(axis=1) + 1) / (_DRAWS + 1)
    rose, fell = np.minimum(2 * as_far, 1).tolist()
    return rose, fell


def _ends(courses: np.ndarray) -> np.ndarray:
    """How far the last one lies above the lowest, and has come down in the second half: float (2, courses)."""
    count = courses.shape[1]
    half = count // 2
    early, late = courses[:, :half], signal.detrend(courses[:, half:], axis=1)
    noise = beyond_course(courses).std(axis=1)
    if half > POWERS:  # else nothing would be left of a part
        first = np.minimum(beyond_course(early).std(axis=1, ddof=POWERS), _bends(early))
        noise = np.minimum(noise, _SUDDEN * np.hypot(first, late.std(axis=1, ddof=2)) / np.sqrt(2))
        end = courses[:, -max(count // 4, _LAST) :]
        noise = np.maximum(noise, np.minimum(signal.detrend(end, axis=1).std(axis=1, ddof=2), _bends(end)))
    last = courses[:, -2:] if count >= _LONG else courses[:, -1:]
    risen = last.min(axis=1) - _calm(courses, max(count // _TWELFTH | 1, 3)).min(axis=1)
    steps = _calm(courses, 3)[:, half:]
    fallen = steps.max(axis=1) - last.max(axis=1) + np.diff(steps, axis=1).min(axis=1)
    return np.stack([risen, fallen]) / np.maximum((noise, late.std(axis=1)), _NOTHING)


def _calm(courses: np.ndarray, width: int) -> np.ndarray:
    return ndimage.median_filter(courses, size=(1, width), mode="nearest")


def _bends(courses: np.ndarray) -> np.ndarray:
    """The root mean square of second differences: ups and downs, and little of a smooth course."""
    return np.sqrt((np.diff(courses, 2, axis=1) ** 2).mean(axis=1))


@lru_cache(maxsize=32)
def _drawn_ends(count: int) -> np.ndarray:
    rng, drawn = np.random.default_rng(0), []
    for _ in range(_DRAWS // _AT_ONCE):
        drawn.append(_ends(autoregressive(rng.normal(size=(_AT_ONCE, count)), MOST_ALIKE)))
    return np.concatenate(drawn, axis=1)


def beyond_course(courses: np.ndarray) -> np.ndarray:
    """What a cubic in the logarithm of time leaves of courses: float (courses, T)."""
    time = np.log(np.arange(courses.shape[1]) + 1)
    smooth, _ = np.linalg.qr(np.vander(2 * time / time[-1] - 1, POWERS))
    return courses - courses @ smooth @ smooth.T


def autoregressive(noise: np.ndarray, alike: float) -> np.ndarray:
    """First-order series from standard normal noise (courses, T), which begin as they go on."""
    steps = noise * np.sqrt(1 - alike**2)
    steps[:, 0] = noise[:, 0]
    return signal.lfilter([1.0], [1.0, -alike], steps, axis=1)
