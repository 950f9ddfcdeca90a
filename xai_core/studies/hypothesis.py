"""The hypothesis card: what was asked, tested, assumed and found, and what would change it, in one record.

Every page that tests something fills the same card, and so does every report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.records import TrainingRun
from xai_core.studies.foreground import (
    FEW,
    FOREGROUND_MEASURES,
    ForegroundVerdict,
    PairedTests,
    left_out_caveats,
    measure_tests,
)
from xai_core.studies.layer_focus import ALPHA, LayerFocus
from xai_core.studies.misclassification import judged
from xai_core.studies.training_evolution import RunComparison
from xai_core.studies.verdict import FEW_PICTURES, Verdict, resolution_caveat, sweep_sentence
from xai_core.studies.words import format_p, listed, percent, uncapitalised
from xai_core.types import StatResult
from xai_core.types.display import Plotted

Tone = Literal["yes", "no", "caution", "none", "unknown"]
_FEWEST_WRONG = 10  # mistakes (and right answers) below which a rank test sees hardly anything


@dataclass(frozen=True)
class Checked:
    """An assumption that was looked at, or a change that was tried.

    Attributes
    ----------
    name : in a few words
    fine : the assumption holds, or the change leaves the outcome as it is; None where that cannot be told from data
    sentence : how it came out
    """

    name: str
    fine: bool | None
    sentence: str


@dataclass(frozen=True)
class Hypothesis(Plotted):
    """A question, its test and its answer.

    Attributes
    ----------
    question : in a few words
    h0, h1 : the hypotheses
    measured : what was measured, on how many pictures
    tone : "yes", "no", "caution" (yes or no, but it depends), "none" (nothing found), "unknown" (cannot be tested)
    headline, sentence : the verdict, short and in full
    carries : the test that carries the verdict
    beside : other tests of the same question
    assumptions : what the test takes for granted, and how that came out
    changes : what would change the verdict, and whether it does
    caveats : what else limits it
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

    @property
    def results(self) -> tuple[StatResult, ...]:
        """All tests, the one that carries the verdict first."""
        return self.carries, *self.beside

    def tests(self) -> pd.DataFrame:
        """A row a test, as text: test, n, statistic, p, effect, 95 % interval, note."""

        def number(value: float, text: str) -> str:
            return text if np.isfinite(value) else "–"

        return pd.DataFrame(
            [
                {
                    "test": test.name,
                    "n": test.n,
                    "statistic": number(test.value, f"{test.statistic} = {test.value:.4g}"),
                    "p": format_p(test.p) if np.isfinite(test.p) else "–",
                    "effect": number(test.effect, f"{test.effect_name} = {test.effect:.2f}"),
                    "95 % interval": number(test.interval[0], f"{test.interval[0]:.2f} to {test.interval[1]:.2f}"),
                    "note": test.reason,
                }
                for test in self.results
            ]
        )


_INDEPENDENT = Checked(
    "Pictures are independent",
    None,
    "Each picture counts once. Frames of one film, or copies of one picture, would count as if they were several.",
)


def with_guest(card: Hypothesis, name: str) -> Hypothesis:
    """The same card, for pictures of which one was brought along by hand."""
    said = (
        f"{name} was brought along by hand, beyond the number asked for; chosen for its result, it would bias the test."
    )
    return replace(card, assumptions=(*card.assumptions, Checked("Pictures not chosen by result", False, said)))


def _enough(n: int, few: int) -> Checked:
    fine = n >= few
    said = f"{n} picture{'s' if n != 1 else ''} " + (
        "can show all but small effects."
        if fine
        else f"{'is' if n == 1 else 'are'} few (below {few}): a small effect would go unseen."
    )
    return Checked("Enough pictures", fine, said)


_TURNED: dict[str, str] = {
    "focuses": "deeper layers focus more",
    "spreads": "deeper layers spread out more",
    "differs": "layers differ without following depth",
    "none": "no difference is found",
}


def _careful(tone: Tone, changes: Sequence[Checked]) -> Tone:
    """Yes or no, but it depends: where one of the changes gives another outcome."""
    return "caution" if tone in ("yes", "no") and any(change.fine is False for change in changes) else tone


