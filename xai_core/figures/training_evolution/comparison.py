"""Two trainings on the same pictures: who was right, picture by picture and epoch by epoch."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from xai_core.figures.palettes import steps
from xai_core.figures.training_evolution.axes import epochs_axis
from xai_core.figures.words import as_text
from xai_core.studies.runs_compared import RunComparison

OUTCOME_COLOURS = ["#7F7F7F", "#E69F00", "#0072B2", "#DCEFEA"]


def outcomes(comparison: RunComparison) -> tuple[str, str, str, str]:
    """What each number of `RunComparison.outcome` stands for.

    Parameters
    ----------
    comparison : RunComparison

    Returns
    -------
    tuple of str
        Of 0 to 3.
    """
    first, second = comparison.first.name, comparison.second.name
    return "both wrong", f"only {first} right", f"only {second} right", "both right"


def comparison_figure(comparison: RunComparison, *, limit: int = 500) -> go.Figure:
    """Who was right on each picture at each common epoch: rows are pictures, four colours.

    Parameters
    ----------
    comparison : RunComparison
        Of two runs on the same pictures.
    limit : int
        Of the pictures on which the runs part most often, so many are drawn.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    shown = comparison.order[:limit]
    outcome = comparison.outcome[:, shown].T
    names = np.array(list(map(as_text, comparison.first.pictures)), dtype=object)[shown][:, None]
    figure = go.Figure(
        go.Heatmap(
            x=comparison.epochs,
            y=np.arange(len(shown)),
            z=outcome.astype(np.uint8),
            zmin=-0.5,
            zmax=3.5,
            colorscale=steps(OUTCOME_COLOURS),
            showscale=False,
            text=names + "<br>" + np.array(list(map(as_text, outcomes(comparison))), dtype=object)[outcome],
            hovertemplate="%{text} at epoch %{x}<extra></extra>",
        )
    )
    figure.update_xaxes(showgrid=False, **epochs_axis(comparison.epochs))
    figure.update_yaxes(range=[len(shown) - 0.5, -0.5], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_layout(height=420, margin={"l": 10, "r": 10, "t": 10, "b": 10}, dragmode=False)
    return figure
