"""Which pictures are looked at, and reading them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xai_core.discovery.pictures import Pictures, look
from xai_core.errors import DataError, LayerError, ModelError, PictureError
from xai_core.models.labels import true_classes
from xai_core.types import Classifier, Sample
from xai_core.types.counts import number_of

MOST_OF_CLASS = 1000  # pictures of a class that are looked at
OTHERS = 200  # pictures of other classes, where only some classes are asked about
MOST_ACROSS = 5000  # pictures of another split in which near duplicates are looked for
BATCH = 64  # pictures read at once


@dataclass(frozen=True, eq=False)
class Plan:
    """Which pictures are looked at.

    Attributes
    ----------
    labels : tuple of str
        Those asked about.
    places : ndarray
        int64 in the data set, ascending.
    sentences : tuple of str
        What was sampled.
    """

    labels: tuple[str, ...]
    places: np.ndarray
    sentences: tuple[str, ...]


def plan(dataset: Sequence[Sample], label: str | Sequence[str] | None, seed: int) -> Plan:
    """Choose pictures.

    Parameters
    ----------
    dataset : Sequence[Sample]
    label : str or Sequence[str], optional
        None asks about all labels.
    seed : int
        Of the samples.

    Returns
    -------
    Plan

    Raises
    ------
    DataError
        If there are no labels, or not the ones asked for.
    """
    items: Sequence[Any] = getattr(dataset, "items", dataset)  # a data set knows labels before it reads
    found = [item.label for item in items]
    known = tuple(dict.fromkeys(one for one in found if one is not None))
    if not known:
        raise DataError(
            "These pictures have no labels, so there are no classes to ask about. Put them into one folder for each "
            "class."
        )
    asked = known if not label else (label,) if isinstance(label, str) else tuple(label)
    if unknown := [one for one in asked if one not in known]:
        raise DataError(f"There are no pictures of {unknown[0]!r}. The labels are: {', '.join(known)}.")
    rng = np.random.default_rng(seed)
    places: list[int] = []
    sentences = []
    for one in asked:
        own = np.array([place for place, said in enumerate(found) if said == one])
        if len(own) > MOST_OF_CLASS:
            sentences.append(
                f"{one!r} has {number_of(len(own), 'picture')}; a random sample of {MOST_OF_CLASS:,} is looked at: "
                "more would hardly change what can be found."
            )
            own = rng.permutation(own)[:MOST_OF_CLASS]
        places += own.tolist()
    rest = np.array([place for place, said in enumerate(found) if said is not None and said not in asked], np.int64)
    places += rng.permutation(rest)[:OTHERS].tolist()
    return Plan(asked, np.sort(np.array(places, np.int64)), tuple(sentences))


@dataclass(frozen=True, eq=False)
class Batch:
    """What one pass over some pictures gave; None where none of them can be used."""

    pictures: Pictures | None
    problems: list[tuple[str, str]]
    samples: list[Sample]


def look_at(model: Classifier, dataset: Sequence[Sample], places: Sequence[int], method: str, layer: str) -> Batch:
    """Read some pictures and make one pass over them; those without a class of the model are left out.

    Parameters
    ----------
    model : Classifier
    dataset : Sequence[Sample]
    places : Sequence[int]
    method, layer : str
        See `discover`.

    Returns
    -------
    Batch
    """
    samples, found, problems = [], [], []
    items: Sequence[Any] = getattr(dataset, "items", dataset)
    for place in places:
        try:
            samples.append(dataset[int(place)])
            found.append(int(place))
        except PictureError as error:
            problems.append((str(items[int(place)].name), str(error)))
    classes = true_classes(model, samples)
    for sample, one in zip(samples, classes, strict=True):
        if one is None:
            problems.append((sample.name, f"Its label {sample.label!r} is no class of {model.title}."))
    keep = [row for row, one in enumerate(classes) if one is not None]
    kept = [samples[row] for row in keep]
    if not kept:
        return Batch(None, problems, [])
    targets = np.array([classes[row] for row in keep], np.int64)
    return Batch(look(model, kept, [found[row] for row in keep], targets, method, layer), problems, kept)


def look_across(model: Classifier, against: Sequence[Sample], method: str, layer: str, seed: int) -> Pictures | None:
    """A pass over pictures of another split, of at most MOST_ACROSS at random; None where none can be used.

    Parameters
    ----------
    model : Classifier
    against : Sequence[Sample]
    method, layer : str
        See `discover`.
    seed : int
        Of the sample.

    Returns
    -------
    Pictures or None
    """
    places = np.sort(np.random.default_rng(seed).permutation(len(against))[:MOST_ACROSS])
    found = [look_at(model, against, some.tolist(), method, layer).pictures for some in in_batches(places)]
    usable = [one.take(one.usable) for one in found if one is not None]
    return Pictures.concatenate(usable) if usable else None


def in_batches(places: np.ndarray) -> Iterator[np.ndarray]:
    """Places a batch at a time."""
    for start in range(0, len(places), BATCH):
        yield places[start : start + BATCH]


def chosen_layer(model: Classifier, layer: str | None) -> str:
    """The layer whose channels say what; None takes the last stage.

    Raises
    ------
    ModelError, LayerError
        If the model's classes do not exclude each other, or it has no layer with a map, or not that one.
    """
    if model.outputs.independent:
        raise ModelError(
            f"The labels of {model.title} do not exclude each other; Discovery asks about classes that do."
        )
    if layer is None:
        return model.select("stages")[-1].name
    chosen = model.select([layer])
    if len(chosen) != 1:
        raise LayerError(f"Discovery asks about one layer; got {len(chosen)}.")
    return chosen[0].name
