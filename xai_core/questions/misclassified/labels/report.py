"""The report of Misclassifications for independent labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from xai_core import figures, studies
from xai_core.questions.misclassified.labels.findings import LabelFindings, left_out_sentences
from xai_core.questions.misclassified.labels.thresholds import threshold_code
from xai_core.questions.misclassified.question import MISCLASSIFIED
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text
from xai_core.studies import Hypothesis, LabelSummary
from xai_core.studies.columns import RATE_HEADINGS
from xai_core.types.counts import number_of

NUMBERS = ("n", "exact", "decisions", "wrong", "micro_f1", "macro_f1", "mean_average_precision")


def labels_report(
    found: LabelFindings,
    *,
    why: Sequence[Part] = (),
    methods: Sequence[Part] = (),
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """All that the page shows.

    Parameters
    ----------
    found : LabelFindings
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
        _labels(found),
        _together(found),
        _probabilities(found),
        Section("Pictures", (Markup(figures.gallery_html(found.cards)),)) if found.cards else None,
        Section("Why", tuple(why)) if why else None,
        Section("Which layer, which method", tuple(methods)) if methods else None,
    )
    choices = {
        "pictures": found.data,
        "model": found.model.title,
        "evaluated": len(found.evaluation),
        "threshold": threshold_code(found.evaluation),
    }
    return Report(
        key=MISCLASSIFIED.key,
        title=MISCLASSIFIED.title,
        question="Which labels does the model miss, which does it predict falsely, and what in the picture speaks for "
        "them?",
        sections=tuple(section for section in maybe if section is not None),
        settings=choices | dict(found.settings) | dict(settings or {}),
        code=_code(found),
        numbers=label_numbers(found.answer.summary, found.answer.card),
        model=found.model,
        samples=found.samples,
        pictures=len(found.evaluation),
        tables={"Evaluation": studies.label_table(found.evaluation)},
    )


def _summary(found: LabelFindings) -> Section:
    summary = found.answer.summary
    parts: list[Part] = [
        Text(
            f"{number_of(summary.n, 'picture')}, {number_of(summary.decisions, 'decision')} about a label at the "
            f"threshold {threshold_code(found.evaluation)}: precision {_share(summary.micro_precision)}, recall "
            f"{_share(summary.micro_recall)}, F1 {summary.micro_f1:.3f} over all labels together (micro); macro F1 "
            f"{summary.macro_f1:.3f} and mean average precision {summary.mean_average_precision:.3f} over the "
            f"{number_of(summary.labels, 'label')} that some picture has."
            if summary.n
            else "Of none of the pictures the data say anything about a label that the model knows."
        ),
        *(Text(one.sentence, warning=one.warning) for one in found.answer.findings),
        *(Text(one, warning=True) for one in left_out_sentences(summary, found.model, len(found.evaluation))),
        *(Text(one, warning=True) for one in found.left_out),
        found.answer.card,
    ]
    return Section("How often labels are right", tuple(parts))


def _share(value: float) -> str:
    return f"{100 * value:.1f}%"


def _labels(found: LabelFindings) -> Section:
    chart = Chart(
        figures.labels_figure(found.answer.labels),
        "Precision, recall, F1 and average precision of each label; the grey mark is its share of the pictures",
    )
    return Section("Label by label", (chart, Table("Labels", found.answer.labels, headings=RATE_HEADINGS)))


def _together(found: LabelFindings) -> Section:
    names = found.model.class_names
    predicted = Markup(figures.co_occurrence_html(found.answer.together, names))
    true = Markup(figures.co_occurrence_html(found.answer.together, names, together="true"))
    return Section(
        "Which labels occur together",
        (
            Text("Rows: pictures that have the label. Columns: labels that are predicted in them; red ones falsely."),
            predicted,
            Text("The same with the labels that they have."),
            true,
        ),
    )


def _probabilities(found: LabelFindings) -> Section | None:
    bins = found.answer.bins
    if not len(bins):
        return None
    chart = Chart(
        figures.reliability_figure(bins, what="pictures that have the label"),
        "How many pictures have a label that is given so much probability, all labels together",
    )
    return Section("Can its probabilities be believed?", (chart, Table("Bins of probability", _named(bins))))


def _named(bins: pd.DataFrame) -> pd.DataFrame:
    return bins.rename(columns={"confidence": "mean probability", "accuracy": "share that have the label"})


def label_numbers(summary: LabelSummary, card: Hypothesis) -> dict[str, float]:
    """What the lines of Python give again."""
    return {name: float(getattr(summary, name)) for name in NUMBERS} | {"auroc": card.carries.effect}


def _code(found: LabelFindings) -> str:
    numbers = ", ".join(f'"{name}": summary.{name}' for name in NUMBERS)
    return (
        f"import xai_core as xai\nfrom xai_core import studies\n\nmodel = {found.model.code}\ndata = {found.data}\n"
        f"evaluation = xai.evaluate_labels(model, data, threshold={threshold_code(found.evaluation)})\n"
        "summary = studies.summarise_labels(evaluation)\n"
        "card = studies.labels_hypothesis(evaluation)\n"
        f'numbers = {{{numbers}, "auroc": card.carries.effect}}\n'
        "print(numbers)\n"
    )
