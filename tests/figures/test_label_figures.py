"""Figures of an evaluation of independent labels: the matrix to click on, curves, bars, and the result by itself."""

import re

import numpy as np
import pytest

import xai_core as xai
from tests.support.labels import LABELS, PICTURES, squares_model, write_squares
from xai_core import figures, studies

NAMES = ("red", "green", "blue")


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    root = write_squares(tmp_path_factory.mktemp("labels") / "squares", PICTURES, LABELS)
    return xai.evaluate_labels(squares_model(), xai.load_dataset(str(root)))


def buttons(html):
    """What a click on each button reports -> (its text, its style)."""
    found = re.findall(r'<button data-pick="([^"]+)"[^>]*?(?:style="([^"]*)")?>([^<]*)</button>', html)
    return {pick: (text, style) for pick, style, text in found}


def test_the_matrix_counts_predicted_labels_of_pictures_that_have_a_label(planted):
    html = figures.co_occurrence_html(studies.co_occurrence(planted), NAMES)
    found = buttons(html)
    assert found["cell:0:0"][0] == "3"  # red is found in three of four
    assert found["cell:0:1"][0] == "2"
    assert found["cell:2:1"][0] == "1"  # green is predicted falsely beside blue
    assert "209,73,91" in found["cell:2:1"][1]
    assert [pick for pick, (_, style) in found.items() if "209,73,91" in style] == ["cell:2:1"]
    assert "cell:1:2" not in found  # no blue where green is true
    assert found["true:-1"][0] == "no label"
    assert "green is predicted in 1 of 2 pictures with blue, falsely in 1" in html
    assert html.count(">none<") == 1


def test_the_matrix_of_the_truth_has_no_errors(planted):
    html = figures.co_occurrence_html(studies.co_occurrence(planted), NAMES, together="true")
    found = buttons(html)
    assert {pick: text for pick, (text, _) in found.items() if pick.startswith("cell")} == {
        "cell:0:0": "4",
        "cell:0:1": "2",
        "cell:0:2": "1",
        "cell:1:0": "2",
        "cell:1:1": "3",
        "cell:2:0": "1",
        "cell:2:2": "2",
    }
    assert "209,73,91" not in html
    assert ">none<" not in html


def test_the_matrix_has_shares_of_rows_and_marks_what_is_picked_out(planted):
    shown = studies.co_occurrence(planted)
    html = figures.co_occurrence_html(shown, NAMES, normalised="row", selected=(0, 1))
    assert buttons(html)["cell:0:1"][0] == "50"
    assert re.findall(r'data-pick="([^"]+)" class=on', html) == ["cell:0:1"]
    assert re.findall(
        r'data-pick="([^"]+)" class=on', figures.co_occurrence_html(shown, NAMES, selected=(0, None))
    ) == ["true:0"]


def test_names_are_text_whatever_they_contain(planted):
    names = ("<b>red</b>", "green", "blue")
    html = figures.co_occurrence_html(studies.co_occurrence(planted), names)
    html += figures.label_probabilities_html(planted.probabilities[0], names, planted.thresholds, planted.truth[0])
    assert "<b>red" not in html
    assert "&lt;b&gt;red" in html


def test_bars_say_what_is_true_missed_or_falsely_predicted(planted):
    html = figures.label_probabilities_html(
        np.array([0.2, 0.9, 0.6, 0.1], np.float32),
        ("cat", "dog", "hat", "fox"),
        np.array([0.5, 0.5, 0.7, 0.5], np.float32),
        [1, 0, -1, 0],
    )
    rows = re.findall(r'title="(\w+)">.*?<small>([^<]+)</small>.*?width:([\d.]+)%.*?left:([\d.]+)%', html)
    assert rows == [
        ("dog", "false positive", "90.0", "50.0"),
        ("hat", "not annotated", "60.0", "70.0"),
        ("cat", "missed", "20.0", "50.0"),
        ("fox", "absent", "10.0", "50.0"),
    ]


def test_bars_always_show_true_and_predicted_labels_and_the_one_looked_at():
    p = np.linspace(0.49, 0.1, 10).astype(np.float32)
    truth = [0] * 9 + [1]
    html = figures.label_probabilities_html(
        p, [f"l{i}" for i in range(10)], np.full(10, 0.5), truth, looked_at=7, top=3
    )
    assert re.findall(r'title="(\w+)"', html) == ["l0", "l1", "l2", "l7", "l9"]


def test_the_curve_marks_the_threshold_in_use(planted):
    curve = studies.precision_recall(planted, 0)
    figure = figures.precision_recall_figure(curve, 0.5, 4 / 7)
    line, mark, guess = figure.data
    assert (mark.x[0], mark.y[0]) == (0.75, 1.0)
    assert list(line.x) == list(curve.recall)
    assert guess.y[0] == pytest.approx(4 / 7)
    assert len(figures.precision_recall_figure(curve, 0.999, 4 / 7).data) == 2  # nothing is predicted from there on


def test_an_evaluation_shows_and_draws_itself(planted):
    text = planted._repr_html_()
    assert "19 of 21" in text
    assert "5 of 7 pictures (71%)" in text
    assert "<td>green</td>" in text
    figure = planted.plot()
    assert [one.name for one in figure.data] == ["precision", "recall", "F1", "average precision", "prevalence"]
    assert list(figure.data[0].x) == [1.0, 0.75, 1.0]
    assert figure.to_json() == figures.labels_figure(studies.label_report(planted)).to_json()
    assert len(planted.plot(limit=1).data[0].x) == 1


def test_a_caption_in_the_grid_is_about_the_label_that_is_explained():
    samples = [
        xai.Sample("a", np.zeros((8, 8, 3), np.uint8), "red", name="a", labels=("red", "blue"), annotated=NAMES),
        xai.Sample("b", np.zeros((8, 8, 3), np.uint8), name="b", labels=(), annotated=NAMES[:1]),
    ]
    p = np.array([[0.9, 0.1, 0.2], [0.6, 0.3, 0.7]], np.float32)
    predictions = xai.Predictions(p.argmax(1), p)
    maps = xai.Heatmaps(
        {"late": np.ones((2, 2, 2), np.float32)}, np.array([2, 0]), predictions, (8, 8), "Some", "logit"
    )
    truth = np.array([[1, 0, 1], [0, -1, -1]], np.int8)
    first, second = figures.label_captions(samples, maps, NAMES, truth)
    assert (first.predicted, first.true, first.correct) == ("blue", "red, blue", False)
    assert first.confidence == pytest.approx(0.2)
    assert (second.predicted, second.true, second.correct) == ("red", "none", False)
    unknown = figures.label_captions(samples, maps, NAMES, np.full((2, 3), -1, np.int8))[1]
    assert (unknown.true, unknown.correct) == (None, None)
    layer = xai.Layer("late", "late", (2, 2), 1)
    html = figures.grid_html(samples, maps, [layer], [first, second], figures.Style())
    assert "<div>label</div><div>input</div>" in html
    assert "predicted" not in html
