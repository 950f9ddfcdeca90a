"""The cards of trainings: did it still help, and is one of two better?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xai_core.records import TrainingRun
from xai_core.studies.class_gate import about_n
from xai_core.studies.foreground import FEW
from xai_core.studies.groups import OF_GROUPS, counted, units_of
from xai_core.studies.hypothesis import FEWEST_WRONG, INDEPENDENT, Checked, Hypothesis, Tone, enough
from xai_core.studies.in_plain_words import BY_CHANCE, runs_in_words
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.limits import limits_of
from xai_core.studies.runs_compared import RunComparison, comparison_sentence, right_more_often
from xai_core.studies.second_half import second_half
from xai_core.studies.words import capitalised, format_p, points
from xai_core.types import IntArray, StatResult
from xai_core.types.counts import form, number_of

_PARTS = 3  # of the second half: its first and its last are compared


def comparison_hypothesis(comparison: RunComparison, groups: Sequence[str | None] = ()) -> Hypothesis:
    """The card of "is one of two runs better at the end?".

    Parameters
    ----------
    comparison : RunComparison
    groups : Sequence of str or None, optional
        What each of its pictures belongs to: each group counts once, by the mean of its pictures.
    """
    one, two = (comparison.table[column].to_numpy(bool) for column in ("first_right", "second_right"))
    found, _, grouped = units_of(groups, len(one))
    unit, numbers = ("group", found) if grouped else ("picture", None)
    if grouped:
        comparison = replace(comparison, test=right_more_often(one, two, numbers))
    first, second, test = comparison.first.name, comparison.second.name, comparison.test
    outcome = _outcome(test)
    headline = {
        "yes": f"{second} is better",
        "no": f"{first} is better",
        "none": "No difference was found",
        "unknown": f"Cannot tell from so few {unit}s" if np.isfinite(test.effect) else "This cannot be tested",
    }[outcome]
    flips = int((one != two).sum())
    return Hypothesis(
        question="Is one of them better at the end?",
        h0=f"H0: {first} and {second} are as often right on pictures of this kind.",
        h1=f"H1: one of them is right more often (two-sided, level 0.05, unit: the {unit}).",
        measured=f"Right or wrong at the last epoch of each run, on the same {counted(test.n, len(one), grouped)}.",
        tone="yes" if outcome == "no" else outcome,  # one of them is better, whichever it is
        headline=f"{capitalised(headline)} {about_n(None, test.n, grouped=grouped)}",
        plain=runs_in_words((first, second), (one, two))
        + (BY_CHANCE if outcome == "none" and one.sum() != two.sum() else ""),
        sentence=comparison_sentence(comparison),
        carries=test,
        assumptions=(
            Checked(
                "Pictures on which they differ",
                flips >= FEWEST_WRONG,
                f"{number_of(flips, 'picture')} {form(flips, 'is', 'are')} right in one of them only; the test "
                f"{'' if grouped else 'is exact, but '}uses these alone.",
            ),
            enough(test.n, FEW, unit),
            OF_GROUPS if grouped else INDEPENDENT,
        ),
        changes=tuple(_elsewhere(outcome, _earlier(comparison, numbers))),
        limits=limits_of("training"),
    )


def training_hypothesis(run: TrainingRun, groups: Sequence[str | None] = ()) -> Hypothesis | None:
    """The card of "did the second half of the training still help?"; None for a run of one epoch.

    The first epochs of the second half are compared with the last ones, a third of it each: a single epoch may dip or
    shine by chance. With so few epochs that a third is less than two, the card says that this cannot be told.

    Parameters
    ----------
    run : TrainingRun
        What was recorded.
    groups : Sequence of str or None, optional
        What each recorded picture belongs to: each picture counts, and groups are what is independent.

    Returns
    -------
    Hypothesis or None
    """
    if len(run.epochs) < 2:
        return None
    middle = (len(run.epochs) - 1) // 2
    return second_half(run, middle, max(1, (len(run.epochs) - middle) // _PARTS), groups)


def _earlier(comparison: RunComparison, numbers: IntArray | None) -> list[tuple[str, StatResult]]:
    """The same test at three epochs that both have, before the end."""
    first, second, epochs = comparison.first, comparison.second, comparison.epochs
    same_end = first.epochs[-1] == second.epochs[-1] == epochs[-1]
    epochs = epochs[-4:-1] if same_end else epochs[-3:]
    if not len(epochs):  # a run of no epoch is none
        return []
    rights = zip(epochs, first.at(epochs).correct, second.at(epochs).correct, strict=True)
    return [(f"At epoch {epoch}", right_more_often(one, two, numbers)) for epoch, one, two in rights]


def _outcome(result: StatResult) -> Tone:
    if not np.isfinite(result.p):
        return "unknown"
    return "none" if result.p >= ALPHA else "yes" if result.effect > 0 else "no"


def _elsewhere(outcome: Tone, others: Sequence[tuple[str, StatResult]]) -> list[Checked]:
    """Whether the same test at other epochs gives the same outcome."""
    changes = []
    for where, other in others:
        if outcome == "unknown" or not np.isfinite(other.p):
            continue
        same = _outcome(other) == outcome
        changes.append(
            Checked(
                where,
                same,
                f"The outcome {'is the same' if same else 'differs'}: {points(other.effect)}, "
                f"{format_p(other.p)}, n = {other.n:,}.",
            )
        )
    return changes
