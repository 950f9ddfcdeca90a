"""What is asked of the methods, and what they answered for a picture: derived once in a run of the page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

import xai_core as xai
from app import cache, jobs
from xai_core import figures
from xai_core.types import Estimate, Method

EVERY = 50  # samples between two estimates of a method that draws them


@dataclass(frozen=True, eq=False)
class Subject:
    """A picture on the panel: the one to explain, or one that is right to compare it with."""

    title: str
    lines: tuple[str, ...]
    sample: xai.Sample


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked of the methods: the same for every subject.

    Attributes
    ----------
    settings : Mapping[str, Mapping[str, object]]
        Key of a method -> its settings that differ from its defaults.
    """

    model: xai.Classifier
    layer: str | None
    classes: tuple[int, int]
    methods: tuple[Method, ...]
    settings: Mapping[str, Mapping[str, Any]]

    @property
    def names(self) -> tuple[str, str]:
        """The names of the two classes."""
        first, second = self.classes
        return self.model.class_names[first], self.model.class_names[second]

    @property
    def sampled(self) -> tuple[Method, ...]:
        """Those of the methods that draw samples."""
        return tuple(method for method in self.methods if method.draws_samples)

    @cached_property
    def identity(self) -> str:
        """Changes with whatever is asked."""
        asked = [(one.key, sorted(self.settings.get(one.key, {}).items())) for one in self.methods]
        return repr((self.model.id, self.layer, self.classes, asked))

    def _settings(self, method: Method) -> tuple[tuple[str, Any], ...]:
        return tuple(sorted(self.settings.get(method.key, {}).items()))

    def run(self, method: Method, sample: xai.Sample) -> jobs.growing.GrowingRun[Estimate]:
        """The run of a method that draws samples, begun or not."""
        return jobs.growing.growing_run(method.key, self.model.id, sample.id, self.classes, self._settings(method))

    def steps(self, method: Method, sample: xai.Sample) -> Iterator[Estimate]:
        """The estimates of such a run, to be asked for one by one."""
        assert method.grow is not None
        return method.grow(
            self.model, sample, targets=list(self.classes), every=EVERY, **self.settings.get(method.key, {})
        )

    def estimate(self, method: Method, sample: xai.Sample) -> Estimate | None:
        """What a method says of a picture for both classes; None where it has not begun."""
        if method.draws_samples:
            return self.run(method, sample).latest
        layer = self.layer if method.at_layers else None
        return cache.maps.rival_maps(
            self.model.id, sample.id, self.classes, method.key, layer, self._settings(method), self.model, sample
        )


@dataclass(frozen=True, eq=False)
class Answer:
    """What the methods say of one picture, as far as they ran.

    Attributes
    ----------
    estimates : Mapping[Method, Estimate]
        Of the methods that ran.
    notes : Mapping[Method, str]
        What each took, or that it has not begun.
    """

    request: Request
    subject: Subject
    estimates: Mapping[Method, Estimate]
    notes: Mapping[Method, str]

    @cached_property
    def explained(self) -> figures.Explained:
        """The same as the panel draws it."""
        maps = {method.key: _two_maps(estimate) for method, estimate in self.estimates.items()}
        segments = {
            method.key: estimate.heatmaps.segments[0]
            for method, estimate in self.estimates.items()
            if estimate.heatmaps.segments is not None
        }
        return figures.Explained(self.subject.title, self.subject.lines, self.subject.sample.pixels, maps, segments)

    def importance(self, which: int) -> dict[str, np.ndarray]:
        """Title of each method that ran -> float32 (h, w), large where it matters for one of the classes."""
        return {
            method.title: np.asarray(self.explained.maps[method.key][which], np.float32)
            for method in self.estimates
            if method.ranks
        }

    def without(self, running: Sequence[Method]) -> Answer:
        """The same without methods that are still under way."""
        return replace(
            self,
            estimates={method: estimate for method, estimate in self.estimates.items() if method not in running},
            notes={method: note for method, note in self.notes.items() if method not in running},
        )

    @property
    def identity(self) -> str:
        """Changes with what was asked and how far it came."""
        came = [(method.key, estimate.done) for method, estimate in self.estimates.items()]
        asked = f"{self.request.identity} {self.subject.sample.id} {came}"
        return hashlib.sha256(asked.encode()).hexdigest()


def _two_maps(estimate: Estimate) -> np.ndarray:
    """float32 (2, h, w)."""
    (values,) = estimate.heatmaps.values()
    return np.asarray(values, np.float32)


def _quality(heatmaps: xai.Heatmaps) -> list[str]:
    """Numbers that tell how good the first class's map is."""
    return [f"{name} {values[0]:.1%}" for name, values in (heatmaps.quality or {}).items()]


def _time(seconds: float) -> str:
    """As people read it: "0.21 s", "36 s", "2.1 min"."""
    return f"{seconds / 60:.1f} min" if seconds >= 100 else f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2g} s"


def derive(request: Request, subject: Subject) -> Answer:
    """Ask all methods of a picture; those that draw samples as far as they came."""
    estimates, notes = {}, {}
    for method in request.methods:
        try:
            found = request.estimate(method, subject.sample)
        except xai.XaiError as error:  # it costs its own row alone
            notes[method] = str(error)
            continue
        if found is None:
            notes[method] = "starts when asked"
            continue
        estimates[method] = found
        seconds = ", ".join([_time(found.seconds), *_quality(found.heatmaps)])
        notes[method] = (
            ", ".join(part for part in (f"{found.done:,} of {found.planned:,}", seconds, found.note) if part)
            if method.draws_samples
            else seconds
        )
    return Answer(request, subject, estimates, notes)
