"""The study of Discovery: one pass over the pictures batch by batch, groups and tests from all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xai_core.batch.maps import method_of, texts_of
from xai_core.batch.opening import Opened
from xai_core.batch.reading import read_again
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import Batch, Results, Stage, batches
from xai_core.discovery.discover import concluded
from xai_core.discovery.planning import BATCH, chosen_layer, look_across, look_at, plan
from xai_core.questions.discovery.findings import SEED, find, report, typical_places
from xai_core.questions.discovery.stored import ARRAYS, other_split, stored_pass


class DiscoveryStudy:
    """Views of every picture, and what groups of them rest on."""

    batch = BATCH
    layers: tuple[str, ...] = ()

    def __init__(self, opened: Opened) -> None:
        self._opened, choices = opened, opened.request.choices
        self._layer = chosen_layer(opened.model, choices["layer"])
        self._method = method_of(opened).key
        self._plan = plan(opened.data, choices["asked"] or None, SEED)
        self._wanted = set(self._plan.places.tolist())

    def stages(self, study: StudyFolder) -> Iterator[Stage]:
        """One: parts of which no picture is looked at are empty."""
        parts = batches(len(self._opened.data), BATCH)
        yield Stage("Looking", 0, [len(part) for part in parts], lambda turn: self._look(parts[turn]))

    def _look(self, part: range) -> Batch:
        places = [place for place in part if place in self._wanted]
        found = look_at(self._opened.model, self._opened.data, places, self._method, self._layer)
        texts = texts_of(found.samples, found.problems)
        if found.pictures is None:
            return texts, {"index": np.zeros(0, np.int64)}
        arrays = {f"view/{name}": getattr(found.pictures, name) for name in ARRAYS}
        return texts, arrays | {"index": found.pictures.places}

    def results(self, study: StudyFolder) -> Results:
        """Groups, tests, card and report from the parts; pictures that are tested are read again."""
        opened, passed = self._opened, stored_pass(study)
        pictures = passed.pictures
        settings = {"method": self._method, "layer": self._layer, "seed": SEED}
        split = other_split(opened.data, opened.request.choices["against"])
        other = look_across(opened.model, split, self._method, self._layer, SEED) if split is not None else None
        sampled, labels = self._plan.sentences, self._plan.labels
        discovery = concluded(opened.model, opened.data, pictures, labels, passed.problems, sampled, settings, other)
        known = dict(zip(pictures.places.tolist(), pictures.ids, strict=True))
        samples = [read_again(opened.data, opened.model, one, known[one]) for one in typical_places(discovery)]
        views = {place: one.pixels for place, one in zip(typical_places(discovery), samples, strict=True)}
        found = find(
            opened.model,
            opened.data.code,
            discovery,
            views=views,
            samples=samples,
            asked=opened.request.choices["asked"],
        )
        counts = {"looked at": len(pictures), "suspected shortcuts": len(discovery.suspects)}
        said = [one.sentence for one in discovery.strategies if one not in discovery.suspects]
        return Results(discovery.table, found.card, report(found), counts, [*discovery.sentences, *said])
