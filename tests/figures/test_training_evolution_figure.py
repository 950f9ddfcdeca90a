"""The figures of a training show the run's own numbers, in colours that can be told apart, and open anywhere."""

import base64
import io
import itertools
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from plotly.offline import get_plotlyjs
from skimage.color import deltaE_ciede2000, rgb2lab

import xai_core as xai
from tests.support.runs import draw, log, rows_of, spelled, two
from xai_core import figures, studies
from xai_core.figures.palettes import ACCENT, OTHER_CLASS, class_colours, steps
from xai_core.figures.training_evolution import OUTCOME_COLOURS
from xai_core.records import LOG, TrainingRun

RUN = draw(11, 7, 60, 5)
MEASURES = list(studies.EVOLUTION_MEASURES)


def heatmap(figure):
    (found,) = (trace for trace in figure.data if trace.type == "heatmap")
    return found


def drawn_bars(figure):
    """(clickable, value) bars of each measure."""
    bars = [trace for trace in figure.data if trace.type == "bar"]
    return list(zip(bars[::2], bars[1::2], strict=True))


def curves(figure):
    return {trace.name: trace for trace in figure.data if trace.type == "scatter"}


def colour_at(trace, value):
    """What Plotly draws for a value: the scale's colour at its place between zmin and zmax."""
    place = (value - trace.zmin) / (trace.zmax - trace.zmin)
    for (low, below), (high, above) in itertools.pairwise(trace.colorscale):
        if low < place < high:
            assert below == above, "between two colours of the scale"
            return below
    raise AssertionError(f"{value} lies on an edge of the scale")


def row_axis(figure):
    return figure.layout[heatmap(figure).yaxis.replace("y", "yaxis")]


# ------------------------------------------------------------------------------------------- confusion evolution


@pytest.mark.parametrize("limit", [500, 12])
def test_each_view_shows_the_rows_own_data(limit):
    rows = rows_of(RUN, limit=limit)
    for view in ("class", "correct", "p_true"):
        trace = heatmap(figures.evolution_figure(RUN, rows, view=view))
        assert trace.x.tolist() == RUN.epochs.tolist()
        assert trace.y.tolist() == list(range(len(rows.members)))
        if view == "class":
            np.testing.assert_array_equal(trace.z, rows.classes)
        else:
            values = rows.correct if view == "correct" else rows.p_true
            np.testing.assert_allclose(np.asarray(trace.z) / 255, values, atol=0.5 / 255 + 1e-6)
            assert (trace.zmin, trace.zmax) == (0, 255)


def test_every_cell_has_the_colour_of_its_class():
    rows = rows_of(RUN)
    trace = heatmap(figures.evolution_figure(RUN, rows))
    for row, column in np.ndindex(*rows.classes.shape):
        assert colour_at(trace, trace.z[row, column]) == figures.CLASS_COLOURS[rows.classes[row, column]]


@pytest.mark.parametrize("k", [1, 2, 3, 7, 10, 20, 49, 300])
def test_steps_are_one_colour_an_integer_and_cover_the_scale(k):
    colours = [f"#{i:06x}" for i in range(k)]
    scale = steps(colours)
    assert (scale[0][0], scale[-1][0]) == (0, 1)
    assert all(low[0] <= high[0] for low, high in itertools.pairwise(scale))
    trace = heatmap(figures.evolution_figure(RUN, rows_of(RUN)))
    trace.update(zmin=-0.5, zmax=k - 0.5, colorscale=scale)
    assert [colour_at(trace, i) for i in range(k)] == colours


def test_cells_say_picture_class_and_epoch():
    run = spelled({"p": "a ab", "q": "b bc"})
    texts = {view: heatmap(figures.evolution_figure(run, rows_of(run), view=view)) for view in ("class", "correct")}
    assert texts["class"].text.tolist() == [["p<br>ant", "p<br>bee"], ["q<br>bee", "q<br>cat"]]
    assert texts["correct"].text.tolist() == [["p<br>right", "p<br>wrong"], ["q<br>right", "q<br>wrong"]]
    assert texts["class"].hovertemplate == "%{text} at epoch %{x}<extra></extra>"


def test_cells_of_several_pictures_say_the_share():
    rows = rows_of(RUN, limit=12)
    for view, values, what in (("correct", rows.correct, "right"), ("p_true", rows.p_true, "for the true class")):
        text = heatmap(figures.evolution_figure(RUN, rows, view=view)).text
        for row, column in np.ndindex(*values.shape):
            assert text[row, column] == f"{100 * values[row, column]:.0f}% {what}"


