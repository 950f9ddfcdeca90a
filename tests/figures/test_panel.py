"""The panel of rival explanations: one scale a method, what stands where, and that names are text."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.support.markup import EVIL, assert_only_text, parsed, picture
from xai_core import figures
from xai_core.figures import Block, Explained, Style, probabilities_html
from xai_core.figures.palettes import CONTRAST, colourise, lookup_table
from xai_core.figures.tiles import Tile, draw_segments, draw_signed, fitted
from xai_core.methods import list_methods

SIDE = 192
VIEW = np.full((SIDE, SIDE, 3), (200, 100, 50), np.uint8)
STYLE = Style(scale="all", smooth=False)
CLASSES = ("cat", "dog")
METHODS = {method.key: method for method in list_methods()}


def draw_block(what, keys, *args, **kwargs):
    return figures.draw_block(what, [METHODS[key] for key in keys], *args, **kwargs)


def panel_html(blocks, notes, *args, **kwargs):
    return figures.panel_html(blocks, {METHODS[key]: note for key, note in notes.items()}, *args, **kwargs)


def panel_png(blocks, notes, heading):
    return figures.panel_png(blocks, {METHODS[key]: note for key, note in notes.items()}, heading)


def lime_picture(what, *args, **kwargs):
    return figures.segments_picture(what, METHODS["lime"], *args, **kwargs)


def explained(view=VIEW, title="This picture", lines=("label cat",), segments=None, **maps):
    """What the methods say; of a method with superpixels, their weights are given and spread over them."""
    arrays = {key: np.array(values, np.float32) for key, values in maps.items()}
    there = {key: np.array(segments) for key in maps if segments is not None and METHODS[key].drawing == "segments"}
    return Explained(title, lines, view, arrays | {k: arrays[k][:, there[k]] for k in there if k in arrays}, there)


def tiles(key, values, *, style=STYLE, **more):
    """The three tiles of one method."""
    return draw_block(explained(**{key: values}, **more), [key], CLASSES, style).tiles[key]


def at(tile, row, column, cells=2):
    """The middle pixel of a cell."""
    step = SIDE // cells
    return tuple(int(value) for value in tile.pixels[row * step + step // 2, column * step + step // 2])


# ---------------------------------------------------------------- one scale a method


# Grad-CAM, signed saliency and LIME: the second map speaks against, so the difference is larger than either map.
@pytest.mark.parametrize("key", ["grad_cam", "saliency_signed", "lime"])
def test_a_difference_larger_than_either_map_is_on_their_scale_and_not_clipped(key):
    first, second = [[1, 1], [0.5, 1]], [[-1, 0], [0.5, 1]]  # differences 2, 1, 0, 0
    if METHODS[key].drawing == "segments":
        drawn = tiles(key, [np.ravel(first), np.ravel(second)], segments=[[0, 1], [2, 3]])
    else:
        drawn = tiles(key, [first, second])
    assert not any(tile.flat for tile in drawn)
    assert [tile.high for tile in drawn] == [2, 2, 2]
    difference = draw_signed(VIEW, np.array([[2, 1], [0, 0]], np.float32), 2, smooth=False).pixels
    np.testing.assert_allclose(drawn[2].pixels, difference, atol=1)
    assert at(drawn[2], 0, 0) != at(drawn[2], 0, 1)


@pytest.mark.parametrize(("key", "clipped"), [("saliency", 0.4), ("saliency_signed", 1.5)])
def test_a_few_pixels_do_not_hide_the_others(key, clipped):
    values = np.ones((100, 100), np.float32)
    values.flat[: round(clipped * 100)] = 50  # percent of 10,000 pixels
    assert [tile.high for tile in tiles(key, [values, values])[:2]] == [1, 1]
    values.flat[: 2 * round(clipped * 100)] = 50  # more than a few
    assert [tile.high for tile in tiles(key, [values, values])[:2]] == [50, 50]


def test_evidence_is_drawn_on_the_scale_of_the_difference():
    drawn = tiles("grad_cam", [[[1, 1], [0.5, 0]], [[-1, 0], [0.5, 1]]], style=Style(scale="all", smooth=False))
    table = lookup_table("Inferno").astype(float)
    for tile, values in zip(drawn, ([1, 1, 0.5, 0], [-1, 0, 0.5, 1]), strict=False):
        assert (tile.low, tile.high) == (0, 2)
        for cell, value in enumerate(values):  # half of the scale is its colour 127.5, which rounds to even
            colour = table[round(max(value, 0) / 2 * 255)]
            assert at(tile, *divmod(cell, 2)) == tuple(np.rint(0.6 * colour + 0.4 * VIEW[0, 0]).astype(int))


@pytest.mark.parametrize("scale", ["all", "layer", "map"])
def test_equal_evidence_looks_equal_for_both_classes_whatever_the_style(scale):
    first, second, _ = tiles("grad_cam", [[[4, 3], [2, 1]], [[3, 4], [0, 2]]], style=Style(scale=scale, smooth=False))
    assert at(first, 0, 0) == at(second, 0, 1)
    assert at(first, 0, 1) == at(second, 0, 0)
    assert at(first, 1, 0) == at(second, 1, 1)
    assert (first.low, first.high) == (second.low, second.high)


def test_equal_magnitudes_look_equal_for_both_classes():
    weak, strong = np.full((20, 20), 1.0), np.full((20, 20), 4.0)
    strong[:10] = 1
    first, second, difference = tiles("saliency", [weak, strong])
    assert (first.pixels == second.pixels[0, 0]).all()
    assert (first.pixels[0, 0] != second.pixels[-1, -1]).any()
    assert [tile.high for tile in (first, second, difference)] == [4, 4, 4]
    np.testing.assert_array_equal(second.pixels[[0, -1], 0], colourise(np.array([0.25, 1]), "Inferno"))
    expected = draw_signed(VIEW, (weak - strong).astype(np.float32), 4, smooth=False).pixels
    np.testing.assert_array_equal(difference.pixels, expected)


def test_equal_signed_values_look_equal_in_both_maps_and_their_difference():
    first, second, difference = tiles("saliency_signed", [[[2, -1], [1, 0]], [[1, -2], [-1, 0]]])
    assert at(first, 1, 0) == at(second, 0, 0) == at(difference, 0, 0) == at(difference, 0, 1)  # all of them 1
    assert at(first, 0, 1) == at(second, 1, 0)
    assert at(first, 0, 0) == at(difference, 1, 0)  # both of them 2
    assert at(first, 1, 1) == at(second, 1, 1) == at(difference, 1, 1) == (124, 124, 124)


def test_equal_weights_look_equal_for_both_classes():
    segments = [[0, 1], [2, 3]]
    weights = [[0.4, -0.2, 0.1, 0], [-0.2, 0.1, 0.4, 0]]
    first, second, difference = tiles("lime", weights, segments=segments)
    assert at(first, 0, 0) == at(second, 1, 0)
    assert at(first, 0, 1) == at(second, 0, 0)
    assert at(first, 1, 0) == at(second, 0, 1)
    assert at(first, 1, 1) == at(second, 1, 1) == (124, 124, 124)
    assert [tile.high for tile in (first, second, difference)] == pytest.approx([0.6] * 3)
    assert at(difference, 0, 0) == (106, 19, 45)  # 0.6 is all the red there is
    green, red = at(first, 0, 0), at(first, 0, 1)
    assert green[1] > green[0]
    assert red[0] > red[1]


def test_lone_outliers_do_not_darken_a_saliency_map():
    values = np.ones((2, 100, 100))
    values[0, 0, 0] = 1000
    first, _, _ = tiles("saliency", values)
    assert first.high == 1
    assert (first.pixels[-1, -1] == lookup_table("Inferno")[255]).all()


@pytest.mark.parametrize("key", ["saliency", "saliency_signed"])
def test_a_sparse_map_is_not_said_to_be_without_evidence(key):
    values = np.zeros((2, 64, 64))
    values[0, 10:13, 10:13] = 3  # 9 of 8,192 pixels
    first, _, difference = tiles(key, values)
    assert not first.flat
    assert not difference.flat
    assert first.high > 0


@pytest.mark.parametrize("key", METHODS)
def test_maps_of_zeros_are_marked(key):
    values = np.zeros((2, 4) if METHODS[key].drawing == "segments" else (2, 2, 2))
    drawn = tiles(key, values, segments=[[0, 1], [2, 3]])
    assert [tile.flat for tile in drawn] == [True] * 3


@pytest.mark.parametrize("key", METHODS)
def test_maps_that_are_no_numbers_are_marked(key):
    values = np.ones((2, 4) if METHODS[key].drawing == "segments" else (2, 2, 2))
    values[:, 0] = np.nan
    drawn = tiles(key, values, segments=[[0, 1], [2, 3]])
    assert [tile.flat for tile in drawn] == [True] * 3


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("key", METHODS)
def test_where_one_map_is_no_numbers_it_and_the_difference_are_marked(key, which):
    values = np.tile([1.0, 2, 3, 4], (2, 1))
    values[which] = np.nan
    drawn = tiles(
        key, values if METHODS[key].drawing == "segments" else values.reshape(2, 2, 2), segments=[[0, 1], [2, 3]]
    )
    assert drawn[which].flat
    assert drawn[2].flat


def test_negative_evidence_is_none_but_counts_in_the_difference():
    first, second, difference = tiles("grad_cam", [[[-1, -2], [-3, -4]], [[1, 0], [0, 0]]])
    assert (first.flat, second.flat, difference.flat) == (True, False, False)
    assert second.high == 4
    assert at(difference, 1, 1) == (23, 59, 101)  # -4 is all the blue there is


def test_the_same_class_twice_has_a_difference_of_plain_grey():
    for key in ("grad_cam", "saliency", "saliency_signed"):
        drawn = tiles(key, [[[1, 2], [3, 4]]] * 2)
        np.testing.assert_array_equal(drawn[0].pixels, drawn[1].pixels)
        assert not drawn[2].flat
        assert (drawn[2].pixels == 124).all()


# ---------------------------------------------------------------- a picture's columns


def test_the_difference_is_drawn_only_where_it_is_asked_for():
    what = explained(grad_cam=[[[1, 2], [3, 4]]] * 2)
    with_it = draw_block(what, ["grad_cam", "lime"], CLASSES, STYLE)
    without = draw_block(what, ["grad_cam", "lime"], CLASSES, STYLE, difference=False)
    assert with_it.heads == ("for cat", "for dog", "cat − dog")
    assert without.heads == ("for cat", "for dog")
    assert [len(row) for row in with_it.tiles.values()] == [3, 3]
    assert [len(row) for row in without.tiles.values()] == [2, 2]
    for one, other in zip(without.tiles["grad_cam"], with_it.tiles["grad_cam"], strict=False):
        np.testing.assert_array_equal(one.pixels, other.pixels)  # the scale is the same with and without


def test_a_method_that_did_not_run_has_no_tiles_and_one_that_is_off_no_row():
    what = explained(grad_cam=np.ones((2, 2, 2)), saliency=[[[1, 2], [3, 4]]] * 2)
    block = draw_block(what, ["lime", "saliency"], CLASSES, STYLE)
    assert list(block.tiles) == ["lime", "saliency"]
    assert block.tiles["lime"] == (None, None, None)
    assert all(isinstance(tile, Tile) for tile in block.tiles["saliency"])


def test_a_small_picture_is_enlarged_with_all_its_tiles():
    segments = np.zeros((28, 28), np.int64)
    segments[:, 14:] = 1
    what = explained(VIEW[:28, :28], segments=segments, lime=[[1, -1], [0.5, 0]], grad_cam=[[[1, 2], [3, 4]]] * 2)
    block = draw_block(what, ["lime", "grad_cam"], CLASSES, STYLE)
    assert block.view.shape == (SIDE, SIDE, 3)
    assert {tile.pixels.shape for row in block.tiles.values() for tile in row} == {(SIDE, SIDE, 3)}
    halves = np.zeros((SIDE, SIDE), np.int64)
    halves[:, SIDE // 2 :] = 1
    expected = draw_segments(block.view, halves, np.array([1.0, -1.0]), 1)
    np.testing.assert_array_equal(block.tiles["lime"][0].pixels, expected.pixels)


def test_superpixels_are_drawn_from_either_classs_weights():
    first, second, difference = tiles("lime", [[1, 0.5], [-0.5, 0.25]], segments=[[0, 1]] * 2)
    segments = np.array([[0, 1]])
    for tile, weights in ((first, [1, 0.5]), (second, [-0.5, 0.25])):
        expected = draw_segments(VIEW, segments, np.array(weights), 1.5)
        np.testing.assert_array_equal(tile.pixels, expected.pixels)
    spread = draw_signed(VIEW, np.array([[1.5, 0.25]], np.float32), 1.5, smooth=False)
    np.testing.assert_array_equal(difference.pixels, spread.pixels)


# ---------------------------------------------------------------- the panel as HTML


def solid(*colour, flat=False, low=-1.0, high=2.5):
    return Tile(np.full((SIDE, SIDE, 3), colour, np.uint8), flat, low, high)


COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255)]
NOTES = {"grad_cam": "0.12 s", "lime": "starts when asked"}


def two_blocks():
    """Two pictures, three and two columns; tiles in one colour each, LIME not run for the second picture."""
    first = Block(
        "This picture",
        ("label cat", "predicted dog, 61%"),
        np.full((SIDE, SIDE, 3), (250, 120, 10), np.uint8),
        ("for cat", "for dog", "cat − dog"),
        {"grad_cam": tuple(solid(*c) for c in COLOURS[:3]), "lime": tuple(solid(*c) for c in COLOURS[3:])},
    )
    second = Block(
        "correctly classified dog",
        ("dog, 99% sure",),
        np.full((SIDE, SIDE, 3), (10, 120, 250), np.uint8),
        ("for cat", "for dog"),
        {"grad_cam": (solid(130, 0, 60), solid(0, 130, 60)), "lime": (None, None)},
    )
    return [first, second]


def test_every_picture_and_every_map_stands_in_its_row_and_column():
    root = parsed(panel_html(two_blocks(), NOTES, "Inferno"))
    alts = [node.attrs["alt"] for node in root.all("img")]
    assert alts == [
        "This picture, input",
        "correctly classified dog, input",
        "This picture, Grad-CAM for cat: -1 to 2.5",
        "This picture, Grad-CAM for dog: -1 to 2.5",
        "This picture, Grad-CAM cat − dog: -1 to 2.5",
        "correctly classified dog, Grad-CAM for cat: -1 to 2.5",
        "correctly classified dog, Grad-CAM for dog: -1 to 2.5",
        "This picture, LIME for cat: -1 to 2.5",
        "This picture, LIME for dog: -1 to 2.5",
        "This picture, LIME cat − dog: -1 to 2.5",
    ]
    colours = [(250, 120, 10), (10, 120, 250), *COLOURS[:3], (130, 0, 60), (0, 130, 60), *COLOURS[3:]]
    for node, colour in zip(root.all("img"), colours, strict=True):
        pixels = picture(node)
        assert pixels.shape == (SIDE, SIDE, 3)
        assert np.abs(pixels.astype(int) - np.array(colour)).max() <= 3  # a JPEG is not exact


def test_heads_titles_lines_and_notes_are_to_be_read():
    root = parsed(panel_html(two_blocks(), NOTES, "Inferno"))
    heads = [node.text for node in root.all(role="columnheader")]
    assert [head for head in heads if head.startswith(("for ", "cat "))] == [
        "for cat",
        "for dog",
        "cat − dog",
        "for cat",
        "for dog",
    ]
    rows = [node.text for node in root.all(role="rowheader")]
    assert [row for row in rows if "Input" not in row] == ["Grad-CAM 0.12 s", "LIME starts when asked"]
    text = root.text
    words = ("This picture", "correctly classified dog", "label cat", "predicted dog, 61%", "dog, 99% sure", "Input")
    for expected in words:
        assert text.count(expected) == 1


def test_where_the_panel_is_wider_than_its_place_it_says_that_it_goes_on():
    page = panel_html(two_blocks(), NOTES, "Inferno")  # five maps wide: 118 + 5 * 92 pixels at least
    assert "@container (max-width:577px){.xp-on-5{display:block}}" in page
    assert '<p class="xp-on xp-on-5">It goes on to the right: swipe or scroll.</p>' in page
    assert ".xp-on{display:none" in page


def test_nothing_is_red_beside_a_picture_that_is_right():
    style = panel_html(two_blocks(), NOTES, "Inferno").partition("</style>")[0]
    assert CONTRAST.lower() not in style.lower()


def test_a_table_without_the_difference_has_no_column_for_it():
    first, second = two_blocks()
    root = parsed(panel_html([second, second], NOTES, "Inferno"))
    heads = [node.text for node in root.all(role="columnheader")]
    assert [head for head in heads if head.startswith(("for ", "cat "))] == ["for cat", "for dog"] * 2
    assert len(root.all("img")) == 2 + 4
    assert len(parsed(panel_html([first], NOTES, "Inferno")).all("img")) == 1 + 6


def test_a_method_that_did_not_run_says_so_in_each_of_its_places():
    assert parsed(panel_html(two_blocks(), NOTES, "Inferno")).text.count("not run") == 2
    other = panel_html(two_blocks(), NOTES, "Inferno", missing=EVIL)
    assert assert_only_text(other).text.count(EVIL) == 2
    assert "not run" not in parsed(other).text


def test_a_method_that_is_switched_off_is_neither_shown_nor_explained():
    root = parsed(panel_html(two_blocks(), {"lime": "x"}, "Inferno"))
    assert "Grad-CAM" not in root.text
    assert METHODS["lime"].legend in root.text
    assert len(root.all("img")) == 2 + 3
    assert not any("Grad-CAM" in node.attrs["alt"] for node in root.all("img"))
    nothing = parsed(panel_html(two_blocks(), {}, "Inferno"))
    assert [node.attrs["alt"] for node in nothing.all("img")] == [
        "This picture, input",
        "correctly classified dog, input",
    ]


def test_methods_stand_in_the_order_of_the_notes():
    root = parsed(panel_html(two_blocks(), dict(reversed(NOTES.items())), "Inferno"))
    rows = [node.text for node in root.all(role="rowheader")]
    assert [row for row in rows if "Input" not in row] == ["LIME starts when asked", "Grad-CAM 0.12 s"]
    assert "LIME" in root.all("img")[2].attrs["alt"]


@pytest.mark.parametrize("key", METHODS)
def test_what_a_methods_colours_mean_is_said(key):
    block = draw_block(explained(), [key], CLASSES, STYLE)
    assert METHODS[key].legend in parsed(panel_html([block], {key: ""}, "Viridis")).text


def test_a_flat_tile_is_named_as_such_and_others_are_not():
    row = (solid(64, 64, 64, flat=True, low=0, high=0), solid(1, 2, 3, low=0, high=0.12345))
    block = Block("p", (), VIEW, ("for cat", "for dog"), {"grad_cam": row, "saliency": row})
    root = parsed(panel_html([block], {"grad_cam": "", "saliency": ""}, "Inferno"))
    alts = [node.attrs["alt"] for node in root.all("img")][1:]
    assert alts == [
        "p, Grad-CAM for cat: no positive evidence",
        "p, Grad-CAM for dog: 0 to 0.123",
        "p, Saliency for cat: no evidence",
        "p, Saliency for dog: 0 to 0.123",
    ]
    assert [node.attrs["title"] for node in root.all("img")[1:]] == alts
    cells = [node.text for node in root.all(role="cell") if node.all("img")]
    assert [cell for cell in cells if "evidence" in cell] == ["no positive evidence", "no evidence"]


def test_names_on_the_panel_are_text_whatever_they_contain():
    what = explained(title=EVIL, lines=(EVIL, "plain"), grad_cam=[[[1, 2], [3, 4]]] * 2)
    block = draw_block(what, ["grad_cam", "lime"], (EVIL, "dog"), STYLE)
    root = assert_only_text(panel_html([block], {"grad_cam": EVIL, "lime": "y"}, "Inferno"))
    images = root.all("img")
    assert images[0].attrs["alt"] == f"{EVIL}, input"
    assert images[1].attrs["alt"].startswith(f"{EVIL}, Grad-CAM for {EVIL}: ")
    assert images[1].attrs["title"] == images[1].attrs["alt"]
    assert images[3].attrs["alt"].startswith(f"{EVIL}, Grad-CAM {EVIL} − dog: ")
    heads = [node.text for node in root.all(role="columnheader")]
    assert f"for {EVIL}" in heads
    assert f"{EVIL} − dog" in heads
    assert f"Grad-CAM {EVIL}" in [node.text for node in root.all(role="rowheader")]
    assert root.text.count(EVIL) >= 5  # title, line, two heads, note


# ---------------------------------------------------------------- the panel as a PNG


def place(image, colour):
    """(x, y, width, height) of the one place in a colour."""
    ys, xs = np.nonzero((np.asarray(image) == colour).all(axis=-1))
    assert len(xs), f"{colour} is nowhere"
    found = xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1
    assert found[2] * found[3] == len(xs), f"{colour} is not one whole rectangle"
    return tuple(int(value) for value in found)


def changed(first, second):
    """(left, top, right, bottom) of what differs; the right and the bottom are outside."""
    ys, xs = np.nonzero((np.asarray(first) != np.asarray(second)).any(axis=-1))
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def test_the_png_holds_every_tile_in_its_row_and_column():
    image = panel_png(two_blocks(), NOTES, "Net: cat against dog")
    rows = [[*COLOURS[:3], (130, 0, 60), (0, 130, 60)], COLOURS[3:]]
    places = [[place(image, colour) for colour in row] for row in rows]
    assert {found[2:] for row in places for found in row} == {(SIDE, SIDE)}
    xs = [[found[0] for found in row] for row in places]
    assert xs[0][:3] == xs[1]  # a column is a column
    assert min(np.diff(xs[0])) > SIDE
    assert xs[0][3] - xs[0][2] > xs[0][1] - xs[0][0]  # pictures are set apart
    ys = [{found[1] for found in row} for row in places]
    assert len(ys[0]) == len(ys[1]) == 1
    assert min(ys[1]) - min(ys[0]) > SIDE
    assert max(xs[0]) + SIDE <= image.width
    assert max(ys[1]) + SIDE <= image.height


def test_the_png_holds_the_drawn_pixels_and_the_input_above_them():
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    block = Block("p", (), VIEW, ("a", "b"), {"grad_cam": (solid(255, 0, 0), Tile(noise, False, 0, 1))})
    image = panel_png([block], {"grad_cam": "n"}, "h")
    left, top, _, _ = place(image, (255, 0, 0))
    x, y, width, height = place(image, (200, 100, 50))
    assert (x, width) == (left, height)
    assert y + height < top
    right = np.asarray(image)[top : top + SIDE, left + SIDE :]
    corner = np.argwhere((right[0] == noise[0, 0]).all(axis=-1))
    assert any((right[:, x : x + SIDE] == noise).all() for x in corner[:, 0].tolist() if x + SIDE <= right.shape[1])


def test_larger_and_smaller_tiles_fill_the_same_place():
    row = (
        Tile(np.full((224, 224, 3), (255, 0, 0), np.uint8), False, 0, 1),
        Tile(np.full((28, 28, 3), (0, 255, 0), np.uint8), False, 0, 1),
    )
    image = panel_png([Block("p", (), VIEW, ("a", "b"), {"grad_cam": row})], {"grad_cam": "n"}, "h")
    assert place(image, (255, 0, 0))[1:] == (place(image, (0, 255, 0))[1], SIDE, SIDE)
    assert place(image, (0, 255, 0))[2:] == (SIDE, SIDE)


def test_the_png_grows_by_a_tile_with_each_column_and_each_method():
    first, second = two_blocks()
    full = panel_png([first, second], NOTES, "h")
    step = place(full, COLOURS[1])[0] - place(full, COLOURS[0])[0]
    down = place(full, COLOURS[3])[1] - place(full, COLOURS[0])[1]
    assert step > SIDE
    assert down > SIDE
    one_row = panel_png([first, second], {"grad_cam": ""}, "h")
    no_row = panel_png([first, second], {}, "h")
    assert (full.width, one_row.width) == (no_row.width, no_row.width)
    line = full.height - one_row.height - down  # of the legend, which has one a method
    assert 10 < line < 30
    assert (full.height, one_row.height) == (no_row.height + 2 * (down + line), no_row.height + down + line)
    narrow = Block("", (), VIEW, first.heads[:2], {key: row[:2] for key, row in first.tiles.items()})
    assert panel_png([first], NOTES, "h").width - panel_png([narrow], NOTES, "h").width == step
    apart = full.width - panel_png([first], NOTES, "h").width
    assert apart >= 2 * step
    assert panel_png([first, second, second], NOTES, "h").width == full.width + apart


def test_the_png_says_what_did_not_run_and_what_is_flat():
    def drawn(tile):
        return panel_png([Block("p", (), VIEW, ("a", "b"), {"lime": (tile, solid(0, 0, 255))})], {"lime": "n"}, "h")

    plain = drawn(solid(255, 0, 0))
    x, y, _, _ = place(plain, (255, 0, 0))

    def inside(image):
        return np.asarray(image)[y : y + SIDE, x : x + SIDE]

    for tile, ground in ((None, (255, 255, 255)), (solid(255, 0, 0, flat=True), (255, 0, 0))):
        ink = (inside(drawn(tile)) != ground).any(axis=-1)
        assert 0 < ink.sum() < 0.1 * SIDE**2  # words, and the rest as it was
        assert not ink[:, -1].any()
        assert (np.asarray(drawn(tile))[:, x + SIDE :] == np.asarray(plain)[:, x + SIDE :]).all()


@pytest.mark.parametrize("letter", ["W", "é "])
def test_long_names_are_cut_to_their_room_in_the_png(letter):
    long = letter * 150

    def image(heading="", titles=("", ""), lines=("", ""), heads=("", "", "", "", ""), note=""):
        blocks = [
            Block(titles[0], (lines[0],), VIEW, heads[:3], {"grad_cam": tuple(solid(*c) for c in COLOURS[:3])}),
            Block(titles[1], (lines[1],), VIEW, heads[3:], {"grad_cam": tuple(solid(*c) for c in COLOURS[3:5])}),
        ]
        return panel_png(blocks, {"grad_cam": note}, heading)

    empty = image()
    columns = [place(empty, colour)[0] for colour in COLOURS[:5]]
    top = place(empty, COLOURS[0])[1]
    gap = columns[1] - columns[0] - SIDE

    for index, x in enumerate(columns):
        left, _, right, bottom = changed(empty, image(heads=tuple(long if i == index else "" for i in range(5))))
        assert x - 1 <= left < right <= x + SIDE + 2
        assert right - left > SIDE / 2  # cut, not left out
        assert bottom <= top
    for index, (start, end) in enumerate(((columns[0], columns[2] + SIDE), (columns[3], columns[4] + SIDE))):
        chosen = (long, "") if index == 0 else ("", long)
        for found in (changed(empty, image(titles=chosen)), changed(empty, image(lines=chosen))):
            assert start - 1 <= found[0] < found[2] <= end + gap / 2
            assert found[3] < top
    found = changed(empty, image(heading=long))
    assert found[0] >= 0
    assert empty.width / 2 < found[2] < empty.width
    assert found[3] < top
    found = changed(empty, image(note=long))
    assert found[2] <= columns[0]
    assert top <= found[1] < found[3] <= top + SIDE


def test_line_breaks_in_names_do_not_break_the_png():
    name = "first\nsecond"  # a file's name may hold one
    block = Block(name, (name,), VIEW, (name, "b"), {"grad_cam": (solid(255, 0, 0), solid(0, 0, 255))})
    image = panel_png([block], {"grad_cam": "n"}, f"Net: {name}")
    assert place(image, (255, 0, 0))[2:] == (SIDE, SIDE)


def test_a_text_is_cut_no_more_than_it_must_be():
    draw, font = ImageDraw.Draw(Image.new("RGB", (8, 8))), ImageFont.load_default(14)
    text = "a name that is rather long"
    whole = draw.textlength(text, font)
    assert fitted(draw, text, font, whole) == text
    cut = fitted(draw, text, font, whole - 1)
    assert cut.endswith("…")
    assert text.startswith(cut[:-1])
    assert draw.textlength(cut, font) <= whole - 1
    assert draw.textlength(text[: len(cut)] + "…", font) > whole - 1
    assert fitted(draw, text, font, 0) == "…"
    assert fitted(draw, "", font, 0) == ""


# ---------------------------------------------------------------- LIME, large


def numbers(what, which=0, numbered=8):
    """Where the numbers stand: bool (S, S)."""
    with_them = np.asarray(lime_picture(what, which, numbered))
    return (with_them != np.asarray(lime_picture(what, which, 0))).any(axis=-1)


NINE = np.arange(9).reshape(3, 3).repeat(64, axis=0).repeat(64, axis=1)
WEIGHTS = [[0.1, -0.9, 0.2, 0.0, 0.8, -0.05, 0.03, -0.7, 0.6], [0, 0, 0, 0, 0, 0, -0.1, 0, 0.2]]


def test_the_large_picture_is_the_tile_on_the_same_scale():
    what = explained(segments=NINE, lime=WEIGHTS)
    image = lime_picture(what, 0, 0)
    assert image.size == (420, 420)
    view = np.full((420, 420, 3), VIEW[0, 0])
    peak = 0.9
    np.testing.assert_array_equal(np.asarray(image), draw_segments(view, NINE, np.float32(WEIGHTS[0]), peak).pixels)
    second = np.asarray(lime_picture(what, 1, 0))
    np.testing.assert_array_equal(second, draw_segments(view, NINE, np.float32(WEIGHTS[1]), peak).pixels)
    assert lime_picture(what, 0, 0, side=250).size == (250, 250)


@pytest.mark.parametrize(
    ("which", "numbered", "chosen"), [(0, 4, {1, 4, 7, 8}), (1, 2, {6, 8}), (0, 20, set(range(9)))]
)
def test_the_weightiest_superpixels_are_numbered_in_their_middle(which, numbered, chosen):
    ink = numbers(explained(segments=NINE, lime=WEIGHTS), which, numbered)
    for index in range(9):
        row, column = divmod(index, 3)
        ys, xs = np.nonzero(ink[row * 140 : (row + 1) * 140, column * 140 : (column + 1) * 140])
        assert bool(len(ys)) == (index in chosen)
        if len(ys):
            assert abs((ys.min() + ys.max()) / 2 - 70) < 6
            assert abs((xs.min() + xs.max()) / 2 - 70) < 6


def test_eight_are_numbered_unless_told_otherwise():
    what = explained(segments=NINE, lime=WEIGHTS)
    np.testing.assert_array_equal(np.asarray(lime_picture(what, 0)), np.asarray(lime_picture(what, 0, 8)))
    assert numbers(what, 0, 8).sum() < numbers(what, 0, 9).sum()


def test_the_number_is_the_superpixels_own():
    """The same place with another number looks different, and with the same number the same."""
    halves = np.zeros((SIDE, SIDE), np.int64)
    halves[:, SIDE // 2 :] = 1
    zero = numbers(explained(segments=halves, lime=[[1, 0]] * 2), 0, 1)
    one = numbers(explained(segments=1 - halves, lime=[[0, 1]] * 2), 0, 1)
    assert zero.any()
    assert one.any()
    assert not zero[:, 220:].any()
    assert not one[:, 220:].any()
    assert (zero != one).any()
    both = numbers(explained(segments=halves, lime=[[1, 0.5]] * 2), 0, 2)
    np.testing.assert_array_equal(both[:, :200], zero[:, :200])
    assert both[:, 220:].any()


def test_a_single_superpixel_is_numbered_in_the_middle():
    ink = numbers(explained(segments=np.zeros((SIDE, SIDE), np.int64), lime=[[0.3], [0.1]]))
    ys, xs = np.nonzero(ink)
    assert abs((ys.min() + ys.max()) / 2 - 210) < 6
    assert abs((xs.min() + xs.max()) / 2 - 210) < 6


def test_a_ring_has_its_number_on_the_ring():
    distance = np.hypot(*(np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2))
    segments = np.digitize(distance, [40, 70])  # 0 inside, 1 the ring, 2 around it; all have the same middle
    ink = numbers(explained(segments=segments, lime=[[0.1, 0.9, 0.1]] * 2), 0, 1)
    ys, xs = np.nonzero(ink)
    middle = (ys.min() + ys.max()) / 2, (xs.min() + xs.max()) / 2
    radius = np.hypot(middle[0] - 209.5, middle[1] - 209.5) * SIDE / 420
    assert 36 < radius < 74


@pytest.mark.parametrize("weights", [[[0.0, 0.0]] * 2, [[np.nan, np.nan]] * 2])
def test_superpixels_without_weights_are_shown_without_colour(weights):
    halves = np.zeros((SIDE, SIDE), np.int64)
    halves[:, SIDE // 2 :] = 1
    pixels = np.asarray(lime_picture(explained(segments=halves, lime=weights), 0, 0))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) == 1


# ---------------------------------------------------------------- probabilities


NAMES = [f"class {index}" for index in range(8)]


def bars(html):
    """(text, width in per cent) of each row, from the top."""
    root = parsed(html)
    widths = [re.search(r"width:\s*([\d.]+)%", node.attrs.get("style") or "") for node in root.all("i")]
    rows = [re.sub(r" ?([\d.]+%|–)$", "", text) for text in texts(root)]
    return list(zip(rows, [float(width[1]) for width in widths if width], strict=True))


def texts(root):
    """The text of each row: what holds one bar and nothing larger that does."""
    holding = [node for node in root.all() if len(node.all("i")) == 1]
    return [node.text for node in holding if node.text]


def test_the_likeliest_five_classes_come_first():
    p = np.array([0.05, 0.3, 0.02, 0.2, 0.01, 0.25, 0.07, 0.1], np.float32)
    found = bars(probabilities_html(p, NAMES, {}))
    assert [name for name, _ in found] == ["class 1", "class 5", "class 3", "class 7", "class 6"]
    assert [width for _, width in found] == pytest.approx([30, 25, 20, 10, 7], abs=0.06)
    assert [name for name, _ in bars(probabilities_html(p, NAMES, {}, top=2))] == ["class 1", "class 5"]


def test_equal_probabilities_stay_in_the_classes_order():
    found = bars(probabilities_html(np.full(8, 0.125, np.float32), NAMES, {}))
    assert [name for name, _ in found] == NAMES[:5]


def test_marked_classes_are_marked_and_appended_where_they_are_not_among_the_first():
    p = np.array([0.05, 0.3, 0.02, 0.2, 0.01, 0.25, 0.07, 0.1], np.float32)
    html = probabilities_html(p, NAMES, {1: "predicted", 4: "label"})
    assert [name for name, _ in bars(html)] == [
        "class 1 predicted",
        "class 5",
        "class 3",
        "class 7",
        "class 6",
        "class 4 label",
    ]
    assert bars(html)[-1][1] == pytest.approx(1, abs=0.06)
    both = bars(probabilities_html(p, NAMES, {1: "predicted and label"}))
    assert both[0][0] == "class 1 predicted and label"
    assert len(both) == 5


def test_fewer_than_five_classes_are_all_shown_once():
    found = bars(probabilities_html(np.array([0.25, 0.75], np.float32), NAMES, {0: "label", 1: "predicted"}))
    assert found == [("class 1 predicted", 75), ("class 0 label", 25)]


def test_per_cents_are_said_and_tiny_ones_not_as_zero():
    p = np.array([0.9987, 0.0012, 0.0001, 0, 1], np.float32)
    rows = texts(parsed(probabilities_html(p, NAMES, {})))
    assert [row.split("class ")[1][2:] for row in rows] == ["100.0%", "99.9%", "0.1%", "< 0.1%", "< 0.1%"]
    almost = texts(parsed(probabilities_html(np.array([0.9999, 0.0001], np.float32), NAMES, {})))
    assert "100.0%" not in "".join(almost)  # what is nearly certain is not called certain


def test_probabilities_that_are_no_numbers_are_dashes_without_a_bar():
    p = np.array([0.1, np.nan, 0.4, np.nan, np.nan], np.float32)
    html = probabilities_html(p, NAMES, {3: "predicted"}, top=3)
    assert [width for _, width in bars(html)] == pytest.approx([40, 10, 0, 0], abs=0.06)
    rows = texts(parsed(html))
    assert rows == ["class 2 40.0%", "class 0 10.0%", "class 1 –", "class 3 predicted –"]
    every = probabilities_html(np.full(5, np.nan, np.float32), NAMES, {})
    assert [width for _, width in bars(every)] == [0] * 5
    assert "nan" not in parsed(every).text.lower()


def test_class_names_and_marks_are_text_whatever_they_contain():
    html = probabilities_html(np.array([0.75, 0.25], np.float32), [EVIL, "dog"], {0: EVIL})
    root = assert_only_text(html)
    assert root.text.count(EVIL) == 2
    assert EVIL in [node.attrs.get("title") for node in root.all()]
    assert [width for _, width in bars(html)] == [75, 25]


def test_a_long_name_is_whole_in_its_title():
    long = "a very long name " * 30
    root = parsed(probabilities_html(np.array([1.0], np.float32), [long], {}))
    assert long in [node.attrs.get("title") for node in root.all()]


def test_only_a_prediction_that_is_not_the_label_is_red():
    p = np.array([0.75, 0.25], np.float32)
    wrong, right, unknown = (
        probabilities_html(p, ["cat", "dog"], marks)
        for marks in ({0: "predicted", 1: "label"}, {0: "predicted and label"}, {0: "predicted"})
    )
    assert ["#D1495B" in one for one in (wrong, right, unknown)] == [True, False, False]


def test_rows_of_another_chart_on_the_page_do_not_divide_these():
    bars = probabilities_html(np.array([0.75, 0.25], np.float32), ["cat", "dog"], {})
    assert ".pb-row{display:grid;grid-template-columns:" in bars
    votes = figures.votes_html(["a", "b"], [1, 2], 0)
    assert ".pb-row.vt-row{grid-template-columns:" in votes  # two classes outweigh one, whatever comes later
