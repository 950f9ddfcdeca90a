"""The report of Misclassifications: what is taken for what, and is confidence a warning?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from xai_core import figures, studies
from xai_core.figures import Card
from xai_core.questions.misclassified.question import MISCLASSIFIED
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text
from xai_core.studies import Finding, Hypothesis, Summary
from xai_core.types import Classifier, Sample


def misclassified_report(
    model: Classifier,
    data: str,
    table: pd.DataFrame,
    summary: Summary,
    card: Hypothesis,
    *,
    findings: Sequence[Finding] = (),
    cards: Sequence[Card] = (),
    why: Sequence[Part] = (),
    samples: Sequence[Sample] = (),
    left_out: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """All that the page shows.

    Parameters
    ----------
    model : Classifier
    data : str
        The expression that gives the pictures that were evaluated (`Dataset.code`).
    table : DataFrame
        Of `xai.evaluate`.
    summary : Summary
        Of the same table.
    findings : Sequence[Finding]
        Of the same table.
    card : Hypothesis
        Of `confidence_hypothesis`.
    cards : Sequence[Card]
        Pictures of the gallery as it stands.
    why : Sequence[Part]
        The panel of the chosen picture and its check, where one is open.
    samples : Sequence[Sample]
        The pictures that are drawn; the table holds the content ids of all.
    left_out : Sequence[str]
        What could not be read, in words.
    settings : Mapping of str to object, optional
        Besides those that are known from the rest.
    """
    names = model.class_names
    report = studies.class_report(table, names)
    shown = studies.shown_confusion(studies.confusion(table, len(names)))
    pairs = studies.confused_pairs(table, names)
    low, high = summary.interval
    top: list[Part] = [
        Text(
            f"Of {summary.n:,} pictures {summary.right:,} are right: accuracy {100 * summary.accuracy:.1f} %, 95 % "
            f"interval {100 * low:.1f} to {100 * high:.1f} % (Wilson); macro F1 {summary.macro_f1:.3f}; expected "
            f"calibration error {100 * summary.ece:.1f} points."
            if summary.n
            else "None of the pictures has a label that the model knows."
        ),
        *(Text(f"{one.topic}. {one.sentence}", warning=one.warning) for one in findings),
        *(Text(one, warning=True) for one in left_out),
        card,
    ]
    sections = [
        Section("How often it is right", tuple(top)),
        Section(
            "What is taken for what",
            (
                Markup(figures.confusion_html(shown, names)),
                Table("Most confused pairs", pairs),
                Table("Classes", report),
            ),
        ),
    ]
    bins = studies.calibration(table)
    if len(bins):
        chart = Chart(
            figures.reliability_figure(bins), "Accuracy by confidence: a bar below the line is surer than right"
        )
        sections.append(Section("Can its confidence be believed?", (chart, Table("Confidence bins", bins))))
    if cards:
        sections.append(Section("Pictures", (Markup(figures.gallery_html(cards)),)))
    if why:
        sections.append(Section("Why", tuple(why)))
    return Report(
        key=MISCLASSIFIED.key,
        title=MISCLASSIFIED.title,
        question=MISCLASSIFIED.question,
        sections=tuple(sections),
        settings={"pictures": data, "model": model.title, "evaluated": len(table)} | dict(settings or {}),
        code=_code(model, data),
        numbers=misclassified_numbers(summary, card),
        model=model,
        samples=samples,
        pictures=len(table),
        tables={"Evaluation": table},
    )


def misclassified_numbers(summary: Summary, card: Hypothesis) -> dict[str, float]:
    """What the lines of Python give again."""
    return {
        "n": float(summary.n),
        "right": float(summary.right),
        "accuracy": summary.accuracy,
        "macro_f1": summary.macro_f1,
        "ece": summary.ece,
        "auroc": card.carries.effect,
    }


def _code(model: Classifier, data: str) -> str:
    return (
        f"import xai_core as xai\nfrom xai_core import studies\n\nmodel = {model.code}\ndata = {data}\n"
        "table = xai.evaluate(model, data)\n"
        "summary = studies.summarise(table, model.class_names)\n"
        "card = studies.confidence_hypothesis(table)\n"
        'numbers = {"n": summary.n, "right": summary.right, "accuracy": summary.accuracy, '
        '"macro_f1": summary.macro_f1, "ece": summary.ece, "auroc": card.carries.effect}\n'
        "print(numbers)\n"
    )
