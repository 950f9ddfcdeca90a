"""The card of "object or background?"."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.foreground import FEW
from xai_core.studies.foreground_verdict import ForegroundVerdict, left_out_caveats
from xai_core.studies.hypothesis import INDEPENDENT, Checked, Hypothesis, Tone, careful, enough
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.paired import PairedTests, measure_tests
from xai_core.studies.words import format_p, listed, uncapitalised
from xai_core.types import StatResult


def foreground_hypothesis(
    table: pd.DataFrame, measure: str, tests: PairedTests, verdict: ForegroundVerdict, *, method: str = "the maps"
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
    """
    kind = FOREGROUND_MEASURES[measure]
    known = verdict.outcome != "unknown"
    nan = float("nan")
    reason = "" if np.isfinite(tests.d_av) else tests.t.reason or "Neither condition varies."
    d_av = StatResult(
        "Means over their spread", "", nan, nan, "d_av", tests.d_av, tests.d_av_interval, 0.95, tests.n, reason=reason
    )
    other = tests.wilcoxon if tests.carries == "t" else tests.t
    normal = tests.shapiro_p
    assumptions = [
        Checked(
            "Normal differences",
            None if not np.isfinite(normal) else bool(normal >= ALPHA),
            f"{tests.why[0].upper() + tests.why[1:] if known else 'They could not be tested'}; n = {tests.n}.",
        ),
        enough(tests.n, FEW),
        INDEPENDENT,
    ]
    changes = _changes(table, tests, verdict, other) if known else []
    tones: dict[str, Tone] = {"more": "yes", "less": "no", "none": "none", "unknown": "unknown"}
    tone = careful(tones[verdict.outcome], changes)
    return Hypothesis(
        question="Does it look at the object?",
        h0=verdict.h0,
        h1=verdict.h1,
        measured=f"{kind.title} of {method} by segmentation mask, on {tests.n} picture{'s' if tests.n != 1 else ''}.",
        tone=tone,
        headline=verdict.headline,
        sentence=verdict.sentence,
        carries=tests.result,
        beside=(other, d_av),
        assumptions=tuple(assumptions),
        changes=tuple(changes),
        caveats=tuple(left_out_caveats(table)),
    )


def _changes(table: pd.DataFrame, tests: PairedTests, verdict: ForegroundVerdict, other: StatResult) -> list[Checked]:
    """What would change the verdict: the other test, and the other measures."""
    changes = []
    if np.isfinite(other.p):
        outcome = "none" if other.p >= ALPHA else "more" if other.effect > 0 else "less"
        same = outcome == verdict.outcome
        changes.append(
            Checked(
                "Another test",
                same,
                f"{other.name} says {'the same' if same else 'otherwise'}: {other.effect_name} = {other.effect:.2f}, "
                f"{format_p(other.p)}, n = {other.n}.",
            )
        )
    outcomes = {key: measure_tests(table, key).outcome for key in FOREGROUND_MEASURES}
    tested = [key for key, one in outcomes.items() if one != "unknown"]
    against = [FOREGROUND_MEASURES[key].title for key in tested if outcomes[key] != verdict.outcome]
    free = [uncapitalised(one.title) for one in FOREGROUND_MEASURES.values() if not one.min_max]
    if len(tested) > 1:
        said = (
            f"{listed([uncapitalised(one) for one in against])} {'says' if len(against) == 1 else 'say'} otherwise"
            if against
            else f"All {len(tested)} measures agree"
        )
        changes.append(
            Checked(
                "Normalisation and measure",
                not against,
                f"{said[0].upper()}{said[1:]}; {listed(free)} need no min-max.",
            )
        )
    return changes
