"""Figures of object against background: slopes and differences, forest, depth, interventions, dose and response."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED
from xai_core.figures.tiles import enlarged
from xai_core.figures.words import as_text
from xai_core.types import ByteArray

_OUTLINE = (255, 235, 59)
_MARGIN = {"l": 10, "r": 10, "t": 10, "b": 10}


def outlined(view: ByteArray, mask: ByteArray, side: int = 192) -> ByteArray:
    """A picture with its object's outline in yellow on black, enlarged first so that the line stays thin.

    Parameters
    ----------
    view : uint8 (S, S, 3); mask : uint8 (S, S)
    side : pixels of a side, at least
    """
    large = enlarged(view, side).copy()
    rows = np.arange(large.shape[0]) * mask.shape[0] // large.shape[0]
    columns = np.arange(large.shape[1]) * mask.shape[1] // large.shape[1]
    inside = mask[rows[:, None], columns] == 1
    edge = np.zeros_like(inside)
    edge[1:] |= inside[1:] != inside[:-1]
    edge[:, 1:] |= inside[:, 1:] != inside[:, :-1]
    thick = edge.copy()
    thick[:-1] |= edge[1:]
    thick[1:] |= edge[:-1]
    thick[:, :-1] |= edge[:, 1:]
    thick[:, 1:] |= edge[:, :-1]
    large[thick] = (20, 20, 20)
    large[edge] = _OUTLINE
    return large


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
    first, second : float (n,)
    names : n names
    labels : of the two conditions
    pictures : n numbers that a click on a point reports as customdata
    selected : one of those numbers, to mark
    """
    said = list(map(as_text, names))
    figure = make_subplots(rows=1, cols=2, column_widths=[0.55, 0.45], horizontal_spacing=0.1)
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
    difference = first - second
    colours = np.where(difference >= 0, ACCENT, CONTRAST)
    for place, values in enumerate((first, second)):
        figure.add_scatter(
            x=np.full(len(values), place),
            y=values,
            mode="markers",
            customdata=list(pictures),
            text=said,
            marker={"color": colours.tolist(), "size": 8},
            showlegend=False,
            hovertemplate="%{text}<br>" + labels[place] + " %{y:.3f}<extra></extra>",
            row=1,
            col=1,
        )
    spread = np.random.default_rng(0).uniform(-0.32, -0.08, len(difference))
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
        customdata=list(pictures),
        text=said,
        marker={"color": colours.tolist(), "size": 8},
        showlegend=False,
        hovertemplate="%{text}<br>difference %{y:+.3f}<extra></extra>",
        row=1,
        col=2,
    )
    if selected in list(pictures):
        at = list(pictures).index(selected)
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
    figure.add_hline(y=0, line={"color": MUTED, "dash": "dash"}, row=1, col=2)
    figure.update_xaxes(tickvals=[0, 1], ticktext=list(labels), range=[-0.25, 1.25], row=1, col=1, zeroline=False)
    figure.update_xaxes(tickvals=[0], ticktext=["difference"], range=[-0.5, 0.7], row=1, col=2, zeroline=False)
    figure.update_layout(height=380, margin=_MARGIN, dragmode=False, clickmode="event+select", hovermode="closest")
    return figure


def forest_figure(table: pd.DataFrame, by: str) -> go.Figure:
    """Effects with their intervals, a row each, as `studies.compare_groups` gives them."""
    rows = table[np.isfinite(table["d_z"])][::-1]
    sure = rows["p_holm"] < 0.05
    figure = go.Figure()
    figure.add_scatter(
        x=rows["d_z"],
        y=rows[by].map(as_text),
        mode="markers",
        marker={"size": 10, "color": np.where(sure, np.where(rows["d_z"] > 0, ACCENT, CONTRAST), MUTED).tolist()},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": rows["high"] - rows["d_z"],
            "arrayminus": rows["d_z"] - rows["low"],
            "color": MUTED,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=np.stack([rows["n"], rows["p_holm"]], axis=1),
        hovertemplate="%{y}: d_z = %{x:.2f}<br>n = %{customdata[0]}, p (Holm) = %{customdata[1]:.3g}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": MUTED, "dash": "dash"})
    figure.update_xaxes(title="effect d_z, with 95 % interval", zeroline=False)
    figure.update_yaxes(type="category", showgrid=False, automargin=True)
    figure.update_layout(height=max(170, 70 + 30 * len(rows)), margin=_MARGIN, dragmode=False)
    return figure


