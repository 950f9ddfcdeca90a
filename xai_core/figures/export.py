"""Figures as files that open without a network."""

from __future__ import annotations

import plotly.graph_objects as go


def to_html(figure: go.Figure, title: str) -> str:
    """A figure as a page of its own, interactive, with all that it needs inside."""
    titled = go.Figure(figure).update_layout(title={"text": title}, margin={"t": 60})
    return str(
        titled.to_html(
            include_plotlyjs=True,
            full_html=True,
            auto_play=False,
            config={"displaylogo": False, "showSendToCloud": False},
        )
    )
