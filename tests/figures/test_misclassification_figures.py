"""Figures of an evaluation: what can be clicked, which numbers stand where, and that names are text."""

import re

import numpy as np
import pandas as pd
import pytest

from tests.support.markup import EVIL, Node, assert_only_text, parsed, picture
from xai_core import studies
from xai_core.figures import Card, confusion_html, deletion_figure, gallery_html, hidden_html, reliability_figure
from xai_core.studies.evaluation import ShownConfusion, shown_confusion

NAMES = ["cat", "dog", "owl", "fox"]
# Of ten cats five are right, two are taken for dogs and three for foxes, and so on.
MATRIX = np.array([[5, 2, 0, 3], [0, 7, 0, 0], [3, 0, 6, 1], [2, 0, 4, 2]])


def table(html):
    """The matrix as text, row by row."""
    return [[cell.text for cell in row.all("th", "td")] for row in parsed(html).all("tr")]


def numbers(html, *, rows, columns):
    """The cells of the classes shown, as text."""
    return [line[1 : 1 + columns] for line in table(html)[1 : 1 + rows]]


def picks(html, **attrs):
    return [node.attrs["data-pick"] for node in parsed(html).all("button", **attrs)]


def selected(html):
    """Picks of all that carries the class "on"."""
    nodes = parsed(html).all()
    return [node.attrs.get("data-pick") for node in nodes if "on" in (node.attrs.get("class") or "").split()]


# ---------------------------------------------------------------- the confusion matrix


def test_every_cell_with_pictures_and_every_name_is_a_button():
    html = confusion_html(shown_confusion(MATRIX), NAMES)
    assert picks(html) == [
        "predicted:0",
        "predicted:1",
        "predicted:2",
        "predicted:3",
        "true:0",
        "cell:0:0",
        "cell:0:1",
        "cell:0:3",
        "true:1",
        "cell:1:1",
        "true:2",
        "cell:2:0",
        "cell:2:2",
        "cell:2:3",
        "true:3",
        "cell:3:0",
        "cell:3:2",
        "cell:3:3",
    ]
    root = parsed(html)
    assert len([node for node in root.all() if "data-pick" in node.attrs]) == 18  # nothing else can be clicked
    named = {node.attrs["data-pick"]: node.text for node in root.all("button")}
    for index, name in enumerate(NAMES):
        assert named[f"true:{index}"] == named[f"predicted:{index}"] == name


def test_picks_are_class_numbers_and_not_places_on_the_page():
    shown = shown_confusion(MATRIX, limit=2)
    assert shown.rows.tolist() == [0, 3]
    html = confusion_html(shown, NAMES)
    assert picks(html) == [
        "predicted:0",
        "predicted:3",
        "true:0",
        "cell:0:0",
        "cell:0:3",
        "true:3",
        "cell:3:0",
        "cell:3:3",
    ]
    assert [node.text for node in parsed(html).all("button")][:3] == ["cat", "fox", "cat"]


def test_columns_without_a_row_are_picked_by_their_class_too():
    matrix = np.zeros((4, 4), int)
    matrix[1] = [0, 4, 0, 5]  # dogs only
    html = confusion_html(shown_confusion(matrix), NAMES)
    assert picks(html) == ["predicted:1", "predicted:3", "true:1", "cell:1:1", "cell:1:3"]
    assert numbers(html, rows=1, columns=2) == [["4", "5"]]


def test_counts_stand_in_their_cells_with_the_totals_beside_and_below():
    html = confusion_html(shown_confusion(MATRIX), NAMES)
    lines = table(html)
    assert lines[0][1:] == [*NAMES, "pictures"]
    assert lines[1:] == [
        ["cat", "5", "2", "·", "3", "10"],
        ["dog", "·", "7", "·", "·", "7"],
        ["owl", "3", "·", "6", "1", "10"],
        ["fox", "2", "·", "4", "2", "8"],
        ["predicted", "10", "9", "10", "6"],
    ]


