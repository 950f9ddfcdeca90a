"""Predictions by epoch as coloured rows, the log above them, the measures of each picture beside them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xai_core.figures.palettes import ACCENT, CONTRAST, MUTED, steps
from xai_core.figures.training_evolution.axes import RIGHT_SCALE, TRAIN, VALIDATION, epochs_axis, mark_best, run_colours
from xai_core.figures.words import as_text
from xai_core.records import TrainingRun
from xai_core.studies.training_evolution import EVOLUTION_MEASURES, EvolutionRows

EvolutionView = Literal["class", "correct", "p_true"]
MOST_BORDERS = 40  # between classes; more would be a grid
MOST_STEPS = 1_000  # of a scale of colours
MOST_LETTERS = 120  # of a class's name in a cell, where it is repeated hundreds of thousands of times


def _log_traces(figure: go.Figure, run: TrainingRun) -> None:
    """Loss and accuracy by epoch, in the first row's two axes."""
    curves: list[tuple[str, Any, str, str, bool]] = [
        ("training loss", run.log["train_loss"], TRAIN, "solid", False),
        ("validation loss", run.log["val_loss"], VALIDATION, "solid", False),
        ("training accuracy", run.log["train_accuracy"], TRAIN, "dot", True),
        ("validation accuracy", run.log["val_accuracy"], VALIDATION, "dot", True),
    ]
    same = np.allclose(run.log["val_accuracy"], run.accuracy, atol=1e-6)
    if not same:
        curves.append(("test accuracy", run.accuracy, CONTRAST, "dash", True))
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


def _has_losses(run: TrainingRun) -> bool:
    return bool(np.isfinite(run.log[["train_loss", "val_loss"]].to_numpy(float)).any())


def _hold_axis(figure: go.Figure, run: TrainingRun) -> None:
    """Without any loss the axis of accuracies would lie over the whole figure: it needs the other one's place."""
    if not _has_losses(run):
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


