"""What Training Evolution finds: all that its cards, its sections and its files need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xai_core import studies
from xai_core.questions.evolution.kin import groups_of_run
from xai_core.records import TrainingRun
from xai_core.studies import Finding, Hypothesis, RunComparison
from xai_core.types import Sample


@dataclass(frozen=True, eq=False)
class Answer:
    """What a recorded training says.

    Attributes
    ----------
    measures : DataFrame
        Of `TrainingRun.measures`: how each picture fared.
    findings : list of Finding
        What happened, in sentences.
    card : Hypothesis, optional
        Of `training_hypothesis`; None where the record is too short.
    gaps : DataFrame
        Of `class_gaps`: accuracy by class on validation and on recorded pictures; empty where that is not known.
    """

    measures: pd.DataFrame
    findings: list[Finding]
    card: Hypothesis | None
    gaps: pd.DataFrame


def answer(run: TrainingRun) -> Answer:
    """Everything that is read from a record.

    Parameters
    ----------
    run : TrainingRun
        What was recorded.
    """
    measures = run.measures()
    groups = groups_of_run(run)
    gaps = studies.class_gaps(run, groups)
    found = studies.evolution_findings(run, measures, gaps, groups)
    return Answer(measures, found, studies.training_hypothesis(run, groups), gaps)


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found in one training, perhaps beside another.

    Attributes
    ----------
    run : TrainingRun
        What was recorded.
    code : str
        The expression that gives the run again.
    answer : Answer
        What it says.
    picture : int, optional
        Index of the one whose course is drawn.
    comparison : RunComparison, optional
        With another run.
    comparison_card : Hypothesis, optional
        Of `comparison`.
    attention : DataFrame, optional
        Of `attention_table`.
    attention_of : str
        What made the maps of `attention`, as people read it.
    attention_no_evidence : str
        Why maps of that method are no evidence for a class (`Method.no_evidence`).
    samples : Sequence[Sample]
        The picture that is drawn, where it can be read.
    """

    run: TrainingRun
    code: str
    answer: Answer
    picture: int | None = None
    comparison: RunComparison | None = None
    comparison_card: Hypothesis | None = None
    attention: pd.DataFrame | None = None
    attention_of: str = ""
    attention_no_evidence: str = ""
    samples: Sequence[Sample] = ()


def comparison_card(comparison: RunComparison) -> Hypothesis:
    """Of `comparison_hypothesis`, which counts groups where either record knows of some.

    Parameters
    ----------
    comparison : RunComparison
    """
    known = (groups_of_run(run) for run in (comparison.first, comparison.second))
    return studies.comparison_hypothesis(comparison, next(filter(any, known), ()))


def find(
    run: TrainingRun, code: str, *, answered: Answer | None = None, comparison: RunComparison | None = None, **more: Any
) -> Findings:
    """The findings from a record.

    Parameters
    ----------
    run, code, comparison
        See `Findings`.
    answered : Answer, optional
        What `answer` gave for the same run, where it is known already.
    **more
        Other fields of `Findings`.
    """
    card = comparison_card(comparison) if comparison is not None else None
    return Findings(run, code, answered or answer(run), comparison=comparison, comparison_card=card, **more)