def test_classes_that_are_not_shown_are_counted_among_the_others():
    lines = table(confusion_html(shown_confusion(MATRIX, limit=2), NAMES))
    assert lines[0][1:] == ["cat", "fox", "others", "pictures"]
    assert lines[1:] == [
        ["cat", "5", "3", "2", "10"],
        ["fox", "2", "2", "4", "8"],
        ["others", "3", "1"],
        ["predicted", "10", "6"],
    ]


def test_per_cents_of_a_row_are_of_all_its_pictures_shown_or_not():
    whole = confusion_html(shown_confusion(MATRIX), NAMES, normalised="row")
    assert numbers(whole, rows=4, columns=4) == [
        ["50", "20", "·", "30"],
        ["·", "100", "·", "·"],
        ["30", "·", "60", "10"],
        ["25", "·", "50", "25"],
    ]
    part = confusion_html(shown_confusion(MATRIX, limit=2), NAMES, normalised="row")
    assert numbers(part, rows=2, columns=3) == [["50", "30", "20"], ["25", "25", "50"]]  # the third are others
    assert [line[-1] for line in table(part)[1:3]] == ["10", "8"]  # pictures are counted all the same


def test_per_cents_of_a_column_are_of_all_that_was_so_predicted_shown_or_not():
    whole = confusion_html(shown_confusion(MATRIX), NAMES, normalised="column")
    assert numbers(whole, rows=4, columns=4) == [
        ["50", "22", "·", "50"],
        ["·", "78", "·", "·"],
        ["30", "·", "60", "17"],
        ["20", "·", "40", "33"],
    ]
    lines = table(confusion_html(shown_confusion(MATRIX, limit=2), NAMES, normalised="column"))
    assert [line[1:3] for line in lines[1:]] == [["50", "50"], ["20", "33"], ["30", "17"], ["10", "6"]]
    assert lines[3][0] == "others"


@pytest.mark.parametrize("normalised", ["counts", "row", "column"])
def test_buttons_are_the_same_whatever_the_numbers_say(normalised):
    shown = shown_confusion(MATRIX)
    assert picks(confusion_html(shown, NAMES, normalised=normalised)) == picks(confusion_html(shown, NAMES))


def test_large_counts_have_separators_and_picks_have_none():
    matrix = np.zeros((2000, 2000), int)
    matrix[1234, 1999], matrix[1999, 1999] = 56789, 1000
    names = [f"n{index}" for index in range(2000)]
    html = confusion_html(shown_confusion(matrix), names)
    assert "cell:1234:1999" in picks(html)
    assert table(html)[1:] == [
        ["n1234", "·", "56,789", "56,789"],
        ["n1999", "·", "1,000", "1,000"],
        ["predicted", "0", "57,789"],
    ]


def test_a_cell_says_in_words_what_it_counts():
    titles = {
        node.attrs["data-pick"]: node.attrs["title"]
        for node in parsed(confusion_html(shown_confusion(MATRIX), NAMES)).all("button")
    }
    assert titles["cell:0:3"].startswith("cat predicted as fox: 3 of 10 ")
    assert "of 6" in titles["cell:0:3"]
    assert titles["cell:0:0"].startswith("cat right: 5 of 10 ")
    assert "owl" in titles["true:2"]
    assert "owl" in titles["predicted:2"]
    assert titles["true:2"] != titles["predicted:2"]


def test_right_and_wrong_cells_of_the_same_share_look_different():
    matrix = np.array([[5, 5], [0, 7]])
    styles = {
        node.attrs["data-pick"]: node.attrs.get("style")
        for node in parsed(confusion_html(shown_confusion(matrix), NAMES)).all("button")
    }
    assert styles["cell:0:0"] != styles["cell:0:1"]
    assert styles["cell:0:0"] != styles["cell:1:1"]


