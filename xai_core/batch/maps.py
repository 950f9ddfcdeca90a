"""The maps of a study: the method they are made with, what a batch holds of them, and all batches together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xai_core.batch.given import with_given
from xai_core.batch.head import plain
from xai_core.batch.made_by import made_by
from xai_core.batch.opening import Opened
from xai_core.batch.reading import read_again
from xai_core.batch.store import StudyFolder
from xai_core.errors import LayerError, MethodError, TargetError
from xai_core.methods.explain import explain
from xai_core.methods.registry import DEFAULT, get_method, list_methods, why_missing
from xai_core.questions.question import Question
from xai_core.studies.near_copies import NearCopies, copies_among, kin, reduced
from xai_core.types import Classifier, Heatmaps, Layer, Method, Predictions, Sample
from xai_core.types.counts import first_of

REDUCED = "reduced"  # small copies of pictures, by which near copies are told


def with_method(question: Question, opened: Opened) -> Opened:
    """The request with the method's key and those of its settings that differ from its defaults for the model.

    Raises
    ------
    MethodError
        If there is no such method or setting, or its maps cannot answer the question, or not for this model.
    """
    opened = with_given(opened)
    if question.suits is None:
        return opened
    choices = opened.request.choices
    method = opened.method or get_method(choices.get("method") or DEFAULT)
    if not question.suits(method):
        if not method.repeatable:
            raise MethodError(
                f"{question.title} compares several maps of each picture, and {choices['maps']} holds one: give arrays "
                "(pictures, h, w) by name in an NPZ file, the earliest layer first."
            )
        fit = ", ".join(one.key for one in list_methods() if question.suits(one))
        raise MethodError(f"{method.title} gives no maps that {question.title} could use. Choose one of: {fit}.")
    if problem := why_missing(method, opened.model):
        raise MethodError(problem)
    if choices.get("layer") and not method.at_layers:
        raise MethodError(
            f"{method.title} gives one map of the whole network, so no layer can be chosen for it: leave out --layer."
        )
    offered = method.defaults(opened.model)
    given = {name: one for name, one in method.parsed(choices.get("set") or ()).items() if one != offered[name]}
    request = replace(opened.request, choices={**choices, "method": method.key, "set": given})
    return replace(opened, request=request, method=method)


def method_of(opened: Opened) -> Method:
    """What makes the maps of a request that `with_method` completed."""
    return opened.method or get_method(opened.request.choices["method"])


def layers_of(opened: Opened, asked: str | Sequence[str]) -> tuple[Layer, ...]:
    """Layers by name, or all of a kind: those of the model, or those that maps made elsewhere are of.

    Raises
    ------
    LayerError
        If there is no such layer.
    """
    there = method_of(opened).layers
    if not there:
        return opened.model.select(asked)
    known = {layer.name: layer for layer in there}
    names = list(known) if asked in ("stages", "blocks") else [asked] if isinstance(asked, str) else list(asked)
    if unknown := [name for name in names if name not in known]:
        raise LayerError(f"There are no maps {unknown[0]!r}. Choose among: {', '.join(known)}.")
    return tuple(known[name] for name in known if name in names)


def maps_of(
    opened: Opened, samples: Sequence[Sample], names: Sequence[str], targets: Sequence[int | None], batch_size: int
) -> Heatmaps:
    """The maps of some pictures, by the request's method."""
    choices, method = opened.request.choices, method_of(opened)
    where: dict[str, Any] = {"layers": list(names)} if method.at_layers else {}
    return explain(
        opened.model, samples, method=method, targets=targets, batch_size=batch_size, **where, **choices["set"]
    )


def target_class(model: Classifier, target: str) -> int | None:
    """The number of the class asked for; None for "label" and "prediction".

    Raises
    ------
    TargetError
        If the model has no such class.
    """
    if target in ("label", "prediction"):
        return None
    if target not in model.class_names:
        raise TargetError(
            f"{target!r} is neither label nor prediction nor a class of {model.title}. Its classes are: "
            f"{first_of(model.class_names)}."
        )
    return model.class_names.index(target)


