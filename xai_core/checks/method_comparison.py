"""Which method at which layer finds what a model goes by on these pictures? From a sample of them, growing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.checks.map_question import Progress
from xai_core.errors import MethodError, PictureError
from xai_core.inference.map_sets import GivenMaps
from xai_core.methods.given import given_method
from xai_core.methods.registry import get_method, usable_methods, why_missing
from xai_core.studies.near_copies import kin, reduced
from xai_core.types import ByteArray, Classifier, Method, Sample
from xai_core.types.counts import number_of
from xai_core.types.display import Plotted

if TYPE_CHECKING:
    from xai_core.checks.compared_maps import Candidates
    from xai_core.inference.batches import Targets
    from xai_core.inference.map_reading import Given

PICTURES = 24  # that are looked at, of however many there are
AT_ONCE = 4  # between two estimates


@dataclass(frozen=True, eq=False)
class MethodComparison(Plotted):
    """Methods at layers, held against each other on a sample of pictures.

    Attributes
    ----------
    table : DataFrame
        A row a candidate, best first, as `studies.rank_methods` gives it: name, method, title, layer, layer_title,
        depth; found (the mean of the next two), deletion, insertion, weights, object, stability, each with _low and
        _high, its 95% interval over pictures; n, flat, seconds (a picture), p_random, p_best, outcome.
    pictures : DataFrame
        A row for each picture and candidate, with the same numbers of that picture.
    recommendation : str
        In words: what to take, on what that rests, and what cannot be told apart from it.
    best : str
        Name of the recommended candidate; empty where there is none.
    done, planned, available : int
        Pictures looked at so far, those of the sample, and those that there are.
    seconds : float
        Spent so far.
    left_out : tuple of str
        Methods that cannot explain the model, and pictures that cannot be read, each with the reason.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")
    >>> compared = xai.compare_methods(model, digits, methods=["saliency"], pictures=6)
    >>> compared.done, compared.available, len(compared.pictures)
    (6, 300, 6)
    """

    table: pd.DataFrame
    pictures: pd.DataFrame
    recommendation: str
    best: str
    done: int
    planned: int
    available: int
    seconds: float
    left_out: tuple[str, ...] = field(default=())

    @property
    def complete(self) -> bool:
        """Whether all pictures of the sample were looked at."""
        return self.done >= self.planned

    @property
    def sampled(self) -> str:
        """On which pictures it rests, in words."""
        of = f"a random sample of {self.planned} of" if self.planned < self.available else "all"
        which = f"{of} {number_of(self.available, 'picture')}"
        return f"It uses {which}." if self.complete else f"It uses {self.done} so far, of {which}."


def compare_methods(
    model: Classifier,
    samples: Sequence[Sample],
    *,
    methods: Sequence[str] | None = None,
    given: Mapping[str, Given] | Sequence[Method] = (),
    layers: str | Sequence[str] = "stages",
    targets: Targets = None,
    pictures: int = PICTURES,
    seconds: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> MethodComparison:
    """Which method at which layer? Deletion, insertion, random weights, masks, stability and time, and what follows.

    Every candidate, a method at a layer, explains the same random sample of pictures. Each picture is hidden and
    uncovered in the map's order and in random ones (Petsiuk et al., arXiv 1806.07421); the map is held against that of
    the network with random weights (Adebayo et al., arXiv 1810.03292), against the object's mask where there is one,
    and against that of the picture under noise that nobody sees. The recommendation goes by deletion and insertion,
    tested over pictures and corrected for the number of candidates; see `studies.rank_methods`.

    Parameters
    ----------
    model : Classifier
    samples : sequence of Sample
        Such as a `Dataset`; those of a group count once.
    methods : sequence of str, optional
        Keys of some of `list_methods`; None takes all that explain the model in a single pass.
    given : Mapping of str to maps, or sequence of Method
        Maps of all these pictures that were made elsewhere, as `given_maps` takes them, by what they are to be called.
        They are compared by deletion, insertion and masks; they cannot be made again for random weights or noise.
    layers : str or sequence of str
        "stages", "blocks", a module's name or several, for methods that give a map for each.
    targets : int, str, None or a sequence of them
        A class by index or name, or None for the prediction; one for all, or one a picture.
    pictures : int
        At most so many, drawn at random.
    seconds : float, optional
        After so many, no more pictures are begun.
    seed : int
        Of the sample, random weights, random orders, noise, and methods that draw samples.
    progress : callable, optional
        Called with (parts done, parts in all); what it raises ends the run.

    Returns
    -------
    MethodComparison

    Raises
    ------
    MethodError, LayerError, TargetError, PictureError
        With a sentence that gives the choices.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")
    >>> compared = xai.compare_methods(model, digits, methods=["grad_cam"], layers=["stages.1", "stages.2"], pictures=8)
    >>> len(compared.table), compared.sampled
    (2, 'It uses a random sample of 8 of 300 pictures.')
    """
    found = None
    asked: dict[str, Any] = {"methods": methods, "given": given, "layers": layers, "targets": targets}
    for found in growing_comparison(model, samples, **asked, pictures=pictures, seed=seed, progress=progress):
        if seconds is not None and found.seconds > seconds:
            break
    assert found is not None  # there is an estimate, or an error
    return found


def growing_comparison(
    model: Classifier,
    samples: Sequence[Sample],
    *,
    methods: Sequence[str] | None = None,
    given: Mapping[str, Given] | Sequence[Method] = (),
    layers: str | Sequence[str] = "stages",
    targets: Targets = None,
    pictures: int = PICTURES,
    seed: int = 0,
    progress: Progress | None = None,
) -> Iterator[MethodComparison]:
    """The same, an estimate after every few pictures; whoever stops asking keeps the last one.

    Parameters
    ----------
    model, samples, methods, given, layers, targets, pictures, seed, progress
        See `compare_methods`.

    Yields
    ------
    MethodComparison
    """
    from xai_core.checks.compared_maps import compare, steps_of
    from xai_core.inference.batches import resolve_targets
    from xai_core.inference.prediction import predict
    from xai_core.inference.readable import read_places

    candidates, left_out = candidates_of(model, methods, layers, brought(model, samples, given))
    wanted = resolve_targets(model, targets, len(samples))
    chosen = sampled_pictures(len(samples), pictures, seed)
    parts: list[pd.DataFrame] = []
    small, looked = list[ByteArray](), list[tuple[int, str | None]]()  # of the pictures so far
    spent, done, steps, last = 0.0, 0, 0, list[Sample]()
    total = sum(steps_of(candidates, len(chosen[at : at + AT_ONCE])) for at in range(0, len(chosen), AT_ONCE))

    def step() -> None:
        nonlocal steps
        steps += 1
        if progress:
            progress(min(steps, total), total)

    for start in range(0, len(chosen), AT_ONCE):
        started = time.perf_counter()
        numbers = chosen[start : start + AT_ONCE]
        there = read_places(model, samples, numbers)
        left_out += there.problems
        if there.samples:
            classes = np.array([wanted[number] for number in there.places])
            said = predict(model, there.samples).classes
            classes = np.where(classes < 0, said, classes)
            around = [*there.samples[1:], *(there.samples[:1] if len(there.samples) > 1 else last)]
            others = around if candidates.lend and len(around) == len(there.samples) else ()
            parts.append(compare(candidates, there.samples, classes, there.places, seed, step, others))
            last = there.samples[-1:]
            small.append(reduced(there.samples))
            looked += [(number, sample.group) for number, sample in zip(there.places, there.samples, strict=True)]
        done, spent = done + len(numbers), spent + time.perf_counter() - started
        if parts:
            every = pd.concat(parts, ignore_index=True)
            related = kin(np.concatenate(small), [group for _, group in looked])
            groups = dict(zip((number for number, _ in looked), related, strict=True))
            ranked = studies.rank_methods(every, groups if any(related) else None)
            counts = done, len(chosen), len(samples)
            yield MethodComparison(ranked.table, every, ranked.sentence, ranked.best, *counts, spent, tuple(left_out))
    if not parts:
        raise PictureError(f"None of the {len(chosen):,} pictures can be read. {' '.join(left_out[:1])}".strip())


def sampled_pictures(available: int, pictures: int, seed: int) -> list[int]:
    """The numbers of a random sample, in the order in which they are looked at.

    Raises
    ------
    PictureError
        If there is none, or none is asked for.
    """
    if pictures < 1 or available < 1:
        raise PictureError(f"It takes at least one picture; got {min(pictures, available)}.")
    return np.random.default_rng(seed).permutation(available)[:pictures].tolist()


def brought(
    model: Classifier, samples: Sequence[Sample], given: Mapping[str, Given] | Sequence[Method]
) -> tuple[Method, ...]:
    """Maps that were made elsewhere, as methods.

    Raises
    ------
    DataError
        If they are none of these pictures.
    """
    if not isinstance(given, Mapping):
        return tuple(given)
    names = [one.name for one in getattr(samples, "items", samples)]  # a data set is not read for them
    return tuple(given_method(GivenMaps.open(maps, names, title=title), model) for title, maps in given.items())


def candidates_of(
    model: Classifier, methods: Sequence[str] | None, layers: str | Sequence[str], given: Sequence[Method] = ()
) -> tuple[Candidates, list[str]]:
    """What is compared, and why some methods are not.

    Raises
    ------
    MethodError
        If none is left, or one does not say how much a place matters.
    """
    from xai_core.checks.compared_maps import Candidates

    known: Sequence[Method]
    if methods is None:
        known = [one for one in usable_methods(model, ranks=True) if one.cost == "pass"]
        known = known or usable_methods(model, ranks=True, usual=True)
    else:
        known = [get_method(key) for key in dict.fromkeys(methods)]
    for one in known:
        if not one.ranks:
            raise MethodError(
                f"The values of {one.title} do not say how much a place matters, so it cannot be compared."
            )
    left_out = [why for one in known if (why := why_missing(one, model))]
    usable = (*(one for one in known if not one.missing(model)), *given)
    titled = [one.title for one in usable]
    if doubled := [title for title in titled if titled.count(title) > 1]:
        raise MethodError(f"Two of what is compared are called {doubled[0]!r}: call the maps made elsewhere another.")
    if not usable:
        raise MethodError(" ".join(left_out) or f"No method can explain {model.title}.")
    chosen = model.select(layers) if any(one.at_layers and not one.layers for one in usable) else ()
    titles = {one.name: one.title for one in (*model.select("stages"), *chosen)} if chosen else {}
    settings: dict[str, dict[str, Any]] = {one.key: one.quickly(model) for one in usable}
    return Candidates(model, usable, tuple(one.name for one in chosen), titles, settings), left_out
