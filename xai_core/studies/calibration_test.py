"""Whether confidences differ from those of a calibrated model: a test, an interval, and the bias of the error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.evaluation import BINS, calibration, calibration_error, judged
from xai_core.studies.groups import group_numbers, groups_of

DRAWS = 2000  # of answers that a calibrated model would have given
_AT_ONCE = 4_000_000  # answers that are drawn at a time


@dataclass(frozen=True)
class CalibrationTest:
    """Confidences against answers.

    Attributes
    ----------
    n : int
        Pictures.
    gap : float
        Mean confidence minus accuracy, in [-1, 1].
    interval : tuple of float
        Its 95% interval, from that of the accuracy (Blaker's, or of groups Korn and Graubard's); NaN without a picture.
    ece : float
        Expected calibration error in [0, 1].
    expected_ece : float
        What a calibrated model with these confidences shows on average, for chance alone.
    p_gap, p_ece : float
        Of the two tests, Holm-corrected over both; NaN without a picture.
    """

    n: int
    gap: float
    interval: tuple[float, float]
    ece: float
    expected_ece: float
    p_gap: float
    p_ece: float


def calibration_test(table: pd.DataFrame, *, seed: int = 0) -> CalibrationTest:
    """Consistency resampling (Broecker and Smith 2007, doi 10.1175/WAF993.1).

    Under H0 each answer is right with the probability that its confidence says. Such answers are drawn again and again:
    p is the share of draws whose gap, or whose calibration error, is at least as large. The error is biased upwards
    with few pictures (Roelofs et al. 2022, arXiv 2012.08668); the draws show by how much. Where pictures belong
    together, those of a group share a part of their draw: as large a one as the answers' spread over groups leaves room
    for (`stats.independent_worth`).

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate`; with a column of groups (`with_kin`) these are what is taken as independent.
    seed : int
        Of the draws.

    Returns
    -------
    CalibrationTest

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from xai_core import studies
    >>> half_right = {"confidence": np.full(100, 0.9), "correct": np.arange(100) < 50}
    >>> table = pd.DataFrame({"true": 0, "usable": True} | half_right)
    >>> found = studies.calibration_test(table)
    >>> round(found.gap, 2), found.p_gap < 0.01
    (0.4, True)
    """
    known = judged(table)
    n = len(known)
    nan = float("nan")
    if not n:
        return CalibrationTest(0, nan, (nan, nan), nan, nan, nan, nan)
    confidence, correct = known["confidence"].to_numpy(float), known["correct"].to_numpy(bool)
    sure, accuracy = float(confidence.mean()), float(correct.mean())
    place = np.searchsorted(np.arange(1, BINS) / BINS, confidence)
    members = (place[:, None] == np.arange(BINS)).astype(float)
    rng, chance = np.random.default_rng(seed), np.clip(confidence, 0, 1)
    groups = group_numbers(groups_of(known) or range(n))
    alike = _alike(correct, groups)
    gaps, errors = [], []
    for start in range(0, DRAWS, max(1, _AT_ONCE // n)):
        drawn = _dice(rng, min(max(1, _AT_ONCE // n), DRAWS - start), groups, alike) < chance
        rest = (confidence - drawn) @ members  # sums by bin
        gaps.append(rest.sum(axis=1) / n)
        errors.append(np.abs(rest).sum(axis=1) / n)
    gap, ece = sure - accuracy, calibration_error(calibration(table))
    by_chance, of_errors = np.concatenate(gaps), np.concatenate(errors)
    p_gap = _p(int((np.abs(by_chance) >= abs(gap) - 1e-12).sum()))
    if groups.max() + 1 < n:  # what the interval of groups leaves open is not claimed
        p_gap = max(p_gap, _p_of_interval(confidence, correct, groups))
    p_ece = _p(int((of_errors >= ece - 1e-12).sum()))
    corrected = stats.holm([p_gap, p_ece])
    interval = gap_interval(confidence, correct, groups)
    return CalibrationTest(n, gap, interval, ece, float(of_errors.mean()), float(corrected[0]), float(corrected[1]))


def _alike(correct: np.ndarray, groups: np.ndarray) -> float:
    """The part of its pictures that a group answers as one, in [0, 1], as far as answers do not show otherwise."""
    n = len(correct)
    most = float(np.sum(np.bincount(groups).astype(float) ** 2)) / n  # pictures that one is worth, if all of it
    if most <= 1:
        return 0.0
    return float(np.sqrt((n / stats.independent_worth(correct, groups) - 1) / (most - 1)))


def _dice(rng: np.random.Generator, draws: int, groups: np.ndarray, alike: float) -> np.ndarray:
    """Uniform numbers, float (draws, N), of which that part is the group's own."""
    each = rng.random((draws, len(groups)))
    if not alike:
        return each
    shared = rng.random(each.shape) < alike
    return np.where(shared, rng.random((draws, int(groups.max()) + 1))[:, groups], each)


def gap_interval(
    confidence: np.ndarray, correct: np.ndarray, groups: np.ndarray | None = None, *, level: float = 0.95
) -> tuple[float, float]:
    """Interval of mean confidence minus accuracy, by that of an accuracy; confidences are given."""
    sure, n = float(confidence.mean()), len(correct)
    if groups is None or int(groups.max()) + 1 == n:
        low, high = stats.share_interval(int(correct.sum()), n, confidence=level)
    else:
        low, high = stats.clustered_share(correct, groups, confidence=level)
    return sure - high, sure - low


def _p_of_interval(confidence: np.ndarray, correct: np.ndarray, groups: np.ndarray) -> float:
    """The level at which the interval of groups begins to leave out 0."""
    least, most = 0.0, 1.0
    for _ in range(20):
        level = (least + most) / 2
        low, high = gap_interval(confidence, correct, groups, level=level)
        least, most = (least, level) if low <= 0 <= high else (level, most)
    return 1 - least


def _p(as_extreme: int) -> float:
    return float((as_extreme + 1) / (DRAWS + 1))
