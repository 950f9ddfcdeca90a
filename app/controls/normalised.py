"""What the cells of a confusion matrix are counted as."""

from __future__ import annotations

from typing import Any

import streamlit as st

from xai_core import figures

WORDS: dict[figures.Normalised, str] = {
    "counts": "Counts",
    "row": "% of the true class",
    "column": "% of the predicted",
}


def choose_normalised(place: Any = st, *, label: str = "visible") -> figures.Normalised:
    """Counts, or shares of a row or column.

    Parameters
    ----------
    place : container
        Where it is shown.
    label : {"visible", "collapsed"}
        Whether its name is shown.
    """
    chosen: figures.Normalised = place.segmented_control(
        "Numbers",
        list(WORDS),
        format_func=WORDS.__getitem__,
        default="counts",
        required=True,
        wrap=True,
        key="numbers",
        bind="query-params",
        label_visibility=label,
    )
    return chosen
