"""Two runs on the same pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.errors import RecordError
from xai_core.records import TrainingRun
from xai_core.studies.groups import group_means
from xai_core.studies.paired import FEWEST_FLIPPED
from xai_core.studies.words import format_p, percent, points
from xai_core.types import IntArray, StatResult
from xai_core.types.counts import form, number_of

_RECENT = 5  # epochs, over which a difference is looked back upon
_SEPARATE = 500  # pictures beyond which the rows of a picture each would be too thin to see


@dataclass(frozen=True, eq=False)
class RunComparison:
    """Two runs on the same pictures.

    Attributes
    ----------
    first, second : TrainingRun
        The runs, cut down to the pictures that both have, in the same order.
    table : DataFrame
        A row a picture: picture, label, first, second (final predictions in words), first_right, second_right,
        agreement (share of common epochs with the same prediction).
    epochs : ndarray
        int64 (E,), the epochs that both have.
    test : StatResult
        McNemar's test on who is right at the last epoch of each; without p of fewer than six pictures.
    missing : int
        Pictures that only one of them has.
    """

    first: TrainingRun
    second: TrainingRun
    table: pd.DataFrame
    epochs: IntArray
    test: StatResult
    missing: int

    @property
    def order(self) -> IntArray:
        """The pictures, those first on which the runs part most often at the common epochs, then by true class."""
        parted = ((self.outcome == 1) | (self.outcome == 2)).mean(axis=0)
        return np.lexsort((self.first.labels, -parted))

    @property
    def outcome(self) -> np.ndarray:
        """int8 (E, N): 0 both wrong, 1 only the first right, 2 only the second, 3 both; at the common epochs."""
        first, second = (run.at(self.epochs).correct for run in (self.first, self.second))
        return (first + 2 * second.astype(np.int8)).astype(np.int8)


def compare_runs(first: TrainingRun, second: TrainingRun) -> RunComparison:
    """Put two runs side by side, picture by picture.

    Pictures are matched by name and true class. Runs of one name are told apart as the first and the second.

    Raises
    ------
    RecordError
        If the classes differ, or they share no picture or no epoch.
    """
    if set(first.class_names) != set(second.class_names):
        raise RecordError(f"{first.name} and {second.name} were not trained on the same classes.")
    to_first = np.array([first.class_names.index(name) for name in second.class_names], dtype=np.int64)
    where = {
        (name, int(to_first[label])): i
        for i, (name, label) in enumerate(zip(second.pictures, second.labels, strict=True))
    }
    keys = [(name, int(label)) for name, label in zip(first.pictures, first.labels, strict=True)]
    pairs = [(i, where[key]) for i, key in enumerate(keys) if key in where]
    epochs = np.intersect1d(first.epochs, second.epochs)
    if not pairs or not len(epochs):
        what = "picture" if not pairs else "epoch"
        raise RecordError(f"{first.name} and {second.name} have no {what} in common, so they cannot be compared.")
    a = first.take([i for i, _ in pairs])
    b = second.take([j for _, j in pairs])
    if a.name == b.name:
        a, b = replace(a, name=f"{a.name} (first)"), replace(b, name=f"{b.name} (second)")
    b = replace(b, class_names=a.class_names, labels=to_first[b.labels], predictions=to_first[b.predictions])
    names = np.array(a.class_names, dtype=object)
    same = a.at(epochs).predictions == b.at(epochs).predictions
    table = pd.DataFrame(
        {
            "picture": a.pictures,
            "label": names[a.labels],
            "first": names[a.predictions[-1]],
            "second": names[b.predictions[-1]],
            "first_right": a.correct[-1],
            "second_right": b.correct[-1],
            "agreement": same.mean(axis=0),
        }
    )
    missing = len(first.pictures) + len(second.pictures) - 2 * len(pairs)
    return RunComparison(a, b, table, epochs, right_more_often(a.correct[-1], b.correct[-1]), missing)


def right_more_often(first: np.ndarray, second: np.ndarray, numbers: IntArray | None = None) -> StatResult:
    """Who is right more often, of pictures or groups of them; no p of so few that none could fall below the level.

    Parameters
    ----------
    first, second : ndarray
        bool (N,), whether each run is right on the same pictures.
    numbers : ndarray, optional
        int (N,), the group of each picture, where some belong together.

    Returns
    -------
    StatResult
        McNemar's test, or sign flips of the groups' means.
    """
    unit = "picture" if numbers is None else "group"
    if numbers is None:
        test = stats.mcnemar(first, second)
    else:
        one, two = (group_means(right.astype(float), numbers.tolist()) for right in (first, second))
        test = replace(stats.sign_flip(two, one), effect_name="difference in accuracy", in_points=True)
    if test.n >= FEWEST_FLIPPED or (test.n > 2 and not np.isfinite(test.p)):  # of three the test knows what is amiss
        return test
    reason = (
        f"It needs at least {FEWEST_FLIPPED} {unit}s: with {test.n}, even one run that is right on all of them beside "
        f"one that is right on none could be chance (p = {2 / 2**test.n:.2g})."
    )
    return replace(test, p=float("nan"), reason=reason)


def comparison_sentence(comparison: RunComparison) -> str:
    """Which run is right more often, on how many pictures, by how much."""
    test, a, b = comparison.test, comparison.first, comparison.second
    n, only_a = len(comparison.table), int((comparison.table["first_right"] & ~comparison.table["second_right"]).sum())
    only_b = int((comparison.table["second_right"] & ~comparison.table["first_right"]).sum())
    head = (
        f"Of {number_of(n, 'picture')}, {a.name} has {percent(a.accuracy[-1])} right and {b.name} "
        f"{percent(b.accuracy[-1])}; {only_a:,} {form(only_a, 'is', 'are')} right only in {a.name} and {only_b:,} only "
        f"in {b.name}. "
    )
    if not np.isfinite(test.p):
        return head + test.reason
    low, high = (100 * bound for bound in test.interval)
    told = f"{b.name} minus {a.name} is"
    if test.p >= 0.05:
        told = f"No difference is shown: {told}"
    interval = f", 95% interval {low:+.1f} to {high:+.1f}" if np.isfinite(low) else ""
    grouped = test.n < n
    over = f" on average over {number_of(test.n, 'group')}" if grouped else ""
    how = "sign flips of the groups' means" if grouped else "McNemar's exact test"
    return f"{head}{told} {points(test.effect, none='0 points')}{over}{interval} ({how}, {format_p(test.p)})."


def comparison_limits(comparison: RunComparison) -> str:
    """What a difference at the last epochs does not say: how it was shortly before, and how another training would go.

    Parameters
    ----------
    comparison : RunComparison

    Returns
    -------
    str
    """
    a, b = comparison.first, comparison.second
    last = min(_RECENT, len(a.epochs), len(b.epochs))
    said = ""
    if last > 1:
        differences = b.accuracy[-last:] - a.accuracy[-last:]
        low, high = points(differences.min(), none="0 points"), points(differences.max(), none="0 points")
        lay = f"was {low} at each" if low == high else f"lay between {low} and {high}"
        turns = differences.min() < 0 < differences.max()
        said = f"Over the last {last} epochs of each, the difference {lay}"
        said += ": which one is better depends on the epoch at which one stops. " if turns else ". "
    return said + (
        "The test is about these two networks as they are, not about how they were trained: a second training from "
        "other random weights can differ as much."
    )
