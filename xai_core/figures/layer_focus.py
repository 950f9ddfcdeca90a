"""Figures of the layer study: box plots with every picture's line, and the sweep of the threshold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED
from xai_core.figures.words import as_text
from xai_core.studies.layer_focus import LayerFocus
from xai_core.studies.words import format_p
from xai_core.types import Layer

_APART = 30  # times the smallest median: the largest one above it squeezes the others into a line on a linear axis
_MARGIN = {"l": 10, "r": 10, "t": 30, "b": 10}


def _ticks(layers: Sequence[Layer], table: pd.DataFrame) -> list[str]:
    sizes = table.drop_duplicates("depth").sort_values("depth")
    if len(layers) > 20:
        return [layer.title for layer in layers]
    return [
        f"{layer.title}<br><span style='font-size:10px'>{h} × {w}</span>"
        for layer, h, w in zip(layers, sizes["height"], sizes["width"], strict=True)
    ]


def focus_boxes(
    focus: LayerFocus,
    layers: Sequence[Layer],
    names: Sequence[str],
    selected: int | None = None,
    untrained: Sequence[float] = (),
) -> go.Figure:
    """Box plots by layer, each picture a line across them.

    Parameters
    ----------
    focus : LayerFocus
        Of N pictures at L layers.
    layers : sequence of Layer
        The L layers, titled.
    names : sequence of str
        N names of the pictures, for the hover text.
    selected : int, optional
        Index of the picture whose line stands out; the points carry their picture's index as customdata.
    untrained : sequence of float
        L medians of the same measure in the same network with random weights, for a line; empty for none.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    factor = 100 if focus.measure.percent else 1
    true = factor * focus.table[focus.measure.key].to_numpy().reshape(len(names), len(layers))
    floor = _floor(true) if focus.measure.percent else None
    values = true if floor is None else np.maximum(true, floor)  # where a value is drawn; NaN stays
    depth = np.arange(len(layers))
    figure = go.Figure()
    _boxes(figure, true, values, layers)
    unit = "%" if focus.measure.percent else ""
    figure.add_scatter(
        x=np.tile(depth, len(names)),
        y=values.ravel(),
        mode="markers",
        marker={"color": ACCENT, "size": 6, "opacity": 0.55},
        customdata=np.repeat(np.arange(len(names)), len(layers)),
        text=[f"{as_text(name)}<br>{layer.title}" for name in names for layer in layers],
        hovertext=[f"{value:.3g}{unit}" for value in true.ravel()],
        hovertemplate="%{text}: %{hovertext}<extra></extra>",
        showlegend=False,
    )
    if selected is not None:
        figure.add_scatter(
            x=depth,
            y=values[selected],
            mode="lines+markers",
            line={"color": CONTRAST, "width": 3},
            marker={"size": 9},
            name=as_text(names[selected]),
            showlegend=False,
            hoverinfo="skip",
        )
    if len(untrained):
        figure.add_scatter(
            x=depth,
            y=np.maximum(factor * np.asarray(untrained, float), -np.inf if floor is None else floor),
            mode="lines+markers",
            line={"color": MUTED, "width": 2, "dash": "dash"},
            marker={"size": 7, "symbol": "diamond"},
            name="random weights (median)",
            showlegend=True,
            hovertext=[f"{factor * value:.3g}{unit}" for value in untrained],
            hovertemplate="random weights: %{hovertext}<extra></extra>",
        )
        figure.update_layout(legend={"orientation": "h", "y": 1.08, "x": 0})
    figure.update_layout(
        margin=_MARGIN,
        height=340,
        xaxis={"tickvals": depth, "ticktext": _ticks(layers, focus.table), "title": "deeper →", "zeroline": False},
        yaxis={"title": focus.measure.axis_at(focus.threshold), **_scale(floor)},
        hovermode="closest",
        dragmode=False,
    )
    return figure


def _floor(values: np.ndarray) -> float | None:
    """Where zero is drawn on a logarithmic axis; None where a linear one shows all layers: values (N, L) in percent."""
    finite, positive = values[np.isfinite(values)], values[values > 0]
    if not len(positive) or finite.min() < 0:
        return None
    medians = [float(np.median(one[np.isfinite(one)])) for one in values.T if np.isfinite(one).any()]
    if min(medians) * _APART >= max(medians):
        return None
    return float(10 ** np.floor(np.log10(positive.min()) - 0.5))


