"""The card of "object or background?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.checked import Checked
from xai_core.studies.foreground import FEW
from xai_core.studies.foreground_conclusion import Conclusion, conclude
from xai_core.studies.foreground_verdict import ForegroundVerdict, left_out_caveats
from xai_core.studies.groups import OF_GROUPS
from xai_core.studies.hypothesis import INDEPENDENT, Hypothesis, Tone, careful, enough
from xai_core.studies.limits import limits_of
from xai_core.studies.paired import PairedTests, control_tests, direction
from xai_core.studies.words import capitalised, format_p, listed, uncapitalised
from xai_core.types import StatResult

PLACE = Checked(
    "A location is not a cause",
    None,
    "A mask tells how much of the evidence lies on the object, not what the model uses there (arXiv 1907.09701, "
    "2212.04629).",
)
NO_LABELS = Checked(
    "Predictions take the place of labels",
    False,
    "Pictures without a label were compared with pictures that have the same prediction and the same explained class. "
    "If many predictions are wrong, these pictures show other kinds of objects, whose usual place may differ. Then the "
    "usual place of objects is not fully accounted for.",
)
PAIRS = Checked(
    "Two pictures of a label count once",
    None,
    "Where a label has only two pictures (or groups), each map is held against the other's mask, so the two are not "
    "independent: they are averaged and count as one group.",
)
_FOUND = {
    "more": "there is more on the object",
    "less": "there is less on the object",
    "none": "no difference between object and background is found",
}
ALONE = Checked("Maps and interventions", False, "Only one of them says something.")
_CAUTION = {  # why a yes or no is marked, by what is not fine
    "Another test": "another test disagrees",
    NO_LABELS.name: "the pictures have no labels",
    ALONE.name: "either the maps or the interventions say nothing",
}


def foreground_hypothesis(
    table: pd.DataFrame,
    measure: str,
    tests: PairedTests,
    verdict: ForegroundVerdict,
    *,
    method: str = "the maps",
    conclusion: Conclusion | None = None,
) -> Hypothesis:
    """The card of "object or background?".

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background` for one layer.
    measure : str
        Key of FOREGROUND_MEASURES.
    tests : PairedTests
        Of that measure.
    verdict : ForegroundVerdict
        Of those tests.
    method : str
        The name of the method that made the maps.
    conclusion : Conclusion, optional
        The answer from all evidence; None concludes from the maps alone.

    Returns
    -------
    Hypothesis
    """
    kind = FOREGROUND_MEASURES[measure]
    known = verdict.outcome != "unknown"
    nan = float("nan")
    reason = "" if np.isfinite(tests.d_av) else tests.t.reason or "Neither condition varies."
    of_d_av = (tests.d_av, tests.d_av_interval, 0.95, tests.n)
    d_av = StatResult("Standardised difference (d_av)", "", nan, nan, "d_av", *of_d_av, reason=reason)
    answer = conclusion or conclude(verdict)
    decides = verdict.control if verdict.control is not None and known else tests
    flips, *raw = _named((tests.mean, *tests.beside), "on the object against off it")
    assumptions = [
        Checked(
            "No normality assumed",
            True if known else None,
            "The test assumes only that, without an effect, a difference is as likely to be positive as negative. It "
            "was chosen before looking at the data.",
        ),
        enough(decides.n, FEW, "group" if decides.grouped else "picture", paired=True),
        OF_GROUPS if tests.grouped else INDEPENDENT,
        PLACE,
    ]
    if known and decides.grouped and decides.n < tests.n:
        assumptions.append(PAIRS)
    unlabelled = [NO_LABELS] if known and not bool(table["same_label"].all()) else []
    assumptions += unlabelled
    changes = _changes(table, verdict, decides) if known else []
    tones: dict[str, Tone] = {"yes": "yes", "no": "no", "mixed": "caution", "unknown": "unknown"}
    checks = [*changes, *unlabelled, *([] if answer.settled else [ALONE])]
    tone = careful(tones[answer.answer], checks)
    marked = answer.answer in ("yes", "no") and tone == "caution"
    why = listed([_why_with_caution(one) for one in checks if one.fine is False]) if marked else ""
    doubted = "what the maps say" if answer.settled else "this"  # interventions do not depend on what is doubted
    return Hypothesis(
        question="Does it look at the object?",
        h0=verdict.h0,
        h1=verdict.h1,
        measured=f"{kind.title} of {method} by segmentation mask, on {tests.counted}.",
        tone=tone,
        headline=answer.headline,
        sentence=verdict.sentence,
        carries=decides.result if decides is not tests else flips,
        beside=(raw[0], *_named(decides.beside, "against where other objects lie"), raw[1], d_av)
        if decides is not tests
        else (*raw, d_av),
        assumptions=tuple(assumptions),
        changes=tuple(changes),
        caveats=tuple(left_out_caveats(table)),
        evidence=answer.evidence,
        limits=limits_of("object"),
        plain=f"Take {doubted} with caution: {why}." if why else "",
    )


def _why_with_caution(check: Checked) -> str:
    """Which measures disagree, from the check that says it first; of others what stands for them."""
    return _CAUTION.get(check.name) or uncapitalised(check.sentence.partition(". ")[0])


def _named(tests: Sequence[StatResult], what: str) -> list[StatResult]:
    """Tests of one kind, named by what they compare: those of another kind stand beside them."""
    return [replace(one, name=f"{one.name}, {what}") for one in tests]


def _changes(table: pd.DataFrame, verdict: ForegroundVerdict, decides: PairedTests) -> list[Checked]:
    """What would change the verdict: the other tests, and the other measures."""
    changes = []
    others = [one for one in decides.beside if np.isfinite(one.p)]
    if others:
        same = [direction(one) == verdict.outcome for one in others]
        parts = [
            f"{one.name} says {'the same' if alike else 'otherwise'}: {one.effect_name} = {one.effect:.2f}, "
            f"{format_p(one.p)}, n = {one.n:,}"
            for one, alike in zip(others, same, strict=True)
        ]
        changes.append(Checked("Another test", all(same), f"{'; '.join(parts)}."))
    controls = {key: control_tests(table, key) for key in FOREGROUND_MEASURES}
    outcomes = {key: one.outcome for key, one in controls.items() if one is not None}
    tested = [key for key, one in outcomes.items() if one != "unknown"]
    against: dict[str, list[str]] = {}
    for key in tested:
        if outcomes[key] != verdict.outcome:
            against.setdefault(outcomes[key], []).append(uncapitalised(FOREGROUND_MEASURES[key].title))
    free = [uncapitalised(one.title) for one in FOREGROUND_MEASURES.values() if not one.min_max]
    if len(tested) > 1:
        said = (
            "; ".join(f"by {listed(titles)} {_FOUND[outcome]}" for outcome, titles in against.items())
            if against
            else f"All {len(tested)} measures agree"
        )
        said = f"{capitalised(said)}. {capitalised(listed(free))} do not depend on scaling maps to 0 to 1 (min-max)."
        changes.append(Checked("Other measures", not against, said))
    return changes
