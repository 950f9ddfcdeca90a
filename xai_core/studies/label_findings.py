"""What a model of independent labels gets wrong, in words, and the card of "is it less sure where it is wrong?"."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.studies.hypothesis import FEWEST_WRONG, INDEPENDENT, Checked, Hypothesis, Tone, careful
from xai_core.studies.label_evaluation import DECISION, LabelSummary, label_arrays, label_report, summarise_labels
from xai_core.studies.label_gallery import choose_labelled
from xai_core.studies.layer_focus import ALPHA
from xai_core.studies.words import Finding, format_p, listed, percent


def label_findings(table: pd.DataFrame, names: Sequence[str], threshold: float = DECISION.default) -> list[Finding]:
    """What the evaluation shows, in sentences; empty where no picture could be judged.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate_labels`.
    names : Sequence[str]
        The model's labels.
    threshold : float
        From which probability on a label counts as predicted.

    Returns
    -------
    list of Finding
    """
    summary = summarise_labels(table, names, threshold)
    if not summary.n:
        return []
    report = label_report(table, names, threshold)
    surest = _surest(table, names, threshold)
    absent = report.loc[report["pictures"] == 0, "label"].tolist()
    found = [_right(summary), _errors(report)]
    if absent:
        few = listed(absent[:6]) if len(absent) <= 6 else ", ".join(absent[:6]) + " and others"
        found.append(Finding("Not tested", f"No picture is known to have {few}, so nothing can be said of finding it."))
    return [*found, *([surest] if surest else [])]


def _right(summary: LabelSummary) -> Finding:
    low, high = summary.interval
    return Finding(
        "Labels",
        f"{summary.decisions - summary.wrong:,} of {summary.decisions:,} decisions about a label are right "
        f"({percent(summary.hamming)}); of {summary.n:,} pictures, {summary.exact:,} have every label right: "
        f"{100 * summary.exact_share:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f} %).",
    )


def _errors(report: pd.DataFrame) -> Finding:
    words = []
    for column, said in (("missed", "missed"), ("false_alarms", "raised falsely")):
        most = report.sort_values(column, ascending=False, kind="stable").iloc[0]
        if most[column]:
            of = f"of {most['pictures']:,} pictures that have it" if column == "missed" else "times"
            words.append(f"{most['label']} is most often {said} ({most[column]:,} {of})")
    return Finding("Errors", f"{listed(words)}." if words else "No label is missed, and none is raised falsely.")


def _surest(table: pd.DataFrame, names: Sequence[str], threshold: float) -> Finding | None:
    wrong = choose_labelled(table, len(names), threshold, only="wrong")
    if not len(wrong):
        return None
    row = wrong.iloc[0]
    name = names[int(row["predicted"])]
    has = f"has {name}" if row["outcome"] == "missed" else f"does not have {name}"
    return Finding("Surest mistake", f"{row['picture']} {has}; the model gives it {percent(row['confidence'])}.")


def labels_hypothesis(table: pd.DataFrame, classes: int, threshold: float = DECISION.default) -> Hypothesis:
    """The card of "is it less sure where it is wrong?": the unit is the picture, and its least sure label counts.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate_labels`.
    classes : int
        K, the model's labels.
    threshold : float
        From which probability on a label counts as predicted.

    Returns
    -------
    Hypothesis
    """
    arrays = label_arrays(table, classes)
    judged = arrays.known.any(axis=1)
    known, p = arrays.known[judged], arrays.p[judged]
    said = p >= threshold
    right = ~(known & (said != (arrays.truth[judged] == 1))).any(axis=1)
    sure = np.where(known, np.where(said, p, 1 - p), np.nan)
    least, mean = (how(sure, axis=1) if len(sure) else np.zeros(0) for how in (np.nanmin, np.nanmean))
    test = stats.rank_sum(least[right], least[~right])
    n, wrong = len(right), int((~right).sum())
    outcome = _outcome(test.p, test.effect)
    sentence, changes = test.reason, []
    if outcome != "unknown":
        low, high = test.interval
        spread = f"95 % interval {percent(low)} to {percent(high)}" if np.isfinite(low) else "one alone has no interval"
        sentence = (
            f"Of {n} pictures, {n - wrong} have every label right and {wrong} have one wrong. Of one of each drawn at "
            f"random, the right one is the surer in {percent(test.effect)} of cases ({spread}; Mann-Whitney, "
            f"{format_p(test.p)}); a coin gives 50 %."
        )
        other = stats.rank_sum(mean[right], mean[~right])
        same = _outcome(other.p, other.effect) == outcome
        changes.append(
            Checked(
                "All labels instead of the least sure one",
                same,
                f"By the mean over a picture's labels the outcome is {'the same' if same else 'another'}: "
                f"{percent(other.effect)}, {format_p(other.p)}, n = {other.n}.",
            )
        )
    few = min(wrong, n - wrong)
    enough = few >= FEWEST_WRONG
    return Hypothesis(
        question="Is it less sure where it is wrong?",
        h0="H0: a picture with a wrong label is as likely as one without to be the surer.",
        h1="H1: one of them tends to be the surer (two-sided, level 0.05, unit: the picture).",
        measured=f"How sure the model is of the label of which it is least sure, on {n} picture"
        f"{'s' if n != 1 else ''}, {wrong} of them with a wrong label.",
        tone=careful(outcome, changes),
        headline=_HEADLINES[outcome],
        sentence=sentence,
        carries=test,
        assumptions=(
            Checked(
                "Enough of both kinds",
                enough,
                f"{wrong} with a wrong label and {n - wrong} without"
                + (" are enough for a rank test." if enough else ": few of a kind show large effects only."),
            ),
            Checked("No shape of distribution", True, "Mann-Whitney's test ranks, so none is assumed."),
            INDEPENDENT,
        ),
        changes=tuple(changes),
    )


_HEADLINES: dict[Tone, str] = {
    "yes": "Yes: it is less sure where it is wrong",
    "no": "No: it is surer where it is wrong",
    "none": "No difference in confidence was found",
    "unknown": "This cannot be tested",
}


def _outcome(p: float, effect: float) -> Tone:
    if not np.isfinite(p):
        return "unknown"
    return "none" if p >= ALPHA else "yes" if effect > 0.5 else "no"
