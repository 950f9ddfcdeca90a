"""Methods at layers beside each other: a matrix of a criterion, and each candidate with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.error_bars import error_bars
from xai_core.figures.palettes import ACCENT, MUTED
from xai_core.figures.words import as_text
from xai_core.studies.map_criteria import CRITERIA, FOUND, MapCriterion
from xai_core.studies.method_ranking import BEST, EQUAL, OUTCOMES, two_decimals
from xai_core.studies.words import typeset

_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}
_ROW = 34  # pixels
# All of them light enough for dark numbers, whatever the theme.
_INK, _PALE = "#1B2430", "#FFFFFF"
_SCALES = {
    "more": [[0, _PALE], [1, ACCENT]],
    "less": [[0, ACCENT], [1, _PALE]],
    "": [[0, "#E39AA4"], [0.5, _PALE], [1, ACCENT]],
}


def criterion_figure(table: pd.DataFrame, criterion: str = FOUND.key) -> go.Figure:
    """A criterion of every method at every layer, its number in each cell.

    Parameters
    ----------
    table : DataFrame
        As `xai.compare_methods` gives it, with the columns title and layer_title.
    criterion : str
        Key of `studies.CRITERIA`.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    kind = CRITERIA[criterion]
    layers = list(dict.fromkeys(table.sort_values("depth")["layer_title"]))
    best = table.groupby("title", sort=False)[FOUND.key].max().sort_values(kind="stable")
    wide = table.pivot(index="title", columns="layer_title", values=criterion).reindex(index=best.index, columns=layers)
    values = wide.to_numpy(float)
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=[as_text(one).replace(" ", "<br>") for one in layers],
            y=[as_text(one) for one in wide.index],
            text=[[typeset(two_decimals(one)) if np.isfinite(one) else "" for one in row] for row in values],
            texttemplate="%{text}",
            textfont={"color": _INK},
            colorscale=_SCALES[kind.better],
            zmid=0.5 if not kind.better else None,
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            hovertemplate=f"%{{y}}, %{{x}}: %{{z:.3f}}<extra>{kind.title}</extra>",
        )
    )
    figure.update_xaxes(type="category", side="top", showgrid=False, automargin=True)
    figure.update_yaxes(type="category", showgrid=False, automargin=True)
    return figure.update_layout(height=60 + _ROW * len(wide), margin=_MARGIN, dragmode=False)


def methods_figure(table: pd.DataFrame, criterion: str = FOUND.key) -> go.Figure:
    """A criterion of every candidate with its 95% interval, best first; what is not told apart from it is coloured.

    Parameters
    ----------
    table : DataFrame
        As `xai.compare_methods` gives it.
    criterion : str
        Key of `studies.CRITERIA`.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    kind: MapCriterion = CRITERIA[criterion]
    rows = table[::-1]
    colours = rows["outcome"].map({BEST: ACCENT, EQUAL: ACCENT}).fillna(MUTED)
    symbols = np.where(rows["outcome"] == BEST, "diamond", "circle")
    values = rows[criterion]
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=rows["name"].map(as_text),
            mode="markers",
            marker={"size": 10, "color": colours.tolist(), "symbol": symbols.tolist()},
            error_x=error_bars(values, rows[f"{criterion}_low"], rows[f"{criterion}_high"], 3),
            text=rows["outcome"].map(OUTCOMES),
            hovertemplate="%{y}: %{x:.3f}<br>%{text}<extra></extra>",
        )
    )
    figure.add_vline(x=0.5 if not kind.better else 0, line={"color": MUTED, "dash": "dash", "width": 1})
    figure.update_xaxes(title=f"{kind.title}, with 95% interval", zeroline=False, nticks=6)
    figure.update_yaxes(type="category", showgrid=False, automargin=True)
    return figure.update_layout(height=80 + 26 * len(rows), margin=_MARGIN, dragmode=False, showlegend=False)
