"""Recorded trainings, their pictures and figures."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

import xai_core as xai
from app import paths
from app.cache import stamps
from xai_core import figures, studies
from xai_core.records import NAMELESS, spread

MOST_COLUMNS = 500  # epochs of the evolution figure: more are thinner than a pixel


@st.cache_resource(max_entries=12, show_spinner=False)
def run(path: str, stamp: str) -> xai.TrainingRun:
    """A run, however it was recorded; `stamp` is `run_stamp` of it."""
    place = Path(path).expanduser() if stamps.is_folder(path) else Path(path)
    paths.check_links(place)
    return xai.TrainingRun.open(place)


@st.cache_resource(max_entries=8, show_spinner=False)
def uploaded_run(digest: str, name: str, _content: bytes) -> xai.TrainingRun:
    """A run from the content of a file: InstanceFlow's JSON or a table of predictions, which has no name in it."""
    run = xai.TrainingRun.open(_content)
    return replace(run, name=name) if run.name == NAMELESS else run


@st.cache_data(max_entries=12, show_spinner=False)
def run_measures(run_id: str, _run: xai.TrainingRun) -> pd.DataFrame:
    """How each picture of a run fared."""
    return _run.measures()


def run_pictures(run_id: str, run: xai.TrainingRun) -> xai.Dataset:
    """The pictures of a run, read when asked for, and anew when their files change."""
    return _run_pictures(run_id, stamps.pictures_stamp(run), run)


@st.cache_resource(max_entries=12, show_spinner=False)
def _run_pictures(run_id: str, stamp: str, _run: xai.TrainingRun) -> xai.Dataset:
    return xai.run_pictures(_run)


@st.cache_resource(max_entries=64, show_spinner=False)
def evolution(
    run_id: str,
    first: int,
    last: int,
    view: figures.EvolutionView,
    by_class: bool,
    sort: str,
    true: tuple[int, ...],
    predicted: tuple[int, ...],
    only: studies.Only,
    picture: int | None,
    _run: xai.TrainingRun,
) -> tuple[Any, tuple[tuple[int, ...], ...]]:
    """The evolution figure of some epochs and pictures, and the pictures of each of its rows.

    Measures and order are those of all the epochs, of which at most `MOST_COLUMNS` are drawn.
    """
    part = _run.between(first, last)
    table = part.measures()
    order = studies.choose_rows(part, table, sort=sort, by_class=by_class, true=true, predicted=predicted, only=only)
    drawn = spread(part, MOST_COLUMNS)
    rows = studies.evolution_rows(drawn, order, table, by_class=by_class)
    marked = rows.row_of(picture) if picture is not None else None
    figure = figures.evolution_figure(
        drawn, rows, view=view, by_class=by_class, selected=marked, colours=figures.run_colours(_run)
    )
    return figure, tuple(tuple(int(i) for i in members) for members in rows.members)


@st.cache_resource(max_entries=8, show_spinner=False)
def run_samples(
    run_id: str, model_id: str, indices: tuple[int, ...], _run: xai.TrainingRun, _model: xai.Classifier
) -> list[tuple[int, xai.Sample]]:
    """Pictures of a run as its model sees them, with their index; those that cannot be read are left out."""
    found = []
    for index in indices:
        with contextlib.suppress(xai.XaiError):
            found.append((index, _model.preprocessing.prepare(run_pictures(run_id, _run)[index])))
    return found


@st.cache_data(max_entries=32, show_spinner=False)
def comparison(first_id: str, second_id: str, _first: xai.TrainingRun, _second: xai.TrainingRun) -> Any:
    """Two runs side by side."""
    return studies.compare_runs(_first, _second)
