"""Two conditions on the same pictures: tests of a measure on the object against off it, and by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.foreground import ALPHA
from xai_core.studies.groups import by_group, counted, group_means, groups_of
from xai_core.studies.mask_control import column_of, own_difference, units_of
from xai_core.types import StatResult
from xai_core.types.display import Plotted

Direction = Literal["more", "less", "none", "unknown"]
_NOTHING = 1e-12  # a difference that is a rounding
_ROUNDING = 1e-6  # the same where values were kept as float32 and fitted
FEWEST_FLIPPED = 6  # pictures: signs of five can be flipped in 32 ways, so that no p is below 0.0625


@dataclass(frozen=True, eq=False)
class PairedTests(Plotted):
    """Two conditions on the same pictures.

    Attributes
    ----------
    differences : ndarray
        float (n,), first minus second, without NaN.
    mean : StatResult
        The test that decides: sign flips of the mean difference, chosen before looking.
    t, wilcoxon : StatResult
        Beside it, as studies report them; effects d_z and the rank-biserial correlation.
    d_av : float
        Difference of means over the mean of the two standard deviations.
    d_av_interval : tuple of float
        Its interval, 95%.
    pictures : int
        How many there are; as many as differences, unless each group of pictures counts once.
    grouped : bool
        Whether the differences are those of groups' means.
    """

    differences: np.ndarray
    mean: StatResult
    t: StatResult
    wilcoxon: StatResult
    d_av: float
    d_av_interval: tuple[float, float]
    pictures: int = 0
    grouped: bool = False

    @property
    def n(self) -> int:
        return len(self.differences)

    @property
    def counted(self) -> str:
        """What the tests count, in words: pictures, or groups of them."""
        return counted(self.n, self.pictures if self.grouped else self.n, self.grouped)

    @property
    def result(self) -> StatResult:
        """The test that decides."""
        return self.mean

    @property
    def beside(self) -> tuple[StatResult, StatResult]:
        """The tests that do not decide."""
        return self.t, self.wilcoxon

    @property
    def outcome(self) -> Direction:
        """What the deciding test says; nothing that the interval beside it would contradict."""
        return supported(self.result)


def direction(test: StatResult) -> Direction:
    """What a test of a difference says."""
    if not np.isfinite(test.p):
        return "unknown"
    if test.p >= ALPHA:
        return "none"
    return "more" if test.effect > 0 else "less"


def supported(test: StatResult) -> Direction:
    """What a test of a difference says, unless the interval beside it contradicts that."""
    said, (low, high) = direction(test), test.interval
    return "none" if said in ("more", "less") and low <= 0 <= high else said


def decided(first: np.ndarray, second: np.ndarray) -> StatResult:
    """Sign flips of the mean difference; no test of so few that no p could fall below the level."""
    test = stats.sign_flip(first, second)
    if not np.isfinite(test.p) or test.n >= FEWEST_FLIPPED:
        return test
    reason = (
        f"It needs at least {FEWEST_FLIPPED} pictures; there are {test.n}, whose signs can be flipped in "
        f"{2**test.n} ways, so that no p is below {2 / 2**test.n:.2g}."
    )
    return replace(test, p=float("nan"), reason=reason)


def flipped(differences: np.ndarray) -> StatResult:
    """`decided` against zero, also where all are equal: flipping their signs is a test all the same.

    Parameters
    ----------
    differences : ndarray
        float (n,), without NaN.
    """
    test, n = decided(differences, np.zeros(len(differences))), len(differences)
    if n < FEWEST_FLIPPED or np.isfinite(test.p):
        return test
    mean = float(differences.mean())
    return replace(test, p=2.0 ** (1 - n) if abs(mean) > _NOTHING else 1.0, effect=mean, reason="")


def without_rounding(differences: np.ndarray) -> np.ndarray:
    """Differences from what is usual, zero where they are a rounding: of one map for all pictures nothing is left."""
    return np.where(np.abs(differences) < _ROUNDING, 0.0, differences)


def paired_tests(first: np.ndarray, second: np.ndarray | float, groups: Sequence[object] | None = None) -> PairedTests:
    """Paired tests of first against second, pictures with NaN left out: float (n,) each, or second a number.

    Where pictures have groups, those of a group are averaged and count once; see `studies.groups`.
    """
    one = np.asarray(first, dtype=float)
    two = np.broadcast_to(np.asarray(second, dtype=float), one.shape)
    known = np.isfinite(one) & np.isfinite(two)
    one, two = one[known], two[known]
    pictures = len(one)
    if groups is not None:
        kept = [group for group, there in zip(groups, known, strict=True) if there]
        one, two = group_means(one, kept), group_means(two, kept)
    mean, t, signed = decided(one, two), stats.paired_t(one, two), stats.wilcoxon_signed_rank(one, two)
    effect, interval = stats.d_av(one, two)
    grouped = groups is not None
    if grouped:
        mean, t, signed = (replace(one, reason=one.reason.replace("picture", "group")) for one in (mean, t, signed))
    return PairedTests(one - two, mean, t, signed, effect, interval, pictures, grouped)


def measure_tests(table: pd.DataFrame, measure: str) -> PairedTests:
    """`paired_tests` of a measure of FOREGROUND_MEASURES, on the rows of one layer."""
    kind = FOREGROUND_MEASURES[measure]
    return paired_tests(table[kind.inside].to_numpy(), kind.against(table), groups_of(table))


def control_tests(table: pd.DataFrame, measure: str) -> PairedTests | None:
    """`paired_tests` of a measure's difference on each picture's own mask against what is usual for its map and mask.

    Where pictures have groups, those of a group are averaged and count once; so do two pictures, or groups, that have
    a label to themselves, since each is held against the other's masks alone (`xai_core.studies.mask_control`).

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background` for one layer.
    measure : str
        Key of FOREGROUND_MEASURES.

    Returns
    -------
    PairedTests or None
        None where the maps were not held against other masks.
    """
    column = column_of(measure)
    if column not in table:
        return None
    own, usual = own_difference(table, measure), table[column].to_numpy(float)
    usual = np.where(without_rounding(own - usual) == 0, own, usual)
    found = paired_tests(own, usual, units_of(table) or groups_of(table))
    varies = found.n > 0 and float(np.nanmax(own) - np.nanmin(own)) > _ROUNDING
    nothing = varies and not found.differences.any()  # as of one map for all pictures: no sign matters
    return replace(found, mean=flipped(found.differences)) if nothing else found


def compare_groups(table: pd.DataFrame, by: str, measure: str) -> pd.DataFrame:
    """One row for each group (class, model, layer), Holm-corrected, the largest effect first.

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background` with a column `by`; those held against other masks are tested against them.
    by : str
        A column of the table.
    measure : str
        Key of FOREGROUND_MEASURES.

    Returns
    -------
    DataFrame
        Columns by, n, inside, chance (means), t, p (of the t-test, as studies report it), p_holm (of the sign-flip test
        that decides, over all groups), d_z, low, high (its 95% interval), rank_biserial, reason.
    """
    kind = FOREGROUND_MEASURES[measure]
    rows, decides = [], []
    for group, part in table.groupby(by, sort=False):
        control = control_tests(part, measure)
        tests = measure_tests(part, measure) if control is None else control
        known = by_group(part[part["reason"] == ""])
        decides.append(tests.result.p)
        rows.append(
            {
                by: group,
                "n": tests.n,
                "inside": known[kind.inside].mean(),
                "chance": kind.mean_chance(known),
                "t": tests.t.value,
                "p": tests.t.p,
                "d_z": tests.t.effect,
                "low": tests.t.interval[0],
                "high": tests.t.interval[1],
                "rank_biserial": tests.wilcoxon.effect,
                "reason": tests.t.reason,
            }
        )
    frame = pd.DataFrame(rows)
    frame.insert(6, "p_holm", stats.holm(decides))
    return frame.sort_values("d_z", ascending=False, kind="stable", ignore_index=True)
