"""Loaded models: those that are chosen, and those of a training's epochs."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import streamlit as st

import xai_core as xai
from app.cache import stamps

SMALL_BYTES = 4 << 20  # of weights, of which dozens may stay in memory


@st.cache_resource(max_entries=3, show_spinner=False)
def classifier(key: str, settings: tuple[tuple[str, Any], ...], stamp: str) -> xai.Classifier:
    """A loaded model; `settings` are keyword arguments of `xai.load_model`, `stamp` the checkpoint file's state."""
    model = xai.load_model(key, **dict(settings))
    # Each collection of garbage would walk through a million objects of torch and plotly that never go away: 180 ms
    # in which no session runs.
    gc.collect()
    gc.freeze()
    return model


@st.cache_resource(max_entries=64, show_spinner=False)
def _small_checkpoint(path: str, stamp: str) -> xai.Classifier:
    return xai.load_model(path)


@st.cache_resource(max_entries=4, show_spinner=False)
def _large_checkpoint(path: str, stamp: str) -> xai.Classifier:
    return xai.load_model(path)


def checkpoint(path: Path) -> xai.Classifier:
    """The model that a run was at an epoch; a film asks for all epochs in turn, so small ones are kept."""
    stamp = stamps.file_stamp(path)
    small = bool(stamp) and path.stat().st_size <= SMALL_BYTES
    return (_small_checkpoint if small else _large_checkpoint)(str(path), stamp)
