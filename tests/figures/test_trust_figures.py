"""The figure's lines are the table's, module names and sentences are text, and colour is never the only carrier."""

import numpy as np
import pandas as pd
import pytest

from tests.support.markup import EVIL, assert_only_text, parsed
from xai_core.figures import randomisation_figure, trust_html
from xai_core.studies import Check, Trust


def table(ssim=0.5, layers=("fc", "features.denseblock4.denselayer16.conv2", "conv1")):
    rows = []
    for draw in (0, 1):
        rows.append((0, draw, "", 0.0, 1.0, 1.0 if np.isfinite(ssim) else np.nan, False))
        for step, name in enumerate(layers, start=1):
            ranks = (0.8 - 0.3 * step) if draw else 0.6
            rows.append((step, draw, name, step / 3, ranks, ssim, False))
    return pd.DataFrame(rows, columns=["step", "draw", "down_to", "share", "rank_correlation", "ssim", "flat"])


def lines(figure, name):
    return [trace for trace in figure.data if trace.name.startswith(name)]


def test_the_thick_line_is_the_mean_and_the_thin_ones_are_the_draws():
    figure = randomisation_figure(table().sample(frac=1, random_state=0))
    first, second, mean = lines(figure, "rank correlation")
    np.testing.assert_allclose(first.y, [1, 0.6, 0.6, 0.6])
    np.testing.assert_allclose(second.y, [1, 0.5, 0.2, -0.1])
    np.testing.assert_allclose(mean.y, [1, 0.55, 0.4, 0.25])
    for trace in (first, second, mean):
        np.testing.assert_array_equal(trace.x, [0, 1, 2, 3])
    assert first.line.width < mean.line.width
    assert first.opacity < 0.5
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == [
        "rank correlation",
        "structural similarity",
    ]
    np.testing.assert_allclose(lines(figure, "structural similarity")[-1].y, [1, 0.5, 0.5, 0.5])
    assert lines(figure, "structural similarity")[-1].line.dash != mean.line.dash


def test_steps_are_called_by_the_module_reached_with_long_names_cut():
    figure = randomisation_figure(table())
    assert list(figure.layout.xaxis.tickvals) == [0, 1, 2, 3]
    labels = list(figure.layout.xaxis.ticktext)
    assert [labels[0], labels[1], labels[3]] == ["as trained", "fc", "conv1"]
    assert labels[2] == "…denselayer16.conv2"
    (*_, mean) = lines(figure, "rank correlation")
    assert mean.customdata[2] == "features.denseblock4.denselayer16.conv2<br>67% of the weights random"


def test_a_name_of_one_long_part_is_cut_within():
    figure = randomisation_figure(table(layers=("a.classification_head_of_the_network", "stage.block", "b")))
    assert list(figure.layout.xaxis.ticktext)[1:3] == ["…_head_of_the_network", "stage.block"]


def test_the_axis_reaches_down_to_the_lowest_value():
    assert randomisation_figure(table()).layout.yaxis.range[0] < -0.1
    assert randomisation_figure(table(ssim=-0.7)).layout.yaxis.range[0] < -0.7
    assert randomisation_figure(table()).layout.yaxis.range[1] > 1


def test_what_has_no_values_has_no_line():
    figure = randomisation_figure(table(ssim=np.nan))
    assert not lines(figure, "structural similarity")
    gone = table().assign(rank_correlation=np.nan, ssim=np.nan, flat=True)
    assert not randomisation_figure(gone).data


def test_a_step_that_is_flat_in_one_draw_is_the_mean_of_the_others():
    found = table()
    found.loc[(found["draw"] == 1) & (found["step"] == 3), ["rank_correlation", "ssim"]] = np.nan
    (*_, mean) = lines(randomisation_figure(found), "rank correlation")
    np.testing.assert_allclose(mean.y, [1, 0.55, 0.4, 0.6])


def test_module_names_are_text_whatever_they_contain():
    figure = randomisation_figure(table(layers=("<b>x</b>", "a", "b")))
    assert figure.layout.xaxis.ticktext[1] == "&lt;b&gt;x&lt;/b&gt;"
    assert lines(figure, "rank correlation")[-1].customdata[1].startswith("&lt;b&gt;x&lt;/b&gt;<br>")


# ---------------------------------------------------------------- the badge


def trust(grade, *grades, headline="A headline"):
    return Trust(grade, headline, tuple(Check(f"Check {i}", one, f"Sentence {i}.") for i, one in enumerate(grades)))


def test_the_badge_has_the_headline_and_the_reasons_follow_in_their_order():
    root = parsed(trust_html(trust("care", "holds", "care", "fails", None)))
    (badge,) = [node for node in root.all("div") if node.attrs.get("class") == "badge"]
    assert badge.text == "! A headline"
    assert [node.text for node in root.all("li")] == [
        "✓ Check 0. Sentence 0.",
        "! Check 1. Sentence 1.",
        "✗ Check 2. Sentence 2.",
        "– Check 3. Sentence 3.",
    ]
    assert not parsed(trust_html(trust("care"))).all("ul")


@pytest.mark.parametrize(
    ("grade", "sign", "word"), [("holds", "✓", "holds"), ("care", "!", "care"), ("fails", "✗", "fails")]
)
def test_every_grade_has_a_sign_and_a_word_besides_its_colour(grade, sign, word):
    marks = [node for node in parsed(trust_html(trust(grade, grade))).all("span") if node.attrs.get("class") == "sign"]
    assert len(marks) == 2
    for node in marks:
        assert node.text == sign
        assert node.attrs["aria-label"] == node.attrs["title"] == word


def test_grades_differ_in_colour_and_backgrounds_let_the_theme_through():
    styles = []
    for grade in ("holds", "care", "fails"):
        html = trust_html(trust(grade, grade))
        (badge,) = [node for node in parsed(html).all("div") if node.attrs.get("class") == "badge"]
        styles.append(badge.attrs["style"])
        assert "background:#" not in html
        assert "background:rgb(" not in html
    assert len(set(styles)) == 3


def test_sentences_are_text_whatever_they_contain():
    html = trust_html(Trust("fails", EVIL, (Check(EVIL, "fails", EVIL),)))
    root = assert_only_text(html, bold=True)
    assert root.all("li")[0].text == f"✗ {EVIL}. {EVIL}"
    assert [node.text for node in root.all("b")] == [f"{EVIL}."]
