"""Courses over the epochs as lines: of a picture, of a cell of the confusion matrix, of what maps cover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED
from xai_core.figures.training_evolution.axes import TRAIN, epochs_axis, run_colours
from xai_core.figures.words import as_text
from xai_core.records import TrainingRun, spread

MOST_POINTS = 2_000  # epochs of a line; more are evenly thinned out


def picture_lines(run: TrainingRun, picture: int) -> go.Figure:
    """One picture's course: the probabilities by epoch, and the predicted class as the points' colour.

    Parameters
    ----------
    run : TrainingRun
        Of K classes, N pictures and E epochs.
    picture : int
        Its index.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    colours = run_colours(run)
    run = spread(run, MOST_POINTS)
    predicted = run.predictions[:, picture]
    names = [as_text(run.class_names[i]) for i in predicted]
    figure = go.Figure()
    marker = {"color": [colours[i] for i in predicted], "size": 9, "line": {"color": MUTED, "width": 0.6}}
    if run.p_true is None or run.p_predicted is None:
        figure.add_scatter(
            x=run.epochs,
            y=names,
            mode="markers",
            marker=marker,
            showlegend=False,
            hovertemplate="epoch %{x}: %{y}<extra></extra>",
        )
        figure.update_yaxes(
            title="predicted", categoryorder="array", categoryarray=list(map(as_text, run.class_names))[::-1]
        )
    else:
        figure.add_scatter(
            x=run.epochs,
            y=run.p_true[:, picture],
            mode="lines",
            name="true class",
            line={"color": MUTED, "dash": "dot"},
            hovertemplate="epoch %{x}: %{y:.1%}<extra>true class</extra>",
        )
        figure.add_scatter(
            x=run.epochs,
            y=run.p_predicted[:, picture],
            mode="lines+markers",
            name="predicted class",
            text=names,
            marker=marker,
            line={"color": MUTED, "width": 1},
            hovertemplate="epoch %{x}: %{text} %{y:.1%}<extra></extra>",
        )
        figure.update_yaxes(title="probability", range=[0, 1.03], tickformat=".0%")
    figure.update_xaxes(**epochs_axis(run.epochs))
    figure.update_layout(
        height=220,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def cell_lines(run: TrainingRun, cells: Sequence[tuple[int, int]]) -> go.Figure:
    """How the counts of some cells of the confusion matrix moved.

    Parameters
    ----------
    run : TrainingRun
        Of K classes, N pictures and E epochs.
    cells : sequence of tuple of int
        (true, predicted) class numbers, at most two.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    run = spread(run, MOST_POINTS)
    figure = go.Figure()
    looks = ((CONTRAST, "solid"), ("#0072B2", "dash"))
    for (true, predicted), (colour, dash) in zip(cells, looks, strict=False):
        counts = ((run.labels == true) & (run.predictions == predicted)).sum(axis=1)
        what = (
            f"{run.class_names[true]} right"
            if true == predicted
            else f"{run.class_names[true]} predicted as {run.class_names[predicted]}"
        )
        figure.add_scatter(
            x=run.epochs,
            y=counts,
            name=as_text(what),
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            hovertemplate="epoch %{x}: %{y} pictures<extra></extra>",
        )
    figure.update_xaxes(**epochs_axis(run.epochs))
    figure.update_yaxes(title="pictures", rangemode="tozero")
    figure.update_layout(
        height=320,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def attention_figure(table: pd.DataFrame, run: TrainingRun) -> go.Figure:
    """Share of the evidence on the object by epoch, with what lies where objects usually lie, and the loss beside it.

    Parameters
    ----------
    table : DataFrame
        A row an epoch: epoch, inside and usual (shares in [0, 1]), low and high (bounds of their difference); where
        random weights were looked at, random_low and random_high (bounds of the difference in one more draw).
    run : TrainingRun
        Of K classes, N pictures and E epochs.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    low, high = table["usual"] + table["low"], table["usual"] + table["high"]
    figure.add_scatter(
        x=pd.concat([table["epoch"], table["epoch"][::-1]]),
        y=pd.concat([high, low[::-1]]),
        fill="toself",
        mode="lines",
        fillcolor="rgba(21,154,146,.16)",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=table["epoch"],
        y=table["inside"],
        name="evidence on the object",
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        hovertemplate="epoch %{x}: %{y:.1%}<extra></extra>",
    )
    figure.add_scatter(
        x=table["epoch"],
        y=table["usual"],
        name="where objects usually lie",
        mode="lines",
        line={"color": MUTED, "dash": "dash"},
        hovertemplate="epoch %{x}: %{y:.1%}<extra></extra>",
    )
    _add_random_weights(figure, table)
    losses = run.log["val_loss"]
    if np.isfinite(losses).any():
        figure.add_scatter(
            x=run.epochs,
            y=losses,
            name="validation loss",
            mode="lines",
            line={"color": TRAIN, "dash": "dot"},
            hovertemplate="epoch %{x}: %{y:.3g}<extra></extra>",
            secondary_y=True,
        )
    figure.update_xaxes(**epochs_axis(run.epochs))
    figure.update_yaxes(title="share on the object", tickformat=".0%", rangemode="tozero", secondary_y=False)
    figure.update_yaxes(title="loss", rangemode="tozero", showgrid=False, tickmode="auto", nticks=5, secondary_y=True)
    figure.update_layout(
        height=250,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "tracegroupgap": 0, "font": {"size": 11}},
    )
    return figure


def _add_random_weights(figure: go.Figure, table: pd.DataFrame) -> None:
    """Between what one more draw would lie, where random weights were looked at."""
    for bound in ("random_low", "random_high") if "random_low" in table else ():
        figure.add_scatter(
            x=table["epoch"],
            y=table["usual"] + table[bound],
            name="random weights (95%)",
            mode="lines",
            line={"color": CONTRAST, "dash": "dot", "width": 1.5},
            legendgroup="random",
            showlegend=bound == "random_high",
            hovertemplate="epoch %{x}: %{y:.1%}<extra></extra>",
        )