def _short(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…"


def _coloured(rows: EvolutionRows, colours: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """The number of each cell's colour, and the colours: those of the classes, or where these are many, each once."""
    if len(colours) <= MOST_STEPS:
        return rows.classes.astype(np.uint8 if len(colours) < 256 else np.int16), list(colours)
    place = {colour: number for number, colour in enumerate(dict.fromkeys(colours))}
    return np.array([place[colour] for colour in colours], np.int16)[rows.classes], list(place)


def _cells(run: TrainingRun, rows: EvolutionRows, view: EvolutionView, colours: Sequence[str]) -> dict[str, Any]:
    """The heatmap's own part of the figure, for one of its views."""
    many = any(len(members) > 1 for members in rows.members)
    # A name in every cell is what makes the hover text; rows of several pictures do without.
    name = np.array([[""] if many else [f"{as_text(title)}<br>"] for title in rows.titles], dtype=object).reshape(-1, 1)
    if view == "class":
        numbers, shown = _coloured(rows, colours)
        return {
            "z": numbers,
            "text": name + np.array([as_text(_short(name)) for name in run.class_names], dtype=object)[rows.classes],
            "zmin": -0.5,
            "zmax": len(shown) - 0.5,
            "colorscale": steps(shown),
            "hovertemplate": "%{text} at epoch %{x}<extra></extra>",
        }
    if rows.p_true is None:
        view = "correct"
    values = rows.p_true if view == "p_true" and rows.p_true is not None else rows.correct
    what = "right" if view == "correct" else "for the true class"
    text = np.char.add(np.round(100 * values).astype(int).astype(str), f"% {what}").astype(object)
    if view == "correct" and not many:
        text = np.where(values > 0, "right", "wrong").astype(object)
    return {
        "z": np.round(values * 255).astype(np.uint8),
        "zmin": 0,
        "zmax": 255,
        "colorscale": RIGHT_SCALE if view == "correct" else "Cividis",
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
    height: int = 500,
) -> go.Figure:
    """Confusion Evolution: predictions (rows) by epoch (columns), the log above, the measures as bars beside.

    Parameters
    ----------
    run : TrainingRun
        Whose log is drawn above.
    rows : EvolutionRows
        Its pictures, or groups of them, as `studies.evolution_rows` orders them.
    view : {"class", "correct", "p_true"}
        Colour by predicted class, by right or wrong, or by the probability of the true class.
    by_class : bool
        Whether the rows are grouped by true class, so that the groups are named and separated.
    selected : int, optional
        A row to mark; bars carry their row's number as customdata.
    colours : sequence of str, optional
        Of the K classes; None takes `run_colours`, but a part of a run should have those of the whole.
    height : int
        Pixels.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    bars = len(EVOLUTION_MEASURES)
    figure = make_subplots(
        rows=2,
        cols=1 + bars,
        row_heights=[0.26, 0.74],
        vertical_spacing=0.05,
        horizontal_spacing=0.012,
        column_widths=[0.64, *([0.36 / bars] * bars)],
        shared_xaxes=False,
        specs=[[{"secondary_y": True}, *([None] * bars)], [{}] * (1 + bars)],
    )
    _log_traces(figure, run)
    if len(run.epochs) > 1:
        mark_best(figure, run)
    _hold_axis(figure, run)
    # Rows are numbers on the axis: pictures may be called "12", which an axis of names takes for the twelfth.
    position = np.arange(len(rows.members))
    cells = _cells(run, rows, view, colours or run_colours(run))
    figure.add_heatmap(x=run.epochs, y=position, showscale=False, row=2, col=1, **cells)
    for column, key in enumerate(EVOLUTION_MEASURES, start=2):
        _measure_bars(figure, rows, key, column)
    _mark_rows(figure, run, rows, by_class, selected)
    _lay_out(figure, run, height)
    return figure


def _measure_bars(figure: go.Figure, rows: EvolutionRows, key: str, column: int) -> None:
    """A measure of each row as a bar, in a column of its own."""
    position, count = np.arange(len(rows.members)), len(rows.members)
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
        "showlegend": False,
    }
    faint = {"color": MUTED, "opacity": 0.08, "line": {"width": 0}}
    figure.add_bar(x=np.full(count, limit), marker=faint, **common, **axis)
    figure.add_bar(x=np.nan_to_num(values), marker={"color": ACCENT, "line": {"width": 0}}, **common, **axis)
    figure.update_xaxes(
        range=[0, limit],
        title={"text": EVOLUTION_MEASURES[key], "font": {"size": 11}},
        zeroline=False,
        **({"nticks": 3} if key == "forgetting" else {"tickvals": [0, 0.5]}),
        showgrid=False,
        **axis,
    )
    figure.update_yaxes(range=[count - 0.5, -0.5], showticklabels=False, showgrid=False, matches="y3", **axis)


def _mark_rows(figure: go.Figure, run: TrainingRun, rows: EvolutionRows, by_class: bool, selected: int | None) -> None:
    """Name and separate the true classes, and mark the row that is picked out."""
    count = len(rows.members)
    start, end = _ends(run)
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
            path=" ".join(f"M {start},{y} L {end},{y}" for y in borders),
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


def _ends(run: TrainingRun) -> list[float]:
    """Where the axis of epochs begins and ends."""
    return [float(run.epochs[0]) - 0.5, float(run.epochs[-1]) + 0.5]


def _lay_out(figure: go.Figure, run: TrainingRun, height: int) -> None:
    figure.update_xaxes(range=_ends(run), showticklabels=False, row=1, col=1, showgrid=False)
    figure.update_xaxes(range=_ends(run), row=2, col=1, showgrid=False, **epochs_axis(run.epochs))
    figure.update_yaxes(title="loss", rangemode="tozero", row=1, col=1, secondary_y=False, nticks=4)
    figure.update_yaxes(visible=_has_losses(run), row=1, col=1, secondary_y=False)
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