def test_bars_hold_the_measures_and_their_rows_numbers():
    for limit in (500, 12):
        rows = rows_of(RUN, limit=limit)
        figure = figures.evolution_figure(RUN, rows)
        bars = drawn_bars(figure)
        assert len(bars) == len(MEASURES)
        for key, (clickable, value) in zip(MEASURES, bars, strict=True):
            np.testing.assert_allclose(value.x, rows.measures[key])
            for bar in (clickable, value):
                assert bar.orientation == "h"
                assert bar.y.tolist() == list(range(len(rows.members)))
                assert bar.customdata.tolist() == list(range(len(rows.members)))
                what = studies.EVOLUTION_MEASURES[key].lower()
                for title, measure, text in zip(rows.titles, rows.measures[key], bar.text, strict=True):
                    assert text == f"{title}<br>{what}: {measure:.2f}"
            axis = figure.layout[value.xaxis.replace("x", "xaxis")]
            assert axis.title.text == studies.EVOLUTION_MEASURES[key]
            assert axis.range[1] >= max(value.x)
            # Wherever in the row one clicks, there is a bar.
            assert set(clickable.x) == {axis.range[1]}


def test_all_rows_stand_at_the_same_height_in_every_column():
    rows = rows_of(RUN)
    figure = figures.evolution_figure(RUN, rows)
    for trace in figure.data:
        if trace.type in ("bar", "heatmap"):
            axis = figure.layout[trace.yaxis.replace("y", "yaxis")]
            assert tuple(axis.range) == (len(rows.members) - 0.5, -0.5)
            assert trace.type == "heatmap" or axis.matches == heatmap(figure).yaxis


def test_groups_are_named_in_their_middle_and_parted():
    run = spelled({"p": "c a", "q": "c a", "r": "c a", "s": "a a", "t": "c a", "u": "a a", "v": "b a"})
    figure = figures.evolution_figure(run, rows_of(run))
    assert dict(zip(row_axis(figure).tickvals, row_axis(figure).ticktext, strict=True)) in (
        {0: "ant", 2: "bee", 4: "cat"},
        {0: "ant", 2: "bee", 5: "cat"},
        {1: "ant", 2: "bee", 4: "cat"},
        {1: "ant", 2: "bee", 5: "cat"},
    )
    (lines,) = figure.layout.shapes
    assert re.findall(r"M [\d.-]+,([\d.]+) L [\d.-]+,([\d.]+)", lines.path) == [("1.5", "1.5"), ("2.5", "2.5")]


def test_a_name_stands_within_its_group_of_whatever_size():
    run = draw(12, 2, 90, 6)
    rows = rows_of(run, limit=30)
    axis = row_axis(figures.evolution_figure(run, rows))
    assert list(axis.ticktext) == [f"class {i}" for i in range(6)]
    for i, place in enumerate(axis.tickvals):
        own = np.flatnonzero(rows.labels == i)
        assert abs(place - own.mean()) <= 0.5


def test_without_groups_nothing_is_named_or_parted():
    rows = rows_of(RUN, by_class=False)
    figure = figures.evolution_figure(RUN, rows, by_class=False)
    assert row_axis(figure).showticklabels is False
    assert not row_axis(figure).ticktext
    assert figure.layout.shapes == ()


def test_the_selected_row_is_framed_in_every_column():
    rows = rows_of(RUN, by_class=False)
    for selected in (0, 17):
        figure = figures.evolution_figure(RUN, rows, by_class=False, selected=selected)
        frames = {shape.yref: (shape.y0, shape.y1) for shape in figure.layout.shapes}
        columns = {trace.yaxis for trace in figure.data if trace.type in ("bar", "heatmap")}
        assert frames == dict.fromkeys(columns, (selected - 0.5, selected + 0.5))
        assert len(figure.layout.shapes) == 1 + len(MEASURES)


def test_epochs_are_numbers_on_one_range_in_both_parts():
    figure = figures.evolution_figure(RUN, rows_of(RUN))
    top = curves(figure)["validation loss"]
    assert top.x.tolist() == RUN.epochs.tolist()
    for trace in (top, heatmap(figure)):
        axis = figure.layout[(trace.xaxis or "x").replace("x", "xaxis")]
        assert tuple(axis.range) == (RUN.epochs[0] - 0.5, RUN.epochs[-1] + 0.5)


