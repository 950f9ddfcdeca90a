"""Maps, predictions and LIME's weights in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from xai_core.errors import PictureError
from xai_core.figures.displays.markup import facts_html, strip_html, table_html
from xai_core.figures.palettes import ACCENT
from xai_core.figures.tiles import Style, draw_segments, draw_tiles, enlarged, jpeg_uri
from xai_core.figures.words import as_text
from xai_core.types import ByteArray, Heatmaps, Predictions, Sample

if TYPE_CHECKING:
    from xai_core.figures.tiles import Tile

FEW = 4  # pictures that a notebook shows unasked
_TILE = 160  # pixels along a side of a map in a figure
_GREY = 128  # stands in for a picture that is not given


def _views(heatmaps: Heatmaps, samples: Sequence[Sample] | None) -> tuple[list[ByteArray], Style]:
    """Pictures as the network saw them, and how maps lie over them; without pictures, maps lie on black."""
    if samples is None:
        return [np.zeros((*heatmaps.input_size, 3), np.uint8)] * heatmaps.n_pictures, Style(opacity=1.0)
    seen = [sample.pixels if heatmaps.view is None else heatmaps.view.prepare(sample).pixels for sample in samples]
    return seen, Style()


def _tiles(
    heatmaps: Heatmaps, samples: Sequence[Sample] | None, style: Style | None, limit: int
) -> tuple[list[ByteArray], dict[str, list[Tile]]]:
    shown = heatmaps.take(slice(limit))
    views, usual = _views(shown, None if samples is None else [samples[i] for i in range(shown.n_pictures)])
    return views, draw_tiles(views, shown, style or usual)


def maps_figure(
    heatmaps: Heatmaps, samples: Sequence[Sample] | None = None, *, style: Style | None = None, limit: int = FEW
) -> go.Figure:
    """Maps as pictures: a row a picture, a column a layer.

    Parameters
    ----------
    heatmaps : Heatmaps
        Of N pictures at L layers.
    samples : sequence of Sample, optional
        The N pictures, which then stand in the first column and under the maps; without them, maps lie on black.
    style : Style, optional
        How maps are drawn; None takes the pages' way.
    limit : int
        Pictures to draw.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    views, tiles = _tiles(heatmaps, samples, style, limit)
    columns = {layer: [tile.pixels for tile in row] for layer, row in tiles.items()}
    if samples is not None:
        columns = {"input": views} | columns if "input" not in columns else {"picture": views} | columns
    figure = make_subplots(
        rows=len(views),
        cols=len(columns),
        column_titles=[as_text(name) for name in columns],
        horizontal_spacing=0.01,
        vertical_spacing=0.01,
    )
    for column, pictures in enumerate(columns.values(), start=1):
        for row, pixels in enumerate(pictures, start=1):
            source = jpeg_uri(enlarged(pixels, _TILE))
            figure.add_trace(go.Image(source=source, hoverinfo="skip"), row=row, col=column)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(height=_TILE * len(views) + 40, margin={"l": 0, "r": 0, "t": 30, "b": 10}, dragmode=False)
    return figure


def heatmaps_html(heatmaps: Heatmaps) -> str:
    """What was computed, and the first maps in colour."""
    count = heatmaps.n_pictures
    facts = {
        "pictures": f"{count:,}",
        "layers": ", ".join(f"{layer} ({raw.shape[1]} × {raw.shape[2]})" for layer, raw in heatmaps.items()),
        "unit": heatmaps.unit,
        "settings": ", ".join(f"{name} = {value}" for name, value in heatmaps.settings.items()),
    }
    _, tiles = _tiles(heatmaps, None, None, FEW)
    strips = []
    for index in range(min(count, FEW)):
        named = [(f"{layer}, picture {index}", row[index].pixels) for layer, row in tiles.items()]
        strips.append(f"<div>{strip_html(named)}</div>")
    return facts_html(f"{heatmaps.method} maps", facts) + "".join(strips)


