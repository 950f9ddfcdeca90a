"""The card of "is it less sure where it is wrong?"."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.class_gate import about_n
from xai_core.studies.confidences import compare_confidences, without_answer
from xai_core.studies.evaluation import judged
from xai_core.studies.groups import OF_GROUPS, groups_of, units_of
from xai_core.studies.hypothesis import FEWEST_WRONG, INDEPENDENT, Checked, Hypothesis, Tone, careful
from xai_core.studies.in_plain_words import BY_CHANCE, confidence_in_words
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.limits import limits_of
from xai_core.studies.words import format_p, percent
from xai_core.types import StatResult
from xai_core.types.counts import number_of

SPREADS = Checked(
    "Distributions may differ",
    True,
    "The test also holds if the confidences of right answers vary more, or less, than those of wrong ones.",
)

_ALIKE = Checked(
    OF_GROUPS.name,
    None,
    "Pictures that belong together (of a patient, a film, or copies) tell much the same. All of them count in the "
    "AUROC; its standard error comes from leaving out one group at a time.",
)


def confidence_hypothesis(table: pd.DataFrame) -> Hypothesis:
    """The card of "is it less sure where it is wrong?".

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate`; with a column of groups (`with_kin`) these are what the test takes as independent.
    """
    known = judged(table)
    right, sure = known["correct"].to_numpy(bool), known["confidence"].to_numpy()
    n, wrong = len(known), int((~right).sum())
    numbers, units, grouped = units_of(groups_of(known), n)
    alike = numbers if grouped else None
    test = compare_confidences(sure, right, alike)
    outcome = _outcome(test)
    headlines = {
        "yes": "Yes: it is less sure where it is wrong",
        "no": "No: it is more confident where it is wrong",
        "none": "No difference in confidence was found",
        "unknown": without_answer(test, grouped=grouped),
    }
    sentence = f"All {n:,} pictures belong together." if units == 1 < n else test.reason
    changes: list[Checked] = []
    if outcome != "unknown":
        low, high = test.interval
        none = "no interval of fewer than five of a kind"
        spread = f"95% interval {percent(low)} to {percent(high)}" if np.isfinite(low) else none
        sentence = (
            f"Of {_counted(n, units)}, {n - wrong:,} are right and {wrong:,} wrong. If one of each is drawn at random, "
            f"the one that is right has the higher confidence in {percent(test.effect)} of cases ({spread}; "
            f"{test.name}, {format_p(test.p)}); a coin would give 50%."
        )
        changes = _by_margin(compare_confidences(known["margin"].to_numpy(), right, alike), outcome)
    unit, of = ("group", "the pictures") if grouped else ("picture", "them")
    few = min(len(set(numbers[kind].tolist())) for kind in (right, ~right))
    return Hypothesis(
        question="Is it less sure where it is wrong?",
        h0="H0: a right and a wrong answer are equally likely to have the higher confidence.",
        h1=f"H1: one of them tends to have the higher confidence (two-sided, level 0.05, unit: the {unit}).",
        measured=f"Confidence in the predicted class, on {_counted(n, units)}, {wrong:,} of {of} wrong.",
        tone=careful(outcome, changes),
        headline=f"{headlines[outcome]} {about_n(None, units, grouped=grouped)}",
        sentence=sentence,
        carries=test,
        beside=() if grouped else (stats.rank_sum(sure[right], sure[~right]),),
        assumptions=(_enough(numbers, right, few, grouped=grouped), SPREADS, _ALIKE if grouped else INDEPENDENT),
        changes=tuple(changes),
        limits=limits_of("confidence"),
        plain=confidence_in_words(right, sure, test.effect if outcome in ("yes", "no") else None)
        + (f" {sentence}" if outcome == "unknown" and np.isfinite(test.effect) else "")
        + (BY_CHANCE if outcome == "none" else ""),
    )


def _outcome(test: StatResult) -> Tone:
    if not np.isfinite(test.p):
        return "unknown"
    return "none" if test.p >= ALPHA else "yes" if test.effect > 0.5 else "no"


def _counted(n: int, units: int) -> str:
    pictures = number_of(n, "picture")
    return pictures if units == n else f"{pictures} in {number_of(units, 'group')}"


def _enough(numbers: np.ndarray, right: np.ndarray, few: int, *, grouped: bool) -> Checked:
    """Whether so many of both kinds can show anything."""
    said = f"{int((~right).sum()):,} wrong and {int(right.sum()):,} right"
    if grouped:
        wrong, good = (len(set(numbers[kind].tolist())) for kind in (~right, right))
        said = f"Wrong ones in {number_of(wrong, 'group')}, right ones in {good:,}"
    rest = " are enough for a rank test." if few >= FEWEST_WRONG else ": few of a kind show large effects only."
    return Checked("Enough of both kinds", few >= FEWEST_WRONG, said + rest)


def _by_margin(other: StatResult, outcome: Tone) -> list[Checked]:
    """The same test of another number; empty where it cannot be tested."""
    if not np.isfinite(other.p):
        return []
    same = _outcome(other) == outcome
    said = (
        "With the margin between the two likeliest classes in place of the confidence, the outcome "
        f"{'is the same' if same else 'differs'}: "
        f"{percent(other.effect)}, {format_p(other.p)}, n = {other.n:,}."
    )
    return [Checked("Margin instead of confidence", same, said)]
