"""Batch studies on disk, whose results take the place of computing them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

import xai_core as xai
from app import paths
from app.cache import stamps
from xai_core.batch.grid_folder import GRID, GridFolder
from xai_core.batch.head import STUDY
from xai_core.batch.store import SUMMARY, StudyFolder
from xai_core.questions.grid_studies import GridStudy, studies_of


@st.cache_resource(max_entries=8, show_spinner=False)
def _study(path: str, stamp: str) -> StudyFolder:
    paths.check_links(Path(path))
    return StudyFolder.open(path)


def study(path: str) -> StudyFolder:
    """A batch study on disk.

    Raises
    ------
    XaiError
        If there is none, or it may not be opened.
    """
    place = paths.allowed(path)
    return _study(str(place), stamps.file_stamp(place / STUDY) + stamps.file_stamp(place / SUMMARY))


def grid(path: str) -> GridFolder:
    """A grid of studies on disk.

    Raises
    ------
    XaiError
        If there is none, or it may not be opened.
    """
    place = paths.allowed(path)
    paths.allowed(str(place / GRID))  # which may be a link that leads out; so are the studies when they are opened
    return GridFolder.open(place)


def studies_in(found: GridFolder) -> list[GridStudy]:
    """The studies of a grid, whatever is in their folders.

    Raises
    ------
    XaiError
        If they are not of one question on the same pictures.
    """
    return studies_of(found, study)


def opened_study() -> StudyFolder | None:
    """The study that the address names, whose results take the place of computing them; None without one."""
    path = st.query_params.get("study")
    try:
        return study(path) if path else None
    except xai.XaiError:
        return None  # the page says so where it begins


@st.cache_data(max_entries=16, show_spinner=False)
def _complete_heatmaps(
    identity: str,
    model_id: str,
    ids: tuple[str, ...],
    names: tuple[str, ...],
    targets: tuple[int | None, ...],
    method: str,
    settings: tuple[tuple[str, Any], ...],
    _study: StudyFolder,
) -> xai.Heatmaps | None:
    """Maps that a complete study holds, read from the disk once."""
    return _study.heatmaps(model_id, ids, names, targets, method=method, settings=dict(settings))


def heatmaps(
    found: StudyFolder,
    model_id: str,
    ids: tuple[str, ...],
    names: tuple[str, ...],
    targets: tuple[int | None, ...],
    method: str,
    settings: tuple[tuple[str, Any], ...],
) -> xai.Heatmaps | None:
    """Maps that a study holds, or None; of one that is not complete they are looked up anew, since it may grow."""
    if found.complete:
        return _complete_heatmaps(found.identity, model_id, ids, names, targets, method, settings, found)
    return found.heatmaps(model_id, ids, names, targets, method=method, settings=dict(settings))