@pytest.mark.parametrize(
    ("true", "predicted", "on"),
    [
        ((), (), []),
        ([2], [0], ["cell:2:0"]),
        ([0, 3], [0, 3], ["cell:0:0", "cell:0:3", "cell:3:0", "cell:3:3"]),
        ([2], (), ["true:2"]),
        ((), [2, 0], ["predicted:0", "predicted:2"]),
        ([1], [0], []),  # a cell without pictures is no button
        ([99], (), []),
        (np.array([3]), np.array([2]), ["cell:3:2"]),
    ],
)
def test_what_is_picked_out_is_marked_and_nothing_else(true, predicted, on):
    assert selected(confusion_html(shown_confusion(MATRIX), NAMES, selected=(true, predicted))) == on


def test_class_names_in_the_matrix_are_text_whatever_they_contain():
    names = [EVIL, "b", "c", "d"]
    root = assert_only_text(confusion_html(shown_confusion(MATRIX), names))
    buttons = {node.attrs["data-pick"]: node for node in root.all("button")}
    assert len(buttons) == 18
    assert buttons["true:0"].text == buttons["predicted:0"].text == EVIL
    for pick in ("true:0", "predicted:0", "cell:0:0", "cell:0:1", "cell:2:0"):
        assert EVIL in buttons[pick].attrs["title"]


def test_long_names_are_whole_in_the_text_and_the_title():
    names = ["a very long name of a class " * 20, *NAMES[1:]]
    buttons = {
        node.attrs["data-pick"]: node for node in parsed(confusion_html(shown_confusion(MATRIX), names)).all("button")
    }
    for pick in ("true:0", "predicted:0"):
        assert buttons[pick].text == names[0].strip()
        assert names[0] in buttons[pick].attrs["title"]


def test_a_matrix_without_pictures_has_nothing_to_click():
    html = confusion_html(shown_confusion(np.zeros((4, 4), int)), NAMES)
    assert picks(html) == []
    assert "others" not in parsed(html).text


def test_a_hand_made_part_of_a_matrix_is_shown_as_it_is():
    """Others among the rows alone: the columns' totals hold pictures that no row shows."""
    shown = ShownConfusion(
        rows=np.array([1]),
        columns=np.array([1, 2]),
        counts=np.array([[3, 1]]),
        true_totals=np.array([4]),
        predicted_totals=np.array([3, 5]),
        hidden=1,
    )
    lines = table(confusion_html(shown, NAMES, normalised="column"))
    assert [line[:3] for line in lines[1:]] == [["dog", "100", "20"], ["others", "·", "80"], ["predicted", "3", "5"]]


# ---------------------------------------------------------------- the gallery


def view(*colour, side=32):
    return np.full((side, side, 3), colour, np.uint8)


def card(**changes):
    fields = {
        "pick": "id-1",
        "view": view(200, 100, 50),
        "name": "a.png",
        "predicted": "dog",
        "confidence": 0.871,
        "true": "cat",
        "correct": False,
    }
    return Card(**(fields | changes))


def buttons(*cards, chosen=None) -> list[Node]:
    return parsed(gallery_html(cards, chosen)).all("button")


def test_every_card_is_a_button_that_reports_its_pick():
    cards = [card(pick=f"id-{index}") for index in (7, 3, 5)]
    assert picks(gallery_html(cards)) == ["id-7", "id-3", "id-5"]
    assert len([node for node in parsed(gallery_html(cards)).all() if "data-pick" in node.attrs]) == 3
    assert picks(gallery_html([])) == []


def test_the_selected_card_alone_is_marked():
    cards = [card(pick=f"id-{index}") for index in range(3)]
    assert selected(gallery_html(cards, "id-1")) == ["id-1"]
    assert selected(gallery_html(cards)) == []
    assert selected(gallery_html(cards, "id-9")) == []


