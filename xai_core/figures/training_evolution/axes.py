"""What figures of a training share: the axis of epochs and the colours of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from xai_core.figures.palettes import ACCENT, CONTRAST, class_colours
from xai_core.records import TrainingRun
from xai_core.types import IntArray

TRAIN, VALIDATION = "#E69F00", ACCENT
RIGHT_SCALE = [[0, CONTRAST], [0.5, "#F2E9DC"], [1, "#0072B2"]]


def run_colours(run: TrainingRun) -> list[str]:
    """A colour for each class of a run, by how often it is predicted where there are more than twenty.

    Parameters
    ----------
    run : TrainingRun
        Of K classes, N pictures and E epochs.

    Returns
    -------
    list of str
        K colours.
    """
    return class_colours(np.bincount(run.predictions.ravel(), minlength=len(run.class_names)))


def epochs_axis(epochs: IntArray | pd.Series) -> dict[str, Any]:
    """An axis of epochs: whole numbers only."""
    few = int(epochs.max() - epochs.min()) < 12
    return {"title": "epoch", "zeroline": False, **({"dtick": 1, "tickformat": "d"} if few else {})}


def mark_best(figure: go.Figure, run: TrainingRun) -> None:
    """A star at the epoch with the lowest validation loss, or where there is none, the highest test accuracy."""
    losses = np.asarray(run.log["val_loss"], float)
    right = not np.isfinite(losses).any()
    values = np.asarray(run.accuracy, float) if right else losses
    best = int(np.nanargmax(values) if right else np.nanargmin(values))
    what = "highest test accuracy" if right else "lowest validation loss"
    figure.add_annotation(
        x=int(run.epochs[best]),
        y=float(values[best]),
        text="★",
        hovertext=f"{what}: epoch {int(run.epochs[best])}",
        font={"color": CONTRAST, "size": 16},
        showarrow=False,
        secondary_y=right,
        row=1,
        col=1,
    )