def test_all_known_figures_of_the_log_are_drawn():
    drawn = curves(figures.evolution_figure(RUN, rows_of(RUN)))
    assert set(drawn) == {
        "training loss",
        "validation loss",
        "training accuracy",
        "validation accuracy",
        "test accuracy",
    }
    for name, column in (
        ("training loss", "train_loss"),
        ("validation loss", "val_loss"),
        ("training accuracy", "train_accuracy"),
        ("validation accuracy", "val_accuracy"),
    ):
        np.testing.assert_allclose(drawn[name].y, RUN.log[column])
    np.testing.assert_allclose(drawn["test accuracy"].y, RUN.accuracy)
    axes = {name: trace.yaxis for name, trace in drawn.items()}
    assert axes["training loss"] == axes["validation loss"] != axes["training accuracy"]
    assert axes["training accuracy"] == axes["validation accuracy"] == axes["test accuracy"]


def test_what_was_not_recorded_is_not_drawn():
    pictures = {"p": "a bba", "q": "b bbb"}
    run = spelled(pictures, log=log(3, val_loss=[np.nan, 0.5, 0.4]))
    assert set(curves(figures.evolution_figure(run, rows_of(run)))) == {"validation loss", "test accuracy"}
    bare = spelled(pictures)
    figure, drawn = figures.evolution_figure(bare, rows_of(bare)), figures.evolution_figure(run, rows_of(run))
    assert set(curves(figure)) == {None, "test accuracy"}
    assert (figure.layout.yaxis.title.text, drawn.layout.yaxis.title.text) == ("loss", "loss")
    assert (figure.layout.yaxis.visible, drawn.layout.yaxis.visible) == (False, True)


def test_one_accuracy_is_enough_where_both_are_the_same():
    pictures = {"p": "a bba", "q": "b bbb"}
    run = spelled(pictures, log=log(3, val_accuracy=[0.5, 0.5, 1]))
    assert set(curves(figures.evolution_figure(run, rows_of(run)))) == {
        None,
        "validation accuracy",
    }  # the first holds the place of the axis of losses


@pytest.mark.parametrize("view", ["class", "correct", "p_true"])
def test_one_epoch_one_class_and_no_rows_are_drawn(view):
    one = TrainingRun("demo", ("ant",), ("p", "q"), np.zeros(2, np.int64), np.array([4]), np.zeros((1, 2), np.int64))
    figure = figures.evolution_figure(one, rows_of(one), view=view)
    assert heatmap(figure).z.shape == (2, 1)
    assert curves(figure)["test accuracy"].mode == "lines+markers"
    assert [value.x.tolist() for _, value in drawn_bars(figure)] == [[0, 0], [0, 0], [1, 1], [0, 0]]
    if view == "class":
        assert colour_at(heatmap(figure), 0) == figures.CLASS_COLOURS[0]
    nothing = figures.evolution_figure(RUN, rows_of(RUN, np.zeros(0, np.int64)), view=view)
    assert heatmap(nothing).z.shape == (0, 7)
    figure.to_json()
    nothing.to_json()


def test_what_one_epoch_does_not_tell_is_not_a_number():
    run = spelled({"p": "a a", "q": "b a"})
    bars = drawn_bars(figures.evolution_figure(run, rows_of(run)))
    texts = [text for pair in bars for bar in pair for text in bar.text]
    assert not any("nan" in text for text in texts)
    assert texts.count("p<br>changes: needs two epochs") == 2
    assert texts.count("q<br>wrong: 1.00") == 2


def test_a_run_without_probabilities_is_drawn_as_right_or_wrong():
    run = spelled({"p": "a ab", "q": "b cb"})
    trace = heatmap(figures.evolution_figure(run, rows_of(run), view="p_true"))
    assert (np.asarray(trace.z) == 255 * np.array([[1, 0], [0, 1]])).all()


def test_a_run_without_probabilities_claims_none():
    run = spelled({"p": "a ab", "q": "b cb"})
    trace = heatmap(figures.evolution_figure(run, rows_of(run), view="p_true"))
    assert not any("for the true class" in text for text in trace.text.ravel())


def test_three_hundred_classes_have_their_numbers_and_colours():
    run = draw(13, 3, 900, 300)
    rows = rows_of(run, by_class=False)
    trace = heatmap(figures.evolution_figure(run, rows, by_class=False))
    np.testing.assert_array_equal(trace.z, rows.classes)
    colours = class_colours(np.bincount(run.predictions.ravel(), minlength=300))
    assert len(set(colours)) == 21
    for number in np.unique(rows.classes):
        assert colour_at(trace, number) == colours[number]