def depth_figure(table: pd.DataFrame, titles: Sequence[str], inside: str, chance: str | float) -> go.Figure:
    """Where the maps lie by depth: the mean over pictures with its spread, against chance.

    Parameters
    ----------
    table : rows of `foreground_background`, layers in order of depth
    titles : of the layers
    inside, chance : columns, or a number for chance
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
        height=300, margin=_MARGIN, dragmode=False, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"}
    )
    return figure


def intervention_figure(tables: dict[str, pd.DataFrame], kinds: dict[str, str]) -> go.Figure:
    """Mean probability by intervention, a series a model, every picture as a point behind it.

    Parameters
    ----------
    tables : model -> rows of `xai.intervention`
    kinds : key -> title, in order
    """
    figure = go.Figure()
    looks = itertools.cycle((ACCENT, CONTRAST, "#0072B2", "#E69F00", "#7F7F7F"))
    for (name, table), colour in zip(tables.items(), looks, strict=False):
        wide = table.pivot(index="picture", columns="kind", values="p")[list(kinds)]
        titles = list(kinds.values())
        figure.add_box(
            x=np.repeat(titles, len(wide)),
            y=wide.to_numpy().T.ravel(),
            name=as_text(name),
            marker={"color": colour, "size": 4},
            boxpoints="all",
            jitter=0.5,
            pointpos=0,
            boxmean=True,
            line={"width": 1.2},
            opacity=0.8,
            hovertemplate="%{y:.1%}<extra></extra>",
        )
    figure.update_yaxes(title="probability of the class", range=[-0.03, 1.03], tickformat=".0%")
    figure.update_layout(
        height=360,
        margin=_MARGIN,
        dragmode=False,
        boxmode="group",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        showlegend=len(tables) > 1,
    )
    return figure


def dose_figure(table: pd.DataFrame) -> go.Figure:
    """Accuracy, share of energy on the object and similarity of the maps against epsilon."""
    figure = go.Figure()
    looks = (
        ("accuracy", "accuracy", CONTRAST, "solid"),
        ("energy", "energy on the object", ACCENT, "solid"),
        ("area", "an even map", MUTED, "dash"),
        ("similarity", "similarity to the clean maps", "#0072B2", "dot"),
    )
    for column, name, colour, dash in looks:
        figure.add_scatter(
            x=table["epsilon"],
            y=table[column],
            mode="lines+markers",
            name=name,
            line={"color": colour, "dash": dash, "width": 2.2},
            hovertemplate="ε = %{x}/255: %{y:.2f}",
        )
    figure.update_xaxes(title="ε, of 255", range=[-0.6, max(16.6, float(table["epsilon"].max()) + 0.6)])
    lowest = table["similarity"].min()
    figure.update_yaxes(range=[min(0.0, float(lowest) - 0.05) if np.isfinite(lowest) else 0.0, 1.03])
    figure.update_layout(
        height=340,
        margin=_MARGIN,
        dragmode=False,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def magnified(before: ByteArray, after: ByteArray) -> ByteArray:
    """A perturbation made visible: grey is no change, full range is the largest change: uint8 (S, S, 3)."""
    change = after.astype(np.int16) - before.astype(np.int16)
    top = max(1, int(np.abs(change).max()))
    return np.rint(127.5 + 127.5 * change / top).astype(np.uint8)
