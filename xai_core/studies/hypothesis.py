"""The hypothesis card: what was asked, tested, assumed and found, and how robust that is, in one record.

Every page that tests something fills the same card, and so does every report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.checked import Checked as Checked  # cards are made of them
from xai_core.studies.explained_tests import ExplainedTest, explained
from xai_core.studies.limits import Limit
from xai_core.studies.words import format_p, percent, points
from xai_core.types import StatResult
from xai_core.types.counts import form, number_of
from xai_core.types.display import Plotted

NO_INTERVAL = "No interval: the pictures are too few or all alike, or this test has none."
Tone = Literal["yes", "no", "caution", "none", "unknown"]

_MIDDLE = 0.5  # d_z of a medium effect (Cohen 1988)
FEWEST_WRONG = 10  # mistakes (and right answers) below which a rank test sees hardly anything


@dataclass(frozen=True)
class Hypothesis(Plotted):
    """A question, its test and its answer.

    Attributes
    ----------
    question : str
        In a few words.
    h0, h1 : str
        The hypotheses.
    measured : str
        What was measured, on how many pictures.
    tone : {"yes", "no", "caution", "none", "unknown"}
        "yes", "no", "caution" (yes or no, but it depends), "none" (nothing found), "unknown" (cannot be tested).
    headline, sentence : str
        The verdict, short and in full.
    carries : StatResult
        The primary test.
    beside : tuple of StatResult
        Other tests of the same question.
    assumptions : tuple of Checked
        What the test takes for granted, and how that came out.
    changes : tuple of Checked
        What would change the verdict, and whether it does.
    caveats : tuple of str
        What else limits it.
    evidence : tuple of Checked
        Where the answer combines several pieces of evidence, each of them: for it (True), against it (False), or
        neither (None).
    limits : tuple of Limit
        What no answer of this kind can show, with sources.
    plain : str
        The answer as one would say it to a student; empty where nothing can be told.
    """

    question: str
    h0: str
    h1: str
    measured: str
    tone: Tone
    headline: str
    sentence: str
    carries: StatResult
    beside: tuple[StatResult, ...] = ()
    assumptions: tuple[Checked, ...] = ()
    changes: tuple[Checked, ...] = ()
    caveats: tuple[str, ...] = ()
    evidence: tuple[Checked, ...] = ()
    limits: tuple[Limit, ...] = ()
    plain: str = ""

    @property
    def results(self) -> tuple[StatResult, ...]:
        """All tests, the primary one first."""
        return self.carries, *self.beside

    @property
    def explained(self) -> tuple[ExplainedTest, ...]:
        """What its tests ask, how they go and when they mislead."""
        return explained(self.results)

    def tests(self) -> pd.DataFrame:
        """A row a test, as text: test, n, statistic, p, effect, 95% interval, note."""

        def number(value: float, text: str) -> str:
            return text if np.isfinite(value) else "–"

        return pd.DataFrame(
            [
                {
                    "test": test.name,
                    "n": test.n,
                    "statistic": number(test.value, f"{test.statistic} = {test.value:.4g}"),
                    "p": format_p(test.p) if np.isfinite(test.p) else "–",
                    "effect": number(test.effect, f"{test.effect_name} = {effect_in_words(test).size}"),
                    "95% interval": number(test.interval[0], effect_in_words(test).interval),
                    "note": test.reason or _without_interval(test),
                }
                for test in self.results
            ]
        )


class EffectInWords(NamedTuple):
    """An effect and its 95% interval as they are printed."""

    size: str
    interval: str


def effect_in_words(test: StatResult) -> EffectInWords:
    """What a test found, as a card prints it: differences of shares in percentage points, as its sentences do.

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core import stats
    >>> effect_in_words(stats.mcnemar(np.arange(15) < 12, np.ones(15, bool))).size
    '+20.0 points'
    """
    low, high = test.interval
    if test.in_points:
        return EffectInWords(points(test.effect, none="0 points"), f"{100 * low:+.1f} to {100 * high:+.1f} points")
    return EffectInWords(f"{test.effect:z.2f}", f"{low:.2f} to {high:.2f}")


def numbers_of(card: Hypothesis) -> pd.DataFrame:
    """The tests of a card for a file: numbers as numbers, NaN where there is none.

    Parameters
    ----------
    card : Hypothesis

    Returns
    -------
    DataFrame
        A row a test: test, n, statistic and its value, p, effect and its size, low and high of the 95% interval, note.
    """
    return pd.DataFrame(
        [
            {
                "test": test.name,
                "n": test.n,
                "statistic": test.statistic,
                "value": test.value,
                "p": test.p,
                "effect": test.effect_name,
                "size": test.effect,
                "low": test.interval[0],
                "high": test.interval[1],
                "note": test.reason or _without_interval(test),
            }
            for test in card.results
        ]
    )


def _without_interval(test: StatResult) -> str:
    """What stands beside an effect that has no interval; of some tests none is known."""
    return NO_INTERVAL if np.isfinite(test.effect) and not np.isfinite(test.interval[0]) else ""


INDEPENDENT = Checked(
    "Pictures are independent",
    None,
    "Each picture counts once. If some are frames of one film, or copies of one picture, p is too small and intervals "
    "are too narrow.",
)


def with_guest(card: Hypothesis, name: str) -> Hypothesis:
    """The same card, for pictures of which one was brought along by hand."""
    said = (
        f"{name} was brought along by hand, beyond the number asked for; chosen for its result, it would bias the test."
    )
    return replace(card, assumptions=(*card.assumptions, Checked("Pictures not chosen by result", False, said)))


def enough(n: int, few: int, unit: str = "picture", *, paired: bool = False) -> Checked:
    """Whether so many pictures, or groups of them, can show anything.

    Parameters
    ----------
    n : int
        How many there are.
    few : int
        Below which they are few.
    unit : str
        What they are called.
    paired : bool
        Whether the test is one of paired differences, so that the power of the paired t-test tells what it finds.
    """
    so_many = f"{number_of(n, unit)};" if n >= few else f"{number_of(n, unit)} {form(n, 'is', 'are')} few:"
    said = f"{so_many} with fewer than {few}, only large differences are found."
    if paired and n >= 3:
        found, middle = stats.detectable_effect(n), stats.paired_power(n, _MIDDLE)
        said += (
            f" If the true effect is medium (d_z = {_MIDDLE}), a paired t-test of {number_of(n, unit)} finds it in "
            f"{percent(middle)} of cases; it finds an effect of d_z = {found:.2f} in 80%."
        )
    return Checked(f"Enough {unit}s", n >= few, said)


def careful(tone: Tone, changes: Sequence[Checked]) -> Tone:
    """Yes or no, but it depends: where one of the changes gives another outcome."""
    return "caution" if tone in ("yes", "no") and any(change.fine is False for change in changes) else tone
