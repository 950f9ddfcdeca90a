"""Whether deeper layers focus more: the measure, its verdict, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

import xai_core as xai
from app import cache, cards, controls, frame
from app.layers.charts import choose_grid, show_boxes, show_details
from app.layers.shown import ShownLayers
from app.layers.takeaway import files_of, make_report
from xai_core import studies
from xai_core.questions.layers.findings import GRIDS, Answer, Findings, answer, offered
from xai_core.questions.layers.question import LAYERS
from xai_core.studies import Grid, MapMeasures

MEASURED: tuple[Grid, ...] = (*GRIDS, "sampled")


@st.fragment
def show_statistics(shown: ShownLayers, measured: Mapping[Grid, MapMeasures]) -> None:
    """The tests between layers. A fragment: moving the threshold looks numbers up and tests again."""
    st.header("Do deeper layers focus more?", anchor=False)
    own, common = measured["own"], measured["common"]
    asked, limit = LAYERS.choice("measure"), LAYERS.choice("threshold")
    bar = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    measure = bar.segmented_control(
        asked.title,
        offered(own),
        format_func=asked.name_of,
        default=asked.default,
        required=True,
        wrap=True,
        key=asked.address,
        bind="query-params",
        help=asked.help,
    )
    threshold = bar.slider(
        limit.title,
        0.50,
        0.95,
        limit.default,
        0.01,
        key=limit.address,
        bind="query-params",
        disabled=not studies.MEASURES[measure].by_threshold,
        width=280,
        help=limit.help,
    )
    threshold = round(threshold, 2)
    with st.container(horizontal=True, gap="medium"):
        asked_random = shown.method.repeatable and controls.choose_flag(LAYERS.choice("untrained"))
        asked_deletion = controls.choose_flag(LAYERS.choice("deletion"))
    untrained = look_untrained(shown) if asked_random else ()
    faithful = look_how_faithful(shown, look_deleted(shown) if asked_deletion else None)
    said = answered(shown, measured, measure, threshold, untrained, faithful)
    cards.hypothesis_card(said.card)
    controls.offer_prediction(studies.seen_classes(shown.heatmaps, shown.model))

    one_size = len({layer.size for layer in shown.layers}) == 1
    grid = "own" if one_size else choose_grid(common.sizes[0])
    found = Findings(
        shown.model, shown.data.code, shown.samples, shown.layers, shown.heatmaps, shown.captions, said, grid
    )
    show_boxes(shown, found)
    show_details(shown, found, threshold)
    frame.offer_export("layers", lambda board: make_report(board, shown, found), files_of(shown, said))


def look_untrained(shown: ShownLayers) -> list[MapMeasures]:
    """The measures of the same pictures' maps in the same network with random weights, for each draw."""
    place = st.empty()
    maps = cache.maps.untrained_maps(
        shown.key,
        shown.model,
        shown.heatmaps,
        shown.samples,
        shown.method,
        lambda done, total: place.progress(done / total, f"Random weights: {done} of {total}"),
    )
    place.empty()
    return [
        cache.maps.measures(f"{shown.key} untrained {draw}", "own", one, shown.samples) for draw, one in enumerate(maps)
    ]


def look_without_averages(shown: ShownLayers) -> xai.Heatmaps | None:
    """The same maps of the method that does not average; None of one that averages none.

    Of a study's pictures these maps are not in its folder, and there may be very many of them: its report says it.
    """
    if not shown.method.exact or cache.study_folders.opened_study() is not None:
        return None
    return cache.maps.heatmaps(
        shown.model,
        shown.samples,
        shown.layers,
        shown.heatmaps.targets.tolist(),
        lambda done, total: None,
        method=xai.get_method(shown.method.exact),
        settings={},
    )


def look_deleted(shown: ShownLayers) -> np.ndarray:
    """What deletion costs beyond random order, by picture and layer; NaN of pictures that were not asked about."""
    place = st.empty()
    found = cache.interventions.layer_deletion(
        shown.key,
        shown.model,
        shown.samples,
        shown.heatmaps,
        lambda done, total: place.progress(done / total, f"Deletion by layer: {done} of {total}"),
    )
    place.empty()
    return found


def look_how_faithful(shown: ShownLayers, gains: np.ndarray | None) -> studies.Faithfulness | None:
    """How faithful the maps of each layer are, by what was looked at."""
    exact = look_without_averages(shown)
    return cache.results.kept((shown.key, exact is not None, gains is not None), faithfulness_of, shown, exact, gains)


def faithfulness_of(
    shown: ShownLayers, exact: xai.Heatmaps | None, gains: np.ndarray | None
) -> studies.Faithfulness | None:
    """What is said of the maps, those without the average, and deletion."""
    return studies.layer_faithfulness(
        {layer.name: layer.title for layer in shown.layers},
        shown.method.title,
        exact=exact.method if exact is not None else "",
        correlations=None if exact is None else studies.averaging_correlations(shown.heatmaps, exact),
        gains=gains,
    )


def answered(
    shown: ShownLayers,
    measured: Mapping[Grid, MapMeasures],
    measure: str,
    threshold: float,
    untrained: Sequence[MapMeasures] = (),
    faithful: studies.Faithfulness | None = None,
) -> Answer:
    """What the tests say, those kept that another threshold or measure has asked for already."""

    def keep(key: tuple[object, ...], function: Callable[..., Any], *arguments: Any, **settings: Any) -> Any:
        return cache.results.kept((shown.key, *key), function, *arguments, **settings)

    key = (shown.key, measure, threshold, len(untrained), len(faithful.checks) if faithful is not None else 0)
    said = cache.results.kept(
        key,
        answer,
        measured,
        shown.layers,
        shown.names,
        measure,
        threshold,
        seen=studies.seen_classes(shown.heatmaps, shown.model),
        untrained=untrained,
        faithful=faithful,
        keep=keep,
    )
    return replace(said, card=cards.of_these(said.card, shown.samples))