def texts_of(samples: Sequence[Sample], problems: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What a batch holds in words of its pictures, and of those that were left out."""
    return (
        {
            "ids": [sample.id for sample in samples],
            "names": [plain(sample.name) for sample in samples],
            "labels": [plain(sample.label) if sample.label is not None else None for sample in samples],
            "problems": [list(problem) for problem in problems],
        }
        | _several_labels(samples)
        | _groups(samples)
    )


def _groups(samples: Sequence[Sample]) -> dict[str, Any]:
    """What pictures belong to, where any does."""
    return {"groups": [sample.group for sample in samples]} if any(sample.group for sample in samples) else {}


def _several_labels(samples: Sequence[Sample]) -> dict[str, Any]:
    """All labels of pictures that can have several; the labels that are annotated are nearly always the same ones."""
    if all(sample.labels is None for sample in samples):
        return {}
    annotated = list(dict.fromkeys(sample.annotated for sample in samples))
    return {
        "all labels": [None if one.labels is None else [plain(label) for label in one.labels] for one in samples],
        "annotated": [[plain(label) for label in labels] for labels in annotated],
        "annotated as": [annotated.index(one.annotated) for one in samples],
    }


def _sample(about: Mapping[str, Any], row: int) -> Sample:
    """A picture of a batch, without its pixels."""
    nothing = np.zeros((0, 0, 3), np.uint8)
    group = about["groups"][row] if "groups" in about else None
    found = Sample(about["ids"][row], nothing, about["labels"][row], name=about["names"][row], group=group)
    labels = about["all labels"][row] if "all labels" in about else None
    if labels is None:
        return found
    annotated = about["annotated"][about["annotated as"][row]]
    return replace(found, labels=tuple(labels), annotated=tuple(annotated))


def said_of(model: Classifier, heatmaps: Heatmaps) -> dict[str, np.ndarray]:
    """What the model says of each picture, as columns of a table: of its class, or of the label that is explained."""
    classes = np.array(model.class_names, dtype=object)[heatmaps.predictions.classes]
    if not model.outputs.independent:
        return {"predicted": classes, "confidence": heatmaps.predictions.confidences}
    rows = np.arange(heatmaps.n_pictures)
    return {
        "p_target": heatmaps.predictions.probabilities[rows, heatmaps.targets],
        "likeliest": classes,
        "p_likeliest": heatmaps.predictions.confidences,
    }


def arrays_of(heatmaps: Heatmaps, samples: Sequence[Sample], places: Sequence[int]) -> dict[str, np.ndarray]:
    """What a batch holds of its maps and pictures."""
    arrays: dict[str, np.ndarray] = {
        "index": np.array(places, np.int64),
        REDUCED: reduced(samples),
        "targets": heatmaps.targets,
        "predictions": heatmaps.predictions.classes,
        "probabilities": heatmaps.predictions.probabilities,
    }
    return arrays | {f"map/{layer}": raw for layer, raw in heatmaps.items()}


@dataclass(frozen=True, eq=False)
class Looked:
    """All batches with maps together.

    Attributes
    ----------
    numbers : Sequence[int]
        Of the parts.
    places : ndarray
        int64 (N,) in the data set.
    samples : list of Sample
        N, without their pixels and masks.
    problems : list of tuple of str
        Name and reason of what was left out.
    masks : list of tuple of str
        Name and reason of pictures whose mask cannot be used.
    """

    numbers: Sequence[int]
    places: np.ndarray
    samples: list[Sample]
    problems: list[tuple[str, str]]
    masks: list[tuple[str, str]]

    @classmethod
    def of(cls, study: StudyFolder) -> Looked:
        """From the folder."""
        numbers = range(study.head["parts"])
        said = [study.about(number) for number in numbers]
        samples = [_sample(about, row) for about in said for row in range(len(about["ids"]))]
        problems, masks = (
            [(name, reason) for about in said for name, reason in about.get(key, ())] for key in ("problems", "masks")
        )
        places = study.stacked("index", numbers) if samples else np.zeros(0, np.int64)
        return cls(numbers, places, samples, problems, masks)

    def with_pixels(self, opened: Opened, rows: Sequence[int]) -> list[Sample]:
        """The samples, of which some are read again so that they can be drawn."""
        found = list(self.samples)
        for row in rows:
            found[row] = read_again(opened.data, opened.model, int(self.places[row]), found[row].id)
        return found

    def near_copies(self, study: StudyFolder) -> NearCopies:
        """Near copies among the pictures; none are known of where an older study did not look."""
        small = self._reduced(study)
        return NearCopies(0, 0, len(self.samples)) if small is None else copies_among(small, self._groups)

    def kin(self, study: StudyFolder) -> Sequence[str | None]:
        """What each picture belongs to, near copies included where the study looked for them."""
        small = self._reduced(study)
        return self._groups if small is None else kin(small, self._groups)

    @property
    def _groups(self) -> list[str | None]:
        return [sample.group for sample in self.samples]

    def _reduced(self, study: StudyFolder) -> np.ndarray | None:
        said = {number: about for number in self.numbers if (about := study.about(number))["ids"]}
        there = said and all(REDUCED in about["arrays"] for about in said.values())
        return study.stacked(REDUCED, list(said)) if there else None

    def heatmaps(self, study: StudyFolder, layers: Sequence[str]) -> Heatmaps:
        """The maps of all pictures."""
        height, width = study.head["input_size"]
        made = made_by(study.head)
        said = Predictions(study.stacked("predictions", self.numbers), study.stacked("probabilities", self.numbers))
        return Heatmaps(
            {layer: study.stacked(f"map/{layer}", self.numbers) for layer in layers},
            study.stacked("targets", self.numbers),
            said,
            (height, width),
            made.title,
            made.unit,
            key=made.key,
            settings=study.settings,
        )
