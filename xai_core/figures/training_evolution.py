"""Figures of a training: predictions by epoch, losses and measures beside them, confusion, one picture's course."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xai_core.figures.misclassification import Normalised
from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED, OTHER_CLASS, class_colours, css_gradient, steps
from xai_core.figures.tiles import Style, draw_tiles, jpeg_uri
from xai_core.figures.words import as_text
from xai_core.records import TrainingRun
from xai_core.studies.training_evolution import EVOLUTION_MEASURES, EvolutionRows, RunComparison
from xai_core.types import ByteArray, Heatmaps, IntArray

EvolutionView = Literal["class", "correct", "p_true"]
MOST_BORDERS = 40  # between classes; more would be a grid
_TRAIN, _VALIDATION = "#E69F00", ACCENT
_RIGHT_SCALE = [[0, CONTRAST], [0.5, "#F2E9DC"], [1, "#0072B2"]]
OUTCOMES = ("both wrong", "only the first right", "only the second right", "both right")
OUTCOME_COLOURS = ["#7F7F7F", "#E69F00", "#0072B2", "#DCEFEA"]


def run_colours(run: TrainingRun) -> list[str]:
    """A colour for each class of a run, by how often it is predicted where there are more than twenty."""
    return class_colours(np.bincount(run.predictions.ravel(), minlength=len(run.class_names)))


def _epochs_axis(epochs: IntArray | pd.Series) -> dict[str, Any]:
    """An axis of epochs: whole numbers only."""
    few = int(epochs.max() - epochs.min()) < 12
    return {"title": "epoch", "zeroline": False, **({"dtick": 1, "tickformat": "d"} if few else {})}


def _log_traces(figure: go.Figure, run: TrainingRun) -> None:
    """Loss and accuracy by epoch, in the first row's two axes."""
    curves: list[tuple[str, Any, str, str, bool]] = [
        ("training loss", run.log["train_loss"], _TRAIN, "solid", False),
        ("validation loss", run.log["val_loss"], _VALIDATION, "solid", False),
        ("training accuracy", run.log["train_accuracy"], _TRAIN, "dot", True),
        ("validation accuracy", run.log["val_accuracy"], _VALIDATION, "dot", True),
    ]
    same = np.allclose(run.log["val_accuracy"], run.accuracy, atol=1e-6)
    if not same:
        curves.append(("accuracy on the recorded", run.accuracy, CONTRAST, "dash", True))
    for name, values, colour, dash, right in curves:
        if np.isfinite(np.asarray(values, float)).any():
            figure.add_scatter(
                x=run.epochs,
                y=values,
                name=name,
                mode="lines+markers" if len(run.epochs) == 1 else "lines",
                line={"color": colour, "dash": dash, "width": 2},
                hovertemplate="epoch %{x}: %{y:.3g}",
                row=1,
                col=1,
                secondary_y=right,
            )


def _hold_axis(figure: go.Figure, run: TrainingRun) -> None:
    """Without any loss the axis of accuracies would lie over the whole figure: it needs the other one's place."""
    if not np.isfinite(run.log[["train_loss", "val_loss"]].to_numpy(float)).any():
        figure.add_scatter(
            x=[run.epochs[0]],
            y=[0],
            mode="markers",
            opacity=0,
            showlegend=False,
            hoverinfo="skip",
            row=1,
            col=1,
            secondary_y=False,
        )


