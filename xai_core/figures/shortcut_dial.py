"""Accuracy and the maps' share on the object, against how much of a shortcut a network was trained with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED
from xai_core.studies.shortcut_reading import ShortcutReading

_LINES = (
    ("accuracy: background goes with the digit", MUTED, "dot", "square"),
    ("accuracy: background says nothing", CONTRAST, "solid", "circle"),
    ("share of the map on the digit", ACCENT, "dash", "diamond"),
)


def dial_figure(readings: Mapping[float, ShortcutReading], chosen: float) -> go.Figure:
    """Three lines with 95% intervals, and a mark at the network that is chosen.

    Parameters
    ----------
    readings : dict of float to ShortcutReading
        By the strength of the shortcut in training, in [0, 1].
    chosen : float
        The strength that is marked.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    strengths = sorted(readings)
    values = [_values(readings[one]) for one in strengths]
    figure = go.Figure()
    for at, (name, colour, dash, symbol) in enumerate(_LINES):
        middle, low, high = np.array([one[at] for one in values], float).T
        figure.add_scatter(
            x=strengths,
            y=middle,
            error_y={"array": high - middle, "arrayminus": middle - low, "thickness": 1.2, "width": 4},
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 9},
            customdata=np.stack([low, high], axis=1),
            hovertemplate="%{y:.0%} (95% interval %{customdata[0]:.0%} to %{customdata[1]:.0%})<extra></extra>",
        )
    figure.add_vline(x=chosen, line={"color": MUTED, "width": 14}, opacity=0.25)
    figure.update_xaxes(title="backgrounds in training that give the digit away", tickformat=".0%", tickvals=strengths)
    figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%")
    return figure.update_layout(
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )


def _values(reading: ShortcutReading) -> list[tuple[float, float, float]]:
    """Each line's value with its interval."""
    (tied, n), (untied, m) = reading.tied, reading.untied
    return [
        (tied / n, *reading.tied_interval),
        (untied / m, *reading.untied_interval),
        (reading.on_object, *reading.interval),
    ]
