"""What a model of independent labels gets wrong, in words, and the card of "is it less sure where it is wrong?"."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.card_of_confidence import SPREADS
from xai_core.studies.class_gate import about_n
from xai_core.studies.confidences import compare_confidences, without_answer
from xai_core.studies.hypothesis import FEWEST_WRONG, INDEPENDENT, Checked, Hypothesis, Tone, careful
from xai_core.studies.label_evaluation import LabelSummary, label_report, summarise_labels
from xai_core.studies.label_gallery import choose_labelled
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.words import Finding, format_p, listed, percent
from xai_core.types import LabelEvaluation
from xai_core.types.counts import number_of, part_of

_NAMED = 6  # labels that a sentence names
_AMONG = ", held against as many confidences drawn from those of the labels that are known of the picture"
_HEADLINES: dict[Tone, str] = {
    "yes": "Yes: it is less sure where it is wrong",
    "no": "No: it is more confident where it is wrong",
    "none": "No difference in how sure it is was found",
}


def label_findings(evaluation: LabelEvaluation) -> list[Finding]:
    """What the evaluation shows, in sentences; empty where no picture could be judged.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.

    Returns
    -------
    list of Finding
    """
    summary = summarise_labels(evaluation)
    if not summary.n:
        return []
    report = label_report(evaluation)
    found = [_right(summary, report), _errors(report), _unknown(summary), _surest(evaluation), _untested(report)]
    return [finding for finding in found if finding is not None]


def _right(summary: LabelSummary, report: pd.DataFrame) -> Finding:
    low, high = summary.interval
    absent = 1 - report["pictures"].sum() / summary.decisions
    return Finding(
        "Labels",
        f"{summary.decisions - summary.wrong:,} of {summary.decisions:,} decisions about a label are right "
        f"({percent(summary.accuracy)}; a model that never predicts any would be right in {percent(absent)}). "
        f"{part_of(summary.exact, summary.n, 'picture', 'has', 'have')} every label right: "
        f"{100 * summary.exact_share:.1f}% (95% interval {100 * low:.1f} to {100 * high:.1f}%).",
    )


def _errors(report: pd.DataFrame) -> Finding:
    words = []
    missed = report.sort_values("missed", ascending=False, kind="stable").iloc[0]
    false = report.sort_values("false_positives", ascending=False, kind="stable").iloc[0]
    if missed["missed"]:
        words.append(
            f"{missed['label']} is missed most often ({missed['missed']:,} of {missed['pictures']:,} pictures that "
            "have it)"
        )
    if false["false_positives"]:
        words.append(
            f"{false['label']} is predicted falsely most often ({false['false_positives']:,} of "
            f"{false['predicted']:,} predictions)"
        )
    return Finding("Errors", f"{listed(words)}." if words else "No label is missed, and none is predicted falsely.")


def _unknown(summary: LabelSummary) -> Finding | None:
    if not summary.unknown:
        return None
    all_of_them = summary.decisions + summary.unknown
    return Finding(
        "Not annotated",
        f"Of {all_of_them:,} labels of these pictures, {summary.unknown:,} are not annotated: the data do not say "
        "whether they are true. They are left out of all numbers; they do not count as absent.",
    )


def _surest(evaluation: LabelEvaluation) -> Finding | None:
    wrong = choose_labelled(evaluation, only="wrong")
    if not len(wrong):
        return None
    row = wrong.iloc[0]
    said = "has" if row["outcome"] == "missed" else "does not have"
    return Finding(
        "Surest mistake", f"{row['picture']} {said} {row['label']}; the model gives it {percent(row['probability'])}."
    )


def _untested(report: pd.DataFrame) -> Finding | None:
    absent = report.loc[report["pictures"] == 0, "label"].tolist()
    if not absent:
        return None
    few = listed(absent) if len(absent) <= _NAMED else f"{', '.join(absent[:_NAMED])} and {len(absent) - _NAMED} others"
    return Finding("Not tested", f"No picture is known to have {few}, so how well that is found is not known.")


def labels_hypothesis(evaluation: LabelEvaluation) -> Hypothesis:
    """The card of "is it less sure where it is wrong?": the unit is the picture, and its least sure label counts.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.

    Returns
    -------
    Hypothesis
    """
    judged = evaluation.judged
    right = ~evaluation.mistaken[judged]
    known, p = evaluation.known[judged], evaluation.probabilities[judged].astype(np.float64)
    # How sure it is of what it says of a label; without that of labels that cannot be right or wrong.
    sure = np.where(known, np.where(evaluation.predicted[judged], p, 1 - p), np.nan)
    least, mean = _sureness(sure)
    test = compare_confidences(least, right)
    n, wrong = len(right), int((~right).sum())
    outcome = _outcome(test.p, test.effect)
    sentence, changes = test.reason, []
    if outcome != "unknown":
        low, high = test.interval
        none = "no interval of fewer than five of a kind"
        spread = f"95% interval {percent(low)} to {percent(high)}" if np.isfinite(low) else none
        sentence = (
            f"Of {n:,} pictures, {n - wrong:,} have every label right and {wrong:,} have one wrong. Of one of each "
            f"drawn at random, the right one has the higher confidence in {percent(test.effect)} of cases ({spread}; "
            f"{test.name}, {format_p(test.p)}); a coin gives 50%."
        )
        changes = _by_mean(mean, right, outcome)
    few = min(wrong, n - wrong)
    return Hypothesis(
        question="Is it less sure where it is wrong?",
        h0="H0: a picture with a wrong label is as likely as one without to have the higher confidence.",
        h1="H1: one of them tends to have the higher confidence (two-sided, level 0.05, unit: the picture).",
        measured="How sure the model is, present or absent, of the label of which it is least sure"
        f"{'' if known.all() else _AMONG}, on {number_of(n, 'picture')}, {wrong:,} of them with a wrong label.",
        tone=careful(outcome, changes),
        headline=f"{_HEADLINES.get(outcome) or without_answer(test)} {about_n(None, n)}",
        sentence=sentence,
        carries=test,
        beside=(stats.rank_sum(least[right], least[~right]),),
        assumptions=(
            Checked(
                "Enough of both kinds",
                few >= FEWEST_WRONG,
                f"{wrong:,} with a wrong label and {n - wrong:,} without"
                + (
                    " are enough for a rank test."
                    if few >= FEWEST_WRONG
                    else ": few of a kind show large effects only."
                ),
            ),
            SPREADS,
            INDEPENDENT,
        ),
        changes=tuple(changes),
    )


def _sureness(sure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How sure the model is of each picture, by the label of which it is least sure, and by all: float (n,) each.

    The more labels are known of a picture, the less sure the least of them is and the likelier one is wrong, though
    nothing says the one of the other. So where not all are known, the least is held against that of as many draws from
    the confidences of the same labels, and the mean is of ranks within each label, whose null is symmetric.

    Parameters
    ----------
    sure : ndarray
        float (n, K), NaN where a label is not known; at least one of each picture is.
    """
    if not len(sure):
        return np.zeros(0), np.zeros(0)
    least = np.nanmin(sure, axis=1)
    if np.isfinite(sure).all():
        return least, sure.mean(axis=1)
    below, ranks = np.zeros(len(sure)), np.full(sure.shape, np.nan)
    for label, column in enumerate(sure.T):
        there = np.isfinite(column)
        ordered = np.sort(column[there])
        above = len(ordered) - np.searchsorted(ordered, least[there])  # of its confidences, its own among them
        below[there] -= np.log(above / max(len(ordered), 1))
        low, high = (np.searchsorted(ordered, column[there], side) for side in ("left", "right"))
        ranks[there, label] = (low + high) / (2 * max(len(ordered), 1))
    return below, np.nanmean(ranks, axis=1)


def _by_mean(mean: np.ndarray, right: np.ndarray, outcome: Tone) -> list[Checked]:
    """The same test of the mean over a picture's labels."""
    other = compare_confidences(mean, right)
    if not np.isfinite(other.p):
        return []
    same = _outcome(other.p, other.effect) == outcome
    return [
        Checked(
            "All labels instead of the least sure one",
            same,
            f"By the mean over a picture's labels the outcome {'is the same' if same else 'differs'}: "
            f"{percent(other.effect)}, {format_p(other.p)}, n = {other.n:,}.",
        )
    ]


def _outcome(p: float, effect: float) -> Tone:
    if not np.isfinite(p):
        return "unknown"
    return "none" if p >= ALPHA else "yes" if effect > 0.5 else "no"