def _scale(floor: float | None) -> dict[str, object]:
    """The axis from zero up; on a logarithmic one "0" stands at its lower end, since it has none."""
    if floor is None:
        return {"rangemode": "tozero"}
    low = round(np.log10(floor))
    powers = [float(10.0**power) for power in range(low + 1, 3)]
    return {
        "type": "log",
        "range": [low - 0.15, 2.1],
        "tickvals": [floor, *powers],
        "ticktext": ["0", *(f"{power:g}" for power in powers)],
    }


def _boxes(figure: go.Figure, values: np.ndarray, drawn: np.ndarray, layers: Sequence[Layer]) -> None:
    """A box a layer, and each picture's line across them: values, and where they are drawn, both (N, L).

    The quartiles are those of the values; by itself Plotly takes those of their logarithms on a logarithmic axis.
    """
    lowest = drawn[np.isfinite(drawn)].min(initial=np.inf)
    for index in range(len(layers)):
        column = values[np.isfinite(values[:, index]), index]
        if not len(column):
            continue
        q1, median, q3 = np.percentile(column, [25, 50, 75])
        reach = 1.5 * (q3 - q1)
        inside = column[(column >= q1 - reach) & (column <= q3 + reach)]
        at = [max(float(one), lowest) for one in (inside.min(), q1, median, q3, inside.max())]
        figure.add_box(
            x=[index],
            lowerfence=at[:1],
            q1=at[1:2],
            median=at[2:3],
            q3=at[3:4],
            upperfence=at[4:],
            name=layers[index].title,
            width=0.5,
            line={"color": ACCENT, "width": 1.6},
            fillcolor="rgba(21,154,146,.16)",
            showlegend=False,
            hoverinfo="skip",
        )
    joined = np.concatenate([drawn, np.full((len(drawn), 1), np.nan)], axis=1).ravel()
    across = np.tile(np.append(np.arange(len(layers), dtype=float), np.nan), len(drawn))
    figure.add_scatter(
        x=across,
        y=joined,
        mode="lines",
        line={"color": MUTED, "width": 0.8},
        opacity=0.45,
        hoverinfo="skip",
        showlegend=False,
    )


def sweep_lines(swept: pd.DataFrame, threshold: float) -> go.Figure:
    """Correlation with depth against the threshold, for each grid.

    Parameters
    ----------
    swept : DataFrame
        Rows of `studies.sweep`.
    threshold : float
        The one to mark, in (0, 1).

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = go.Figure()
    looks = {
        "own": ("each layer's own resolution", ACCENT, "rgba(21,154,146,.16)", "solid"),
        "common": ("common grid", CONTRAST, "rgba(209,73,91,.16)", "dash"),
    }
    for grid, rows in swept.groupby("grid", sort=False):
        name, colour, fill, dash = looks[str(grid)]
        figure.add_scatter(
            x=np.concatenate([rows["threshold"], rows["threshold"][::-1]]),
            y=np.concatenate([rows["focus_high"], rows["focus_low"][::-1]]),
            fill="toself",
            fillcolor=fill,
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=rows["threshold"],
            y=rows["focus"],
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash},
            text=rows["p"].map(format_p),
            hovertemplate="threshold %{x:.2f}: %{y:+.2f}, %{text}<extra>" + name + "</extra>",
        )
    figure.add_hline(0, line={"color": MUTED, "width": 1})
    figure.add_vline(threshold, line={"color": MUTED, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=0, xref="paper", y=1, yanchor="top", text="▲ focuses with depth", showarrow=False, xanchor="left"
    )
    figure.add_annotation(
        x=0, xref="paper", y=-1, yanchor="bottom", text="▼ spreads with depth", showarrow=False, xanchor="left"
    )
    figure.update_layout(
        margin=_MARGIN,
        height=300,
        xaxis={"title": "threshold"},
        yaxis={"title": "correlation of focus with depth", "range": [-1.08, 1.08]},
        legend={"orientation": "h", "y": 1.12, "x": 1, "xanchor": "right"},
        dragmode=False,
    )
    return figure
