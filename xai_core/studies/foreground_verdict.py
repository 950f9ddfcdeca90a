"""What the tests of a measure on the object mean, in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from xai_core.measures import FOREGROUND_MEASURES, ForegroundMeasure
from xai_core.studies.class_gate import ClassSeen, about_n
from xai_core.studies.foreground import ALPHA
from xai_core.studies.groups import by_group
from xai_core.studies.mask_control import ALIKE, column_of, units_of
from xai_core.studies.paired import PairedTests, control_tests
from xai_core.studies.words import format_interval, format_p, percent, points, uncapitalised
from xai_core.types.counts import form, number_of

MapOutcome = Literal["more", "less", "none", "unknown"]


@dataclass(frozen=True)
class ForegroundVerdict:
    """A result in words.

    Attributes
    ----------
    outcome : {"more", "less", "none", "unknown"}
        "more" on the object than on other pictures' objects, "less", "none" (no more than where objects lie) or
        "unknown".
    headline : str
        A few words, with the class and n.
    sentence : str
        With n, means, what is left of the difference, its interval, and the test that decides.
    h0, h1 : str
        The hypotheses.
    control : PairedTests or None
        The test that decides; None where the maps were not held against other masks.
    seen : ClassSeen or None
        How sure the model is of the classes that the maps explain, where that is known.
    no_evidence : str
        Why maps of this method are no evidence for any class; empty where they are.
    why_unknown : str
        Why nothing can be said of the maps, in a sentence or two; empty where something can.
    alone : int
        Pictures that the test that decides leaves out, since no other is of their class.
    """

    outcome: MapOutcome
    headline: str
    sentence: str
    h0: str
    h1: str
    control: PairedTests | None = None
    seen: ClassSeen | None = None
    no_evidence: str = ""
    why_unknown: str = ""
    alone: int = 0


_HEADLINES = {"more": "The maps lie on the object", "less": "The maps lie off the object", "unknown": "Cannot tell"}
_SPEC = {True: ("+.1f", 100.0), False: ("+.2f", 1.0)}  # of an interval in points, or of plain numbers
_NO_MORE = "The maps say no more than where objects usually lie"
_NO_DIFFERENCE = "No difference between object and background was found"


def left_out_caveats(table: pd.DataFrame) -> list[str]:
    """How many pictures of `foreground_background` have no measures, and why, a sentence a reason."""
    reasons = table.loc[table["reason"] != "", "reason"].value_counts()
    return [f"{count} left out: {uncapitalised(str(reason))}" for reason, count in reasons.items()]


def _why_unknown(
    table: pd.DataFrame, tests: PairedTests, control: PairedTests | None, seen: ClassSeen | None, no_evidence: str
) -> str:
    """Why nothing can be said of the maps, or an empty text."""
    if tests.outcome == "unknown":
        return tests.result.reason
    if seen is not None and not seen.seen:
        return seen.sentence
    if no_evidence:
        return no_evidence
    if control is None:
        return "There are no masks of other pictures to tell the object from the place where objects usually lie."
    if not control.n:
        return (
            f"No two pictures have the same {alike_in(table)}, so there are no masks of other pictures to tell the "
            f"object from the place where objects of its class usually lie. Look at more pictures of each "
            f"{alike_in(table)}."
        )
    likeness = float(table["likeness"].mean())
    if likeness >= ALIKE:
        return (
            f"The masks are all alike (mean overlap {percent(likeness)}), so a map of the object cannot be told from a "
            "map of the place where the objects are."
        )
    return control.result.reason if control.outcome == "unknown" else ""


def alike_in(table: pd.DataFrame) -> str:
    """What pictures that lend each other masks have in common, in words, of rows with a control.

    Where some have no label, the predicted class stands for it, which the card's assumptions say.
    """
    return "label" if bool(table["same_label"].all()) else "predicted class"


def _number(kind: ForegroundMeasure, value: float, digits: int = 0) -> str:
    """A difference as it is printed, with so many digits more than usual."""
    return points(value, 1 + digits, none="no difference") if kind.percent else f"{value:+.{2 + digits}f}"


def _adding_up(kind: ForegroundMeasure, whole: float, *parts: float) -> tuple[str, ...]:
    """A difference and its parts, with as many digits as it takes for the parts to add up to it."""
    for digits in range(3):
        places = digits + (3 if kind.percent else 2)
        if np.isclose(round(whole, places), sum(round(part, places) for part in parts), atol=0.1**places / 2):
            break
    return tuple(_number(kind, value, digits) for value in (whole, *parts))


def foreground_verdict(
    table: pd.DataFrame, measure: str, tests: PairedTests, seen: ClassSeen | None = None, no_evidence: str = ""
) -> ForegroundVerdict:
    """The answer to: do the maps lie on the object, more than where objects lie in other pictures?

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background` for one layer, held against other pictures' masks.
    measure : str
        Key of FOREGROUND_MEASURES.
    tests : PairedTests
        Of that measure, on the object against off it.
    seen : ClassSeen, optional
        How sure the model is of the classes that the maps explain; one that the model does not see gets no answer.
    no_evidence : str
        Why maps of this method are no evidence for any class (`Method.no_evidence`); they get no answer.

    Returns
    -------
    ForegroundVerdict
    """
    kind = FOREGROUND_MEASURES[measure]
    control = control_tests(table, measure)
    decides = control if control is not None and control.n else tests
    title = uncapitalised(kind.title)
    h0 = f"H0: {title} on a picture's own object is the same as where the objects of other pictures lie."
    unit = "group" if decides.grouped else "picture"
    h1 = f"H1: it is higher, or lower, on the picture's own object (two-sided, level {ALPHA:g}, unit: the {unit})."
    there = table[table["reason"] == ""]
    held = there if decides is tests else there[there[column_of(measure)].notna()]
    known = by_group(held, None if decides is tests else units_of(held))
    alone = 0 if decides is tests else len(there) - len(held)
    of = about_n(seen, decides.n, grouped=decides.grouped, alone=alone)
    numbers = ""
    if np.isfinite(tests.t.p):  # so few that none can be tested have numbers all the same
        inside, chance = known[kind.inside].mean(), kind.mean_chance(known)
        one, other = (percent(value) if kind.percent else f"{value:.2f}" for value in (inside, chance))
        numbers = f"Over {decides.counted}, {title} is {one} on the object against {other} {kind.against_words}"
    if why := _why_unknown(there, tests, control, seen, no_evidence):
        unseen = seen is not None and not seen.seen and tests.outcome != "unknown"
        headline = seen.headline if seen is not None and unseen else _HEADLINES["unknown"]
        sentence = f"{numbers}. {why}" if numbers else why
        return ForegroundVerdict(
            "unknown", f"{headline} {of}", sentence, h0, h1, control, seen, no_evidence, why, alone
        )
    assert control is not None
    result, outcome = control.result, control.outcome
    raw, usual = inside - chance, float(known[column_of(measure)].mean())
    others, lone = f"other pictures of the same {alike_in(there)}", ""
    if alone:
        left_out = f"{number_of(alone, 'picture')} {form(alone, 'is', 'are')} left out"
        lone = f"{left_out}, since no other has the same {alike_in(there)}. "
        others = "other pictures"
    all_of_it, of_place, own = _adding_up(kind, raw, usual, result.effect)
    rest = "Nothing more is" if _number(kind, result.effect) == _number(kind, 0.0) else f"The rest, {own}, is"
    sentence = (
        f"{numbers}: {all_of_it}. {lone}With the masks of {others} laid on the same maps, this difference is "
        f"{of_place}, which only shows where objects usually lie. {rest} due to the "
        f"picture's own object ({format_interval(result.interval, *_SPEC[kind.percent])}; sign-flip test of the mean, "
        f"{format_p(result.p)})."
    )
    headline = _HEADLINES.get(outcome) or (_NO_MORE if tests.outcome == "more" else _NO_DIFFERENCE)
    return ForegroundVerdict(outcome, f"{headline} {of}", sentence, h0, h1, control, seen, alone=alone)
