"""What changing the background does to the answers."""

from __future__ import annotations

import itertools
import textwrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.foreground.margin import MARGIN
from xai_core.figures.palettes import ACCENT, CLASS_COLOURS, CONTRAST, MUTED
from xai_core.figures.words import as_text

_HEIGHT, _MORE = 360, 90  # pixels, and for each model beyond two
_LINE = 18  # characters of a line beside the axis: a phone has room for them and the figure


def intervention_figure(tables: dict[str, pd.DataFrame], kinds: dict[str, str]) -> go.Figure:
    """Mean probability by intervention, a series a model, every picture as a point behind it.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Model -> rows of `xai.intervention`.
    kinds : dict of str to str
        Key of an intervention -> its title, in order.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = go.Figure()
    # Of several models none has the colours of more and of less on the object, which stand beside this figure.
    looks = itertools.cycle(CLASS_COLOURS if len(tables) > 1 else (ACCENT,))
    for (name, table), colour in zip(tables.items(), looks, strict=False):
        wide = table.pivot(index="picture", columns="kind", values="p")
        wide = wide[[kind for kind in kinds if kind in wide]]
        titles = ["<br>".join(textwrap.wrap(kinds[kind], _LINE)) for kind in wide]
        figure.add_box(
            x=wide.to_numpy().T.ravel(),
            y=np.repeat(titles, len(wide)),
            orientation="h",  # what was done can be read on a window of any width
            name=as_text(name),
            marker={"color": colour, "size": 4},
            boxpoints="all",
            jitter=0.5,
            pointpos=0,
            boxmean=True,
            line={"width": 1.2},
            opacity=0.8,
            hovertemplate="%{x:.1%}<extra></extra>",
        )
    figure.update_xaxes(title="probability of the class", range=[-0.03, 1.03], tickformat=".0%")
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(
        height=_HEIGHT + _MORE * max(0, len(tables) - 2),
        margin=MARGIN,
        dragmode=False,
        boxmode="group",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        showlegend=len(tables) > 1,
    )
    return figure


def dose_figure(table: pd.DataFrame, *, labels: bool = False) -> go.Figure:
    """Accuracy, share of energy on the object and similarity of the maps against epsilon.

    Parameters
    ----------
    table : DataFrame
        A row an epsilon, as `studies.dose_row` gives it.
    labels : bool
        Whether its accuracy is the share of pictures in which an independent label is predicted.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = go.Figure()
    looks = (
        ("accuracy", "label predicted" if labels else "accuracy", CONTRAST, "solid"),
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
        margin=MARGIN,
        dragmode=False,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure
