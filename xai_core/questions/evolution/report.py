"""The report of Training Evolution: what each picture was taken for, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core import figures, studies
from xai_core.questions.evolution.question import EVOLUTION
from xai_core.records import TrainingRun
from xai_core.reports.report import Chart, Markup, Part, Report, Section, Table, Text
from xai_core.studies import Hypothesis, RunComparison
from xai_core.types import Sample

_CLASSES = 30  # of the confusion matrix


def evolution_report(
    run: TrainingRun,
    code: str,
    figure: go.Figure,
    *,
    card: Hypothesis | None = None,
    picture: int | None = None,
    comparison: RunComparison | None = None,
    comparison_card: Hypothesis | None = None,
    attention: pd.DataFrame | None = None,
    samples: Sequence[Sample] = (),
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """All that the page shows.

    Parameters
    ----------
    run : TrainingRun
    code : str
        The expression that gives the run again.
    figure : plotly.graph_objects.Figure
        The evolution figure as it stands.
    card : Hypothesis, optional
        Of `training_hypothesis`.
    picture : int, optional
        Index of the one whose course is drawn.
    comparison : RunComparison, optional
        With another run, and its card.
    comparison_card : Hypothesis, optional
        Of `comparison`.
    attention : DataFrame, optional
        Of `attention_table`.
    samples : Sequence[Sample]
        The picture that is drawn, where it can be read.
    settings : Mapping of str to object, optional
        Besides those that are known from the rest.
    """
    measures = run.measures()
    findings = studies.evolution_findings(run, measures)
    sections = [
        Section("What happened", tuple(Text(f"{one.topic}. {one.sentence}", warning=one.warning) for one in findings)),
        Section(
            "Confusion evolution",
            (
                Markup(figures.class_legend_html(run)),
                Chart(figure, "Predicted class of each picture (rows) at each epoch (columns)"),
            ),
        ),
    ]
    if picture is not None:
        lines = Chart(
            figures.picture_lines(run, picture),
            f"Probabilities of {run.pictures[picture]} by epoch, coloured by the predicted class",
        )
        sections.append(Section("One picture", (Text(run.pictures[picture]), lines)))
    if card is not None:
        sections.append(Section(card.question, (card,)))
    if attention is not None and len(attention):
        chart = Chart(figures.attention_figure(attention, run), "Share of the evidence on the object by epoch")
        sections.append(
            Section(
                "When does it look at the object?",
                (Text(studies.attention_sentence(attention)), chart, Table("Attention by epoch", attention)),
            )
        )
    classes = studies.confused_classes(run, _CLASSES).tolist()
    sections.append(
        Section(
            "Confusion matrix by epoch",
            (Chart(figures.confusion_film(run, classes), "Confusion matrix at each epoch"),),
        )
    )
    if comparison is not None:
        parts: list[Part] = [Text(studies.comparison_sentence(comparison))]
        if comparison_card is not None:
            parts.append(comparison_card)
        parts += [
            Markup(figures.outcome_legend_html()),
            Chart(
                figures.comparison_figure(comparison), "Which of the two runs is right on each picture at each epoch"
            ),
        ]
        sections.append(Section("Beside another run", tuple(parts)))
    numbers = evolution_numbers(run, measures, card)
    return Report(
        key=EVOLUTION.key,
        title=EVOLUTION.title,
        question=EVOLUTION.question,
        sections=tuple(sections),
        settings={"run": run.name, "pictures": len(run.pictures), "epochs": len(run.epochs)}
        | {name: value for name, value in run.settings.items() if isinstance(value, str | int | float | bool)}
        | dict(settings or {}),
        code=_code(code),
        numbers=numbers,
        samples=samples,
        tables={"Every picture": measures, "Log": run.log.assign(epoch=run.epochs)},
        arrays={"predictions": run.predictions, "labels": run.labels, "pictures": np.array(run.pictures)},
    )


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
    } | ({"gained in the second half": card.carries.effect} if card is not None else {})


def _code(code: str) -> str:
    return (
        "import xai_core as xai\nfrom xai_core import studies\nfrom xai_core.shipped import RUNS\n\n"
        f"run = {code}\nmeasures = run.measures()\n"
        'numbers = {"pictures": len(run.pictures), "epochs": len(run.epochs), '
        '"accuracy at the end": run.correct[-1].mean()}\n'
        'for name in ("misclassification", "frequency", "variability"):\n'
        '    numbers[f"mean {name}"] = measures[name].mean()\n'
        'numbers["forgotten"] = measures["forgetting"].sum()\n'
        "if (card := studies.training_hypothesis(run)) is not None:\n"
        '    numbers["gained in the second half"] = card.carries.effect\n'
        "print(numbers)\n"
    )
