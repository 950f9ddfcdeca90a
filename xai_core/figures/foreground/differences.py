"""Each picture under two conditions, and the differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xai_core.figures.foreground.margin import MARGIN
from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED
from xai_core.figures.words import as_text


def differences_figure(
    first: np.ndarray,
    second: np.ndarray,
    names: Sequence[str],
    labels: tuple[str, str],
    pictures: Sequence[int],
    selected: int | None = None,
) -> go.Figure:
    """Each picture under two conditions: slopes at the left, the differences with their mean at the right.

    Parameters
    ----------
    first, second : ndarray
        float (n,).
    names : sequence of str
        Of the n pictures.
    labels : tuple of str
        Of the two conditions.
    pictures : sequence of int
        n numbers that a click on a point reports as customdata.
    selected : int, optional
        One of those numbers, to mark.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    shown = _Differences(first, second, list(map(as_text, names)), labels, list(pictures))
    figure = make_subplots(rows=1, cols=2, column_widths=[0.55, 0.45], horizontal_spacing=0.1)
    spread = np.random.default_rng(0).uniform(-0.32, -0.08, len(first))
    shown.slopes(figure)
    shown.violin(figure, spread)
    if selected in shown.pictures:
        shown.mark(figure, spread, shown.pictures.index(selected))
    figure.add_hline(y=0, line={"color": MUTED, "dash": "dash"}, row=1, col=2)
    figure.update_xaxes(tickvals=[0, 1], ticktext=list(labels), range=[-0.25, 1.25], row=1, col=1, zeroline=False)
    figure.update_xaxes(tickvals=[0], ticktext=["difference"], range=[-0.5, 0.7], row=1, col=2, zeroline=False)
    figure.update_layout(height=380, margin=MARGIN, dragmode=False, clickmode="event+select", hovermode="closest")
    return figure


@dataclass(frozen=True)
class _Differences:
    """What `differences_figure` draws, and its parts."""

    first: np.ndarray
    second: np.ndarray
    names: list[str]
    labels: tuple[str, str]
    pictures: list[int]

    @property
    def difference(self) -> np.ndarray:
        return self.first - self.second

    @property
    def colours(self) -> list[str]:
        return np.where(self.difference >= 0, ACCENT, CONTRAST).tolist()

    def slopes(self, figure: go.Figure) -> None:
        """A line from one condition to the other for each picture, at the left."""
        first, second = self.first, self.second
        gap = np.full(len(first), np.nan)
        x = np.column_stack([np.zeros(len(first)), np.ones(len(first)), gap]).ravel()
        y = np.column_stack([first, second, gap]).ravel()
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": MUTED, "width": 1},
            opacity=0.5,
            hoverinfo="skip",
            showlegend=False,
            row=1,
            col=1,
        )
        for place, values in enumerate((first, second)):
            figure.add_scatter(
                x=np.full(len(values), place),
                y=values,
                mode="markers",
                customdata=self.pictures,
                text=self.names,
                marker={"color": self.colours, "size": 8},
                showlegend=False,
                hovertemplate="%{text}<br>" + self.labels[place] + " %{y:.3f}<extra></extra>",
                row=1,
                col=1,
            )

    def violin(self, figure: go.Figure, spread: np.ndarray) -> None:
        """The distribution of the differences and a point each, at the right."""
        difference = self.difference
        figure.add_violin(
            x=np.zeros(len(difference)),
            y=difference,
            side="positive",
            points=False,
            line={"color": MUTED},
            fillcolor="rgba(138,143,152,.25)",
            hoverinfo="skip",
            showlegend=False,
            width=1.1,
            spanmode="hard",
            meanline={"visible": True, "color": CONTRAST},
            row=1,
            col=2,
        )
        figure.add_scatter(
            x=spread,
            y=difference,
            mode="markers",
            customdata=self.pictures,
            text=self.names,
            marker={"color": self.colours, "size": 8},
            showlegend=False,
            hovertemplate="%{text}<br>difference %{y:+.3f}<extra></extra>",
            row=1,
            col=2,
        )

    def mark(self, figure: go.Figure, spread: np.ndarray, at: int) -> None:
        """A ring around a picture in both halves."""
        first, second, difference = self.first, self.second, self.difference
        ring = {"size": 16, "color": "rgba(0,0,0,0)", "line": {"color": CONTRAST, "width": 2.5}}
        figure.add_scatter(
            x=[0, 1],
            y=[first[at], second[at]],
            mode="lines+markers",
            marker=ring,
            showlegend=False,
            line={"color": CONTRAST, "width": 2},
            hoverinfo="skip",
            row=1,
            col=1,
        )
        figure.add_scatter(
            x=[spread[at]],
            y=[difference[at]],
            mode="markers",
            marker=ring,
            showlegend=False,
            hoverinfo="skip",
            row=1,
            col=2,
        )
