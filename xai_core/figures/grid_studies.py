"""The studies of a grid beside each other: an effect of each, or of each pair, with its interval."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.error_bars import error_bars
from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED
from xai_core.figures.words import as_text

_ROW = 36  # pixels, for a name of two lines
_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}


def intervals_figure(table: pd.DataFrame, title: str, level: float = 0.05) -> go.Figure:
    """Effects with 95% intervals, one below the other; what remains after correction is coloured and a diamond.

    Parameters
    ----------
    table : DataFrame
        A row an effect: name, size, low, high, p_holm.
    title : str
        What the effects are, in so few words that a phone has room for them beside the names.
    level : float
        Below which a corrected p is coloured.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    rows = table[::-1]
    kept = rows["p_holm"] < level
    figure = go.Figure(
        go.Scatter(
            x=rows["size"],
            y=rows["name"].map(as_text).str.replace(" − ", " −<br>"),  # a pair in two lines
            mode="markers",
            marker={
                "size": 10,
                "color": kept.map({True: ACCENT, False: MUTED}).tolist(),
                "symbol": kept.map({True: "diamond", False: "circle"}).tolist(),
            },
            error_x=error_bars(rows["size"], rows["low"], rows["high"], 3),
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        )
    )
    figure.add_vline(x=0, line={"color": CONTRAST, "dash": "dash", "width": 1})
    figure.update_xaxes(title=as_text(title), zeroline=False, nticks=5)
    figure.update_yaxes(type="category", showgrid=False, automargin=True)
    return figure.update_layout(height=80 + _ROW * len(rows), margin=_MARGIN, dragmode=False, showlegend=False)
