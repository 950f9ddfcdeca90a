"""Figures as files that open without a network."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from xai_core.figures.words import as_text


def to_html(figure: go.Figure, title: str, entries: Sequence[tuple[str, str]] = ()) -> str:
    """A figure as a page of its own, interactive, with all that it needs inside.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        It stays as it is.
    title : str
        What stands above it.
    entries : sequence of tuple of str
        (colour, name) of what the legend is to explain besides.

    Returns
    -------
    str
        HTML.
    """
    titled = go.Figure(figure).update_layout(
        title={"text": as_text(title)}, margin={"t": 60, "b": 60, "l": 90}, template="plotly_white"
    )
    titled.update_xaxes(automargin=True).update_yaxes(automargin=True)
    if entries:
        titled.update_layout(legend={"x": 1.01, "y": 1}, margin={"r": 190})
    for colour, name in entries:
        titled.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=as_text(name),
            showlegend=True,
            marker={"color": colour, "symbol": "square", "size": 10},
        )
    return str(
        titled.to_html(
            include_plotlyjs=True,
            full_html=True,
            auto_play=False,
            config={
                "displaylogo": False,
                "showSendToCloud": False,
                "toImageButtonOptions": {"format": "svg", "filename": as_text(title), "width": 1600, "height": 900},
            },
        )
    )
