"""What does this class rely on? The public function, and what page and batch study share of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binomtest
from threadpoolctl import threadpool_limits

from xai_core.discovery.attributes import attributes_of
from xai_core.discovery.clusters import SMALLEST
from xai_core.discovery.data_suspects import data_suspects
from xai_core.discovery.halves import test_half
from xai_core.discovery.picture_table import picture_table
from xai_core.discovery.pictures import Pictures
from xai_core.discovery.planning import chosen_layer, in_batches, look_across, look_at, plan
from xai_core.discovery.records import Discovery, Strategy
from xai_core.discovery.strategies import Tested, conclude, test_class
from xai_core.discovery.words import power_sentence
from xai_core.errors import DataError, PictureError
from xai_core.methods.registry import DEFAULT
from xai_core.studies.near_copies import kin
from xai_core.studies.words import first_listed
from xai_core.types import Classifier, Sample
from xai_core.types.counts import form, number_of, part_of

if TYPE_CHECKING:
    from xai_core.inference.batches import Progress

FEWEST_OF_CLASS = 20
_NAMED = 5
_KEPT = 1000  # views of pictures that are kept at once


def discover(
    model: Classifier,
    dataset: Sequence[Sample],
    *,
    label: str | Sequence[str] | None = None,
    method: str = DEFAULT,
    layer: str | None = None,
    against: Sequence[Sample] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Discovery:
    """What do classes rely on that nobody asked about?

    The pictures of each class are split in halves. On one, pictures that the model recognises in a similar way are
    grouped, by where its maps point, by which channels of a layer speak for the class, and by the layer's features. On
    the other, parts of each group's pictures are put into pictures of other classes, and taken away. What raises the
    class there and is no object, by the rule in `xai_core.discovery.rule`, is a suspected shortcut.

    Parameters
    ----------
    model : Classifier
        Whose classes exclude each other, with a layer that gives maps.
    dataset : Sequence of Sample
        Labelled pictures, such as a `Dataset`; no masks are needed.
    label : str or Sequence of str, optional
        The classes to ask about, as the data set calls them; None asks about all.
    method : str
        Key of the method whose maps say where the model looks.
    layer : str, optional
        Name of the layer whose channels are looked at; None takes that of the last stage.
    against : Sequence of Sample, optional
        Another split, such as that of the training, in which near duplicates are looked for.
    seed : int
        Of the halves, samples, permutations and random parts.
    progress : callable, optional
        Called with (pictures done, in all) during the pass over the pictures; what it raises ends the run.

    Returns
    -------
    Discovery

    Raises
    ------
    DataError, ModelError, LayerError, MethodError, PictureError
        With a sentence that says what is missing.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")
    >>> found = xai.discover(model, digits, label=["3"])
    >>> found.strategies[0].label, len(found.suspects)
    ('3', 0)
    """
    where = chosen_layer(model, layer)
    planned = plan(dataset, label, seed)
    parts: list[Pictures] = []
    problems: list[tuple[str, str]] = []
    done = 0
    for places in in_batches(planned.places):
        batch = look_at(model, dataset, places.tolist(), method, where)
        parts += [batch.pictures] if batch.pictures is not None else []
        problems += batch.problems
        done += len(places)
        if progress:
            progress(done, len(planned.places))
    if not parts:
        raise PictureError(
            f"None of the {number_of(done, 'picture')} can be used. The first is {problems[0][0]}. {problems[0][1]}"
        )
    pictures = Pictures.concatenate(parts)
    settings = {"method": method, "layer": where, "seed": seed}
    other = look_across(model, against, method, where, seed) if against is not None else None
    return concluded(model, dataset, pictures, planned.labels, problems, planned.sentences, settings, other)


def concluded(
    model: Classifier,
    dataset: Sequence[Sample],
    pictures: Pictures,
    labels: Sequence[str],
    problems: Sequence[tuple[str, str]],
    sampled: Sequence[str],
    settings: dict[str, Any],
    against: Pictures | None = None,
) -> Discovery:
    """Groups, tests and sentences, from one pass over the pictures.

    Parameters
    ----------
    model, dataset
        See `discover`; pictures that are tested are read once more.
    pictures : Pictures
        Of the pass.
    labels : Sequence[str]
        Asked about.
    problems : Sequence of (name, reason)
        Pictures that were left out.
    sampled : Sequence[str]
        What was sampled, in words.
    settings : dict
        method, layer and seed.
    against : Pictures, optional
        Of another split, among which near duplicates are looked for.

    Returns
    -------
    Discovery
    """
    left_out = _left_out(problems)
    usable = pictures.usable
    if not bool(np.all(usable)):
        left_out.append(
            f"To {part_of(int((~usable).sum()), len(usable), 'picture')} the model answers NaN, or its layer or map "
            "holds NaN; these are left out."
        )
        pictures = pictures.take(usable)
    if not len(pictures):
        raise PictureError("The model answers NaN to every picture, or its layer or map holds NaN.")
    pictures, counted_once = _with_kin(pictures)
    seed, tested = settings["seed"], list[Tested]()
    targets = _targets(model, dataset, pictures, labels)
    held = test_half(pictures.targets, pictures.groups, seed)
    read = _reader(model, dataset, pictures)
    sentences = [*sampled, *counted_once]
    if len(np.unique(pictures.targets)) < 2:
        left_out.append(
            "All pictures are of one class, so there are no others into which anything could be put: groups are shown, "
            "and no shortcut can be found. Add pictures of other classes."
        )
    clustered, said = _enough(pictures, targets, held)
    left_out += said
    attributes = attributes_of(pictures)
    # Products of a few hundred rows take BLAS longer on several threads than on one; torch's own threads stay.
    with threadpool_limits(1, user_api="blas"):
        for target, label in clustered.items():
            tested += test_class(model, read, pictures, attributes, held, target, label, seed)
        strategies = conclude(pictures, held, tested) if tested else ()
        sentences += _power(strategies, tested)
        table = picture_table(model, dataset, pictures, held, strategies)
        suspects = data_suspects(pictures, attributes, table["label"].tolist(), tuple(model.class_names), against)
    return Discovery(
        strategies,
        table,
        pictures.features,
        pictures.probabilities,
        tuple(model.class_names),
        tuple(sentences),
        tuple(left_out),
        tuple(_doubts(model, pictures)),
        suspects.issues,
        suspects.slices,
        settings,
    )


def _reader(model: Classifier, dataset: Sequence[Sample], pictures: Pictures) -> Callable[[int], Sample]:
    """Reads a picture again as the network sees it, by its row; the last ones are kept."""
    views: dict[int, Sample] = {}

    def read(row: int) -> Sample:
        if row not in views:
            if len(views) >= _KEPT:
                views.clear()
            views[row] = model.preprocessing.prepare(dataset[int(pictures.places[row])])
        return views[row]

    return read


def _left_out(problems: Sequence[tuple[str, str]]) -> list[str]:
    if not problems:
        return []
    reasons = " ".join(why if name in why else f"{name}: {why}" for name, why in problems[:_NAMED])
    more = f" And {len(problems) - _NAMED:,} more." if len(problems) > _NAMED else ""
    return [f"{number_of(len(problems), 'picture')} left out. {reasons}{more}"]


def _targets(model: Classifier, dataset: Sequence[Sample], pictures: Pictures, labels: Sequence[str]) -> dict[int, str]:
    """Class -> label, of the labels asked about."""
    items: Sequence[Any] = getattr(dataset, "items", dataset)
    found: dict[int, str] = {}
    for place, target in zip(pictures.places, pictures.targets, strict=True):
        said = items[int(place)].label
        if said in labels:
            found.setdefault(int(target), said)
    if not found:
        raise DataError(f"No picture of the labels asked about can be used with {model.title}.")
    return dict(sorted(found.items()))


def _enough(pictures: Pictures, targets: dict[int, str], held: np.ndarray) -> tuple[dict[int, str], list[str]]:
    """The classes that are clustered, and why the others are not."""
    clustered, few, said = dict[int, str](), dict[str, int](), list[str]()
    for target, label in targets.items():
        rows = np.flatnonzero(pictures.targets == target)
        different = len({pictures.ids[row] for row in rows})
        if len(rows) < FEWEST_OF_CLASS:
            few[label] = len(rows)
        elif different < FEWEST_OF_CLASS:
            said.append(
                f"{label!r} has {number_of(len(rows), 'picture')}, but only {different} that differ; it takes "
                f"{FEWEST_OF_CLASS}, so it was not searched."
            )
        elif min(held[rows].sum(), (~held[rows]).sum()) < SMALLEST:
            said.append(
                f"Nearly all pictures of {label!r} belong together, so that one half has none to look at or to test "
                "on: it was not searched."
            )
        else:
            clustered[target] = label
    if few:
        has = (
            f"has {number_of(max(few.values()), 'picture')}"
            if len(few) == 1
            else f"have at most {number_of(max(few.values()), 'picture')} each"
        )
        named = first_listed([repr(label) for label in few], 12)
        said.append(
            f"{named} {has}. To look for groups in one half and test them on the "
            f"other takes {FEWEST_OF_CLASS}, so {form(len(few), 'this class was', 'these classes were')} not searched."
        )
    return clustered, said


def _with_kin(pictures: Pictures) -> tuple[Pictures, list[str]]:
    """Near copies as groups, since copies in both halves prove nothing, and how many there are."""
    related = kin(pictures.thumbs, pictures.groups)
    copies = sum(one is not None and one != own for one, own in zip(related, pictures.groups, strict=True))
    said = (
        f"{part_of(copies, len(pictures), 'picture', 'looks', 'look')} nearly the same as another one; those of a set "
        "stay in one half and count as one."
    )
    return replace(pictures, groups=related), [said] if copies else []


def _doubts(model: Classifier, pictures: Pictures) -> list[str]:
    """What should make one doubt whatever is found: flat maps, a model at chance."""
    said = []
    flat = np.asarray(~pictures.where.any(axis=(1, 2)))
    if flat.all():
        said.append("All maps are flat, so nothing can be said of where the model looks; other views were used.")
    elif flat.any():
        said.append(f"{part_of(int(flat.sum()), len(flat), 'map', 'is', 'are')} flat and point nowhere.")
    right = int((pictures.probabilities.argmax(axis=1) == pictures.targets).sum())
    classes = len(np.unique(pictures.targets))
    if classes > 1 and binomtest(right, len(pictures), 1 / classes, alternative="greater").pvalue > 0.05:
        said.append(
            f"{model.title} is right in {part_of(right, len(pictures), 'picture')}, no more than by guessing "
            f"between {number_of(classes, 'class')}: what it goes by says nothing about them."
        )
    return said


def _power(strategies: Sequence[Strategy], tested: Sequence[Tested]) -> list[str]:
    count = sum(len(one.measured) for one in tested)
    whole = {one.label: len(one.sources) for one in reversed(tested) if one.measured}
    suspected = {one.label for one in strategies if one.suspect}
    alike: dict[int, list[str]] = {}  # classes of which as many pictures were tried have one sentence
    for label, n in reversed(whole.items()):
        if label not in suspected:
            alike.setdefault(n, []).append(label)
    return [power_sentence(labels, n, count) for n, labels in alike.items()]
