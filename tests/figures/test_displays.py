"""Results show themselves in a notebook, and draw the figure that the pages draw."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import xai_core as xai
from xai_core import figures, stats, studies
from xai_core.errors import PictureError
from xai_core.types import Layer, Sample
from xai_core.types.display import Displayed, Plotted

PROBABILITIES = np.array([[0.1, 0.7, 0.2], [0.5, 0.25, 0.25]], np.float32)
PREDICTIONS = xai.Predictions(np.array([1, 0]), PROBABILITIES)
RISING = np.random.default_rng(0).normal(size=(12, 3)) + np.arange(3)


def maps(n=2, **named):
    rng = np.random.default_rng(1)
    layers = {"early": rng.normal(size=(n, 4, 4)), "late": rng.normal(size=(n, 2, 2))}
    values = {layer: raw.astype(np.float32) for layer, raw in layers.items()}
    predictions = PREDICTIONS.take([0] * n)
    return xai.Heatmaps(values, np.ones(n, np.int64), predictions, (8, 8), "Some method", "logit", **named)


def picture(side=8, name="p"):
    return Sample("0" * 16, np.full((side, side, 3), 90, np.uint8), name=name)


def run(name="a run"):
    return xai.TrainingRun(
        name, ("cat", "dog"), ("p", "q"), np.array([0, 1]), np.array([1, 2]), np.array([[0, 0], [0, 1]])
    )


def same(first, second):
    return first.to_json() == second.to_json()


def test_maps_are_tiles_without_a_picture_on_black_and_with_one_over_it():
    found = maps()
    figure = found.plot()
    assert [title.text for title in figure.layout.annotations] == ["early", "late"]
    black = [np.zeros((8, 8, 3), np.uint8)] * 2
    tiles = figures.draw_tiles(black, found, figures.Style(opacity=1.0))
    expected = [figures.displays.maps.jpeg_uri(figures.enlarged(tiles[name][row].pixels, 160)) for name, row in ORDER]
    assert [image.source for image in figure.data] == expected
    over = found.plot([picture(), picture()])
    assert [title.text for title in over.layout.annotations] == ["input", "early", "late"]
    assert len(over.data) == 6
    assert same(over, figures.maps_figure(found, [picture(), picture()]))


ORDER = [("early", 0), ("early", 1), ("late", 0), ("late", 1)]


def test_a_few_of_many_maps_are_drawn():
    assert len(maps(30).plot().data) == 2 * 4
    assert len(maps(30).plot(limit=1).data) == 2
    assert maps(30)._repr_html_().count("<img") == 2 * 4


def test_maps_say_what_they_are():
    text = maps(settings={"seed": 3})._repr_html_()
    for words in ("Some method maps", "early (4 × 4), late (2 × 2)", "logit", "seed = 3"):
        assert words in text


def test_predictions_are_a_table_and_bars():
    text = PREDICTIONS._repr_html_()
    assert "<td>0.7</td>" in text
    assert "<td>0.5</td>" in text
    (bars,) = PREDICTIONS.plot(["a", "<b>", "c"], top=2).data
    assert list(bars.text) == ["&lt;b&gt;", "c"]
    np.testing.assert_allclose(bars.x, [0.7, 0.2])
    (bars,) = PREDICTIONS.plot(picture=1).data
    assert list(bars.text) == ["class 0", "class 1", "class 2"]


def test_a_test_is_a_row_and_its_effect_with_the_interval():
    result = stats.friedman(RISING)
    text = result._repr_html_()
    for words in ("Friedman", f"Kendall&#x27;s W = {result.effect:.2f}", "95% interval"):
        assert words in text or words.replace("&#x27;", "'") in text
    figure = result.plot()
    assert list(figure.data[0].x) == [result.effect]
    np.testing.assert_allclose(figure.data[0].error_x.array, [result.interval[1] - result.effect])
    np.testing.assert_allclose(figure.data[0].error_x.arrayminus, [result.effect - result.interval[0]])
    assert same(figure, figures.effects_figure([result]))


def test_a_test_that_cannot_be_computed_says_why_and_draws_nothing():
    result = stats.friedman(RISING[:, :2])
    assert result.reason in result._repr_html_()
    assert list(result.plot().data[0].x) == []


def test_paired_tests_draw_both():
    tests = studies.paired_tests(RISING[:, 2], RISING[:, 0])
    assert list(tests.plot().data[0].x) == [tests.t.effect, tests.wilcoxon.effect]
    assert f"{tests.result.name}, chosen before looking at the data" in tests._repr_html_()


def test_the_study_of_layers_draws_the_boxes_of_its_page():
    found = maps(6)
    focus = xai.layer_focus(found, measure="gini")
    layers = [Layer("early", "early", (4, 4), 0), Layer("late", "late", (2, 2), 0)]
    names = focus.table["sample"].tolist()[::2]
    assert same(focus.plot(), figures.focus_boxes(focus, layers, [str(name) for name in names]))
    assert same(focus.plot(layers, list("abcdef"), 2), figures.focus_boxes(focus, layers, list("abcdef"), 2))
    assert "Gini concentration" in focus._repr_html_()


def test_a_card_has_the_verdict_and_all_its_tests():
    tests = stats.friedman(RISING), stats.page_trend(RISING)
    checked = studies.Checked("Pictures <i>", False, "Two & two.")
    card = studies.Hypothesis(
        "Q?",
        "H0: none",
        "H1: some",
        "12 pictures",
        "yes",
        "It does",
        "It does so.",
        tests[0],
        tests[1:],
        assumptions=(checked,),
        caveats=("Few.",),
    )
    text = card._repr_html_()
    for words in (
        "Q?",
        "It does so.",
        "H0: none",
        "Friedman",
        "Page",
        "! <b>Pictures &lt;i&gt;.</b> Two &amp; two.",
        "Few.",
    ):
        assert words in text
    assert same(card.plot(), figures.effects_figure(tests))


def test_trust_is_the_badge_and_the_curve_of_its_page():
    table = pd.DataFrame(
        {
            "step": [0, 1],
            "draw": [0, 0],
            "down_to": ["", "fc"],
            "share": [0.0, 1.0],
            "rank_correlation": [1.0, 0.2],
            "ssim": [1.0, 0.1],
            "flat": [False, False],
        }
    )
    trust = studies.judge([studies.randomisation_check(table)])
    empty = pd.DataFrame()
    heatmap = np.ones((2, 2), np.float32)
    found = xai.MapTrust("m", "", 0, trust, heatmap, table, empty, empty, empty, np.empty(0, np.float32))
    assert found._repr_html_() == figures.trust_html(trust)
    assert same(found.plot(), figures.randomisation_figure(table))


def explanation():
    segments = np.repeat(np.arange(4).reshape(2, 2), 4, 0).repeat(4, 1)
    weights = np.array([[0.5, -0.2, 0.0, 0.1], [0.0, 0.3, 0.0, 0.0]])
    one = np.ones(2)
    return xai.LimeExplanation(
        segments, np.array([1, 0]), weights, weights * 0, 0.9 * one, 0.8 * one, 50, 100, PREDICTIONS, "float32", 1.0
    )


def test_superpixels_are_drawn_for_each_class_over_the_picture():
    figure = explanation().plot(picture())
    assert [title.text for title in figure.layout.annotations] == ["class 1", "class 0"]
    assert same(figure, figures.lime_figure(explanation(), picture()))
    assert figure.data[0].source != explanation().plot().data[0].source
    text = explanation()._repr_html_()
    for words in ("50 of 100", "float32", "<td>0.9</td>", "class 1"):
        assert words in text
    with pytest.raises(PictureError, match=r"is of a picture of 8 x 8 pixels; wide has 16 x 16"):
        explanation().plot(picture(16, "wide"))


def test_a_training_draws_the_evolution_of_its_page():
    found = run()
    measures = found.measures()
    rows = studies.evolution_rows(found, studies.choose_rows(found, measures), measures)
    assert same(found.plot(view="correct"), figures.evolution_figure(found, rows, view="correct"))
    text = run("<script>")._repr_html_()
    assert "&lt;script&gt;" in text
    assert "<script>" not in text
    assert "100.0%" in text


def test_a_model_shows_its_layers_and_input(digits):
    text = digits._repr_html_()
    for layer in digits.select("stages"):
        assert f"<td>{layer.name}</td>" in text
    assert f"centre crop {digits.preprocessing.crop} × {digits.preprocessing.crop} pixels" in text
    assert f"{len(digits.class_names)}: {', '.join(digits.class_names[:8])} and 2 more" in text


def test_a_data_set_shows_its_labels_and_first_pictures():
    digits = xai.load_dataset("textured_digits")[:9]
    text = digits._repr_html_()
    assert text.count("<img") == 6
    assert ">9</td>" in text
    for label in digits.labels[:8]:
        assert label in text


def test_a_method_shows_its_record():
    for method in xai.list_methods():
        text = method._repr_html_()
        assert method.key in text
        for setting in method.settings:
            assert f"<td>{setting.key}</td>" in text


def test_every_type_that_shows_itself_has_someone_who_draws_it():
    def below(kind):
        return {kind} | {one for sub in kind.__subclasses__() for one in below(sub)}

    from xai_core.types import display

    figures.displays.register()
    for kind in below(Displayed) - {Displayed, Plotted}:
        assert kind.__name__ in display._markups, kind
        if issubclass(kind, Plotted):
            assert kind.__name__ in display._drawers, kind


def test_only_the_display_of_types_knows_the_figures_by_name():
    folder = Path(xai.__file__).parent / "types"
    assert [path.name for path in sorted(folder.glob("*.py")) if "xai_core.figures" in path.read_text()] == [
        "display.py"
    ]