def predictions_html(predictions: Predictions) -> str:
    """The classes with their probabilities, of the first pictures."""
    count = len(predictions)
    table = pd.DataFrame({"class": predictions.classes, "probability": predictions.confidences})[:10]
    return facts_html("Predictions", {"pictures": f"{count:,}"}) + table_html(table.reset_index(names="picture"))


def predictions_figure(
    predictions: Predictions, names: Sequence[str] | None = None, *, picture: int = 0, top: int = 5
) -> go.Figure:
    """The likeliest classes of one picture as bars.

    Parameters
    ----------
    predictions : Predictions
        Of N pictures.
    names : sequence of str, optional
        Of the K classes; None gives their numbers.
    picture : int
        Index of the picture.
    top : int
        Classes to show.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    values = predictions.probabilities[picture]
    order = np.argsort(-np.nan_to_num(values), kind="stable")[:top]
    called = [as_text(names[i] if names is not None else f"class {i}") for i in order]
    figure = go.Figure(
        go.Bar(
            x=values[order],
            y=np.arange(len(order)),
            orientation="h",
            text=called,
            marker={"color": ACCENT},
            hovertemplate="%{text}: %{x:.1%}<extra></extra>",
            textposition="none",
        )
    )
    figure.update_xaxes(title="probability", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(tickvals=np.arange(len(order)), ticktext=called, range=[len(order) - 0.5, -0.5])
    figure.update_layout(height=260, margin={"l": 10, "r": 24, "t": 10, "b": 10}, dragmode=False)
    return figure


def _segments_drawn(explanation: Any, sample: Sample | None) -> list[ByteArray]:
    """The superpixels' weights of each class over the picture: T times uint8 (H, W, 3)."""
    h, w = explanation.segments.shape
    view = np.full((h, w, 3), _GREY, np.uint8) if sample is None else sample.pixels
    if view.shape[:2] != (h, w):
        raise PictureError(
            f"The explanation is of a picture of {h} x {w} pixels; {sample.name if sample else ''} has "
            f"{view.shape[0]} x {view.shape[1]}. Give it as the network saw it: model.preprocessing.prepare(sample)."
        )
    peak = float(np.abs(explanation.weights).max(initial=0))
    return [draw_segments(view, explanation.segments, row, peak).pixels for row in explanation.weights]


def lime_figure(explanation: Any, sample: Sample | None = None) -> go.Figure:
    """Superpixels that speak for each class in green, those against it in red.

    Parameters
    ----------
    explanation : LimeExplanation
        Of T classes.
    sample : Sample, optional
        The picture as the network saw it; without it, colours lie on grey.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    drawn = _segments_drawn(explanation, sample)
    heads = [f"class {target}" for target in explanation.targets]
    figure = make_subplots(rows=1, cols=len(drawn), subplot_titles=heads, horizontal_spacing=0.02)
    for column, pixels in enumerate(drawn, start=1):
        figure.add_trace(go.Image(source=jpeg_uri(enlarged(pixels, 2 * _TILE)), hoverinfo="skip"), row=1, col=column)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(height=2 * _TILE + 60, margin={"l": 0, "r": 0, "t": 30, "b": 10}, dragmode=False)
    return figure


def lime_html(explanation: Any) -> str:
    """How good the linear model is for each class, and its superpixels in colour."""
    table = pd.DataFrame(
        {"class": explanation.targets, "R²": explanation.r2, "rank correlation of halves": explanation.stability}
    )
    if explanation.top_shared is not None:
        table["top superpixels in both"] = explanation.top_shared
    facts = {
        "superpixels": f"{explanation.weights.shape[1]:,}",
        "perturbations": f"{explanation.samples:,} of {explanation.planned:,}",
        "precision": explanation.precision,
        "hidden as": "mean colour" if explanation.cover == "mean" else f"colour {explanation.cover}",
    }
    drawn = zip(explanation.targets, _segments_drawn(explanation, None), strict=True)
    named = [(f"class {target}", pixels) for target, pixels in drawn]
    return facts_html("Weights of superpixels", facts) + table_html(table) + strip_html(named)
