"""Labels one by one: how precisely each is found, and what another threshold would give."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.palettes import ACCENT, CLASS_COLOURS, CONTRAST, MUTED
from xai_core.figures.words import as_text
from xai_core.studies import PrecisionRecall

_MEASURES = {"precision": "precision", "recall": "recall", "f1": "F1", "average_precision": "average precision"}
_SYMBOLS = ("circle", "diamond", "square", "x-thin-open")
_FEW_POINTS = 40  # thresholds that are marked one by one
_ROW = 34  # pixels of a label's row


def labels_figure(report: pd.DataFrame, limit: int = 24) -> go.Figure:
    """Precision, recall, F1 and average precision of each label as points on its line.

    Parameters
    ----------
    report : DataFrame
        As `studies.label_report` gives it.
    limit : int
        At most so many labels, the most frequent ones.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    some = report.sort_values("pictures", ascending=False, kind="stable").head(limit).sort_values("class")
    rows = list(range(len(some)))
    figure = go.Figure()
    for (column, title), symbol, colour in zip(_MEASURES.items(), _SYMBOLS, CLASS_COLOURS, strict=False):
        figure.add_scatter(
            x=some[column],
            y=rows,
            mode="markers",
            name=title,
            marker={"size": 11, "symbol": symbol, "color": colour, "line": {"width": 2, "color": colour}},
            customdata=some["pictures"],
            hovertemplate="%{y}: " + title + " %{x:.3f}<br>%{customdata:,} pictures have it<extra></extra>",
        )
    figure.add_scatter(
        x=some["prevalence"],
        y=rows,
        mode="markers",
        name="prevalence",
        marker={"size": 15, "symbol": "line-ns-open", "color": MUTED, "line": {"width": 2}},
        hovertemplate="%{y}: %{x:.1%} of the pictures have it, the average precision of a guess<extra></extra>",
    )
    named = [as_text(one) for one in some["label"]]
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".1f")
    figure.update_yaxes(tickvals=rows, ticktext=named, range=[len(rows) - 0.5, -0.5], automargin=True)
    figure.update_layout(
        height=90 + _ROW * max(len(rows), 2),
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def precision_recall_figure(curve: PrecisionRecall, threshold: float, prevalence: float) -> go.Figure:
    """Precision against recall of a label, with the threshold in use marked.

    Parameters
    ----------
    curve : PrecisionRecall
        As `studies.precision_recall` gives it.
    threshold : float
        The threshold in use.
    prevalence : float
        Share of pictures that have the label: the precision of a guess, drawn as a line.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = go.Figure()
    figure.add_scatter(
        x=curve.recall,
        y=curve.precision,
        mode="lines+markers" if len(curve.recall) <= _FEW_POINTS else "lines",
        name="each threshold",
        line={"color": ACCENT, "shape": "hv"},
        marker={"size": 5},
        customdata=curve.thresholds,
        hovertemplate="from %{customdata:.3f} on: recall %{x:.1%}, precision %{y:.1%}<extra></extra>",
    )
    reached = (curve.thresholds >= threshold).nonzero()[0]
    if len(reached):
        at = int(reached[-1])
        figure.add_scatter(
            x=[curve.recall[at]],
            y=[curve.precision[at]],
            mode="markers",
            name=f"threshold {threshold:g}",
            marker={"size": 13, "color": CONTRAST, "symbol": "diamond"},
            hovertemplate="recall %{x:.1%}, precision %{y:.1%}<extra></extra>",
        )
    figure.add_scatter(
        x=[0, 1],
        y=[prevalence, prevalence],
        mode="lines",
        name="a guess",
        line={"color": MUTED, "dash": "dash"},
        hoverinfo="skip",
    )
    figure.update_xaxes(title="recall", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title="precision", range=[0, 1.02], tickformat=".0%")
    figure.update_layout(
        height=330,
        margin={"l": 10, "r": 24, "t": 10, "b": 10},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure
