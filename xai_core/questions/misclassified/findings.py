"""What Misclassifications finds: all that its card, its sections and its files need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.data import Dataset
from xai_core.figures import Card
from xai_core.models import ambiguous_sentence, match_labels
from xai_core.studies import Finding, Hypothesis, ShownConfusion, Summary
from xai_core.types import Classifier, Sample
from xai_core.types.counts import first_of, form, number_of

BATCH = 64  # pictures in a part of a study
_SAID = 12  # labels or classes that are named
_PIXELS_CPU = 8 * 224 * 224  # in one pass: more would leave a CPU's caches


@dataclass(frozen=True, eq=False)
class Answer:
    """What an evaluation says.

    Attributes
    ----------
    summary : Summary
        Accuracy and its like.
    findings : list of Finding
        In sentences.
    card : Hypothesis
        Of `confidence_hypothesis`.
    classes : DataFrame
        Of `class_report`.
    pairs : DataFrame
        Of `confused_pairs`.
    bins : DataFrame
        Of `calibration`.
    confusion : ShownConfusion
        The matrix as it is drawn.
    """

    summary: Summary
    findings: list[Finding]
    card: Hypothesis
    classes: pd.DataFrame
    pairs: pd.DataFrame
    bins: pd.DataFrame
    confusion: ShownConfusion


def answer(table: pd.DataFrame, names: Sequence[str], groups: Sequence[str | None] = ()) -> Answer:
    """Everything that is read from an evaluation's table.

    Parameters
    ----------
    table : DataFrame
        Of `xai.evaluate`.
    names : Sequence[str]
        The model's classes.
    groups : Sequence of str or None
        What each of the data set's pictures belongs to, where any does: tests and intervals count these.
    """
    related = studies.with_kin(table, groups)
    return Answer(
        summary=studies.summarise(related, names),
        findings=studies.misclassification_findings(related, names),
        card=studies.confidence_hypothesis(related),
        classes=studies.class_report(table, names),
        pairs=studies.confused_pairs(table, names),
        bins=studies.calibration(table),
        confusion=studies.shown_confusion(studies.confusion(table, len(names))),
    )


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found of one model on one set of labelled pictures.

    Attributes
    ----------
    model : Classifier
        What was asked.
    data : str
        The expression that gives the pictures that were evaluated (`Dataset.code`).
    table : DataFrame
        Of `xai.evaluate`.
    answer : Answer
        What it says.
    samples : Sequence[Sample]
        The pictures that are drawn; the table holds the content ids of all.
    cards : Sequence[Card]
        Those pictures, and perhaps some that cannot be read, as the gallery has them.
    left_out : Sequence[str]
        What could not be read, in words.
    settings : Mapping[str, object]
        Other choices, for the record.
    """

    model: Classifier
    data: str
    table: pd.DataFrame
    answer: Answer
    samples: Sequence[Sample] = ()
    cards: Sequence[Card] = ()
    left_out: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def find(model: Classifier, data: str, table: pd.DataFrame, *, answered: Answer | None = None, **more: Any) -> Findings:
    """The findings from an evaluation, as page and batch study both have them.

    Parameters
    ----------
    model, data, table
        See `Findings`.
    answered : Answer, optional
        What `answer` gave for the same table, where it is known already.
    **more
        Other fields of `Findings`.
    """
    return Findings(model, data, table, answered or answer(table, model.class_names), **more)


def card_of(row: pd.Series, pixels: np.ndarray | None, note: str = "") -> Card:
    """A picture of the gallery.

    Parameters
    ----------
    row : Series
        Its row in the evaluation.
    pixels : ndarray or None
        uint8 (H, W, 3); None where it cannot be read.
    note : str
        What else is said of it.
    """
    known = row["true"] >= 0 and row["usable"]
    return Card(
        str(row["id"]),
        pixels,
        row["picture"],
        row["predicted_class"] if row["usable"] else "NaN",
        row["confidence"],
        row["label"] if isinstance(row["label"], str) else "",
        bool(row["correct"]) if known else None,
        note,
    )


def no_label_known(data: Dataset, model: Classifier) -> str:
    """Why nothing can be right or wrong where none of the labels is one of the model's classes.

    Parameters
    ----------
    data : Dataset
    model : Classifier
    """
    labels, classes = data.labels, model.class_names
    several = ambiguous_sentence(match_labels(model, data), classes)
    none = "The label is none" if len(labels) == 1 else f"None of the {len(labels)} labels is one"
    are = form(len(labels), "It is", "The labels are")
    return (
        f"{none} of the model's {number_of(len(classes), 'class')}. {are}: {first_of(labels, _SAID)}. "
        f"The classes are: {first_of(classes, _SAID)}.{f' {several}' if several else ''}"
    )


def at_once(model: Classifier) -> int:
    """Pictures in a forward pass. It goes by the model alone, and not by free memory, so that no bit hangs on that."""
    high, wide = model.preprocessing.size
    fit = _PIXELS_CPU // (high * wide) if model.device.type == "cpu" else BATCH
    return min(BATCH, max(8, fit))
