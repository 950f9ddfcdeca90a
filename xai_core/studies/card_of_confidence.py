"""The card of "is it less sure where it is wrong?"."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.class_gate import about_n
from xai_core.studies.evaluation import judged
from xai_core.studies.groups import one_of_each
from xai_core.studies.hypothesis import FEWEST_WRONG, INDEPENDENT, Checked, Hypothesis, Tone, careful
from xai_core.studies.in_plain_words import confidence_in_words
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.limits import limits_of
from xai_core.studies.words import format_p, percent
from xai_core.types.counts import number_of

SPREADS = Checked(
    "Distributions may differ",
    True,
    "Brunner and Munzel's test asks only whether the AUROC is one half: confidences of right and wrong answers need "
    "not spread alike.",
)

_KIN = ", one of each that belong together"


def _one_counts(n: int, of: int) -> Checked:
    return Checked(
        INDEPENDENT.name,
        True,
        f"Pictures that belong together (of a patient, a film, or copies) tell the same thing again, so one of each "
        f"counts, drawn by chance: {n:,} of {of:,}.",
    )


def confidence_hypothesis(table: pd.DataFrame) -> Hypothesis:
    """The card of "is it less sure where it is wrong?".

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate`; with a column of groups (`with_kin`) one picture of each counts.
    """
    every = judged(table)
    known = one_of_each(every)
    right = known["correct"].to_numpy(bool)
    sure = known["confidence"].to_numpy()
    test = stats.brunner_munzel(sure[right], sure[~right])
    n, wrong = len(known), int((~right).sum())
    outcome: Tone = "unknown"
    if np.isfinite(test.p):
        outcome = "none" if test.p >= ALPHA else "yes" if test.effect > 0.5 else "no"
    headlines = {
        "yes": "Yes: it is less sure where it is wrong",
        "no": "No: it is more confident where it is wrong",
        "none": "No difference in confidence was found",
        "unknown": "This cannot be tested",
    }
    sentence = test.reason if n > 1 or n == len(every) else f"All {len(every):,} pictures belong together."
    changes: list[Checked] = []
    if outcome != "unknown":
        low, high = test.interval
        none = "no interval of fewer than five of a kind"
        spread = f"95% interval {percent(low)} to {percent(high)}" if np.isfinite(low) else none
        sentence = (
            f"Of {n:,} pictures{_KIN if n < len(every) else ''}, {n - wrong:,} are right and {wrong:,} wrong. Of a "
            "right and a wrong one drawn at random, the right one has the higher confidence in "
            f"{percent(test.effect)} of cases ({spread}; "
            f"{test.name}, {format_p(test.p)}); a coin gives 50%."
        )
        changes = _by_margin(right, known["margin"].to_numpy(), outcome)
    few = min(wrong, n - wrong)
    return Hypothesis(
        question="Is it less sure where it is wrong?",
        h0="H0: a wrong answer is as likely as a right one to have the higher confidence.",
        h1="H1: one of them tends to have the higher confidence (two-sided, level 0.05, unit: the picture).",
        measured=f"Confidence in the predicted class, on {number_of(n, 'picture')}, {wrong:,} of them wrong.",
        tone=careful(outcome, changes),
        headline=f"{headlines[outcome]} {about_n(None, n)}",
        sentence=sentence,
        carries=test,
        beside=(stats.rank_sum(sure[right], sure[~right]),),
        assumptions=(
            Checked(
                "Enough of both kinds",
                few >= FEWEST_WRONG,
                f"{wrong:,} wrong and {n - wrong:,} right"
                + (
                    " are enough for a rank test."
                    if few >= FEWEST_WRONG
                    else ": few of a kind show large effects only."
                ),
            ),
            SPREADS,
            INDEPENDENT if n == len(every) else _one_counts(n, len(every)),
        ),
        changes=tuple(changes),
        limits=limits_of("confidence"),
        plain=confidence_in_words(right, sure),
    )


def _by_margin(right: np.ndarray, margin: np.ndarray, outcome: Tone) -> list[Checked]:
    """The same test of another number; empty where it cannot be tested."""
    changes: list[Checked] = []
    other = stats.brunner_munzel(margin[right], margin[~right])
    if np.isfinite(other.p):
        by_margin = "none" if other.p >= ALPHA else "yes" if other.effect > 0.5 else "no"
        same = by_margin == outcome
        changes.append(
            Checked(
                "Margin instead of confidence",
                same,
                "By the margin between the two likeliest classes the outcome "
                f"{'is the same' if same else 'differs'}: {percent(other.effect)}, {format_p(other.p)}, "
                f"n = {other.n:,}.",
            )
        )
    return changes