@pytest.mark.timeout(6)
def test_three_hundred_groups_are_drawn_in_seconds():
    run = draw(14, 3, 600, 300)
    rows = rows_of(run)
    figure = figures.evolution_figure(run, rows)
    every = -(-len(np.unique(run.labels)) // 40)  # more names than that would lie over one another
    assert list(row_axis(figure).ticktext) == [run.class_names[i] for i in np.unique(run.labels)][::every]


@pytest.mark.parametrize("view", ["class", "correct", "p_true"])
def test_ten_thousand_pictures_at_a_hundred_epochs_are_a_few_megabytes(view):
    run = draw(15, 100, 10_000, 10)
    rows = rows_of(run)
    assert sum(map(len, rows.members)) == 10_000
    assert len(figures.evolution_figure(run, rows, view=view).to_json()) < 4e6


def test_five_hundred_rows_with_a_name_each_are_a_few_megabytes():
    run = draw(16, 100, 500, 10)
    rows = rows_of(run)
    assert len(rows.members) == 500
    assert len(figures.evolution_figure(run, rows).to_json()) < 4e6


# ------------------------------------------------------------------------------------------------------- colours


def test_a_class_has_its_colour_in_every_run_of_up_to_twenty():
    assert len(set(figures.CLASS_COLOURS)) == 20
    rng = np.random.default_rng(0)
    for k in range(1, 21):
        assert class_colours(rng.integers(0, 99, k)) == list(figures.CLASS_COLOURS[:k])


def test_of_more_classes_the_most_frequent_have_colours():
    counts = np.random.default_rng(1).permutation(50)
    colours = class_colours(counts)
    assert len(colours) == 50
    coloured = [i for i, colour in enumerate(colours) if colour != OTHER_CLASS]
    assert sorted(counts[coloured]) == list(range(30, 50))
    assert [colours[i] for i in coloured] == list(figures.CLASS_COLOURS)
    tied = class_colours(np.ones(21, int))
    assert tied == [*figures.CLASS_COLOURS, OTHER_CLASS]


# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def nearest(colours, vision):
    """The smallest difference (CIEDE2000) of two of the colours, as they look with that vision, and the two."""
    rgb = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(VISION[vision]).T, 0, 1)
    shown = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    lab = rgb2lab(shown[None])[0]
    return min(
        (float(deltaE_ciede2000(lab[a], lab[b])), colours[a], colours[b])
        for a, b in itertools.combinations(range(len(colours)), 2)
    )


@pytest.mark.parametrize("vision", VISION)
def test_ten_classes_and_four_outcomes_are_told_apart_with_any_vision(vision):
    distance, *pair = nearest(figures.CLASS_COLOURS[:10], vision)
    assert distance > 8, pair
    distance, *pair = nearest(OUTCOME_COLOURS, vision)
    assert distance > 15, pair


def test_the_simulation_finds_what_is_known_to_be_mistaken():
    assert nearest(["#C04040", "#40A040"], "full")[0] > 40
    assert nearest(["#B8860B", "#6B8E23"], "deuteranopia")[0] < nearest(["#B8860B", "#6B8E23"], "full")[0] / 2


def legend(html):
    """(colour, name as written) of each entry."""
    return re.findall(r"background:(#[0-9A-Fa-f]{6})\"></i>(.*?)</span>", html)


def test_the_legend_names_every_class_with_its_colour():
    assert legend(figures.class_legend_html(RUN)) == [(figures.CLASS_COLOURS[i], f"class {i}") for i in range(5)]


def test_the_legend_of_many_classes_has_one_entry_for_the_others():
    run = draw(17, 2, 3000, 1500)
    entries = legend(figures.class_legend_html(run))
    assert [colour for colour, _ in entries] == [*figures.CLASS_COLOURS, OTHER_CLASS]
    assert entries[-1][1] == "1,480 others"
    counts = np.bincount(run.predictions.ravel(), minlength=1500)
    named = [int(name.removeprefix("class ")) for _, name in entries[:-1]]
    assert counts[named].min() >= np.sort(counts)[-20]
    assert len(set(named)) == 20


def test_the_legend_escapes_what_a_class_is_called():
    run = spelled({"p": "< <"}, classes=('<img src=x onerror="alert(1)">', "R&D"))
    html = figures.class_legend_html(run)
    assert [name for _, name in legend(html)] == ["&lt;img src=x onerror=&quot;alert(1)&quot;&gt;", "R&amp;D"]
    assert "<img" not in html


def test_the_legend_of_a_comparison_has_its_four_colours():
    first, second = two()
    comparison = studies.compare_runs(replace(first, name="one"), replace(second, name="<i>"))
    assert legend(figures.outcome_legend_html(comparison)) == list(
        zip(OUTCOME_COLOURS, ["both wrong", "only one right", "only &lt;i&gt; right", "both right"], strict=True)
    )