def _cells(run: TrainingRun, rows: EvolutionRows, view: EvolutionView, colours: Sequence[str]) -> dict[str, Any]:
    """The heatmap's own part of the figure, for one of its views."""
    many = any(len(members) > 1 for members in rows.members)
    # A name in every cell is what makes the hover text; rows of several pictures do without.
    name = np.array([[""] if many else [f"{as_text(title)}<br>"] for title in rows.titles], dtype=object).reshape(-1, 1)
    if view == "class":
        k = len(run.class_names)
        return {
            "z": rows.classes.astype(np.uint8 if k < 256 else np.int16),
            "text": name + np.array(list(map(as_text, run.class_names)), dtype=object)[rows.classes],
            "zmin": -0.5,
            "zmax": k - 0.5,
            "colorscale": steps(list(colours)),
            "hovertemplate": "%{text} at epoch %{x}<extra></extra>",
        }
    if rows.p_true is None:
        view = "correct"
    values = rows.p_true if view == "p_true" and rows.p_true is not None else rows.correct
    what = "right" if view == "correct" else "for the true class"
    text = np.char.add(np.round(100 * values).astype(int).astype(str), f" % {what}").astype(object)
    if view == "correct" and not many:
        text = np.where(values > 0, "right", "wrong").astype(object)
    return {
        "z": np.round(values * 255).astype(np.uint8),
        "zmin": 0,
        "zmax": 255,
        "colorscale": _RIGHT_SCALE if view == "correct" else "Cividis",
        "text": name + text,
        "hovertemplate": "%{text} at epoch %{x}<extra></extra>",
    }


