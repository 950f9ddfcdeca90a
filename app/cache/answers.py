"""What the tests of a page say, derived once for all sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.cache.results import kept
from xai_core import studies
from xai_core.studies import MapMeasures
from xai_core.types import Layer


@dataclass(frozen=True, eq=False)
class LayerAnswer:
    """What the tests between layers say for one measure and threshold.

    Attributes
    ----------
    own, common : the tests on the layers' own resolutions, and on a common grid
    sweeps : title of the grid -> the trend at every threshold, and that in a sentence; empty where it says nothing
    """

    own: studies.LayerFocus
    common: studies.LayerFocus
    card: studies.Hypothesis
    sweeps: dict[str, tuple[pd.DataFrame, str]]


def layer_answer(
    request: str,
    measure: str,
    threshold: float,
    offered: Sequence[str],
    own: MapMeasures,
    common: MapMeasures,
    names: Sequence[str],
    layers: Sequence[Layer],
) -> LayerAnswer:
    """The tests between layers, their card and the sweep of the threshold; `offered`: the measures of the page."""
    grids = {"own": own, "common": common}

    def focus(grid: str, measure: str, threshold: float) -> studies.LayerFocus:
        key = (request, grid, measure, threshold)
        return kept(key, studies.layer_focus, grids[grid], threshold, measure=measure, samples=names)

    first, second = (focus(grid, measure, threshold) for grid in grids)
    verdict = studies.layer_verdict(first, second, [layer.title for layer in layers])
    there = list(grids) if len({layer.size for layer in layers}) > 1 else ["own"]
    if measure != "share" or verdict.outcome == "unknown":
        there = []
    tables = {grid: kept((request, grid), studies.sweep, grids[grid]) for grid in there}
    others = [
        # But for the share, none depends on the threshold.
        focus("own", key, threshold if key == "share" else studies.THRESHOLD)
        for key in offered
        if key != measure
    ]
    titles = {"own": "At their own resolutions", "common": "On the common grid"}
    return LayerAnswer(
        first,
        second,
        studies.layer_hypothesis(first, second, verdict, swept=tables.get("own"), others=others),
        {titles[grid]: (table, studies.sweep_sentence(table, threshold)) for grid, table in tables.items()},
    )


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the numbers of an evaluation's table say; `misclassifications` shows it."""

    summary: studies.Summary
    card: studies.Hypothesis
    findings: list[studies.Finding]
    report: pd.DataFrame
    bins: pd.DataFrame
    pairs: pd.DataFrame
    confusion: studies.ShownConfusion


@st.cache_resource(max_entries=24, show_spinner=False)
def judgement(model_id: str, data_id: str, done: int, _table: pd.DataFrame, _names: Sequence[str]) -> Judgement:
    """Everything that is read from a table."""
    return Judgement(
        studies.summarise(_table, _names),
        studies.confidence_hypothesis(_table),
        studies.misclassification_findings(_table, _names),
        studies.class_report(_table, _names),
        studies.calibration(_table),
        studies.confused_pairs(_table, _names),
        studies.shown_confusion(studies.confusion(_table, len(_names))),
    )
