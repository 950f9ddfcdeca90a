"""The cards of trainings: did it still help, and is one of two better?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core import stats
from xai_core.records import TrainingRun
from xai_core.studies.foreground import FEW
from xai_core.studies.hypothesis import FEWEST_WRONG, INDEPENDENT, Checked, Hypothesis, Tone, enough
from xai_core.studies.in_plain_words import runs_in_words
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.limits import limits_of
from xai_core.studies.runs_compared import RunComparison
from xai_core.studies.second_half import second_half
from xai_core.studies.words import format_p, percent, points
from xai_core.types import StatResult
from xai_core.types.counts import number_of

_PARTS = 3  # of the second half: its first and its last are compared


def comparison_hypothesis(comparison: RunComparison) -> Hypothesis:
    """The card of "is one of two runs better at the end?"."""
    first, second, test = comparison.first.name, comparison.second.name, comparison.test
    one, two = (comparison.table[column].to_numpy(bool) for column in ("first_right", "second_right"))
    ends = comparison.first.epochs[-1], comparison.second.epochs[-1]
    epochs = comparison.epochs[-4:-1] if ends[0] == ends[1] == comparison.epochs[-1] else comparison.epochs[-3:]
    earlier = []
    if len(epochs):  # a run of no epoch is none
        rights = (comparison.first.at(epochs).correct, comparison.second.at(epochs).correct)
        earlier = [(int(epoch), stats.mcnemar(a, b)) for epoch, a, b in zip(epochs, *rights, strict=True)]
    return _better(test, (first, second), (one, two), [(f"At epoch {epoch}", found) for epoch, found in earlier])


def training_hypothesis(run: TrainingRun) -> Hypothesis | None:
    """The card of "did the second half of the training still help?"; None for a run of one epoch.

    The first epochs of the second half are compared with the last ones, a third of it each: a single epoch may dip or
    shine by chance. With so few epochs that a third is less than two, the card says that this cannot be told.

    Parameters
    ----------
    run : TrainingRun
        What was recorded.

    Returns
    -------
    Hypothesis or None
    """
    if len(run.epochs) < 2:
        return None
    middle = (len(run.epochs) - 1) // 2
    return second_half(run, middle, max(1, (len(run.epochs) - middle) // _PARTS))


def _better(
    test: StatResult,
    names: tuple[str, str],
    right: tuple[np.ndarray, np.ndarray],
    others: Sequence[tuple[str, StatResult]],
) -> Hypothesis:
    """McNemar's test of who is right more often, as a card; `others` are the same test elsewhere."""
    outcome = _outcome(test)
    gained, lost = int((right[1] & ~right[0]).sum()), int((right[0] & ~right[1]).sum())
    headlines = {
        "yes": f"{names[1]} is better",
        "no": f"{names[0]} is better",
        "none": "No difference was found",
        "unknown": "This cannot be tested",
    }
    sentence = test.reason
    if outcome != "unknown":
        low, high = (100 * bound for bound in test.interval)
        spread = f"95% interval {low:+.1f} to {high:+.1f}; " if np.isfinite(low) else ""
        sentence = (
            f"Of {number_of(test.n, 'picture')}, {names[0]} has {percent(right[0].mean())} right "
            f"and {names[1]} {percent(right[1].mean())}; {lost} are right only in {names[0]}, {gained} only in "
            f"{names[1]}. {names[1]} minus {names[0]} is {points(test.effect, none='0 points')} "
            f"({spread}McNemar, {format_p(test.p)})."
        )
    headline = headlines[outcome]
    return Hypothesis(
        question="Is one of them better at the end?",
        h0=f"H0: {names[0]} and {names[1]} are as often right on pictures of this kind.",
        h1="H1: one of them is right more often (two-sided, level 0.05, unit: the picture).",
        measured=f"Right or wrong at two last epochs, on the same {number_of(test.n, 'picture')}.",
        tone="yes" if outcome == "no" else outcome,  # one of them is better, whichever it is
        headline=headline[0].upper() + headline[1:],
        plain=runs_in_words(names, right),
        sentence=sentence,
        carries=test,
        assumptions=(
            Checked(
                "Pictures that tell them apart",
                gained + lost >= FEWEST_WRONG,
                f"{gained + lost} pictures are right in one of them only; the test is exact, but rests on these alone.",
            ),
            enough(test.n, FEW),
            INDEPENDENT,
        ),
        changes=tuple(_elsewhere(outcome, others)),
        limits=limits_of("training"),
    )


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
                f"{format_p(other.p)}, n = {other.n}.",
            )
        )
    return changes
