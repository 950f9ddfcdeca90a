"""What a classifier mixes up, in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xai_core.studies.evaluation import Summary, confused_pairs, summarise
from xai_core.studies.gallery import choose_pictures
from xai_core.studies.words import Finding, listed, percent

_ERRING = 0.08  # calibration error that is worth a sentence, also where the mean gap is small


_MISJUDGED = 0.02  # gap between confidence and accuracy that is worth a sentence


def _accuracy(summary: Summary) -> Finding:
    low, high = summary.interval
    whole = f"{summary.right:,} of {summary.n:,} pictures are right"
    if summary.n == 1:
        whole = f"The one picture is {'right' if summary.right else 'wrong'}"
    return Finding(
        "Accuracy", f"{whole}: {100 * summary.accuracy:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f} %)."
    )


def _confusions(pairs: pd.DataFrame, summary: Summary) -> Finding:
    if pairs.empty:
        return Finding("Confusions", "Every picture that could be judged is right, so nothing is mixed up.")
    parts = [
        f"{row.true_class} for {row.predicted_class} ({row.n} of {round(row.n / row.share)} pictures)"
        for row in pairs.head(2).itertuples()
    ]
    wrong, top = summary.n - summary.right, pairs["n"].head(5).sum()
    tail = f" Five pairs of classes make up {percent(top / wrong)} of all mistakes." if len(pairs) > 5 else ""
    return Finding("Confusions", f"Most often it takes {listed(parts)}.{tail}")


def _calibration(summary: Summary) -> Finding:
    gap = summary.confidence - summary.accuracy
    said = (
        f"On average it is {100 * summary.confidence:.1f} % sure and {100 * summary.accuracy:.1f} % right "
        f"(expected calibration error {100 * summary.ece:.1f} points)"
    )
    if abs(gap) < _MISJUDGED:
        if summary.ece > _ERRING:
            return Finding("Calibration", f"{said}: it is too sure of some pictures and not sure enough of others.")
        return Finding("Calibration", f"{said}: its confidence can be believed on the whole.")
    word = "surer than it is right" if gap > 0 else "more often right than it is sure"
    return Finding("Calibration", f"{said}: it is {word}.", warning=gap > 0)


def _surest_mistake(table: pd.DataFrame) -> Finding | None:
    wrong = choose_pictures(table, only="wrong", sort="sure")
    if not len(wrong):
        return None
    row = table.iloc[int(wrong[0])]
    sure = int((table.iloc[wrong]["confidence"] > 0.9).sum())
    tail = f" {sure:,} mistakes are made with more than 90 % confidence." if sure > 1 else ""
    return Finding(
        "Surest mistake",
        f"{row['picture']} is {row['true_class']}; the model says {row['predicted_class']} with "
        f"{percent(row['confidence'])}.{tail}",
    )


def misclassification_findings(table: pd.DataFrame, names: Sequence[str]) -> list[Finding]:
    """What the evaluation shows, in sentences; empty where no picture could be judged."""
    summary = summarise(table, names)
    if not summary.n:
        return []
    found = [
        _accuracy(summary),
        _confusions(confused_pairs(table, names), summary),
        _calibration(summary),
        _surest_mistake(table),
    ]
    return [finding for finding in found if finding is not None]
