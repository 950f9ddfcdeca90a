"""The tables of effects, by class and by model."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.tables import show_table
from xai_core.studies import FEWEST_FOR_EFFECT, FOREGROUND_MEASURES
from xai_core.studies.columns import EFFECT_HEADINGS
from xai_core.types.counts import number_of

_FIRST = ("label", "model", "n", "d_z", "low", "high", "p_holm", "inside")  # the effect before what it is made of


def show_effects(table: pd.DataFrame, measure: str, *, charted: bool = True) -> None:
    """Effects of a measure, the row of a class or of a model; what a chart of them shows is said where there is one."""
    columns = [name for name in _FIRST if name in table]
    table = table[columns + [name for name in table if name not in columns]]
    beside = FOREGROUND_MEASURES[measure].beside
    most = int(table["n"].max()) if charted and "n" in table and len(table) else FEWEST_FOR_EFFECT
    few = ""
    if most < FEWEST_FOR_EFFECT:
        few = f" No row has more than {number_of(most, 'picture')} here: these are too few to compare the rows."
    if charted:
        st.caption(
            f"Right of 0, there is more on the object than {beside}; the farther from 0, the clearer (effect d_z). "
            f"Rows of {FEWEST_FOR_EFFECT} or more pictures have a 95% interval. Grey: may be chance (not "
            f"significant).{few}"
        )
    with st.expander("All effects in numbers"):
        show_table(table, {**EFFECT_HEADINGS, "chance": beside})
