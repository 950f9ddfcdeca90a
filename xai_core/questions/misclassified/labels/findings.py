"""What Misclassifications finds of independent labels: all that its card, its sections and its files need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.data import Dataset
from xai_core.figures import Card
from xai_core.studies import CoOccurrence, Finding, Hypothesis, LabelSummary
from xai_core.types import Classifier, LabelEvaluation, Sample
from xai_core.types.counts import part_of

_CORRECT = {"found": True, "rejected": True, "missed": False, "false positive": False, "not known": None}


@dataclass(frozen=True, eq=False)
class LabelAnswer:
    """What an evaluation of independent labels says.

    Attributes
    ----------
    summary : LabelSummary
        The numbers over all labels.
    findings : list of Finding
        In sentences.
    card : Hypothesis
        Of `labels_hypothesis`.
    labels : DataFrame
        Of `label_report`.
    bins : DataFrame
        Of `label_calibration`, all labels together.
    together : CoOccurrence
        Which labels are predicted where which are true.
    """

    summary: LabelSummary
    findings: list[Finding]
    card: Hypothesis
    labels: pd.DataFrame
    bins: pd.DataFrame
    together: CoOccurrence


def answer(evaluation: LabelEvaluation, groups: Sequence[str | None] = ()) -> LabelAnswer:
    """Everything that is read from an evaluation.

    Parameters
    ----------
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.
    groups : Sequence of str or None
        What each of the data set's pictures belongs to, where any does: the test counts pictures, and then says so.
    """
    return LabelAnswer(
        summary=studies.summarise_labels(evaluation),
        findings=studies.label_findings(evaluation),
        card=studies.counting_pictures(studies.labels_hypothesis(evaluation), groups),
        labels=studies.label_report(evaluation),
        bins=studies.label_calibration(evaluation),
        together=studies.co_occurrence(evaluation),
    )


@dataclass(frozen=True, eq=False)
class LabelFindings:
    """What was found of one model of independent labels on one set of pictures.

    Attributes
    ----------
    model : Classifier
        What was asked.
    data : str
        The expression that gives the pictures that were evaluated (`Dataset.code`).
    evaluation : LabelEvaluation
        Of `xai.evaluate_labels`.
    answer : LabelAnswer
        What it says.
    samples : Sequence[Sample]
        The pictures that are drawn.
    cards : Sequence[Card]
        Those pictures, and perhaps some that cannot be read, as the gallery has them.
    left_out : Sequence[str]
        What could not be read, in words.
    """

    model: Classifier
    data: str
    evaluation: LabelEvaluation
    answer: LabelAnswer
    samples: Sequence[Sample] = ()
    cards: Sequence[Card] = ()
    left_out: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def card_of(row: pd.Series, pixels: np.ndarray | None) -> Card:
    """A picture of the gallery with the label to look at.

    Parameters
    ----------
    row : Series
        Of `choose_labelled`.
    pixels : ndarray or None
        uint8 (H, W, 3); None where it cannot be read.
    """
    has = f"has {row['labels']}" if row["labels"] else "has no label"
    sure = studies.percent(row["probability"]) if np.isfinite(row["probability"]) else "NaN"
    return Card(
        str(row["id"]),
        pixels,
        row["picture"],
        row["label"],
        row["probability"],
        "",
        _CORRECT[row["outcome"]],
        f"{row['outcome']} · {has}",
        f"{row['label']} {sure}, {row['outcome']}; the picture {has}",
    )


def single_label_sentence(data: Dataset) -> str:
    """What is assumed where a data set gives each picture one label; empty where pictures can have several.

    Parameters
    ----------
    data : Dataset
        The pictures.
    """
    if data.several_labels:
        return ""
    return (
        "These data give each picture one label, so all others count as absent. If a picture may have more than one, "
        "give a table of labels, or, for copies in several class folders, choose that they are one picture."
    )


def left_out_sentences(summary: LabelSummary, model: Classifier, pictures: int) -> list[str]:
    """Which pictures count in no number, in words.

    Parameters
    ----------
    summary : LabelSummary
        Of their evaluation.
    model : Classifier
        What was asked.
    pictures : int
        That were evaluated.
    """
    said = []
    if summary.unlabelled:
        said.append(
            f"Of {part_of(summary.unlabelled, pictures, 'picture')} the data say nothing about any label that "
            f"{model.title} knows. They are neither right nor wrong and are left out of all numbers."
        )
    if summary.unusable:
        said.append(
            f"To {part_of(summary.unusable, pictures, 'picture')} the model answers NaN instead of probabilities. "
            "They are left out of all numbers; its weights may be damaged, or its input scaled differently."
        )
    return said