def test_a_card_says_what_was_predicted_how_surely_and_what_it_is():
    (found,) = buttons(card())
    assert "dog" in found.text
    assert "87%" in found.text
    assert "is cat" in found.text
    assert found.attrs["title"] == "a.png: predicted dog, 87%, label cat"
    (found,) = buttons(card(true="", correct=None))
    assert "is " not in found.text
    assert found.attrs["title"] == "a.png: predicted dog, 87%"


@pytest.mark.parametrize(("correct", "mark"), [(True, "✓"), (False, "✗"), (None, "")])
def test_right_and_wrong_are_marked_and_unknown_is_not(correct, mark):
    (found,) = buttons(card(correct=correct))
    assert "".join(re.findall("[✓✗]", found.text)) == mark


def test_a_note_is_shown_where_there_is_one():
    assert "margin 12 points" in buttons(card(note="margin 12 points"))[0].text
    assert buttons(card())[0].text == buttons(card(note=""))[0].text


def test_a_confidence_that_is_no_number_is_said_so():
    (found,) = buttons(card(confidence=float("nan"), predicted="fox", correct=None))
    assert "NaN" in found.text
    assert "NaN" in found.attrs["title"]
    assert "nan %" not in found.text.lower()


def test_pictures_are_shown_at_a_size_to_look_at():
    small, large, wide = buttons(
        card(), card(view=view(10, 250, 10, side=224)), card(view=np.full((20, 40, 3), (0, 0, 255), np.uint8))
    )
    for node, shape, colour in (
        (small, (192, 192, 3), (200, 100, 50)),
        (large, (224, 224, 3), (10, 250, 10)),
        (wide, (192, 384, 3), (0, 0, 255)),
    ):
        (image,) = node.all("img")
        pixels = picture(image)
        assert pixels.shape == shape
        assert np.abs(pixels.astype(int) - np.array(colour)).max() <= 3


def test_a_card_without_a_picture_can_be_picked_all_the_same():
    found = buttons(card(view=None), card(pick="id-2"))
    assert [node.attrs["data-pick"] for node in found] == ["id-1", "id-2"]
    assert [len(node.all("img")) for node in found] == [0, 1]
    assert found[0].text == found[1].text


def test_everything_on_a_card_is_text_whatever_it_contains():
    evil = card(pick=EVIL, name=EVIL, predicted=EVIL, true=EVIL, note=EVIL)
    html = gallery_html([evil, card()], EVIL)
    assert_bold_is_ours(html)
    found = parsed(html).all("button")
    assert len(found) == 2
    assert found[0].attrs["data-pick"] == EVIL
    assert selected(html) == [EVIL]
    assert found[0].text.count(EVIL) == 3  # predicted, label, note
    assert found[0].attrs["title"] == f"{EVIL}: predicted {EVIL}, 87%, label {EVIL}"


def assert_bold_is_ours(html):
    root = assert_only_text(html, bold=True)
    assert not [node for node in root.all("b") if node.text == "é"]


# ---------------------------------------------------------------- calibration


BINS = pd.DataFrame(
    {
        "low": [0.2, 0.6, 0.8],
        "high": [0.4, 0.8, 1.0],
        "n": [3, 1200, 40],
        "confidence": [0.31, 0.75, 0.96],
        "accuracy": [0.5, 0.0, 0.9],
    }
)


def bar_of(figure):
    (found,) = [trace for trace in figure.data if trace.type == "bar"]
    return found


def test_bars_are_as_high_as_the_accuracy_over_their_bin():
    bars = bar_of(reliability_figure(BINS))
    np.testing.assert_allclose(bars.y, [0.5, 0, 0.9])
    np.testing.assert_allclose(bars.x, [0.3, 0.7, 0.9])
    left, right = np.array(bars.x) - np.array(bars.width) / 2, np.array(bars.x) + np.array(bars.width) / 2
    assert (left >= BINS["low"]).all()
    assert (right <= BINS["high"]).all()
    assert (np.array(bars.width) > 0.17).all()  # nearly all of a bin of 0.2


