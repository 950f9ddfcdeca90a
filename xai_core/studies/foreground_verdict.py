"""What the tests of a measure on the object mean, in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.foreground import ALPHA
from xai_core.studies.paired import PairedTests
from xai_core.studies.words import format_p, percent, uncapitalised


@dataclass(frozen=True)
class ForegroundVerdict:
    """A result in words.

    Attributes
    ----------
    outcome : {"more", "less", "none", "unknown"}
        "more" on the object, "less", "none" (no difference found) or "unknown".
    headline : str
        A few words.
    sentence : str
        With n, means, effect, interval, and which test carries it.
    h0, h1 : str
        The hypotheses.
    """

    outcome: Literal["more", "less", "none", "unknown"]
    headline: str
    sentence: str
    h0: str
    h1: str


_HEADLINES = {
    "more": "It looks at the object",
    "less": "It looks at the background",
    "none": "No difference between object and background was found",
    "unknown": "This cannot be tested",
}


def left_out_caveats(table: pd.DataFrame) -> list[str]:
    """How many pictures of `foreground_background` have no measures, and why, a sentence a reason."""
    reasons = table.loc[table["reason"] != "", "reason"].value_counts()
    return [f"{count} left out: {uncapitalised(str(reason))}" for reason, count in reasons.items()]


def foreground_verdict(table: pd.DataFrame, measure: str, tests: PairedTests) -> ForegroundVerdict:
    """The answer to: do the maps lie on the object? `table` has the rows of one layer."""
    kind, result = FOREGROUND_MEASURES[measure], tests.result
    known = table[table["reason"] == ""]
    h0 = f"H0: on pictures of this kind, {uncapitalised(kind.title)} on the object is what it is {kind.beside}."
    h1 = f"H1: {kind.what}, or the other way round (two-sided, level {ALPHA:g}, unit: the picture)."
    outcome = tests.outcome
    if outcome == "unknown":
        return ForegroundVerdict(outcome, _HEADLINES[outcome], result.reason, h0, h1)
    inside = known[kind.inside].mean()
    chance = kind.mean_chance(known)
    one, other = (percent(value) if kind.percent else f"{value:.2f}" for value in (inside, chance))
    numbers = f"{one} on the object against {other} {kind.against_words}"
    low, high = result.interval
    sentence = (
        f"Over {tests.n} pictures, {uncapitalised(kind.title)} is {numbers}; {tests.why}: {result.statistic} = "
        f"{result.value:.3f}, {format_p(result.p)}, {result.effect_name} = {result.effect:.2f}, 95 % interval "
        f"{low:.2f} to {high:.2f}."
    )
    return ForegroundVerdict(outcome, _HEADLINES[outcome], sentence, h0, h1)
