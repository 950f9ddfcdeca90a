"""How far two methods agree on many pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import xai_core as xai
from app.cache import data
from app.cache.batches import BATCH, Progress
from app.jobs import right
from app.jobs.queue import shared
from xai_core import studies
from xai_core.methods import usable_methods
from xai_core.types import Method


@dataclass(frozen=True, eq=False)
class Pair:
    """Two methods whose maps are compared on many pictures; the layer is for those that have layers."""

    first: Method
    second: Method
    layer: str | None

    def keys(self) -> tuple[str, ...]:
        """Their keys."""
        return self.first.key, self.second.key


def pair(model: xai.Classifier, layer: str | None) -> Pair | None:
    """The cheapest method and the cheapest that puts its maps elsewhere; None where there are no two."""
    usual = usable_methods(model, ranks=True, usual=True)
    quick = [one for one in usual if not one.draws_samples and (layer or not one.at_layers)]
    elsewhere = [one for one in quick if one.place != quick[0].place] or quick[1:]
    return Pair(quick[0], elsewhere[0], layer) if elsewhere else None


@shared(512, right.agreements, long=True)
def _disagreement_batch(
    model_id: str,
    ids: tuple[str, ...],
    methods: tuple[str, ...],
    layer: str | None,
    targets: tuple[int, ...],
    _model: Any,
    _samples: Any,
    _pair: Pair,
) -> list[studies.Agreement]:
    def maps(method: Method) -> np.ndarray:
        where: dict[str, Any] = {"layers": [layer]} if method.at_layers else {}
        (values,) = xai.explain(_model, _samples, method=method.key, targets=list(targets), **where).values()
        return values

    return [studies.agreement(*both) for both in zip(maps(_pair.first), maps(_pair.second), strict=True)]


def disagreement(
    model: xai.Classifier, chosen: xai.Dataset, table: pd.DataFrame, pair: Pair, progress: Progress
) -> pd.DataFrame:
    """How far two methods agree on some pictures' predictions: columns id, rank_correlation, overlap.

    `table` has the rows of the pictures.
    """
    rows = []
    for start in range(0, len(table), BATCH):
        part = table.iloc[start : start + BATCH]
        read = [data.picture(chosen, int(index), model) for index in part["index"]]
        there = [(s, int(c)) for s, c in zip(read, part["predicted"], strict=True) if isinstance(s, xai.Sample)]
        if there:
            samples, targets = [s for s, _ in there], tuple(c for _, c in there)
            ids = tuple(s.id for s in samples)
            found = _disagreement_batch(model.id, ids, pair.keys(), pair.layer, targets, model, samples, pair)
            rows += [(s.id, *both) for s, both in zip(samples, found, strict=True)]
        progress(min(start + BATCH, len(table)), len(table))
    return pd.DataFrame(rows, columns=["id", "rank_correlation", "overlap"])