def _group_ticks(rows: EvolutionRows, names: Sequence[str]) -> tuple[list[int], list[str], list[float]]:
    """(middle row, name) of each run of rows with the same true class, and the borders between them."""
    borders = np.flatnonzero(np.diff(rows.labels)) + 1
    edges = [0, *borders.tolist(), len(rows.labels)]
    middles = [(start + end - 1) // 2 for start, end in itertools.pairwise(edges)]
    middles = middles[:: -(-len(middles) // MOST_BORDERS) or 1]
    return middles, [as_text(names[rows.labels[middle]]) for middle in middles], [border - 0.5 for border in borders]


def evolution_figure(
    run: TrainingRun,
    rows: EvolutionRows,
    *,
    view: EvolutionView = "class",
    by_class: bool = True,
    selected: int | None = None,
    colours: Sequence[str] | None = None,
    height: int = 760,
) -> go.Figure:
    """Confusion Evolution: predictions (rows) by epoch (columns), the log above, the measures as bars beside.

    Parameters
    ----------
    view : colour by predicted "class", by "correct" or wrong, or by the probability of the true class ("p_true")
    by_class : the rows are grouped by true class: name and separate the groups
    colours : of the K classes; None takes `run_colours`, but a part of a run should have those of the whole
    selected : a row to mark; bars carry their row's number as customdata
    """
    measures = list(EVOLUTION_MEASURES)
    figure = make_subplots(
        rows=2,
        cols=1 + len(measures),
        row_heights=[0.24, 0.76],
        vertical_spacing=0.05,
        horizontal_spacing=0.012,
        column_widths=[0.64, *([0.36 / len(measures)] * len(measures))],
        shared_xaxes=False,
        specs=[[{"secondary_y": True}, *([None] * len(measures))], [{}] * (1 + len(measures))],
    )
    _log_traces(figure, run)
    _hold_axis(figure, run)
    count = len(rows.members)
    # Rows are numbers on the axis: pictures may be called "12", which an axis of names takes for the twelfth.
    position = np.arange(count)
    figure.add_heatmap(
        x=run.epochs, y=position, showscale=False, row=2, col=1, **_cells(run, rows, view, colours or run_colours(run))
    )
    for column, key in enumerate(measures, start=2):
        values = rows.measures[key].to_numpy(float)
        top = max(float(np.nanmax(values)) if np.isfinite(values).any() else 0.0, 1.0 if key == "forgetting" else 0.0)
        limit = top * 1.02 if key == "forgetting" else 1.0
        axis = {"row": 2, "col": column}
        what = EVOLUTION_MEASURES[key].lower()
        # A faint bar over the whole width takes the click where the measure is too small to hit.
        common = {
            "y": position,
            "orientation": "h",
            "customdata": position,
            "textposition": "none",
            "width": 1,
            "text": [
                f"{as_text(title)}<br>{what}: " + (f"{value:.2f}" if np.isfinite(value) else "needs two epochs")
                for title, value in zip(rows.titles, values, strict=True)
            ],
            "hovertemplate": "%{text}<extra></extra>",
        }
        figure.add_bar(
            x=np.full(count, limit),
            marker={"color": MUTED, "opacity": 0.08, "line": {"width": 0}},
            showlegend=False,
            **common,
            **axis,
        )
        figure.add_bar(
            x=np.nan_to_num(values), marker={"color": ACCENT, "line": {"width": 0}}, showlegend=False, **common, **axis
        )
        figure.update_xaxes(
            range=[0, limit],
            title={"text": EVOLUTION_MEASURES[key], "font": {"size": 12}},
            zeroline=False,
            **({"nticks": 3} if key == "forgetting" else {"tickvals": [0, 0.5]}),
            showgrid=False,
            **axis,
        )
        figure.update_yaxes(range=[count - 0.5, -0.5], showticklabels=False, showgrid=False, matches="y3", **axis)
    ends = [float(run.epochs[0]) - 0.5, float(run.epochs[-1]) + 0.5]
    middles, names, borders = _group_ticks(rows, run.class_names) if by_class and count else ([], [], [])
    figure.update_yaxes(
        range=[count - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        row=2,
        col=1,
        **({"tickvals": middles, "ticktext": names} if by_class else {"showticklabels": False}),
    )
    if 0 < len(borders) <= MOST_BORDERS:
        figure.add_shape(  # one path for all: a shape each is slow
            type="path",
            path=" ".join(f"M {ends[0]},{y} L {ends[1]},{y}" for y in borders),
            line={"color": "white", "width": 1.5},
            row=2,
            col=1,
        )
    if selected is not None:
        figure.add_hrect(
            y0=selected - 0.5,
            y1=selected + 0.5,
            line={"color": CONTRAST, "width": 2},
            fillcolor="rgba(0,0,0,0)",
            row=2,
            col="all",
        )
    figure.update_xaxes(range=ends, showticklabels=False, row=1, col=1, showgrid=False)
    figure.update_xaxes(range=ends, row=2, col=1, showgrid=False, **_epochs_axis(run.epochs))
    figure.update_yaxes(title="loss", rangemode="tozero", row=1, col=1, secondary_y=False, nticks=4)
    figure.update_yaxes(
        title="accuracy",
        range=[0, 1.02],
        row=1,
        col=1,
        secondary_y=True,
        showgrid=False,
        tickformat=".0%",
        tickvals=[0, 0.5, 1],
    )
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        barmode="overlay",
        bargap=0,
        dragmode=False,
        hovermode="closest",
        clickmode="event+select",
        legend={"x": 0.73, "y": 1, "yanchor": "top", "xanchor": "left", "font": {"size": 12}},
    )
    return figure


def _legend(entries: Sequence[tuple[str, str]]) -> str:
    spans = "".join(
        f'<span style="display:inline-flex;align-items:center;gap:.35em;margin:0 1em .2em 0">'
        f'<i style="width:.85em;height:.85em;border-radius:2px;background:{colour}"></i>{escape(name)}</span>'
        for colour, name in entries
    )
    return f'<div style="font-size:.85rem;line-height:1.6">{spans}</div>'


def class_legend_html(run: TrainingRun) -> str:
    """The classes and their colours, as HTML; classes beyond the colours share one entry."""
    entries = class_entries(run)
    if rest := len(run.class_names) - len(entries):
        entries.append((OTHER_CLASS, f"{rest:,} others"))
    return _legend(entries)


def right_legend_html() -> str:
    """The colours of the view "correct"."""
    return _legend([(str(_RIGHT_SCALE[0][1]), "wrong"), (str(_RIGHT_SCALE[2][1]), "right")])


def probability_legend_html() -> str:
    """The colours of the view "p_true"."""
    return (
        '<div style="font-size:.85rem;line-height:1.6;display:flex;gap:.6em;align-items:center">0 %'
        f'<i style="width:160px;height:.85em;border-radius:4px;background:{css_gradient("Cividis")}"></i>'
        "100 % probability of the true class</div>"
    )


def class_entries(run: TrainingRun) -> list[tuple[str, str]]:
    """(colour, name) of each class that has a colour of its own."""
    return [pair for pair in zip(run_colours(run), run.class_names, strict=True) if pair[0] != OTHER_CLASS]


def picture_lines(run: TrainingRun, picture: int) -> go.Figure:
    """One picture's course: the probabilities by epoch, and what it was taken for as the points' colours.

    Parameters
    ----------
    picture : its index
    """
    colours = run_colours(run)
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
    figure.update_xaxes(**_epochs_axis(run.epochs))
    figure.update_layout(
        height=260,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def _frames(figure: go.Figure, labels: Sequence[str], start: int, duration: int) -> None:
    """A slider and a play button over the frames, which the browser moves without asking the server."""
    how = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    play = {"fromcurrent": True, "frame": {"duration": duration, "redraw": True}, "transition": {"duration": 0}}
    figure.update_layout(
        sliders=[
            {
                "active": start,
                "currentvalue": {"prefix": "epoch ", "xanchor": "right"},
                "pad": {"t": 34, "l": 8},
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


def _normalised(matrix: IntArray, how: Normalised) -> np.ndarray:
    if how == "counts":
        return matrix
    total = matrix.sum(axis=1 if how == "row" else 0, keepdims=True)
    return np.round(100 * matrix / np.maximum(total, 1), 1)


def confusion_film(
    run: TrainingRun, classes: Sequence[int], *, normalised: Normalised = "counts", start: int | None = None
) -> go.Figure:
    """Confusion matrix at each epoch, with a slider and a play button; a marker in each cell takes clicks.

    Parameters
    ----------
    classes : those to show; each marker's customdata is true * K + predicted, as class numbers
    start : position of the epoch to begin with; None is the last
    """
    names = [as_text(run.class_names[i]) for i in classes]
    at = len(run.epochs) - 1 if start is None else start
    keep = np.ix_(classes, classes)
    matrices = [_normalised(run.confusion(int(epoch)), normalised)[keep] for epoch in run.epochs]
    top = max((float(matrix.max()) for matrix in matrices), default=1.0) or 1.0
    k = len(classes)

    def cells(matrix: np.ndarray) -> go.Heatmap:
        return go.Heatmap(
            z=matrix,
            x=np.arange(k),
            y=np.arange(k),
            zmin=0,
            zmax=top,
            colorscale="Blues",
            showscale=False,
            texttemplate="%{z:.0f}",
            textfont={"size": 12 if k <= 14 else 8},
            xgap=1,
            ygap=1,
            hoverinfo="skip",
        )

    figure = go.Figure(data=[cells(matrices[at])])
    true, predicted = (axis.ravel() for axis in np.meshgrid(np.arange(k), np.arange(k), indexing="ij"))
    figure.add_scatter(
        x=predicted,
        y=true,
        mode="markers",
        showlegend=False,
        marker={"symbol": "square", "size": max(6, 360 // max(k, 1)), "opacity": 0, "color": MUTED},
        customdata=np.array(classes)[true] * len(run.class_names) + np.array(classes)[predicted],
        text=[
            f"{names[t]} taken for {names[p]}" if t != p else f"{names[t]} right"
            for t, p in zip(true, predicted, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    labels = [str(int(epoch)) for epoch in run.epochs]
    figure.frames = [
        go.Frame(name=label, data=[cells(matrix)], traces=[0]) for label, matrix in zip(labels, matrices, strict=True)
    ]
    if len(labels) > 1:
        _frames(figure, labels, at, 250)
    axis = {"tickvals": list(range(k)), "ticktext": names, "showgrid": False, "zeroline": False}
    figure.update_xaxes(title="predicted", side="top", range=[-0.5, k - 0.5], **axis)
    figure.update_yaxes(title="true", range=[k - 0.5, -0.5], **axis)
    figure.update_layout(
        height=560, margin={"l": 10, "r": 10, "t": 10, "b": 10}, dragmode=False, clickmode="event+select"
    )
    return figure


def cell_lines(run: TrainingRun, cells: Sequence[tuple[int, int]]) -> go.Figure:
    """How the counts of some cells (true, predicted) of the confusion matrix moved."""
    figure = go.Figure()
    looks = ((CONTRAST, "solid"), ("#0072B2", "dash"))
    for (true, predicted), (colour, dash) in zip(cells, looks, strict=False):
        counts = ((run.labels == true) & (run.predictions == predicted)).sum(axis=1)
        what = (
            f"{run.class_names[true]} right"
            if true == predicted
            else f"{run.class_names[true]} taken for {run.class_names[predicted]}"
        )
        figure.add_scatter(
            x=run.epochs,
            y=counts,
            name=as_text(what),
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            hovertemplate="epoch %{x}: %{y} pictures<extra></extra>",
        )
    figure.update_xaxes(**_epochs_axis(run.epochs))
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
    """Share of the evidence on the object by epoch, with what an even map would have, and the loss beside it."""
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    low, high = table["area"] + table["low"], table["area"] + table["high"]
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
        y=table["area"],
        name="even map",
        mode="lines",
        line={"color": MUTED, "dash": "dash"},
        hovertemplate="epoch %{x}: %{y:.1%}<extra></extra>",
    )
    losses = run.log["val_loss"]
    if np.isfinite(losses).any():
        figure.add_scatter(
            x=run.epochs,
            y=losses,
            name="validation loss",
            mode="lines",
            line={"color": _TRAIN, "dash": "dot"},
            hovertemplate="epoch %{x}: %{y:.3g}<extra></extra>",
            secondary_y=True,
        )
    figure.update_xaxes(**_epochs_axis(run.epochs))
    figure.update_yaxes(title="share on the object", tickformat=".0%", range=[0, 1.02], secondary_y=False)
    figure.update_yaxes(title="loss", rangemode="tozero", showgrid=False, tickmode="auto", nticks=5, secondary_y=True)
    figure.update_layout(
        height=340,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    return figure


def evolution_film(
    frames: Sequence[Heatmaps], epochs: Sequence[int], view: ByteArray, names: Sequence[str], true: int
) -> go.Figure:
    """What a model looked at in one picture, epoch by epoch: a film with a slider and a play button.

    Parameters
    ----------
    frames : E, each of one layer and two maps of the picture: for the predicted and for the true class
    epochs : E, their numbers
    view : the picture, uint8 (S, S, 3)
    true : its class
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
    figure.update_layout(height=420, margin={"l": 0, "r": 0, "t": 52, "b": 10}, dragmode=False)
    return figure


def comparison_figure(comparison: RunComparison, *, limit: int = 500) -> go.Figure:
    """Who was right on each picture at each common epoch: rows are pictures, four colours.

    Parameters
    ----------
    limit : of the pictures on which the runs part most often, so many are drawn
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
            text=names + "<br>" + np.array(OUTCOMES, dtype=object)[outcome],
            hovertemplate="%{text} at epoch %{x}<extra></extra>",
        )
    )
    figure.update_xaxes(showgrid=False, **_epochs_axis(comparison.epochs))
    figure.update_yaxes(range=[len(shown) - 0.5, -0.5], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_layout(height=420, margin={"l": 10, "r": 10, "t": 10, "b": 10}, dragmode=False)
    return figure


def outcome_legend_html() -> str:
    """The four colours of `comparison_figure`."""
    return _legend(list(zip(OUTCOME_COLOURS, OUTCOMES, strict=True)))
