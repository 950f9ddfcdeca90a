"""What the Layer Explorer finds: all that its card, its sections and its files need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.figures import Caption
from xai_core.methods.registry import no_evidence
from xai_core.studies import (
    MEASURES,
    THRESHOLD,
    ClassSeen,
    Faithfulness,
    Grid,
    Hypothesis,
    LayerFocus,
    MapMeasures,
    UntrainedLayers,
    Verdict,
)
from xai_core.types import Classifier, Heatmaps, Layer, Sample

GRIDS: tuple[Grid, ...] = ("own", "common")
NEUTRAL: tuple[Grid, ...] = ("common", "sampled")  # with as many cells at every layer
# keep(key, function, *arguments) gives what the function gives, and may have kept it; `key` stands for the arguments.
Keep = Callable[..., Any]


def _computed(key: tuple[object, ...], function: Callable[..., Any], *arguments: Any, **settings: Any) -> Any:
    return function(*arguments, **settings)


@dataclass(frozen=True, eq=False)
class Answer:
    """What the tests between layers say of a measure.

    Attributes
    ----------
    focus : Mapping of str to LayerFocus
        The tests on each of GRIDS.
    verdict : Verdict
        How they came out.
    card : Hypothesis
        Of both.
    sweeps : Mapping of str to DataFrame
        The trend at every threshold, on each grid that makes a difference; empty where it says nothing.
    untrained : UntrainedLayers or None
        The same network with random weights, where it was looked at.
    faithful : Faithfulness or None
        How faithful each layer's maps are, where it was looked at.
    """

    focus: Mapping[Grid, LayerFocus]
    verdict: Verdict
    card: Hypothesis
    sweeps: Mapping[Grid, pd.DataFrame]
    untrained: UntrainedLayers | None = None
    faithful: Faithfulness | None = None


def offered(measured: MapMeasures) -> list[str]:
    """Keys of the measures that maps have: those that need an object's mask only where there is one."""
    return [key for key, one in MEASURES.items() if not one.needs_mask or np.isfinite(measured.tables[key]).any()]


def answer(
    measured: Mapping[Grid, MapMeasures],
    layers: Sequence[Layer],
    names: Sequence[str],
    measure: str,
    threshold: float,
    *,
    seen: ClassSeen | None = None,
    untrained: Sequence[MapMeasures] = (),
    faithful: Faithfulness | None = None,
    keep: Keep = _computed,
) -> Answer:
    """The tests of a measure and what they say.

    Parameters
    ----------
    measured : Mapping of str to MapMeasures
        The same maps of N pictures at L layers on each of GRIDS, and on the "sampled" one where they were.
    layers : Sequence[Layer]
        L, in order of depth.
    names : Sequence[str]
        N names of the pictures.
    measure : str
        Key of MEASURES.
    threshold : float
        One of those that were measured.
    seen : ClassSeen, optional
        How sure the model is of the explained classes (`seen_classes`).
    untrained : Sequence[MapMeasures]
        The same pictures measured at their own resolutions in the same network with random weights, one a draw.
    faithful : Faithfulness, optional
        How faithful each layer's maps are (`studies.layer_faithfulness`).
    keep : callable, optional
        What gives tests that are known already: ``keep(key, function, *arguments)``, where the key stands for what
        the arguments have besides these maps.
    """

    def focus(grid: Grid, by: str) -> LayerFocus:
        # Others that have no threshold stay the same while it is moved.
        limit = threshold if by == measure or MEASURES[by].by_threshold else THRESHOLD
        return keep((grid, by, limit), studies.layer_focus, measured[grid], limit, measure=by, samples=names)

    tested = {grid: focus(grid, measure) for grid in GRIDS}
    own, common = (tested[grid] for grid in GRIDS)
    several_sizes = len({layer.size for layer in layers}) > 1
    neutral: list[Grid] = [grid for grid in NEUTRAL if several_sizes and grid in measured]
    verdict = studies.layer_verdict(own, common, [layer.title for layer in layers])
    grids = GRIDS if several_sizes else GRIDS[:1]
    if not MEASURES[measure].by_threshold or verdict.outcome == "unknown":
        grids = ()
    swept = {grid: keep((grid, measure), studies.sweep, measured[grid], measure) for grid in grids}
    compared = [by for by in offered(measured["own"]) if by != measure]
    others = [focus("own", by) for by in compared]
    # What needs a mask is no measure of how few cells hold the evidence, so that its cells may stay as they are.
    others += [focus(grid, by) for grid in neutral for by in compared if not MEASURES[by].needs_mask]
    random = studies.untrained_layers(own, [one.values(measure, own.threshold) for one in untrained])
    card = studies.layer_hypothesis(
        own,
        common,
        verdict,
        swept=swept.get("own"),
        sampled=focus("sampled", measure) if "sampled" in neutral and not MEASURES[measure].needs_mask else None,
        others=others,
        untrained=random,
        seen=seen,
        faithful=faithful,
    )
    if why := no_evidence(own.method):
        card = replace(card, caveats=(*card.caveats, why))
    return Answer(tested, verdict, card, swept, random, faithful)


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found of one model on one set of pictures.

    Attributes
    ----------
    model : Classifier
        What was asked.
    data : str
        The expression that gives the pictures (`Dataset.code`).
    samples : Sequence[Sample]
        N, as the network saw them.
    layers : Sequence[Layer]
        L, in order of depth.
    heatmaps : Heatmaps
        Of N pictures at L layers.
    captions : Sequence[Caption]
        N, what is said of each.
    answer : Answer
        What the tests say.
    grid : {"own", "common"}
        On which the measure is drawn and its numbers are given.
    left_out : Sequence[str]
        What was not read, in words.
    settings : Mapping[str, object]
        Other choices, for the record.
    """

    model: Classifier
    data: str
    samples: Sequence[Sample]
    layers: Sequence[Layer]
    heatmaps: Heatmaps
    captions: Sequence[Caption]
    answer: Answer
    grid: Grid = "own"
    left_out: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def focus(self) -> LayerFocus:
        """The tests on the grid that is drawn."""
        return self.answer.focus[self.grid]

    @property
    def untrained(self) -> tuple[float, ...]:
        """The medians of random weights by layer on the grid that is drawn; empty where they were not looked at."""
        random = self.answer.untrained
        return random.medians if random is not None and self.grid == "own" else ()

    @property
    def swept(self) -> pd.DataFrame | None:
        """The trend at every threshold, on one grid or several; None where it says nothing."""
        tables = list(self.answer.sweeps.values())
        return pd.concat(tables, ignore_index=True) if tables else None
