"""What Foreground vs Background finds: all that its card, its sections and its files need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.methods.registry import no_evidence
from xai_core.models import possible_classes
from xai_core.studies import ClassSeen, Conclusion, ForegroundVerdict, Hypothesis, PairedTests, Tone
from xai_core.studies.classes_in_words import classes_in_words
from xai_core.studies.words import uncapitalised
from xai_core.types import Classifier, Heatmaps, Sample
from xai_core.types.counts import part_of
from xai_core.types.label_evaluation import THRESHOLD

# Interventions by mask, as people read them.
INTERVENTIONS = {
    "whole": "as it is",
    "object": "object only",
    "background": "background only",
    "elsewhere": "equal area hidden elsewhere",
    "same": "another background of the same class",
    "swapped": "another class's background",
}

# The two percentages below a picture with its mask.
ENERGY_WORDS = "how much of the map's energy lies on the object, and how much of the picture the object covers"


def difference_words(measure: str) -> str:
    """What the number below a picture is the difference of.

    Parameters
    ----------
    measure : str
        Key of FOREGROUND_MEASURES.
    """
    kind = FOREGROUND_MEASURES[measure]
    return f"{uncapitalised(kind.title)} on the object minus that {kind.against_words}"


def interventions_of(table: pd.DataFrame) -> dict[str, str]:
    """The interventions of a table in words: where no picture lends its background, a texture stood in its place."""
    return INTERVENTIONS | {"swapped": studies.behind(table)}


@dataclass(frozen=True, eq=False)
class Answer:
    """What was tested of a measure, and how it came out."""

    tests: PairedTests
    verdict: ForegroundVerdict
    conclusion: Conclusion
    card: Hypothesis


def answer(
    table: pd.DataFrame,
    measure: str,
    method: str,
    seen: ClassSeen | None = None,
    intervention: pd.DataFrame | None = None,
    labels: Sequence[str | None] = (),
    untrained: Sequence[pd.DataFrame] = (),
    other_class: int = 0,
) -> Answer:
    """The tests of a measure, and the answer from them and the interventions.

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background` for one layer.
    measure : str
        Key of FOREGROUND_MEASURES.
    method : str
        The name of the method that made the maps.
    seen : ClassSeen, optional
        How sure the model is of the classes that the maps explain (`studies.seen_classes`).
    intervention : DataFrame, optional
        Rows of `xai.intervention` on the same pictures.
    labels : Sequence[str or None]
        Of the pictures.
    untrained : Sequence of DataFrame
        What `studies.beyond_others` gives for the same pictures in the same network with random weights, one a draw.
    other_class : int
        What `of_another_class` counts among them; where it is most of them, a yes or no is marked.
    """
    tests = studies.measure_tests(table, measure)
    verdict = studies.foreground_verdict(table, measure, tests, seen, no_evidence(method))
    random = studies.untrained_maps(table, measure, untrained)
    maps_of = studies.maps_by_label(table, measure, labels) if len(set(labels)) > 1 else None
    conclusion, found = studies.conclude(verdict, untrained=random, maps_of=maps_of), None
    if intervention is not None:
        by_label = studies.rests_on_by_label(intervention, labels) if len(set(labels)) > 1 else None
        found = studies.rests_on(intervention)
        conclusion = studies.conclude(verdict, found, intervention, by_label, random, maps_of)
    card = studies.foreground_hypothesis(table, measure, tests, verdict, method=method, conclusion=conclusion)
    answered = conclusion.answer != "unknown"
    plain = studies.foreground_in_words(table, measure, verdict, found, intervention, answered=answered)
    apart = classes_in_words(conclusion, intervention, labels)
    card = replace(card, plain=" ".join(one for one in (plain, apart, card.plain) if one))
    if other_class:
        several = part_of(other_class, len(table), "picture")
        said = f"In {several} the class that is explained is not the label. Masks mark the label's object."
        marked: Tone = "caution" if card.tone in ("yes", "no") and 2 * other_class > len(table) else card.tone
        card = replace(card, caveats=(*card.caveats, said), tone=marked)
    return Answer(tests, verdict, conclusion, card)


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found of one model on one set of pictures.

    Attributes
    ----------
    model : Classifier
        What was asked.
    data : str
        The expression that gives the pictures (`Dataset.code`).
    samples : Sequence[Sample]
        N with usable masks, as the network saw them.
    heatmaps : Heatmaps
        Their maps, of one layer.
    table : DataFrame
        Rows of `foreground_background` for that layer.
    measure : str
        Key of FOREGROUND_MEASURES.
    tests, card : PairedTests, Hypothesis
        What was tested, and the card.
    intervention : DataFrame, optional
        Of `xai.intervention`, filled with `fill`.
    groups, models, dose : DataFrame, optional
        Of `compare_groups` by label, `compare_models`, `dose_row`; where there are any.
    depth : DataFrame, optional
        Measures at several layers, whose titles are `stages`.
    left_out : Sequence[str]
        Pictures that are not in it, and why.
    settings : Mapping[str, object]
        Other choices, for the record.
    """

    model: Classifier
    data: str
    samples: Sequence[Sample]
    heatmaps: Heatmaps
    table: pd.DataFrame
    measure: str
    tests: PairedTests
    card: Hypothesis
    intervention: pd.DataFrame | None = None
    fill: str = "blur"
    groups: pd.DataFrame | None = None
    models: pd.DataFrame | None = None
    dose: pd.DataFrame | None = None
    depth: pd.DataFrame | None = None
    stages: Sequence[str] = ()
    left_out: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def layer(self) -> str:
        """The layer of the maps; of a method without layers, the place of its one map."""
        (layer,) = self.heatmaps
        return layer


def find(
    model: Classifier,
    data: str,
    samples: Sequence[Sample],
    heatmaps: Heatmaps,
    table: pd.DataFrame,
    measure: str,
    *,
    answered: Answer | None = None,
    intervention: pd.DataFrame | None = None,
    untrained: Sequence[pd.DataFrame] = (),
    **more: Any,
) -> Findings:
    """The findings from maps and tables, as page and batch study both have them.

    Parameters
    ----------
    model, data, samples, heatmaps, table, measure, intervention
        See `Findings`.
    untrained : Sequence of DataFrame
        As `answer` takes them.
    answered : Answer, optional
        What `answer` gave for the same table, where it is known already.
    **more
        Other fields of `Findings`.
    """
    if intervention is not None and not intervention.empty:
        intervention = studies.with_groups(intervention, (samples[row].group for row in intervention["picture"]))
    labels = group_names(model, samples, heatmaps.targets.tolist())
    seen = studies.seen_classes(heatmaps, model)
    known = answered
    if known is None:
        other = of_another_class(model, samples, heatmaps.targets.tolist())
        known = answer(table, measure, heatmaps.method, seen, intervention, labels, untrained, other)
    if len(set(labels)) > 1 and "groups" not in more:
        more["groups"] = studies.compare_groups(table.assign(label=labels), "label", measure)
    return Findings(
        model, data, samples, heatmaps, table, measure, known.tests, known.card, intervention=intervention, **more
    )


def group_names(model: Classifier, samples: Sequence[Sample], targets: Sequence[int]) -> list[str]:
    """The class by which each picture is grouped: its label, or the explained one if it has none or any has several.

    Parameters
    ----------
    model : Classifier
        What was asked.
    samples : Sequence[Sample]
        N pictures.
    targets : Sequence[int]
        N classes that their maps explain.
    """
    if any(len(sample.every_label) > 1 for sample in samples):
        return [model.class_names[target] for target in targets]
    return [sample.label or model.class_names[target] for sample, target in zip(samples, targets, strict=True)]


def of_another_class(model: Classifier, samples: Sequence[Sample], targets: Sequence[int]) -> int:
    """In how many pictures the map is of a class that is none of the labels, whose objects masks mark.

    Parameters
    ----------
    model : Classifier
        What was asked.
    samples : Sequence[Sample]
        N pictures.
    targets : Sequence[int]
        N classes that their maps explain.
    """
    fitting = zip(samples, possible_classes(model, samples), targets, strict=True)
    return sum(bool(sample.every_label) and target not in classes for sample, classes, target in fitting)


def still_said(heatmaps: Heatmaps, targets: Sequence[int], independent: bool) -> np.ndarray:
    """bool (N,): whether each picture's class is still predicted; of independent labels, whether it still is likely.

    Parameters
    ----------
    heatmaps : Heatmaps
        Of N pictures after a change.
    targets : Sequence[int]
        N classes.
    independent : bool
        Whether the classes do not exclude each other.
    """
    wanted = np.asarray(targets)
    if independent:
        return np.asarray(heatmaps.predictions.probabilities[np.arange(len(wanted)), wanted] >= THRESHOLD)
    return np.asarray(heatmaps.predictions.classes == wanted)
