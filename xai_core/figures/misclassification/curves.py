"""Curves of an evaluation: calibration, and what hiding parts of a picture does."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.palettes import ACCENT, CLASS_COLOURS, CONTRAST, MUTED
from xai_core.figures.words import as_text


def reliability_figure(bins: pd.DataFrame, what: str = "") -> go.Figure:
    """Accuracy by confidence, with the diagonal of a model that can be believed.

    Parameters
    ----------
    bins : DataFrame
        As `studies.calibration` or `studies.label_calibration` gives them.
    what : str
        What is counted against probabilities of independent labels, where the bins are of those.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = go.Figure()
    width = bins["high"] - bins["low"]
    unit, sure, right = (
        ("pictures", "sure", "right") if not what else ("probabilities", "probability", f"are of {what}")
    )
    figure.add_bar(
        x=(bins["low"] + bins["high"]) / 2,
        y=bins["accuracy"],
        width=width * 0.94,
        name=what or "accuracy",
        marker={"color": ACCENT},
        customdata=np.stack([bins["n"], bins["confidence"]], axis=1),
        hovertemplate=f"%{{customdata[0]:,}} {unit}, %{{customdata[1]:.1%}} {sure} on average<br>%{{y:.1%}} {right}"
        "<extra></extra>",
    )
    figure.add_scatter(
        x=bins["confidence"],
        y=bins["accuracy"],
        mode="markers",
        name="mean probability" if what else "mean confidence",
        hoverinfo="skip",
        marker={"color": CONTRAST, "size": 7, "symbol": "diamond"},
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="perfect calibration",
        line={"color": MUTED, "dash": "dash"},
        hoverinfo="skip",
    )
    figure.update_xaxes(title="probability" if what else "confidence", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title=what or "right", range=[0, 1.02], tickformat=".0%")
    figure.update_layout(
        height=330,
        margin={"l": 10, "r": 24, "t": 10, "b": 10},
        dragmode=False,
        bargap=0,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def deletion_figure(curves: pd.DataFrame, class_name: str, share: float) -> go.Figure:
    """The probability of a class against the share of the picture that is hidden, by method.

    Parameters
    ----------
    curves : DataFrame
        Of one class, as `xai.deletion` gives them.
    class_name : str
        Of that class.
    share : float
        Hidden share to mark, in [0, 1].

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = go.Figure()
    random = curves[curves["method"] == "random"].groupby("hidden")["p"].agg(["min", "max", "mean"]).reset_index()
    if len(random):
        figure.add_scatter(
            x=pd.concat([random["hidden"], random["hidden"][::-1]]),
            y=pd.concat([random["max"], random["min"][::-1]]),
            fill="toself",
            fillcolor="rgba(138,143,152,.22)",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=random["hidden"],
            y=random["mean"],
            mode="lines",
            name="random order",
            line={"color": MUTED, "dash": "dash"},
            hovertemplate="%{x:.0%} hidden: %{y:.1%}",
        )
    looks = zip(CLASS_COLOURS, itertools.cycle(("solid", "dash", "dot", "dashdot")), strict=False)
    named = curves[curves["method"] != "random"].groupby("method", sort=False)
    for (method, part), (colour, dash) in zip(named, looks, strict=False):
        figure.add_scatter(
            x=part["hidden"],
            y=part["p"],
            mode="lines",
            name=as_text(method),
            line={"color": colour, "dash": dash, "width": 2.5},
            hovertemplate="%{x:.0%} hidden: %{y:.1%}",
        )
    figure.add_vline(x=share, line={"color": CONTRAST, "width": 1.5})
    figure.update_xaxes(title="share of the picture hidden", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title=f"probability of {as_text(class_name)}", range=[0, 1.02], tickformat=".0%")
    figure.update_layout(
        height=340,
        margin={"l": 10, "r": 24, "t": 10, "b": 10},
        dragmode=False,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure
