"""What the kinds of study share: batches with maps, what was left out, the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from xai_core.batch.opening import Opened, read_again
from xai_core.batch.store import METHOD, UNIT, StudyFolder, plain
from xai_core.errors import TargetError
from xai_core.reports import Report
from xai_core.studies import Hypothesis, uncapitalised
from xai_core.types import Classifier, Heatmaps, Predictions, Sample

_NAMED = 20  # pictures that cannot be read and are named in a report; summary.json names them all
Batch = tuple[dict[str, Any], dict[str, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Stage:
    """A run of batches.

    Attributes
    ----------
    word : what is done, for a bar
    first : number of the first part
    sizes : pictures in each batch
    compute : place of a batch among them -> its texts and arrays
    """

    word: str
    first: int
    sizes: Sequence[int]
    compute: Callable[[int], Batch]


@dataclass(frozen=True, eq=False)
class Results:
    """What a study found.

    Attributes
    ----------
    table : a row a picture, or a picture and layer
    card : question, tests and answer
    report : all of it
    counts : of pictures
    sentences : what else is to be said
    """

    table: pd.DataFrame
    card: Hypothesis
    report: Report
    counts: Mapping[str, int] = field(default_factory=dict)
    sentences: Sequence[str] = ()


class Study(Protocol):
    """A kind of study.

    Attributes
    ----------
    batch : pictures in a part
    layers : names of the layers whose maps are kept
    """

    batch: int
    layers: tuple[str, ...]

    def stages(self, study: StudyFolder) -> Iterator[Stage]:
        """What is to be computed; a stage is asked for when those before it are in the folder."""
        ...

    def results(self, study: StudyFolder) -> Results:
        """What came out, from the folder."""
        ...


def batches(total: int, batch: int) -> list[range]:
    """The places of each batch."""
    return [range(start, min(start + batch, total)) for start in range(0, total, batch)]


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
        some = ", ".join(model.class_names[:12]) + (" …" if len(model.class_names) > 12 else "")
        raise TargetError(
            f"{target!r} is neither label nor prediction nor a class of {model.title}. Its classes are: {some}."
        )
    return model.class_names.index(target)


def texts_of(samples: Sequence[Sample], problems: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What a batch holds in words of its pictures, and of those that were left out."""
    return {
        "ids": [sample.id for sample in samples],
        "names": [plain(sample.name) for sample in samples],
        "labels": [plain(sample.label) if sample.label is not None else None for sample in samples],
        "problems": [list(problem) for problem in problems],
    }


def arrays_of(heatmaps: Heatmaps, places: Sequence[int]) -> dict[str, np.ndarray]:
    """What a batch holds of its maps."""
    arrays: dict[str, np.ndarray] = {
        "index": np.array(places, np.int64),
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
    numbers : of the parts
    places : int64 (N,) in the data set
    samples : N, without their pixels and masks
    problems : name and reason of what was left out
    masks : name and reason of pictures whose mask cannot be used
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
        nothing = np.zeros((0, 0, 3), np.uint8)
        samples = [
            Sample(one, nothing, label, name=name)
            for about in said
            for one, name, label in zip(about["ids"], about["names"], about["labels"], strict=True)
        ]
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

    def heatmaps(self, study: StudyFolder, layers: Sequence[str]) -> Heatmaps:
        """The maps of all pictures."""
        height, width = study.head["input_size"]
        said = Predictions(study.stacked("predictions", self.numbers), study.stacked("probabilities", self.numbers))
        return Heatmaps(
            {layer: study.stacked(f"map/{layer}", self.numbers) for layer in layers},
            study.stacked("targets", self.numbers),
            said,
            (height, width),
            METHOD,
            UNIT,
        )


def left_out_sentences(problems: Sequence[tuple[str, str]], masks: Sequence[tuple[str, str]], total: int) -> list[str]:
    """What was left out, in words."""
    said = []
    if problems:
        reasons = [reason if name in reason else f"{name}: {reason}" for name, reason in problems[:_NAMED]]
        more = f" And {len(problems) - _NAMED} more." if len(problems) > _NAMED else ""
        word = "picture" if total == 1 else "pictures"
        said.append(f"{len(problems)} of {total} {word} could not be read. {' '.join(reasons)}{more}")
    if masks:
        counts = Counter(reason for _, reason in masks).most_common()
        reasons = [f"{count} × {uncapitalised(reason)[:-1]}" for reason, count in counts]
        said.append(f"{len(masks)} of {total - len(problems)} pictures are left out: {'; '.join(reasons)}.")
    return said
