"""A recorded training, which two examples read without loading torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import xai_core as xai


HONEST, CHEAT = "digits", "digits_shortcut"
FOLLOWED = 24  # pictures of the record that the epochs are shown on


@st.cache_resource(max_entries=2, show_spinner=False)
def record(key: str) -> xai.TrainingRun:
    """A training that comes along."""
    from xai_core.records import TrainingRun
    from xai_core.shipped import RUNS

    return TrainingRun.open(RUNS[key][1])


@st.cache_resource(max_entries=2, show_spinner=False)
def recorded_pictures(key: str) -> dict[str, xai.Sample]:
    """The pictures of a record by name; `xai.run_pictures` would load torch first."""
    from xai_core.data import load_dataset

    run = record(key)
    assert run.source is not None
    wanted = {*followed(key), *mistakes(key)}
    return {
        item.name: item.read()
        for item in load_dataset(run.source.data, split=run.source.split).items
        if item.name in wanted
    }


def followed(key: str) -> tuple[str, ...]:
    """Some pictures of a record, those learned soonest first: as many easy and hard ones as there are among all."""
    table = record(key).measures()
    ordered = table.sort_values(["misclassification", "picture"], kind="stable")["picture"].tolist()
    return tuple(ordered[(2 * i + 1) * len(ordered) // (2 * FOLLOWED)] for i in range(FOLLOWED))


def epochs(key: str) -> list[int]:
    """The epochs of a record."""
    return [int(epoch) for epoch in record(key).epochs]


def mistakes(key: str) -> tuple[str, ...]:
    """The pictures that are wrong at the end of a record, the surest mistake first."""
    run = record(key)
    wrong = [i for i in range(len(run.pictures)) if not run.correct[-1, i]]
    if run.p_predicted is not None:
        sure = run.p_predicted[-1]
        wrong.sort(key=lambda i: -float(sure[i]))
    return tuple(run.pictures[i] for i in wrong)
