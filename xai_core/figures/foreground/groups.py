"""Effects of groups and of layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.error_bars import error_bars
from xai_core.figures.foreground.margin import MARGIN
from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED
from xai_core.figures.words import as_text
from xai_core.studies.words import format_p


def forest_figure(table: pd.DataFrame, by: str) -> go.Figure:
    """Effects with their intervals, a row each.

    Parameters
    ----------
    table : DataFrame
        As `studies.compare_groups` gives it.
    by : str
        The column of it that names the rows.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    rows = table[np.isfinite(table["d_z"])][::-1]
    sure = rows["p_holm"] < 0.05
    figure = go.Figure()
    figure.add_scatter(
        x=rows["d_z"],
        y=rows[by].map(as_text),
        mode="markers",
        marker={"size": 10, "color": np.where(sure, np.where(rows["d_z"] > 0, ACCENT, CONTRAST), MUTED).tolist()},
        error_x=error_bars(rows["d_z"], rows["low"], rows["high"], 4),
        customdata=rows["n"],
        text=rows["p_holm"].map(format_p),
        hovertemplate="%{y}: d_z = %{x:.2f}<br>n = %{customdata:,}, Holm-corrected %{text}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": MUTED, "dash": "dash"})
    known = ", with 95% interval" if np.isfinite(rows["low"]).any() else ""
    figure.update_xaxes(title=f"effect d_z{known}", zeroline=False)
    figure.update_yaxes(type="category", showgrid=False, automargin=True)
    figure.update_layout(height=max(170, 70 + 30 * len(rows)), margin=MARGIN, dragmode=False)
    return figure


def depth_figure(table: pd.DataFrame, titles: Sequence[str], inside: str, chance: str | float) -> go.Figure:
    """Where the maps lie by depth: the mean over pictures with its spread, against chance.

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background`, layers in order of depth.
    titles : sequence of str
        Of the layers.
    inside : str
        Column of the measure.
    chance : str or float
        Column of what chance gives, or a number.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    grouped = table.groupby("layer", sort=False)
    mean, count = grouped[inside].mean(), grouped[inside].count()
    error = 1.96 * grouped[inside].std() / np.sqrt(count)
    figure = go.Figure()
    figure.add_scatter(
        x=list(titles),
        y=mean,
        mode="lines+markers",
        name="on the object",
        line={"color": ACCENT, "width": 2.5},
        error_y={"type": "data", "array": error.fillna(0), "color": ACCENT, "thickness": 1.2},
        hovertemplate="%{x}: %{y:.3f}<extra></extra>",
    )
    level = [chance] * len(mean) if isinstance(chance, int | float) else grouped[chance].mean()
    figure.add_scatter(
        x=list(titles),
        y=level,
        mode="lines",
        name="off it" if chance == "mean_outside" else "by chance",
        line={"color": MUTED, "dash": "dash"},
        hovertemplate="%{x}: %{y:.3f}<extra></extra>",
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(
        height=300, margin=MARGIN, dragmode=False, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"}
    )
    return figure
