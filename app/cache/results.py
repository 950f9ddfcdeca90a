"""What is computed from results alone, kept for all sessions: tests, sentences, figures, HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

import streamlit as st

import xai_core as xai
from xai_core import studies

P = ParamSpec("P")
R = TypeVar("R")


@st.cache_resource(max_entries=512, show_spinner=False)
def _kept(name: str, key: tuple[object, ...], _compute: Callable[[], Any]) -> Any:
    return _compute()


def kept(key: tuple[object, ...], function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a function that asks no model gives: tests, sentences, figures; `key` stands for its arguments.

    It is one object for all sessions, so nobody may change it.
    """
    name = f"{function.__module__}.{function.__qualname__}"
    return _kept(name, key, lambda: function(*args, **kwargs))


def near_copies(samples: Sequence[xai.Sample]) -> studies.NearCopies:
    """Near copies among pictures."""
    return kept(tuple((sample.id, sample.group) for sample in samples), studies.near_copies, samples)


@st.cache_data(max_entries=128, show_spinner=False)
def panel(request: str, _draw: Callable[[], str]) -> str:
    """A panel's HTML."""
    return _draw()
