"""The report of Training Evolution: what was predicted for each picture, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core import figures, studies
from xai_core.questions.evolution.findings import Findings
from xai_core.questions.evolution.one_picture import picture_sentences
from xai_core.questions.evolution.question import EVOLUTION
from xai_core.records import TrainingRun
from xai_core.reports.report import Chart, Markup, Report, Section, Table, Text
from xai_core.studies import Hypothesis
from xai_core.studies.columns import GAP_HEADINGS

_CLASSES = 30  # of the confusion matrix
_NARROWEST = 680  # pixels, with which the figure's axes do not lie on each other


def evolution_report(found: Findings, figure: go.Figure, *, settings: Mapping[str, Any] | None = None) -> Report:
    """All that the page shows.

    Parameters
    ----------
    found : Findings
        What was found.
    figure : plotly.graph_objects.Figure
        The evolution figure as it stands.
    settings : Mapping[str, object], optional
        Besides those that the record has.
    """
    run, measures = found.run, found.answer.measures
    maybe = (_happened(found), _evolution(run, figure), _course(found), _progress(found), _attention(found))
    sections = [section for section in (*maybe, _confusion(run), _beside(found)) if section is not None]
    recorded = {name: value for name, value in run.settings.items() if isinstance(value, str | int | float | bool)}
    known = {"run": run.name, "pictures": len(run.pictures), "epochs": len(run.epochs)}
    return Report(
        key=EVOLUTION.key,
        title=EVOLUTION.title,
        question=EVOLUTION.question,
        sections=tuple(sections),
        settings=known | recorded | dict(settings or {}),
        code=_code(found.code),
        numbers=evolution_numbers(run, measures, found.answer.card),
        samples=found.samples,
        subject=run.name,
        tables={"Every picture": measures, "Log": run.log.assign(epoch=run.epochs)},
        arrays={"predictions": run.predictions, "labels": run.labels, "pictures": np.array(run.pictures)},
    )


def _happened(found: Findings) -> Section:
    said = (Text(f"{one.topic}. {one.sentence}", warning=one.warning) for one in found.answer.findings)
    gaps = found.answer.gaps
    table = (
        (Table("Accuracy by class on validation and on test pictures", gaps, headings=GAP_HEADINGS),)
        if len(gaps)
        else ()
    )
    return Section("What happened", (*said, *table))


def _evolution(run: TrainingRun, figure: go.Figure) -> Section:
    chart = Chart(figure, "Predicted class of each picture (rows) at each epoch (columns)", _NARROWEST)
    return Section("Confusion evolution", (Markup(figures.class_legend_html(run)), chart))


def _course(found: Findings) -> Section | None:
    if found.picture is None:
        return None
    name = found.run.pictures[found.picture]
    lines = Chart(
        figures.picture_lines(found.run, found.picture),
        f"Probabilities of {name} by epoch, coloured by the predicted class",
    )
    said = picture_sentences(name, found.answer.measures.iloc[found.picture])
    return Section("One picture", (Text(said), lines))


def _progress(found: Findings) -> Section | None:
    card = found.answer.card
    return Section(card.question, (card,)) if card is not None else None


def _attention(found: Findings) -> Section | None:
    table = found.attention
    if table is None or not len(table):
        return None
    chart = Chart(figures.attention_figure(table, found.run), "Share of the evidence on the object by epoch")
    sentence = studies.attention_sentence(table, found.attention_no_evidence)
    of = f"By {found.attention_of}. " if found.attention_of else ""
    parts = (Text(f"{of}{sentence}"), chart, Table("Attention by epoch", table))
    return Section("When does it look at the object?", parts)


def _confusion(run: TrainingRun) -> Section:
    classes = studies.confused_classes(run, _CLASSES).tolist()
    chart = Chart(figures.confusion_film(run, classes), "Confusion matrix at each epoch")
    return Section("Confusion matrix by epoch", (chart,))


def _beside(found: Findings) -> Section | None:
    if found.comparison is None or found.comparison_card is None:
        return None
    chart = figures.comparison_figure(found.comparison)
    parts = (
        found.comparison_card,
        Text(studies.comparison_limits(found.comparison)),
        Markup(figures.outcome_legend_html(found.comparison)),
        Chart(chart, "Which of the two runs is right on each picture at each epoch"),
    )
    return Section("Beside another run", parts)


def evolution_numbers(run: TrainingRun, measures: pd.DataFrame, card: Hypothesis | None) -> dict[str, float]:
    """What the lines of Python give again."""
    return {
        "pictures": float(len(run.pictures)),
        "epochs": float(len(run.epochs)),
        "accuracy at the end": float(run.correct[-1].mean()),
        "mean misclassification": float(measures["misclassification"].mean()),
        "mean frequency": float(measures["frequency"].mean()),
        "mean variability": float(measures["variability"].mean()),
        "forgotten": float(measures["forgetting"].sum()),
    } | ({"gained in the second half": card.carries.effect} if card and card.tone != "unknown" else {})


def _code(code: str) -> str:
    return (
        "import xai_core as xai\nfrom xai_core import studies\nfrom xai_core.shipped import RUNS\n\n"
        f"run = {code}\nmeasures = run.measures()\n"
        'numbers = {"pictures": len(run.pictures), "epochs": len(run.epochs), '
        '"accuracy at the end": run.correct[-1].mean()}\n'
        'for name in ("misclassification", "frequency", "variability"):\n'
        '    numbers[f"mean {name}"] = measures[name].mean()\n'
        'numbers["forgotten"] = measures["forgetting"].sum()\n'
        "card = studies.training_hypothesis(run)\n"
        'if card is not None and card.tone != "unknown":\n'
        '    numbers["gained in the second half"] = card.carries.effect\n'
        "print(numbers)\n"
    )
