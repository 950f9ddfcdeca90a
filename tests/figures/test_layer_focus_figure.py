"""The figures show the numbers of the study."""

import numpy as np
import pytest

import xai_core as xai
from tests.support.maps import as_heatmaps, blobs
from xai_core import figures, studies
from xai_core.types import Layer

MAPS = blobs([4, 3, 2, 1])
LAYERS = [Layer(name, f"stage {i + 1}", (14, 14), 8) for i, name in enumerate(MAPS)]
NAMES = [f"picture {i}" for i in range(12)]


def scatter(figure, mode, name=None):
    return next(t for t in figure.data if t.type == "scatter" and t.mode == mode and not t.fill and t.name == name)


def test_points_are_the_tables_values_with_their_pictures():
    focus = xai.layer_focus(MAPS, 0.7)
    figure = figures.focus_boxes(focus, LAYERS, NAMES, selected=3)
    points = scatter(figure, "markers")
    np.testing.assert_allclose(points.y, 100 * focus.table["share"])
    assert points.customdata.tolist() == [i for i in range(12) for _ in range(4)]
    assert points.text[5] == "picture 1<br>stage 2"
    assert [trace.type for trace in figure.data].count("box") == 4
    chosen = scatter(figure, "lines+markers", "picture 3")
    np.testing.assert_allclose(chosen.y, 100 * focus.table["share"][12:16])


def test_axis_titles_say_measure_and_threshold():
    assert figures.focus_boxes(xai.layer_focus(MAPS, 0.7), LAYERS, NAMES).layout.yaxis.title.text == (
        "pixels above 0.7 (% of the map)"
    )
    gini = figures.focus_boxes(xai.layer_focus(MAPS, 0.7, measure="gini"), LAYERS, NAMES)
    assert gini.layout.yaxis.title.text == "Gini concentration"


def test_a_missing_value_breaks_its_line_only():
    gappy = blobs([4, 3, 2, 1])
    gappy["l1"][0] = 0
    figure = figures.focus_boxes(xai.layer_focus(gappy, 0.7), LAYERS, NAMES)
    lines = scatter(figure, "lines")
    assert np.isnan(lines.y).sum() == 12 + 1
    shown = 100 * xai.layer_focus(gappy, 0.7).table["share"].to_numpy().reshape(12, 4)
    assert figure.data[1].median == (np.median(shown[:, 1][np.isfinite(shown[:, 1])]),)


def test_shares_that_a_linear_axis_would_squeeze_into_a_line_have_a_logarithmic_one():
    maps = {"fine": np.zeros((5, 100, 100), "float32"), "coarse": np.zeros((5, 10, 10), "float32")}
    maps["fine"][:, 0, 0] = maps["coarse"][:, :3] = 1
    focus = xai.layer_focus(as_heatmaps(maps), 0.85)
    layers = [Layer("fine", "fine", (100, 100), 8), Layer("coarse", "coarse", (10, 10), 8)]
    figure = figures.focus_boxes(focus, layers, NAMES[:5], untrained=[0.0, 0.3])
    assert figure.layout.yaxis.type == "log"
    fine, coarse = 100 * focus.table["share"].to_numpy().reshape(5, 2)[0]
    assert 0 < 30 * fine < coarse
    assert [box.median for box in figure.data if box.type == "box"] == [(fine,), (coarse,)]
    points = scatter(figure, "markers")
    assert points.hovertext[:2] == (f"{fine:.3g}%", f"{coarse:.3g}%")
    assert figure.layout.yaxis.ticktext[0] == "0"
    assert scatter(figure, "lines+markers", "random weights (median)").y[0] == figure.layout.yaxis.tickvals[0] < fine
    assert figures.focus_boxes(xai.layer_focus(MAPS, 0.7), LAYERS, NAMES).layout.yaxis.type is None


def test_zero_stands_at_the_end_of_a_logarithmic_axis_and_is_called_zero():
    maps = {"fine": np.zeros((4, 50, 50), "float32"), "coarse": np.zeros((4, 5, 5), "float32")}
    maps["fine"][:, 0, 0] = maps["coarse"][:, :2] = 1
    focus = xai.layer_focus(as_heatmaps(maps), 0.85)
    focus.table.loc[0, "share"] = 0.0
    layers = [Layer("fine", "fine", (50, 50), 8), Layer("coarse", "coarse", (5, 5), 8)]
    figure = figures.focus_boxes(focus, layers, NAMES[:4])
    points = scatter(figure, "markers")
    assert points.hovertext[0] == "0%"
    assert points.y[0] == figure.layout.yaxis.tickvals[0] < points.y[2]


def test_the_sweep_is_drawn_for_each_grid():
    swept = studies.sweep(studies.measure_maps(MAPS))
    figure = figures.sweep_lines(swept, 0.85)
    line = scatter(figure, "lines", "each layer's own resolution")
    np.testing.assert_allclose(line.y, -swept["rho"])  # up is more focused, a smaller share
    assert figure.layout.shapes[1].x0 == pytest.approx(0.85)