# --------------------------------------------------------------------------------------------------- one picture


def test_a_pictures_course_shows_its_probabilities_and_classes():
    figure = figures.picture_lines(RUN, 7)
    drawn = curves(figure)
    assert set(drawn) == {"true class", "predicted class"}
    for trace in drawn.values():
        assert trace.x.tolist() == RUN.epochs.tolist()
    np.testing.assert_allclose(drawn["true class"].y, RUN.p_true[:, 7])
    np.testing.assert_allclose(drawn["predicted class"].y, RUN.p_predicted[:, 7])
    said = RUN.predictions[:, 7]
    assert list(drawn["predicted class"].text) == [f"class {i}" for i in said]
    assert list(drawn["predicted class"].marker.color) == [figures.CLASS_COLOURS[i] for i in said]
    assert figure.layout.yaxis.range[0] <= 0
    assert figure.layout.yaxis.range[1] >= 1


def test_a_course_without_probabilities_shows_the_classes():
    run = spelled({"p": "a aba", "q": "b cab"})
    figure = figures.picture_lines(run, 1)
    (trace,) = figure.data
    assert list(trace.y) == ["cat", "ant", "bee"]
    assert list(trace.marker.color) == [figures.CLASS_COLOURS[i] for i in (2, 0, 1)]
    assert list(figure.layout.yaxis.categoryarray) == ["cat", "bee", "ant"]


# ------------------------------------------------------------------------------------------------------- confusion


def film_parts(film):
    """(heatmap, markers) of the first picture of a film."""
    assert [trace.type for trace in film.data] == ["heatmap", "scatter"]
    return film.data


def test_the_film_has_a_frame_an_epoch_with_the_runs_own_counts():
    film = figures.confusion_film(RUN, range(5))
    assert [frame.name for frame in film.frames] == [str(epoch) for epoch in RUN.epochs]
    for frame, epoch in zip(film.frames, RUN.epochs, strict=True):
        assert tuple(frame.traces) == (0,)
        np.testing.assert_array_equal(frame.data[0].z, RUN.confusion(epoch))
    top = max(RUN.confusion(epoch).max() for epoch in RUN.epochs)
    assert {(frame.data[0].zmin, frame.data[0].zmax) for frame in film.frames} == {(0, top)}


def test_a_film_begins_where_it_is_told_to_and_its_slider_goes_to_every_frame():
    for start, shown in ((None, 6), (2, 2), (0, 0)):
        film = figures.confusion_film(RUN, range(5), start=start)
        np.testing.assert_array_equal(film_parts(film)[0].z, RUN.confusion(RUN.epochs[shown]))
        (slider,) = film.layout.sliders
        assert slider.active == shown
        assert [list(step.args[0]) for step in slider.steps] == [[frame.name] for frame in film.frames]
        assert [step.label for step in slider.steps] == [str(epoch) for epoch in RUN.epochs]
        play, stop = film.layout.updatemenus[0].buttons
        assert play.args[0] is None
        assert list(stop.args[0]) == [None]


@pytest.mark.parametrize(("normalised", "axis"), [("row", 1), ("column", 0)])
def test_shares_of_a_row_or_column_make_a_hundred(normalised, axis):
    film = figures.confusion_film(RUN, range(5), normalised=normalised)
    for frame, epoch in zip(film.frames, RUN.epochs, strict=True):
        counts = RUN.confusion(epoch)
        assert counts.sum(axis=axis).all()
        shares = np.asarray(frame.data[0].z)
        np.testing.assert_allclose(shares.sum(axis=axis), 100, atol=0.3)
        np.testing.assert_allclose(shares, 100 * counts / counts.sum(axis=axis, keepdims=True), atol=0.051)


def test_a_class_that_never_occurs_has_shares_of_zero():
    run = spelled({"p": "a ab", "q": "b bb"})
    for normalised in ("row", "column"):
        for frame in figures.confusion_film(run, range(3), normalised=normalised).frames:
            shares = np.asarray(frame.data[0].z)
            assert np.isfinite(shares).all()
            assert not shares[2].any()
            assert not shares[:, 2].any()


