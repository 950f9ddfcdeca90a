"""The part of a batch study that looks at the same pictures with random weights, some times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from xai_core.batch.maps import Looked, maps_of
from xai_core.batch.opening import Opened
from xai_core.batch.reading import read_again
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import OTHER_MEASURES, Batch, Stage, batches
from xai_core.checks.untrained import untrained
from xai_core.questions.choices import UNTRAINED_DRAWS
from xai_core.types import Classifier, Heatmaps, IntArray, Sample

Arrays = dict[str, np.ndarray]
Measure = Callable[[Heatmaps, list[Sample], range], Batch]


class UntrainedStage:
    """Maps of random weights, batch by batch and draw by draw.

    Parameters
    ----------
    opened : Opened
        The trained model, and its pictures.
    layers : Sequence[str]
        Whose maps are looked at.
    keys : Iterable[str]
        Of the arrays that a part holds.
    """

    def __init__(self, opened: Opened, layers: Sequence[str], keys: Iterable[str]) -> None:
        self._opened, self._layers, self._keys = opened, tuple(layers), frozenset(keys)
        self._number, self._network = -1, opened.model

    def stage(
        self, study: StudyFolder, first: int, looked: Looked, targets: IntArray, batch: int, measure: Measure
    ) -> Stage:
        """What is to be computed.

        Parameters
        ----------
        study : StudyFolder
            Where the parts go.
        first : int
            Number of the first part.
        looked : Looked
            The pictures of the trained network.
        targets : ndarray
            int (N,), the classes that their maps explain.
        batch : int
            Pictures in a part.
        measure : callable
            ``measure(maps, samples, rows)``: what a part holds.
        """
        rows = batches(len(looked.samples), batch)

        def compute(turn: int) -> Batch:
            draw, part = turn // len(rows), rows[turn % len(rows)]
            again = self._opened.data, self._opened.model
            samples = [read_again(*again, int(looked.places[row]), looked.samples[row].id) for row in part]
            asked = replace(self._opened, model=self._of(draw))
            maps = maps_of(asked, samples, self._layers, [int(targets[row]) for row in part], batch)
            texts, arrays = measure(maps, samples, part)
            return texts, arrays

        sizes = [len(part) for _ in range(UNTRAINED_DRAWS) for part in rows]
        return Stage(
            "Random weights",
            first,
            sizes,
            compute,
            lambda number: OTHER_MEASURES if self._keys - set(study.about(number)["arrays"]) else "",
        )

    def _of(self, draw: int) -> Classifier:
        """A network with random weights; the last one is kept, since parts ask for the same one in a row."""
        if draw != self._number:
            (self._network,) = untrained(self._opened.model, draws=1, seed=draw)
            self._number = draw
        return self._network


def read_draws(study: StudyFolder, keys: Iterable[str], first: int, pictures: int, batch: int) -> list[Arrays]:
    """What the parts hold, a Mapping of arrays for each draw.

    Parameters
    ----------
    study : StudyFolder
        Which has all parts.
    keys : Iterable[str]
        Of the arrays.
    first, batch : int
        As `UntrainedStage.stage` was given them.
    pictures : int
        With maps, N.
    """
    each, names = -(-pictures // batch), list(keys)
    draws = [range(first + draw * each, first + (draw + 1) * each) for draw in range(UNTRAINED_DRAWS)]
    return [
        {key: np.concatenate([study.array(number, key) for number in numbers]) for key in names} for numbers in draws
    ]
