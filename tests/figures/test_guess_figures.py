"""The picture to guess on: what can be pressed, what is outlined, and that nothing of the map is in it too early."""

import numpy as np
import pytest

from tests.support.markup import EVIL, assert_only_text, parsed, picture
from xai_core.figures import guess_html

VIEW = np.full((64, 96, 3), (200, 100, 50), np.uint8)
MAP = np.full((64, 96, 3), (20, 40, 220), np.uint8)


def squares(html):
    """The elements of the grid, in their order."""
    (grid,) = [node for node in parsed(html).all("div") if node.attrs.get("class") == "gs-grid"]
    return grid.all("button", "span")


def classes(html, word):
    """Numbers of the squares that carry a class."""
    return [i for i, node in enumerate(squares(html)) if word in (node.attrs.get("class") or "").split()]


def test_every_square_is_a_button_that_says_where_it_is_and_whether_it_is_marked():
    html = guess_html(VIEW, {17, 3})
    nodes = squares(html)
    assert [node.tag for node in nodes] == ["button"] * 49
    assert [node.attrs["data-pick"] for node in nodes] == [f"cell:{i}" for i in range(49)]
    assert nodes[17].attrs["aria-label"] == "row 3, column 4"
    assert nodes[48].attrs["aria-label"] == "row 7, column 7"
    assert [i for i, node in enumerate(nodes) if node.attrs["aria-pressed"] == "true"] == [3, 17]
    assert {node.attrs["aria-pressed"] for node in nodes} == {"true", "false"}
    assert classes(html, "on") == [3, 17]


def test_before_the_map_is_shown_nothing_gives_the_strongest_away():
    assert guess_html(VIEW, {17}, strongest=[1, 2, 3]) == guess_html(VIEW, {17})
    html = guess_html(VIEW, {17})
    assert classes(html, "top") == []
    assert "strongest" not in parsed(html).text
    (image,) = parsed(html).all("img")
    assert np.abs(picture(image).astype(int) - (200, 100, 50)).max() <= 3  # of JPEG


def test_the_map_with_both_outlines_and_their_legend():
    html = guess_html(VIEW, {17, 3}, overlay=MAP, strongest=(17, 24))
    root = parsed(html)
    assert not root.all("button")
    assert "data-pick" not in html
    assert (classes(html, "on"), classes(html, "top")) == ([3, 17], [17, 24])
    (image,) = root.all("img")
    assert np.abs(picture(image).astype(int) - (20, 40, 220)).max() <= 3
    assert image.attrs["alt"] == (
        "The picture with the heatmap over it. Marked: row 1, column 4; row 3, column 4. "
        "Strongest: row 3, column 4; row 4, column 4."
    )
    assert root.text == "your squares the model's strongest"


def test_the_legend_names_only_what_is_there():
    assert parsed(guess_html(VIEW, (), overlay=MAP, strongest=[1])).text == "the model's strongest"
    assert parsed(guess_html(VIEW, [1], overlay=MAP)).text == "your squares"
    html = guess_html(VIEW, (), overlay=MAP)
    assert parsed(html).text == ""
    assert "Marked: none. Strongest: none." in html


@pytest.mark.parametrize("overlay", [None, MAP])
def test_a_name_stays_text(overlay):
    root = assert_only_text(guess_html(VIEW, [1], overlay=overlay, name=EVIL))
    assert (root.all("img")[0].attrs["alt"] or "").startswith(f"Picture {EVIL}")


def test_small_pictures_are_enlarged_and_other_grids_drawn():
    html = guess_html(VIEW[:, :64], [8], grid=3, side=200)
    assert picture(parsed(html).all("img")[0]).shape == (200, 200, 3)
    assert len(squares(html)) == 9
    assert squares(html)[8].attrs["aria-label"] == "row 3, column 3"
    assert 'style="width:200px"' in html
    assert "grid-template:repeat(3,1fr)/repeat(3,1fr)" in html
