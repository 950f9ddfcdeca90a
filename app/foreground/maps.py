"""The maps of one model on the pictures, and how they lie on the objects' masks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

import xai_core as xai
from app import cache, controls
from app.foreground.choose import Source
from app.foreground.progress import Report
from xai_core import figures
from xai_core.figures import Style
from xai_core.studies import FOREGROUND_MEASURES


@dataclass(frozen=True, eq=False)
class MeasuredMaps:
    """What the page shows of one model: pictures with masks that can be used, their maps and measures.

    Attributes
    ----------
    layer : that the maps are made at; None of a method without layers
    """

    key: str
    model: xai.Classifier
    source: Source
    layer: str | None
    samples: list[xai.Sample]
    targets: list[int]
    heatmaps: xai.Heatmaps
    table: pd.DataFrame

    @property
    def place(self) -> str:
        """The name of its maps: the layer's, or of a method without layers where its one map lies."""
        return next(iter(self.heatmaps))


def wanted(model: xai.Classifier, samples: list[xai.Sample], target: controls.Target) -> tuple[list[int], int]:
    """The class that each map explains, and for how many pictures that is the prediction for want of a known label."""
    if target.kind == "class":
        return [int(target.index or 0)] * len(samples), 0
    best = [None] * len(samples) if target.kind == "prediction" else cache.maps.explained_labels(model, samples)
    chosen = [
        int(np.argmax(cache.maps.probabilities(model.id, sample.id, model, sample))) if one is None else one
        for one, sample in zip(best, samples, strict=True)
    ]
    return chosen, 0 if target.kind == "prediction" else best.count(None)


def look(
    model: xai.Classifier,
    samples: list[xai.Sample],
    source: Source,
    layer: str | None,
    target: controls.Target,
    report: Report,
) -> tuple[MeasuredMaps, int]:
    """Maps and measures of one model on pictures as it sees them, and how many labels it does not know."""
    targets, unknown = wanted(model, samples, target)
    heatmaps = cache.maps.heatmaps(
        model,
        samples,
        model.select([layer]) if layer else (),
        targets,
        report(f"{source.method.title} of {model.title}:"),
        method=source.method,
        settings=source.settings,
    )
    pictures = (f"{s.id} {s.name} {t} {s.group or ''}" for s, t in zip(samples, targets, strict=True))
    asked = [source.method.key, repr(cache.maps.in_order(source.settings)), str(layer)]
    key = hashlib.sha256("\n".join([model.id, model.title, *asked, *pictures]).encode()).hexdigest()
    table = cache.maps.foreground(key, heatmaps, samples)
    return MeasuredMaps(key, model, source, layer, samples, targets, heatmaps, table), unknown


def conditions(table: pd.DataFrame, measure: str) -> tuple[np.ndarray, np.ndarray, tuple[str, str]]:
    """The two columns that a measure compares, and what they are called."""
    kind = FOREGROUND_MEASURES[measure]
    return (table[kind.inside].to_numpy(), kind.against(table), ("on the object", kind.beside))


def overlay(shown: MeasuredMaps, index: int) -> np.ndarray:
    """A picture's map over it, with the object's outline."""
    return cache.results.kept((shown.key, index), draw_overlay, shown, index)


def draw_overlay(shown: MeasuredMaps, index: int) -> np.ndarray:
    """The same, drawn anew."""
    sample = shown.samples[index]
    (tile,) = figures.draw_tiles([sample.pixels], shown.heatmaps.take([index]), Style())[shown.place]
    return figures.outlined(tile.pixels, sample.mask) if sample.mask is not None else tile.pixels
