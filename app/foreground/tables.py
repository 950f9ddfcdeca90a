"""How the page's tables are headed."""

from __future__ import annotations

import pandas as pd

from xai_core.studies import FOREGROUND_MEASURES


def renamed(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """A table's columns in words."""
    words = {
        "inside": "on the object",
        "chance": FOREGROUND_MEASURES[measure].beside,
        "p_holm": "p (Holm)",
        "low": "d_z from",
        "high": "d_z to",
        "rank_biserial": "rank-biserial",
        "drop": "lost with another background",
        "p_inside": "p (object)",
        "d_z_inside": "d_z (object)",
        "p_drop": "p (lost)",
        "d_z_drop": "d_z (lost)",
    }
    return table.rename(columns=words).round(4)