def layer_hypothesis(
    own: LayerFocus,
    common: LayerFocus,
    verdict: Verdict,
    *,
    swept: pd.DataFrame | None = None,
    others: Sequence[LayerFocus] = (),
) -> Hypothesis:
    """The card of "do deeper layers focus more?".

    Parameters
    ----------
    own, common : the measure on the layers' own resolution and on the common grid
    verdict : `layer_verdict` of both
    swept : `sweep` of the share, where that is what was measured
    others : other measures of the same maps at their own resolutions
    """
    what = own.measure.title if own.measure.key != "share" else f"share of pixels above {own.threshold:g}"
    known = own.outcome != "unknown"
    changes = []
    if swept is not None and known:
        outcomes = swept.loc[swept["outcome"] != "unknown", "outcome"]
        changes.append(
            Checked("Threshold", bool((outcomes == own.outcome).all()), sweep_sentence(swept, own.threshold))
        )
    for other in others:
        if known and other.outcome != "unknown":
            same = other.outcome == own.outcome
            why = " (it needs neither a threshold nor min-max)" if other.measure.key == "gini" else ""
            changes.append(
                Checked(
                    "Normalisation" if other.measure.key == "gini" else other.measure.title.capitalize(),
                    same,
                    f"By {other.measure.title}{why} {'the outcome is the same' if same else _TURNED[other.outcome]}: "
                    f"mean rank correlation with depth {other.page.effect:+.2f}, {format_p(other.page.p)}, "
                    f"n = {other.n}.",
                )
            )
    if known and own.table[["height", "width"]].drop_duplicates().shape[0] > 1:
        changes.insert(0, Checked("Common grid", verdict.robust, resolution_caveat(own, common)))
    tones: dict[str, Tone] = {"focuses": "yes", "spreads": "no", "differs": "caution", "none": "none"}
    tone = _careful(tones.get(own.outcome, "unknown"), changes)
    flat = own.n_left_out
    return Hypothesis(
        question="Do deeper layers focus more?",
        h0=verdict.h0,
        h1=verdict.h1,
        measured=f"The {what} of {own.method} at {len(own.medians)} layers, on "
        f"{own.n} picture{'s' if own.n != 1 else ''}.",
        tone=tone,
        headline=verdict.headline,
        sentence=verdict.sentence,
        carries=own.page,
        beside=(own.friedman, own.kruskal),
        assumptions=(
            Checked(
                "Same pictures at every layer",
                flat == 0,
                "Every picture has a map at every layer, so layers are ranked within pictures."
                if not flat
                else f"{flat} without a usable map at some layer left out; the others are ranked within pictures.",
            ),
            Checked("No shape of distribution", True, "Page's trend and Friedman's test rank, so none is assumed."),
            _enough(own.n, FEW_PICTURES),
            _INDEPENDENT,
        ),
        changes=tuple(changes),
    )


def foreground_hypothesis(
    table: pd.DataFrame, measure: str, tests: PairedTests, verdict: ForegroundVerdict, *, method: str = "the maps"
) -> Hypothesis:
    """The card of "object or background?".

    Parameters
    ----------
    table : rows of `foreground_background` for one layer
    measure : key of FOREGROUND_MEASURES
    method : the name of the method that made the maps
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
        _enough(tests.n, FEW),
        _INDEPENDENT,
    ]
    changes = []
    if known and np.isfinite(other.p):
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
    if known:
        outcomes = {key: measure_tests(table, key).outcome for key in FOREGROUND_MEASURES}
        tested = [key for key, one in outcomes.items() if one != "unknown"]
        against = [FOREGROUND_MEASURES[key].title for key in tested if outcomes[key] != verdict.outcome]
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
                    f"{said[0].upper()}{said[1:]}; share of energy, rank accuracy and AUC need no min-max.",
                )
            )
    tones: dict[str, Tone] = {"more": "yes", "less": "no", "none": "none", "unknown": "unknown"}
    tone = _careful(tones[verdict.outcome], changes)
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


def confidence_hypothesis(table: pd.DataFrame) -> Hypothesis:
    """The card of "is it less sure where it is wrong?", from `xai.evaluate`'s table."""
    known = judged(table)
    right = known["correct"].to_numpy(bool)
    sure, margin = known["confidence"].to_numpy(), known["margin"].to_numpy()
    test = stats.rank_sum(sure[right], sure[~right])
    n, wrong = len(known), int((~right).sum())
    outcome: Tone = "unknown"
    if np.isfinite(test.p):
        outcome = "none" if test.p >= ALPHA else "yes" if test.effect > 0.5 else "no"
    headlines = {
        "yes": "Yes: it is less sure where it is wrong",
        "no": "No: it is surer where it is wrong",
        "none": "No difference in confidence was found",
        "unknown": "This cannot be tested",
    }
    sentence = test.reason
    changes = []
    if outcome != "unknown":
        low, high = test.interval
        spread = f"95 % interval {percent(low)} to {percent(high)}" if np.isfinite(low) else "one alone has no interval"
        sentence = (
            f"Of {n} pictures, {n - wrong} are right and {wrong} wrong. Of a right and a wrong one drawn at random, "
            f"the right one is the surer in {percent(test.effect)} of cases ({spread}; "
            f"Mann-Whitney, {format_p(test.p)}); a coin gives 50 %."
        )
        other = stats.rank_sum(margin[right], margin[~right])
        if np.isfinite(other.p):
            by_margin = "none" if other.p >= ALPHA else "yes" if other.effect > 0.5 else "no"
            same = by_margin == outcome
            changes.append(
                Checked(
                    "Margin instead of confidence",
                    same,
                    "By the margin between the two likeliest classes the outcome is "
                    f"{'the same' if same else 'another'}: {percent(other.effect)}, {format_p(other.p)}, "
                    f"n = {other.n}.",
                )
            )
    few = min(wrong, n - wrong)
    return Hypothesis(
        question="Is it less sure where it is wrong?",
        h0="H0: a wrong answer is as likely as a right one to be the surer.",
        h1="H1: one of them tends to be the surer (two-sided, level 0.05, unit: the picture).",
        measured=f"Confidence in the predicted class, on {n} picture{'s' if n != 1 else ''}, {wrong} of them wrong.",
        tone=_careful(outcome, changes),
        headline=headlines[outcome],
        sentence=sentence,
        carries=test,
        assumptions=(
            Checked(
                "Enough of both kinds",
                few >= _FEWEST_WRONG,
                f"{wrong} wrong and {n - wrong} right"
                + (
                    " are enough for a rank test."
                    if few >= _FEWEST_WRONG
                    else ": few of a kind show large effects only."
                ),
            ),
            Checked("No shape of distribution", True, "Mann-Whitney's test ranks, so none is assumed."),
            _INDEPENDENT,
        ),
        changes=tuple(changes),
    )


