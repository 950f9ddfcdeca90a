"""Where a study's maps lie: in which part and row, of which picture, for which class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from xai_core.batch.made_by import made_by
from xai_core.types import Heatmaps, Predictions
from xai_core.types.shapes import maps_fit


class MapIndex:
    """The maps of a study by the content ids of their pictures; parts that are damaged count as absent.

    Parameters
    ----------
    head : Mapping[str, object]
        All of `study.json`.
    identity : str
        What stands for the study; its parts name it.
    about : callable
        Number of a part -> its texts.
    array : callable
        Number of a part, name -> one of its arrays.
    """

    def __init__(
        self,
        head: Mapping[str, Any],
        identity: str,
        about: Callable[[int], dict[str, Any]],
        array: Callable[[int, str], np.ndarray],
    ) -> None:
        self._head, self._identity, self._about, self._array = head, identity, about, array
        self._rows = self._found()

    def _whole(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number in range(self._head["parts"]):
            try:
                about = self._about(number)
                if about["study"] == self._identity and about["number"] == number:
                    yield number, about
            except Exception:  # absent, or damaged in one of a dozen ways: it is as if it were not there
                continue

    def _found(self) -> dict[str, list[tuple[int, int, int, int]]]:
        """Content id -> (part, row, target, prediction) of each map of that picture."""
        found: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
        for number, about in self._whole() if self._head["layers"] else ():
            try:
                if not about["ids"]:
                    continue
                targets, said = self._array(number, "targets"), self._array(number, "predictions")
                ids = list(map(str, about["ids"]))
                pairs = [(int(targets[row]), int(said[row])) for row in range(len(ids))]
            except Exception:  # damaged
                continue
            for row, (one, pair) in enumerate(zip(ids, pairs, strict=True)):
                found[one].append((number, row, *pair))
        return found

    def places(self, ids: Sequence[str], targets: Sequence[int | None]) -> list[tuple[int, int]] | None:
        """Part and row of each picture's map for its target, None being the prediction; None where one is not there."""
        places = []
        for one, target in zip(ids, targets, strict=True):
            fits = (
                (number, row)
                for number, row, explained, predicted in self._rows.get(one, ())
                if explained == (predicted if target is None else target)
            )
            place = next(fits, None)
            if place is None:
                return None
            places.append(place)
        return places

    def heatmaps(self, ids: Sequence[str], layers: Sequence[str], targets: Sequence[int | None]) -> Heatmaps | None:
        """Maps of some pictures; None where one is not there, or they are none of this model."""
        places = self.places(ids, targets)
        wanted = ["targets", "predictions", "probabilities", *(f"map/{layer}" for layer in layers)]
        whole = self.gathered(places, wanted) if places is not None else None
        if whole is None:
            return None
        (height, width), made = self._head["input_size"], made_by(self._head)
        try:
            found = Heatmaps(
                {layer: whole[f"map/{layer}"] for layer in layers},
                whole["targets"],
                Predictions(whole["predictions"], whole["probabilities"]),
                (height, width),
                made.title,
                made.unit,
                key=made.key,
            )
            # Older studies do not say their classes.
            classes = len(self._head.get("class_names") or ()) or whole["probabilities"].shape[-1]
            fit = maps_fit(found, len(ids), classes, layers, (height, width))
        except Exception:  # damaged
            return None
        return found if fit else None

    def gathered(self, places: Sequence[tuple[int, int]], names: Sequence[str]) -> dict[str, np.ndarray] | None:
        """The rows of some arrays, in the order of the places; None where a part was damaged or taken away since."""
        whole: dict[str, np.ndarray] = {}
        rows_of: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for position, (number, row) in enumerate(places):
            rows_of[number].append((position, row))
        try:
            for number, pairs in rows_of.items():
                positions, rows = [p for p, _ in pairs], [r for _, r in pairs]
                for name in names:
                    part = self._array(number, name)
                    if name not in whole:
                        whole[name] = np.empty((len(places), *part.shape[1:]), part.dtype)
                    whole[name][positions] = part[rows]
        except Exception:
            return None
        return whole