@pytest.mark.parametrize("classes", [[0, 1, 2, 3, 4], [1, 3, 4]])
def test_each_cell_has_a_marker_with_its_two_classes(classes):
    matrix, markers = film_parts(figures.confusion_film(RUN, classes))
    assert len(markers.x) == len(classes) ** 2
    counts = RUN.confusion()
    for x, y, code, text in zip(markers.x, markers.y, markers.customdata, markers.text, strict=True):
        true, predicted = divmod(code, 5)
        assert (classes[y], classes[x]) == (true, predicted)
        assert matrix.z[y, x] == counts[true, predicted]
        names = RUN.class_names[true], RUN.class_names[predicted]
        assert text == (f"{names[0]} right" if true == predicted else f"{names[0]} predicted as {names[1]}")


def test_the_axes_of_a_film_name_its_classes_true_downwards():
    film = figures.confusion_film(RUN, [1, 3, 4])
    for axis in (film.layout.xaxis, film.layout.yaxis):
        assert list(axis.ticktext) == ["class 1", "class 3", "class 4"]
        assert list(axis.tickvals) == [0, 1, 2]
    assert (film.layout.xaxis.title.text, film.layout.yaxis.title.text) == ("predicted", "true")
    assert tuple(film.layout.xaxis.range) == (-0.5, 2.5)
    assert tuple(film.layout.yaxis.range) == (2.5, -0.5)


def test_shares_of_some_classes_are_of_all_pictures():
    part = figures.confusion_film(RUN, [1, 3], normalised="row")
    whole = figures.confusion_film(RUN, range(5), normalised="row")
    for few, all_ in zip(part.frames, whole.frames, strict=True):
        np.testing.assert_array_equal(few.data[0].z, np.asarray(all_.data[0].z)[np.ix_([1, 3], [1, 3])])


def test_a_film_of_one_epoch_or_one_class_has_no_slider_to_nowhere():
    one = spelled({"p": "a b", "q": "b b"})
    film = figures.confusion_film(one, range(3))
    assert len(film.frames) == 1
    assert not film.layout.sliders
    single = TrainingRun("demo", ("ant",), ("p",), np.zeros(1, np.int64), np.array([1, 2]), np.zeros((2, 1), np.int64))
    np.testing.assert_array_equal(film_parts(figures.confusion_film(single, [0]))[0].z, [[1]])


@pytest.mark.parametrize("normalised", ["counts", "row", "column"])
def test_the_pointer_shows_no_unit_without_a_number(normalised):
    _, markers = film_parts(figures.confusion_film(RUN, range(5), normalised=normalised))
    assert not re.fullmatch(r"\s*%\s*", re.search("<extra>(.*)</extra>", markers.hovertemplate)[1])


def test_lines_of_cells_are_the_counts_of_the_matrices():
    figure = figures.cell_lines(RUN, [(0, 3), (2, 2)])
    assert [trace.name for trace in figure.data] == ["class 0 predicted as class 3", "class 2 right"]
    for trace, (true, predicted) in zip(figure.data, [(0, 3), (2, 2)], strict=True):
        assert trace.x.tolist() == RUN.epochs.tolist()
        assert trace.y.tolist() == [RUN.confusion(epoch)[true, predicted] for epoch in RUN.epochs]
    looks = {(trace.line.color, trace.line.dash) for trace in figure.data}
    assert len(looks) == 2


def test_no_cells_are_no_lines():
    assert figures.cell_lines(RUN, []).data == ()


# ------------------------------------------------------------------------------------------------ what it looked at


def attention_table():
    return pd.DataFrame(
        {
            "epoch": [1, 3, 7],
            "inside": [0.2, 0.4, 0.5],
            "area": [0.2, 0.2, 0.2],
            "usual": [0.25, 0.24, 0.26],
            "excess": [-0.05, 0.16, 0.24],
            "low": [-0.1, 0.1, 0.2],
            "high": [0.0, 0.22, 0.3],
            "n": [9, 8, 9],
            "outcome": ["none", "more", "more"],
        }
    )


def test_attention_shows_the_share_the_usual_one_the_band_and_the_loss():
    run = spelled({"p": "a abaabca"}, log=log(7, val_loss=np.linspace(1, 0.4, 7)))
    figure = figures.attention_figure(attention_table(), run)
    drawn = curves(figure)
    for name, column in (("evidence on the object", "inside"), ("where objects usually lie", "usual")):
        assert list(drawn[name].x) == [1, 3, 7]
        np.testing.assert_allclose(drawn[name].y, attention_table()[column])
    assert list(drawn["validation loss"].x) == [1, 2, 3, 4, 5, 6, 7]
    np.testing.assert_allclose(drawn["validation loss"].y, run.log["val_loss"])
    assert drawn["validation loss"].yaxis != drawn["where objects usually lie"].yaxis
    (band,) = (trace for trace in figure.data if trace.fill == "toself")
    assert list(band.x) == [1, 3, 7, 7, 3, 1]
    np.testing.assert_allclose(band.y, [0.25, 0.46, 0.56, 0.46, 0.34, 0.15])