def comparison_hypothesis(comparison: RunComparison) -> Hypothesis:
    """The card of "is one of two runs better at the end?"."""
    first, second, test = comparison.first.name, comparison.second.name, comparison.test
    one, two = (comparison.table[column].to_numpy(bool) for column in ("first_right", "second_right"))
    ends = comparison.first.epochs[-1], comparison.second.epochs[-1]
    epochs = comparison.epochs[-4:-1] if ends[0] == ends[1] == comparison.epochs[-1] else comparison.epochs[-3:]
    rights = (comparison.first.at(epochs).correct, comparison.second.at(epochs).correct)
    earlier = [(int(epoch), stats.mcnemar(a, b)) for epoch, a, b in zip(epochs, *rights, strict=True)]
    return _improvement(
        "Is one of them better at the end?",
        f"H0: {first} and {second} are as often right on pictures of this kind.",
        test,
        (first, second),
        (one, two),
        "last epochs",
        [(f"at epoch {epoch}", found) for epoch, found in earlier],
    )


def training_hypothesis(run: TrainingRun) -> Hypothesis | None:
    """The card of "did the second half of the training still help?"; None for a run of one epoch."""
    if len(run.epochs) < 2:
        return None
    right = run.correct
    middle = (len(right) - 1) // 2
    words = [f"epoch {int(run.epochs[i])}" for i in (middle, len(right) - 1)]
    others = sorted({0, middle // 2, (middle + len(right) - 1) // 2} - {middle, len(right) - 1})
    return _improvement(
        "Did the second half of the training still help?",
        f"H0: after {words[1]} the model is as often right as after {words[0]}.",
        stats.mcnemar(right[middle], right[-1]),
        (words[0], words[1]),
        (right[middle], right[-1]),
        "epochs",
        [(f"against epoch {int(run.epochs[i])}", stats.mcnemar(right[i], right[-1])) for i in others],
    )


def _improvement(
    question: str,
    h0: str,
    test: StatResult,
    names: tuple[str, str],
    right: tuple[np.ndarray, np.ndarray],
    what: str,
    others: Sequence[tuple[str, StatResult]],
) -> Hypothesis:
    """McNemar's test of who is right more often, as a card; `others` are the same test elsewhere."""

    def said(result: StatResult) -> Tone:
        if not np.isfinite(result.p):
            return "unknown"
        return "none" if result.p >= ALPHA else "yes" if result.effect > 0 else "no"

    outcome = said(test)
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
        spread = f"95 % interval {low:+.1f} to {high:+.1f}; " if np.isfinite(low) else ""
        sentence = (
            f"Of {test.n} picture{'s' if test.n != 1 else ''}, {names[0]} has {percent(right[0].mean())} right "
            f"and {names[1]} {percent(right[1].mean())}: {gained} gained, {lost} lost, {100 * test.effect:+.1f} points "
            f"({spread}McNemar, {format_p(test.p)})."
        )
    changes = []
    for where, other in others:
        if outcome == "unknown" or not np.isfinite(other.p):
            continue
        same = said(other) == outcome
        changes.append(
            Checked(
                f"{where[0].upper()}{where[1:]}",
                same,
                f"The outcome is {'the same' if same else 'another'}: {100 * other.effect:+.1f} points, "
                f"{format_p(other.p)}, n = {other.n}.",
            )
        )
    headline = headlines[outcome]
    return Hypothesis(
        question=question,
        h0=h0,
        h1="H1: one of them is right more often (two-sided, level 0.05, unit: the picture).",
        measured=f"Right or wrong at two {what}, on the same {test.n} picture{'s' if test.n != 1 else ''}.",
        tone=outcome,
        headline=headline[0].upper() + headline[1:],
        sentence=sentence,
        carries=test,
        assumptions=(
            Checked(
                "Pictures that tell them apart",
                gained + lost >= _FEWEST_WRONG,
                f"{gained + lost} pictures are right in one of them only; the test is exact, but rests on these alone.",
            ),
            _enough(test.n, FEW),
            _INDEPENDENT,
        ),
        changes=tuple(changes),
    )
