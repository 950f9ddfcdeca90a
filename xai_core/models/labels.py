"""Maps a data set's labels to a model's classes, by WordNet id, by name, by synonym."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from xai_core.models import imagenet
from xai_core.types import Classifier, FloatArray, Sample


@lru_cache(maxsize=8)
def _names_to_classes(class_names: tuple[str, ...], wnids: tuple[str, ...] | None) -> dict[str, int]:
    """Simplified names that belong to one class only. A class's own name beats another one's synonym."""
    own, other = defaultdict(set), defaultdict(set)
    for index, name in enumerate(class_names):
        own[imagenet.simplify(name)].add(index)
        if wnids:
            for synonym in imagenet.synonyms().get(wnids[index], ()):
                other[imagenet.simplify(synonym)].add(index)
    clear = {name: min(found) for name, found in other.items() if len(found) == 1}
    return clear | {name: min(found) for name, found in own.items() if len(found) == 1}


def true_classes(classifier: Classifier, samples: Sequence[Sample]) -> list[int | None]:
    """The class of each sample's label in the model's numbering; None where it has no such class.

    A WordNet id decides where sample and model both have one; else the label is compared with the class names
    and their WordNet synonyms, case and punctuation aside. A name that fits two classes fits none.

    Parameters
    ----------
    classifier : Classifier
    samples : Sequence[Sample]
        N samples.

    Returns
    -------
    list of int or None
        N classes, each in [0, K).

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.true_classes(xai.load_model("digits"), xai.load_dataset("textured_digits")[:2])
    [4, 6]
    """
    by_name = _names_to_classes(classifier.class_names, classifier.wnids)
    by_wnid = {wnid: index for index, wnid in enumerate(classifier.wnids or ())}
    found: list[int | None] = []
    for sample in samples:
        if sample.wnid and by_wnid:
            found.append(by_wnid.get(sample.wnid))
        else:
            found.append(by_name.get(imagenet.simplify(sample.label)) if sample.label else None)
    return found


def true_labels(classifier: Classifier, samples: Sequence[Sample]) -> npt.NDArray[np.int8]:
    """Which of a model's labels are true of each sample.

    Parameters
    ----------
    classifier : Classifier
        Of K labels that do not exclude each other.
    samples : Sequence[Sample]
        N samples.

    Returns
    -------
    ndarray
        int8 (N, K): 1 true, 0 not, -1 not known, since the data do not say so. Of a sample with a single label all
        others are taken to be absent; of one without any, or with one that the model has not, nothing is known.

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.models.labels import true_labels
    >>> true_labels(xai.load_model("digits"), xai.load_dataset("textured_digits")[:1]).tolist()
    [[0, 0, 0, 0, 1, 0, 0, 0, 0, 0]]
    """
    by_name = _names_to_classes(classifier.class_names, classifier.wnids)
    truth = np.full((len(samples), len(classifier.class_names)), -1, np.int8)
    single = true_classes(classifier, samples)
    for row, sample, own in zip(truth, samples, single, strict=True):
        if sample.labels is None:
            if own is not None:
                row[:] = 0
                row[own] = 1
            continue
        for value, names in ((0, sample.annotated), (1, sample.labels)):
            found = [by_name.get(imagenet.simplify(name)) for name in names]
            row[[index for index in found if index is not None]] = value
    return truth


def possible_classes(classifier: Classifier, samples: Sequence[Sample]) -> list[tuple[int, ...]]:
    """The classes that a sample's label may stand for: its own class, or the kinds of an everyday word.

    A "dog" is any of ImageNet's 118 breeds, where the model's classes are ImageNet's.

    Parameters
    ----------
    classifier : Classifier
    samples : Sequence[Sample]
        N samples.

    Returns
    -------
    list of tuple of int
        N times the classes, each in [0, K); empty where nothing fits.
    """
    own = true_classes(classifier, samples)
    is_imagenet = classifier.wnids == imagenet.wnids()
    return [
        (exact,) if exact is not None else imagenet.kinds_of(sample.label) if is_imagenet and sample.label else ()
        for exact, sample in zip(own, samples, strict=True)
    ]


def best_classes(possible: Sequence[tuple[int, ...]], probabilities: FloatArray) -> list[int | None]:
    """Of the classes that each label may stand for, the likeliest by the model's (N, K); None where there is none.

    Parameters
    ----------
    possible : Sequence of tuple of int
        N times the classes that a label may stand for.
    probabilities : ndarray
        (N, K), in [0, 1].

    Returns
    -------
    list of int or None
        N classes.
    """
    return [
        max(classes, key=lambda index, row=row: row[index]) if classes else None  # type: ignore[misc]
        for classes, row in zip(possible, probabilities, strict=True)
    ]
