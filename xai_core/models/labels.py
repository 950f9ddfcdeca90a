"""Maps a data set's labels to a model's classes, by WordNet id, by name, by synonym."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from xai_core.models import imagenet
from xai_core.models.label_matching import LabelMatch, match_label
from xai_core.types import Classifier, FloatArray, Sample
from xai_core.types.counts import first_of, form

_NAMED = 6  # labels that a sentence names


def _match(classifier: Classifier, sample: Sample) -> LabelMatch | None:
    if sample.wnid and classifier.wnids and not sample.label:
        return match_label(classifier, "", wnid=sample.wnid)
    return match_label(classifier, sample.label, wnid=sample.wnid, label_map=sample.label_map) if sample.label else None


def true_classes(classifier: Classifier, samples: Sequence[Sample]) -> list[int | None]:
    """The class of each sample's label in the model's numbering; None where it has no such class.

    What the samples' `label_map` says comes first; then a WordNet id decides where sample and model both have one;
    else the label is compared with the class names and their WordNet synonyms; see `match_label`. A name that fits
    two classes fits none.

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
    matches = [_match(classifier, sample) for sample in samples]
    return [match.index if match else None for match in matches]


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
    truth = np.full((len(samples), len(classifier.class_names)), -1, np.int8)
    single = true_classes(classifier, samples)
    for row, sample, own in zip(truth, samples, single, strict=True):
        if sample.labels is None:
            if own is not None:
                row[:] = 0
                row[own] = 1
            continue
        for value, names in ((0, sample.annotated), (1, sample.labels)):
            found = [match_label(classifier, name, label_map=sample.label_map).index for name in names]
            row[[index for index in found if index is not None]] = value
    return truth


def possible_classes(classifier: Classifier, samples: Sequence[Sample]) -> list[tuple[int, ...]]:
    """The classes that a sample's label may stand for: its own class, or the kinds of an everyday word.

    A "dog" is any of ImageNet's 118 breeds, where the model's classes are ImageNet's. Where a picture has several
    labels, they are the classes of all of them.

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
    return [
        (exact,) if exact is not None and len(sample.every_label) < 2 else _classes_of_all(classifier, sample)
        for exact, sample in zip(own, samples, strict=True)
    ]


def _classes_of_all(classifier: Classifier, sample: Sample) -> tuple[int, ...]:
    """The classes of all labels of a picture; of a label that is none, its kinds, unless somebody said what it is."""
    is_imagenet = classifier.wnids == imagenet.wnids()
    several = len(sample.every_label) > 1
    found: dict[int, None] = {}
    for label in sample.every_label:
        exact = match_label(classifier, label, label_map=sample.label_map).index if several else None
        kinds = imagenet.kinds_of(label) if is_imagenet and label not in (sample.label_map or ()) else ()
        found |= dict.fromkeys(kinds if exact is None else (exact,))
    return tuple(found)


class Labelled(Protocol):
    """What `match_labels` asks of a data set."""

    @property
    def labelled(self) -> Sequence[tuple[str, str | None, Mapping[str, str] | None]]:
        """Each label that occurs, with its WordNet id and what it was said to stand for."""


def match_labels(classifier: Classifier, dataset: Labelled) -> list[LabelMatch]:
    """What each label of a data set is in a model's numbering, without reading a picture.

    Parameters
    ----------
    classifier : Classifier
    dataset : Dataset

    Returns
    -------
    list of LabelMatch
        In order of first appearance.

    Raises
    ------
    DataError
        If the data set's `label_map` names a class that the model has not.

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.models import match_labels
    >>> [match.index for match in match_labels(xai.load_model("digits"), xai.load_dataset("textured_digits"))]
    [4, 6, 1, 3, 5, 0, 9, 2, 7, 8]
    """
    return [
        match_label(classifier, label, wnid=wnid, label_map=label_map) for label, wnid, label_map in dataset.labelled
    ]


def everyday_labels(classifier: Classifier, matches: Sequence[LabelMatch]) -> list[str]:
    """The labels that are no class, but a word for several: maps for the label explain the likeliest of them.

    Parameters
    ----------
    classifier : Classifier
    matches : Sequence of LabelMatch
        Of `match_labels`.

    Returns
    -------
    list of str
        Empty where the model's classes are not ImageNet's.
    """
    if classifier.wnids != imagenet.wnids():
        return []
    return [match.label for match in matches if match.index is None and imagenet.kinds_of(match.label)]


def everyday_sentence(classifier: Classifier, matches: Sequence[LabelMatch]) -> str:
    """Which labels are a word for several classes, and what maps explain there; an empty text where none is.

    Parameters
    ----------
    classifier : Classifier
    matches : Sequence of LabelMatch
        Of `match_labels`.

    Returns
    -------
    str
    """
    words = [repr(label) for label in everyday_labels(classifier, matches)]
    if not words:
        return ""
    return (
        f"{first_of(words, _NAMED)} {form(len(words), 'is a word', 'are words')} for several classes: maps for "
        "the label explain the likeliest of them."
    )


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


def explained_classes(
    classifier: Classifier, samples: Sequence[Sample], ask: Callable[[list[Sample]], FloatArray]
) -> list[int | None]:
    """The class of each picture's label; of several labels, or kinds of an everyday word, the likeliest by the model.

    Parameters
    ----------
    classifier : Classifier
    samples : Sequence[Sample]
        N samples.
    ask : callable
        Gets those of the pictures whose label may stand for several classes, M of them; gives the model's (M, K).

    Returns
    -------
    list of int or None
        N classes, each in [0, K); None where nothing fits.
    """
    possible = possible_classes(classifier, samples)
    found = [classes[0] if classes else None for classes in possible]
    several = [place for place, classes in enumerate(possible) if len(classes) > 1]
    if several:
        p = ask([samples[place] for place in several])
        for place, best in zip(several, best_classes([possible[place] for place in several], p), strict=True):
            found[place] = best
    return found


def judged_classes(
    classifier: Classifier, samples: Sequence[Sample], explained: Sequence[int | None]
) -> list[int | None]:
    """The class by which each picture is right or wrong; None where that cannot be said.

    A word for several classes is none of them: a map can explain the likeliest, but whether the prediction is right is
    not known.

    Parameters
    ----------
    classifier : Classifier
    samples : Sequence[Sample]
        N samples.
    explained : Sequence of int or None
        N, of `explained_classes`.

    Returns
    -------
    list of int or None
        N classes, each in [0, K).
    """
    own = true_classes(classifier, samples)
    return [
        one if exact is not None or len(sample.every_label) > 1 else None
        for exact, sample, one in zip(own, samples, explained, strict=True)
    ]
