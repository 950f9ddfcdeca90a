"""The report of Misclassifications: what is confused with what, and does low confidence warn of errors?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xai_core import figures
from xai_core.questions.misclassified.findings import Findings
from xai_core.questions.misclassified.question import MISCLASSIFIED
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text
from xai_core.studies import Hypothesis, Summary
from xai_core.studies.columns import BIN_HEADINGS, RATE_HEADINGS
from xai_core.types import Classifier


def misclassified_report(
    found: Findings,
    *,
    why: Sequence[Part] = (),
    methods: Sequence[Part] = (),
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """All that the page shows.

    Parameters
    ----------
    found : Findings
        What was found.
    why : Sequence[Part]
        The panel of the chosen picture and its check, where one is open.
    methods : Sequence[Part]
        How methods and layers compare, where that was asked for.
    settings : Mapping[str, object], optional
        Besides those that the findings have.
    """
    maybe = (
        _summary(found),
        _confusion(found),
        _confidence(found),
        Section("Pictures", (Markup(figures.gallery_html(found.cards)),)) if found.cards else None,
        Section("Why", tuple(why)) if why else None,
        Section("Which layer, which method", tuple(methods)) if methods else None,
    )
    choices = {"pictures": found.data, "model": found.model.title, "evaluated": len(found.table)}
    return Report(
        key=MISCLASSIFIED.key,
        title=MISCLASSIFIED.title,
        question=MISCLASSIFIED.question,
        sections=tuple(section for section in maybe if section is not None),
        settings=choices | dict(found.settings) | dict(settings or {}),
        code=_code(found.model, found.data),
        numbers=misclassified_numbers(found.answer.summary, found.answer.card),
        model=found.model,
        samples=found.samples,
        pictures=len(found.table),
        tables={"Evaluation": found.table},
    )


def _summary(found: Findings) -> Section:
    summary = found.answer.summary
    method = f"Korn and Graubard's{summary.counting}" if summary.groups else "Blaker's"
    parts: list[Part] = [
        *(Text(f"{one.topic}. {one.sentence}", warning=one.warning) for one in found.answer.findings),
        Text(
            f"Macro F1 {summary.macro_f1:.3f}; expected calibration error {100 * summary.ece:.1f} points. The interval "
            f"of the accuracy is {method}."
            if summary.n
            else "None of the pictures has a label that the model knows."
        ),
        *(Text(one, warning=True) for one in found.left_out),
        found.answer.card,
    ]
    return Section("How often it is right", tuple(parts))


def _confusion(found: Findings) -> Section:
    matrix = Markup(figures.confusion_html(found.answer.confusion, found.model.class_names))
    numbers = {"true": "", "predicted": ""}  # of the classes, whose names stand beside them
    pairs = Table("Most confused pairs", found.answer.pairs, headings=numbers)
    return Section("Confusion matrix", (matrix, pairs, Table("Classes", found.answer.classes, headings=RATE_HEADINGS)))


def _confidence(found: Findings) -> Section | None:
    bins = found.answer.bins
    if not len(bins):
        return None
    chart = Chart(figures.reliability_figure(bins), "Accuracy by confidence: a bar below the line means overconfidence")
    return Section("Can its confidence be believed?", (chart, Table("Confidence bins", bins, headings=BIN_HEADINGS)))


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
        "related = studies.with_kin(table, data.groups)\n"
        "summary = studies.summarise(related, model.class_names)\n"
        "card = studies.confidence_hypothesis(related)\n"
        'numbers = {"n": summary.n, "right": summary.right, "accuracy": summary.accuracy, '
        '"macro_f1": summary.macro_f1, "ece": summary.ece, "auroc": card.carries.effect}\n'
        "print(numbers)\n"
    )
