"""The tables of effects, by class and by model."""

from __future__ import annotations

import pandas as pd

from app.tables import show_table
from xai_core.studies import FOREGROUND_MEASURES

_FIRST = ("label", "model", "n", "d_z", "low", "high", "p_holm", "inside")  # the effect before what it is made of


def show_effects(table: pd.DataFrame, measure: str) -> None:
    """Effects of a measure, the row of a class or of a model."""
    columns = [name for name in _FIRST if name in table]
    table = table[columns + [name for name in table if name not in columns]]
    words = {
        "inside": "on the object",
        "chance": FOREGROUND_MEASURES[measure].beside,
        "low": "d_z from",
        "high": "d_z to",
        "drop": "lost with another background",
    }
    show_table(table, words)