def test_a_bar_tells_its_pictures_and_its_mean_confidence():
    bars = bar_of(reliability_figure(BINS))
    np.testing.assert_allclose(np.array(bars.customdata), [[3, 0.31], [1200, 0.75], [40, 0.96]])
    assert "customdata[0]" in bars.hovertemplate
    assert "customdata[1]" in bars.hovertemplate


def test_an_axis_that_ends_at_100_percent_has_room_for_its_last_number():
    """Plotly leaves out a number that would reach beyond the chart: half of "100%" is 14 pixels wide."""
    figure = reliability_figure(BINS)
    assert figure.layout.xaxis.range[1] == 1
    assert figure.layout.margin.r >= 16


def test_bars_can_be_held_against_the_diagonal_and_the_mean_confidence():
    figure = reliability_figure(BINS)
    lines = {trace.mode: trace for trace in figure.data if trace.type == "scatter"}
    assert (list(lines["lines"].x), list(lines["lines"].y)) == ([0, 1], [0, 1])
    np.testing.assert_allclose(lines["markers"].x, BINS["confidence"])
    np.testing.assert_allclose(lines["markers"].y, BINS["accuracy"])
    assert tuple(figure.layout.xaxis.range) == (0, 1)
    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] >= 1  # a bar of 1 is whole


def test_the_studys_bins_are_drawn_each_in_its_place():
    rng = np.random.default_rng(0)
    confidence = np.concatenate([rng.uniform(0.5, 1, 200), [1.0, 0.01]])
    correct = rng.uniform(size=202) < confidence
    answers = pd.DataFrame(
        {"true": 0, "predicted": np.where(correct, 0, 1), "usable": True, "correct": correct, "confidence": confidence}
    )
    bins = studies.calibration(answers)
    bars = bar_of(reliability_figure(bins))
    assert len(bars.x) == len(bins)
    for x, height, (low, high) in zip(bars.x, bars.y, bins[["low", "high"]].to_numpy(), strict=True):
        inside = (confidence > low) & (confidence <= high)
        assert low < x < high
        assert height == pytest.approx(correct[inside].mean())


def test_no_bins_give_a_figure_with_the_diagonal_alone():
    figure = reliability_figure(BINS.iloc[:0])
    assert len(bar_of(figure).x) == 0
    assert [list(trace.x) for trace in figure.data if trace.type == "scatter"] == [[], [0, 1]]


# ---------------------------------------------------------------- deletion


def curves(methods=("Grad-CAM", "LIME"), draws=3):
    """A curve a method from 1 to 0, and random ones."""
    hidden = [0.0, 0.5, 1.0]
    rows = []
    for turn, method in enumerate(methods):
        rows += [(method, 0, share, 4, p) for share, p in zip(hidden, (0.9, 0.2 + 0.1 * turn, 0.1), strict=True)]
    middles = [0.8, 0.5, 0.65]
    for draw in range(draws):
        rows += [("random", draw, share, 4, p) for share, p in zip(hidden, (0.9, middles[draw], 0.1), strict=True)]
    return pd.DataFrame(rows, columns=["method", "draw", "hidden", "target", "p"])


def traces(figure):
    return {trace.name: trace for trace in figure.data if trace.name}


def test_every_method_has_a_line():
    found = traces(deletion_figure(curves(), "dog", 0.2))
    assert list(found) == ["random order", "Grad-CAM", "LIME"]
    for name, middle in (("Grad-CAM", 0.2), ("LIME", 0.3)):
        np.testing.assert_allclose(found[name].x, [0, 0.5, 1])
        np.testing.assert_allclose(found[name].y, [0.9, middle, 0.1])
        assert found[name].mode == "lines"


@pytest.mark.parametrize("count", [1, 4, 5, 9])
def test_every_method_has_a_line_of_its_own_look_however_many_there_are(count):
    methods = tuple(f"method {index}" for index in range(count))
    found = traces(deletion_figure(curves(methods), "dog", 0.2))
    assert [name for name in found if name != "random order"] == list(methods)
    looks = {(found[name].line.color, found[name].line.dash) for name in methods}
    assert len(looks) == count