def test_attention_shows_between_what_one_more_draw_of_random_weights_would_lie():
    table = attention_table().assign(random_low=[-0.1, -0.2, np.nan], random_high=[0.1, 0.2, np.nan])
    figure = figures.attention_figure(table, spelled({"p": "a abaabca"}))
    low, high = (trace for trace in figure.data if trace.name == "random weights (95%)")
    np.testing.assert_allclose(low.y, [0.15, 0.04, np.nan])
    np.testing.assert_allclose(high.y, [0.35, 0.44, np.nan])
    assert [trace.showlegend for trace in (low, high)] == [False, True]


def test_attention_without_a_loss_or_with_an_epoch_without_maps_is_drawn():
    table = attention_table()
    table.loc[1, ["inside", "area", "usual", "excess", "low", "high"]] = np.nan
    figure = figures.attention_figure(table, spelled({"p": "a abaabca"}))
    assert "validation loss" not in curves(figure)
    np.testing.assert_allclose(curves(figure)["evidence on the object"].y, [0.2, np.nan, 0.5])


NAMES = ("ant", "bee", "cat")
GREY = np.full((48, 48, 3), 100, np.uint8)


def looked(first, second, probabilities):
    """Maps of a picture for the predicted and for the true class."""
    p = np.tile(np.array(probabilities, np.float32), (2, 1))
    predicted = p.argmax(axis=1)
    return xai.Heatmaps(
        {"layer": np.array([first, second], np.float32)},
        np.array([predicted[0], 2]),
        xai.Predictions(predicted, p),
        (48, 48),
        "Grad-CAM",
        "logit",
    )


TOP_LEFT, BOTTOM_RIGHT, NOTHING = [[1, 0], [0, 0]], [[0, 0], [0, 1]], [[-1, 0], [0, -2]]
FRAMES = [
    looked(TOP_LEFT, BOTTOM_RIGHT, [0.55, 0.25, 0.2]),
    looked(TOP_LEFT, NOTHING, [0.1, 0.7, 0.2]),
    looked(BOTTOM_RIGHT, TOP_LEFT, [0.0, 0.08, 0.92]),
]


def brightness(source):
    """Mean brightness of a picture's four quarters."""
    head, content = source.split(",")
    assert head == "data:image/jpeg;base64"
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))).astype(float).mean(axis=2)
    return pixels.reshape(2, 24, 2, 24).mean(axis=(1, 3)).ravel()


def test_the_film_of_maps_has_a_frame_an_epoch_with_class_and_probability():
    film = figures.evolution_film(FRAMES, [1, 5, 9], GREY, NAMES, 2)
    assert [frame.name for frame in film.frames] == ["1", "5", "9"]
    said = [[note.text for note in frame.layout.annotations] for frame in film.frames]
    assert said == [
        ["input", "for the prediction<br>ant, 55%", "for the label<br>cat, 20%"],
        ["input", "for the prediction<br>bee, 70%", "for the label<br>cat, 20% – no positive evidence"],
        ["input", "for the prediction<br>cat, 92%", "for the label<br>cat, 92%"],
    ]
    assert [note.text for note in film.layout.annotations] == said[-1]
    places = [(note.x, note.y) for note in film.layout.annotations]
    for frame in film.frames:
        assert [(note.x, note.y) for note in frame.layout.annotations] == places
        assert tuple(frame.traces) == (1, 2)
    (slider,) = film.layout.sliders
    assert slider.active == 2
    assert [list(step.args[0]) for step in slider.steps] == [["1"], ["5"], ["9"]]


def test_the_film_draws_the_predictions_map_then_the_truths():
    film = figures.evolution_film(FRAMES, [1, 5, 9], GREY, NAMES, 2)
    brightest = [[brightness(image.source).argmax() for image in frame.data] for frame in film.frames]
    assert brightest[0] == [0, 3]
    assert brightest[1][0] == 0
    assert brightest[2] == [3, 0]
    np.testing.assert_allclose(brightness(film.data[0].source), 100, atol=2)
    assert np.ptp(brightness(film.frames[1].data[1].source)) < 2
    assert [trace.source for trace in film.data[1:]] == [image.source for image in film.frames[-1].data]


