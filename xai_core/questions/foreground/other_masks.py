"""The maps of a study against other pictures' masks, part by part; also those of random weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.batch.maps import Looked
from xai_core.batch.opening import Opened
from xai_core.batch.reading import read_again
from xai_core.batch.store import StudyFolder
from xai_core.batch.study import OTHER_MEASURES, Batch, Stage, batches
from xai_core.measures import FOREGROUND_MEASURES
from xai_core.questions.foreground.packed import Held, PackedMasks
from xai_core.questions.untrained import UntrainedStage, read_draws
from xai_core.studies.mask_control import OnOthers, as_usual, control_columns, on_others, own_differences
from xai_core.types import Heatmaps, Layer, Sample

ON_OTHERS, LIKENESS = "on_others", "likeness"  # arrays of the parts
KEYS = (*FOREGROUND_MEASURES, ON_OTHERS)  # of those with random weights
OLDER_RULES = "of older rules"


class OtherMasks:
    """The stages that hold maps against other pictures' masks, and what follows from their parts.

    Parameters
    ----------
    opened : Opened
        Model and pictures.
    layer : str
        Whose maps are held.
    batch : int
        Pictures in a part.
    """

    def __init__(self, opened: Opened, layer: Layer | str, batch: int) -> None:
        self._opened, self._layer, self._batch = opened, str(layer), batch
        self._held: Held | None = None

    def stage(self, study: StudyFolder, looked: Looked, first: int) -> Stage:
        """The trained network's maps, in parts from `first` on."""
        parts = batches(len(looked.samples), self._batch)

        def hold(turn: int) -> Batch:
            every = self._to_hold(study, looked)
            maps = every.heatmaps.take(list(parts[turn]))[self._layer]
            found = on_others(maps, every.masks, every.lent, parts[turn])
            return {"measures": list(FOREGROUND_MEASURES)}, {ON_OTHERS: found.values, LIKENESS: found.likeness}

        return Stage(
            "Other masks", first, [len(part) for part in parts], hold, lambda number: _problem(study.about(number))
        )

    def untrained_stage(self, study: StudyFolder, looked: Looked, first: int) -> Stage:
        """Maps of random weights, in parts from `first` on."""

        def hold(maps: Heatmaps, samples: Sequence[Sample], part: range) -> Batch:
            every = self._to_hold(study, looked)
            found = on_others(maps[self._layer], every.masks, every.lent, part)
            own = own_differences(studies.foreground_background(maps, samples, control=False))
            return {}, {ON_OTHERS: found.values} | {key: own[key].to_numpy(float) for key in own.columns}

        work = UntrainedStage(self._opened, [self._layer], KEYS)
        return work.stage(study, first, looked, study.stacked("targets", looked.numbers), self._batch, hold)

    def columns(self, own: pd.DataFrame, study: StudyFolder, looked: Looked, first: int) -> pd.DataFrame:
        """The columns of the control, for all pictures; own: where their maps lie at the layer."""
        numbers = range(first, first + len(batches(len(looked.samples), self._batch)))
        values, likeness = (
            np.concatenate([study.array(number, name) for number in numbers]) for name in (ON_OTHERS, LIKENESS)
        )
        table = control_columns(own_differences(own), OnOthers(values, likeness), _lent(study, looked))
        return table.assign(same_label=all(sample.label for sample in looked.samples))

    def untrained(self, study: StudyFolder, looked: Looked, first: int) -> list[pd.DataFrame]:
        """What maps have on their own pictures' objects beyond what is usual, for each draw of random weights."""
        lent = _lent(study, looked)

        def beyond(draw: Mapping[str, np.ndarray], turn: int, key: str) -> np.ndarray:
            return np.asarray(draw[key] - as_usual(draw[key], draw[ON_OTHERS][:, :, turn], lent))

        draws = read_draws(study, KEYS, first, len(looked.samples), self._batch)
        return [
            pd.DataFrame({key: beyond(draw, turn, key) for turn, key in enumerate(FOREGROUND_MEASURES)})
            for draw in draws
        ]

    def _to_hold(self, study: StudyFolder, looked: Looked) -> Held:
        """What all parts need of all pictures, read once."""
        if self._held is None:
            again = (
                read_again(self._opened.data, self._opened.model, int(place), sample.id).mask
                for place, sample in zip(looked.places, looked.samples, strict=True)
            )
            masks = PackedMasks(mask for mask in again if mask is not None)
            self._held = Held(looked.heatmaps(study, [self._layer]), masks, _lent(study, looked))
        return self._held


def _lent(study: StudyFolder, looked: Looked) -> studies.Lent:
    """Who lends whom a mask."""
    explained, predicted = (study.stacked(key, looked.numbers) for key in ("targets", "predictions"))
    alike = studies.labels_or_classes([sample.label for sample in looked.samples], explained, predicted)
    return studies.lend_masks(alike, [True] * len(alike), groups=[sample.group for sample in looked.samples])


def _problem(about: Mapping[str, Any]) -> str:
    """Why a part of the trained network's is made anew; empty where it is not."""
    if about["measures"] != list(FOREGROUND_MEASURES):
        return OTHER_MEASURES
    return "" if ON_OTHERS in about["arrays"] else OLDER_RULES