def test_random_orders_are_a_band_from_the_least_to_the_most_and_their_mean():
    figure = deletion_figure(curves(), "dog", 0.2)
    (band,) = [trace for trace in figure.data if trace.fill == "toself"]
    np.testing.assert_allclose(band.x, [0, 0.5, 1, 1, 0.5, 0])
    np.testing.assert_allclose(band.y, [0.9, 0.8, 0.1, 0.1, 0.5, 0.9])
    assert band.showlegend is False
    mean = traces(figure)["random order"]
    np.testing.assert_allclose(mean.x, [0, 0.5, 1])
    np.testing.assert_allclose(mean.y, [0.9, 0.65, 0.1])


def test_the_order_of_the_random_rows_does_not_matter():
    shuffled = curves().sample(frac=1, random_state=0)
    rows = pd.concat([curves().query("method != 'random'"), shuffled.query("method == 'random'")])
    first, second = (deletion_figure(one, "dog", 0.2) for one in (curves(), rows))
    for one, other in zip(first.data, second.data, strict=True):
        np.testing.assert_allclose(one.x, other.x)
        np.testing.assert_allclose(one.y, other.y)


@pytest.mark.parametrize("share", [0.0, 0.35, 1.0])
def test_the_share_that_is_shown_is_marked(share):
    (line,) = deletion_figure(curves(), "dog", share).layout.shapes
    assert (line.x0, line.x1) == (share, share)


def test_without_random_orders_there_is_neither_band_nor_mean():
    figure = deletion_figure(curves(draws=0), "dog", 0.2)
    assert [trace.name for trace in figure.data] == ["Grad-CAM", "LIME"]
    assert not [trace for trace in figure.data if trace.fill]


def test_random_orders_alone_are_drawn_too():
    figure = deletion_figure(curves(methods=()), "dog", 0.2)
    assert list(traces(figure)) == ["random order"]
    assert len(figure.data) == 2


def test_the_axes_are_whole_and_name_the_class_as_text():
    figure = deletion_figure(curves(), EVIL, 0.2)
    assert tuple(figure.layout.xaxis.range) == (0, 1)
    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] >= 1
    title = figure.layout.yaxis.title.text
    assert "<" not in title
    assert parsed(title).text == f"probability of {EVIL}"


# ---------------------------------------------------------------- pictures with a part hidden


def test_hidden_pictures_stand_with_their_method_and_probabilities():
    html = hidden_html(
        [
            ("Grad-CAM", view(200, 100, 50), [("dog", 0.1234), ("cat", 0.8)]),
            ("random order", view(10, 20, 30, side=224), [("dog", 1.0), ("cat", 0.0)]),
        ]
    )
    figures = parsed(html).all("figure")
    assert [node.text for node in figures] == ["Grad-CAM dog 12.3% cat 80.0%", "random order dog 100.0% cat 0.0%"]
    for node, shape, colour in zip(
        figures, ((160, 160, 3), (224, 224, 3)), ((200, 100, 50), (10, 20, 30)), strict=True
    ):
        (image,) = node.all("img")
        pixels = picture(image)
        assert pixels.shape == shape
        assert np.abs(pixels.astype(int) - np.array(colour)).max() <= 3
    assert [node.attrs["alt"].split(",")[0] for node in parsed(html).all("img")] == ["Grad-CAM", "random order"]
    assert parsed(hidden_html([])).all("figure") == []


def test_names_beside_hidden_pictures_are_text_whatever_they_contain():
    html = hidden_html([(EVIL, view(1, 2, 3), [(EVIL, 0.5)])])
    assert_bold_is_ours(html)
    root = parsed(html)
    assert root.text == f"{EVIL} {EVIL} 50.0%"
    assert root.all("img")[0].attrs["alt"].startswith(EVIL)