def test_a_film_of_one_epoch_is_a_picture():
    film = figures.evolution_film(FRAMES[:1], [3], GREY, NAMES, 2)
    assert not film.layout.sliders
    assert [trace.type for trace in film.data] == ["image"] * 3


# -------------------------------------------------------------------------------------------------------- two runs


def test_the_comparison_shows_outcomes_in_four_colours():
    comparison = studies.compare_runs(*two())
    trace = heatmap(figures.comparison_figure(comparison))
    assert list(trace.x) == [2, 3]
    assert trace.z.tolist() == [[1, 1], [2, 3], [0, 0], [3, 3]]
    assert trace.text[:, 0].tolist() == [
        "q<br>only one right",
        "p<br>only two right",
        "u<br>both wrong",
        "r<br>both right",
    ]
    assert trace.text[1, 1] == "p<br>both right"
    assert [colour_at(trace, i) for i in range(4)] == OUTCOME_COLOURS


def test_the_comparison_draws_the_pictures_on_which_the_runs_part_most():
    first = draw(18, 4, 90, 3)
    other = draw(19, 4, 90, 3)
    second = TrainingRun("other", first.class_names, first.pictures, first.labels, first.epochs, other.predictions)
    comparison = studies.compare_runs(first, second)
    shown = heatmap(figures.comparison_figure(comparison, limit=30))
    assert shown.z.shape == (30, 4)
    parted = np.isin(comparison.outcome, (1, 2)).sum(axis=0)
    drawn = [int(text.split("<br>")[0]) for text in shown.text[:, 0]]
    assert sorted(parted[drawn]) == sorted(parted)[-30:]
    np.testing.assert_array_equal(shown.z, comparison.outcome[:, drawn].T)
    assert heatmap(figures.comparison_figure(comparison)).z.shape == (90, 4)


# ----------------------------------------------------------------------------------------------------------- files


def numbers(values):
    """How Plotly writes an array into a page."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode().replace("/", "\\u002f")


def test_a_page_has_all_it_needs_inside():
    rows = rows_of(RUN)
    figure = figures.evolution_figure(RUN, rows)
    before = json.loads(figure.to_json())
    page = figures.to_html(figure, "My run")
    assert json.loads(figure.to_json()) == before
    assert page.lstrip().lower().startswith("<!doctype html>")
    library = get_plotlyjs()
    assert library in page
    rest = page.replace(library, "")
    assert not re.search(r"<script[^>]*\bsrc|<link|<iframe|<img|@import", page.replace(library, ""), re.IGNORECASE)
    assert "<script src" not in page
    assert "cdn" not in rest
    assert "http" not in rest
    assert numbers(rows.classes.astype(np.uint8)) in rest
    assert numbers(RUN.accuracy) in rest
    assert "My run" in rest


def test_a_page_of_a_film_has_its_frames_inside():
    rest = figures.to_html(figures.confusion_film(RUN, range(5)), "Film").replace(get_plotlyjs(), "")
    for epoch in RUN.epochs:
        assert numbers(RUN.confusion(epoch).astype(np.int8)) in rest


def test_no_name_breaks_out_of_a_page():
    evil = "</script><script>alert(1)</script>"
    run = spelled({evil: "x x", "q": "< x"}, classes=("x", evil))
    page = figures.to_html(figures.evolution_figure(run, rows_of(run)), evil).replace(get_plotlyjs(), "")
    assert "<script>alert" not in page
    assert "alert(1)" in page


def test_small_pictures_are_enlarged_and_large_ones_left():
    small = np.stack(np.meshgrid(np.arange(32) * 7, np.arange(20) * 11, indexing="xy"), axis=-1)
    small = np.concatenate([small, small[..., :1]], axis=-1).astype(np.uint8)
    for pixels, shape in ((small, (100, 160, 3)), (small.transpose(1, 0, 2), (160, 100, 3))):
        large = figures.enlarged(np.ascontiguousarray(pixels), 100)
        assert (large.shape, large.dtype) == (shape, np.uint8)
    back = np.asarray(Image.fromarray(figures.enlarged(small, 100)).resize((32, 20), Image.Resampling.BOX))
    assert np.abs(back.astype(int) - small).max() <= 3
    for side in (20, 7):
        assert figures.enlarged(small, side) is small
    assert (figures.enlarged(np.full((8, 8, 3), 77, np.uint8), 64) == 77).all()


def test_accent_and_the_logs_columns_are_what_the_figures_rely_on():
    assert re.fullmatch("#[0-9A-F]{6}", ACCENT)
    assert {"train_loss", "train_accuracy", "val_loss", "val_accuracy"} <= set(LOG)
