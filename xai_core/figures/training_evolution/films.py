"""Films: a slider and a play button over the epochs, of the confusion matrix and of what a model looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xai_core.figures.misclassification import Normalised
from xai_core.figures.palettes import MUTED
from xai_core.figures.tiles import Style, draw_tiles, jpeg_uri
from xai_core.figures.words import as_text
from xai_core.records import Confused, TrainingRun, confused, spread
from xai_core.types import ByteArray, Heatmaps

MOST_FRAMES = 100  # of a film of matrices: each takes milliseconds to make and kilobytes to send


def _frames(figure: go.Figure, labels: Sequence[str], start: int, duration: int) -> None:
    """A slider and a play button over the frames, which the browser moves without asking the server."""
    how = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    play = {"fromcurrent": True, "frame": {"duration": duration, "redraw": True}, "transition": {"duration": 0}}
    figure.update_layout(
        sliders=[
            {
                "active": start,
                "currentvalue": {"prefix": "epoch ", "xanchor": "right"},
                "pad": {"t": 34, "l": 24},  # beside the buttons, on a phone, too
                "x": 0.2,
                "len": 0.8,
                "steps": [{"label": label, "method": "animate", "args": [[label], how]} for label in labels],
            }
        ],
        updatemenus=[
            {
                "type": "buttons",
                "direction": "left",
                "x": 0,
                "y": 0,
                "xanchor": "left",
                "yanchor": "top",
                "pad": {"t": 44, "r": 8},
                "showactive": False,
                "buttons": [
                    {"label": "▶", "method": "animate", "args": [None, play]},
                    {"label": "❚❚", "method": "animate", "args": [[None], how]},
                ],
            }
        ],
    )


def _cells(pairs: Confused, classes: Sequence[int], how: Normalised) -> np.ndarray:
    """The matrix of some classes, as numbers or as shares of all pictures of a true or a predicted class."""
    matrix = pairs.among(classes)
    if how == "counts":
        return matrix
    total = pairs.of_true[classes][:, None] if how == "row" else pairs.of_predicted[classes][None, :]
    return np.round(100 * matrix / np.maximum(total, 1), 1)


# What never happened is hardly drawn, in either theme; on all other colours Plotly writes dark or light.
_CELLS = ((0, "rgba(138,143,152,0.1)"), (1e-6, "#CFEDEA"), (1, "#0B6B63"))


def _matrix_cells(matrix: np.ndarray, top: float) -> go.Heatmap:
    k = len(matrix)
    return go.Heatmap(
        z=matrix,
        x=np.arange(k),
        y=np.arange(k),
        zmin=0,
        zmax=top,
        colorscale=_CELLS,
        showscale=False,
        text=[[f"{value:.0f}" if value else "" for value in row] for row in matrix],
        texttemplate="%{text}",
        textfont={"size": 12 if k <= 14 else 8},
        xgap=1,
        ygap=1,
        hoverinfo="skip",
    )


def confusion_film(
    run: TrainingRun, classes: Sequence[int], *, normalised: Normalised = "counts", start: int | None = None
) -> go.Figure:
    """Confusion matrix at each epoch, with a slider and a play button; a marker in each cell takes clicks.

    Parameters
    ----------
    run : TrainingRun
        Of K classes, N pictures and E epochs; of more than `MOST_FRAMES` epochs, so many are drawn, evenly spread.
    classes : sequence of int
        Those to show; each marker's customdata is true * K + predicted, as class numbers.
    normalised : {"counts", "row", "column"}
        Numbers, or per cent of the true or of the predicted class.
    start : int, optional
        Position of the epoch to begin with; None is the last.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    names, drawn = [as_text(run.class_names[i]) for i in classes], spread(run, MOST_FRAMES).epochs
    at = len(drawn) - 1 if start is None else int(np.searchsorted(drawn, run.epochs[start]))
    matrices = [_cells(confused(run, int(epoch)), list(classes), normalised) for epoch in drawn]
    top = max((float(matrix.max()) for matrix in matrices), default=1.0) or 1.0
    k = len(classes)
    figure = go.Figure(data=[_matrix_cells(matrices[at], top)])
    true, predicted = (axis.ravel() for axis in np.meshgrid(np.arange(k), np.arange(k), indexing="ij"))
    figure.add_scatter(
        x=predicted,
        y=true,
        mode="markers",
        showlegend=False,
        marker={"symbol": "square", "size": max(6, 360 // max(k, 1)), "opacity": 0, "color": MUTED},
        customdata=np.array(classes)[true] * len(run.class_names) + np.array(classes)[predicted],
        text=[
            f"{names[t]} predicted as {names[p]}" if t != p else f"{names[t]} right"
            for t, p in zip(true, predicted, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    labels = [str(int(epoch)) for epoch in drawn]
    figure.frames = [
        go.Frame(name=label, data=[_matrix_cells(matrix, top)], traces=[0])
        for label, matrix in zip(labels, matrices, strict=True)
    ]
    if len(labels) > 1:
        _frames(figure, labels, at, 250)
    axis = {"tickvals": list(range(k)), "ticktext": names, "showgrid": False, "zeroline": False}
    figure.update_xaxes(title="predicted", side="top", range=[-0.5, k - 0.5], **axis)
    figure.update_yaxes(title="true", range=[k - 0.5, -0.5], **axis)
    figure.update_layout(
        height=560, margin={"l": 12, "r": 24, "t": 10, "b": 16}, dragmode=False, clickmode="event+select"
    )
    return figure


def evolution_film(
    frames: Sequence[Heatmaps], epochs: Sequence[int], view: ByteArray, names: Sequence[str], true: int
) -> go.Figure:
    """What a model looked at in one picture, epoch by epoch: a film with a slider and a play button.

    Parameters
    ----------
    frames : sequence of Heatmaps
        E, each of one layer and two maps of the picture: for the predicted and for the true class.
    epochs : sequence of int
        E, their numbers.
    view : ndarray
        The picture, uint8 (S, S, 3).
    names : sequence of str
        Of the K classes.
    true : int
        The class of the picture.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    rows, texts = [], []
    label = as_text(names[true])
    for maps in frames:
        (tiles,) = draw_tiles([view, view], maps, Style()).values()
        rows.append([jpeg_uri(view, 88), *(jpeg_uri(tile.pixels, 88) for tile in tiles)])
        guess, p = int(maps.predictions.classes[0]), maps.predictions.probabilities[0]
        marks = [" – no positive evidence" if tile.flat else "" for tile in tiles]
        texts.append((f"{as_text(names[guess])}, {p[guess]:.0%}{marks[0]}", f"{label}, {p[true]:.0%}{marks[1]}"))
    last = len(frames) - 1
    heads = ["input", f"for the prediction<br>{texts[last][0]}", f"for the label<br>{texts[last][1]}"]
    figure = make_subplots(rows=1, cols=3, subplot_titles=heads, horizontal_spacing=0.02)
    for column, source in enumerate(rows[last], start=1):
        figure.add_trace(go.Image(source=source, hoverinfo="skip"), row=1, col=column)
    titles = list(figure.layout.annotations)

    def annotated(words: tuple[str, str]) -> list[dict[str, Any]]:
        said = ("input", f"for the prediction<br>{words[0]}", f"for the label<br>{words[1]}")
        return [{**title.to_plotly_json(), "text": text} for title, text in zip(titles, said, strict=True)]

    figure.frames = [
        go.Frame(
            name=str(epoch),
            traces=[1, 2],
            data=[go.Image(source=source) for source in row[1:]],
            layout={"annotations": annotated(words)},
        )
        for epoch, row, words in zip(epochs, rows, texts, strict=True)
    ]
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    if len(epochs) > 1:
        _frames(figure, [str(epoch) for epoch in epochs], last, 800)
    figure.update_layout(height=286, margin={"l": 12, "r": 24, "t": 54, "b": 16}, dragmode=False)
    return figure
