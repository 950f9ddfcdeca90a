"""Intervals about points, drawn the same in all charts of effects."""

from __future__ import annotations

from typing import Any

import pandas as pd

from xai_core.figures.palettes import MUTED


def error_bars(middle: pd.Series, low: pd.Series, high: pd.Series, width: int) -> dict[str, Any]:
    """Plotly's settings of intervals, which need not lie evenly about their points.

    Parameters
    ----------
    middle, low, high : Series
        The points and the ends of their intervals; NaN where there is none.
    width : int
        Of the caps, in pixels.

    Returns
    -------
    dict of str to object
    """
    return {
        "type": "data",
        "symmetric": False,
        "array": high - middle,
        "arrayminus": middle - low,
        "color": MUTED,
        "thickness": 1.5,
        "width": width,
    }
