"""What is known of each picture, as a table: its half, what was predicted, its strategy, and where to draw it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from xai_core.discovery.clusters import Space
from xai_core.discovery.pictures import Pictures
from xai_core.discovery.records import Strategy
from xai_core.types import Classifier, Sample


def picture_table(
    model: Classifier, dataset: Sequence[Sample], pictures: Pictures, held: np.ndarray, strategies: Sequence[Strategy]
) -> pd.DataFrame:
    """A row for each picture that was looked at.

    Parameters
    ----------
    model, dataset, pictures
        See `xai_core.discovery.discover.concluded`.
    held : ndarray
        bool (N,), the half for tests.
    strategies : Sequence of Strategy

    Returns
    -------
    DataFrame
        place, id, picture, label, half, predicted, confidence, p_label, correct, strategy, and x and y, the first two
        principal components of its features.
    """
    items: Sequence[Any] = getattr(dataset, "items", dataset)
    predicted = pictures.probabilities.argmax(axis=1)
    points = np.zeros((len(pictures), 2))
    found = Space.of(pictures.features.astype(float))(pictures.features.astype(float))[:, :2]
    points[:, : found.shape[1]] = found
    strategy: dict[int, str] = {}
    for one in sorted(strategies, key=lambda one: (one.suspect is None, one.whole)):
        if one.suspect or not one.whole:
            for place in one.places:
                strategy.setdefault(place, one.name)
    rows = np.arange(len(pictures))
    return pd.DataFrame(
        {
            "place": pictures.places,
            "id": pictures.ids,
            "picture": pictures.names,
            "label": [items[int(place)].label for place in pictures.places],
            "half": np.where(held, "tested", "looked at"),
            "predicted": np.array(model.class_names, object)[predicted],
            "confidence": pictures.probabilities[rows, predicted],
            "p_label": pictures.probabilities[rows, pictures.targets],
            "correct": predicted == pictures.targets,
            "x": points[:, 0],
            "y": points[:, 1],
            "strategy": [strategy.get(int(place), "") for place in pictures.places],
        }
    )
