"""Drawn maps, pixel by pixel."""

import numpy as np
import pytest

from tests.support.maps import as_heatmaps
from xai_core.figures.palettes import MAP_SCALES, SIGNED_SCALE, colourise, lookup_table
from xai_core.figures.tiles import Style, draw_magnitudes, draw_segments, draw_signed, draw_tiles

GREY = np.full((4, 4, 3), 100, np.uint8)


def heatmaps(**maps):
    found = as_heatmaps({name: np.array(values, np.float32) for name, values in maps.items()})
    return type(found)(found.maps, found.targets, found.predictions, (4, 4), found.method, found.unit)


CORNER = [[[0.0, 0.0], [0.0, 2.0]]]


def test_an_overlay_mixes_colour_and_picture_by_the_opacity():
    tile = draw_tiles([GREY], heatmaps(a=CORNER), Style(opacity=0.25, smooth=False))["a"][0]
    low, high = lookup_table("Inferno")[0].astype(float), lookup_table("Inferno")[255].astype(float)
    np.testing.assert_array_equal(tile.pixels[0, 0], np.rint(0.25 * low + 75))
    np.testing.assert_array_equal(tile.pixels[3, 3], np.rint(0.25 * high + 75))
    assert (tile.low, tile.high) == (0, 2)


def test_cells_stay_cells_unless_smoothed():
    cells = draw_tiles([GREY], heatmaps(a=CORNER), Style(smooth=False))["a"][0].pixels
    assert (cells[2:, 2:] == cells[3, 3]).all()
    smooth = draw_tiles([GREY], heatmaps(a=CORNER), Style(smooth=True))["a"][0].pixels
    assert not (smooth[2, 2] == smooth[3, 3]).all()


def test_input_and_opacity_zero_are_the_picture():
    for style in (Style(view="input"), Style(opacity=0)):
        np.testing.assert_array_equal(draw_tiles([GREY], heatmaps(a=CORNER), style)["a"][0].pixels, GREY)


def test_a_raw_map_is_drawn_around_zero():
    signed = [[[-2.0, 0.0], [1.0, 2.0]]]
    tile = draw_tiles([GREY], heatmaps(a=signed), Style(view="raw", smooth=False))["a"][0]
    expected = colourise(np.array([[0, 0.5], [0.75, 1]]), SIGNED_SCALE)
    np.testing.assert_array_equal(tile.pixels[::2, ::2], expected)
    assert (tile.low, tile.high) == (-2, 2)


def test_scales_are_each_maps_own_or_shared():
    weak, strong = [[[0.0, 0.0], [0.0, 1.0]]] * 2, [[[0.0, 0.0], [0.0, 4.0]]] * 2
    weak = [weak[0], [[0.0, 0.0], [0.0, 2.0]]]
    maps = heatmaps(a=weak, b=strong)
    peaks = {
        scale: [tile.high for row in draw_tiles([GREY] * 2, maps, Style(scale=scale)).values() for tile in row]
        for scale in ("map", "layer", "all")
    }
    assert peaks == {"map": [1, 2, 4, 4], "layer": [2, 2, 4, 4], "all": [4, 4, 4, 4]}


def test_a_shared_scale_covers_the_maps_of_other_pages():
    weak, strong = [[0.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 4.0]]
    whole = heatmaps(a=[weak, strong])
    page = whole.take([0])
    assert draw_tiles([GREY], page, Style(scale="all"), among=whole)["a"][0].high == 4
    assert draw_tiles([GREY], page, Style(scale="map"), among=whole)["a"][0].high == 1


@pytest.mark.parametrize("value", [0.0, -1.0, 3.0])
def test_a_flat_map_is_never_drawn_as_evidence(value):
    maps = heatmaps(a=np.full((1, 2, 2), value), b=CORNER)
    for view in ("overlay", "input"):
        tiles = draw_tiles([GREY], maps, Style(view=view))
        assert tiles["a"][0].flat
        assert len(np.unique(tiles["a"][0].pixels)) == 1  # only the greyed picture
        assert not tiles["b"][0].flat


def test_every_colour_scale_has_256_colours_and_two_ends():
    for name in (*MAP_SCALES, SIGNED_SCALE):
        table = lookup_table(name)
        assert table.shape == (256, 3)
        assert (table[0] != table[255]).any()
    np.testing.assert_array_equal(colourise(np.array([-1.0, 2.0]), "Viridis"), lookup_table("Viridis")[[0, 255]])


ORANGE = np.full((6, 6, 3), (200, 100, 50), np.uint8)  # in grey 0.299 R + 0.587 G + 0.114 B = 124.2
GREEN_FULL, RED_FULL = (70, 174, 114), (192, 60, 61)  # three quarters of the colour, a quarter of the grey 124


def test_a_signed_map_is_red_at_its_peak_blue_below_and_the_grey_picture_at_zero():
    tile = draw_signed(ORANGE, np.array([[2, -2, 0]], np.float32), 2, smooth=False)
    # 85% of the ends of the scale, (103, 0, 31) and (5, 48, 97), and 15% of the grey.
    np.testing.assert_array_equal(tile.pixels[0, ::2], [(106, 19, 45), (23, 59, 101), (124, 124, 124)])
    assert (tile.flat, tile.low, tile.high) == (False, -2, 2)


def test_a_signed_map_is_clipped_beyond_its_peak():
    beyond = draw_signed(ORANGE, np.array([[50, -7, 2, -2]], np.float32), 2, smooth=False).pixels
    np.testing.assert_array_equal(beyond[0, [0, 2]], [(106, 19, 45), (23, 59, 101)])
    np.testing.assert_array_equal(beyond[0, [3, 5]], [(106, 19, 45), (23, 59, 101)])


def test_weak_signed_values_let_more_of_the_grey_picture_through():
    stripes = np.repeat(np.array([40, 220], np.uint8), 4)[None, :, None] * np.ones((8, 1, 3), np.uint8)
    contrasts = []
    for value in (0, 0.25, 0.5, 1):
        pixels = draw_signed(stripes, np.full((1, 1), value, np.float32), 1).pixels.astype(int)
        contrasts.append(pixels[0, 7] - pixels[0, 0])
    for value, contrast in zip((0, 0.25, 0.5, 1), contrasts, strict=True):
        np.testing.assert_allclose(contrast, 180 * (1 - 0.85 * value), atol=1)


def test_signed_cells_stay_cells_unless_smoothed():
    values = np.array([[-1, 1]], np.float32)
    cells = draw_signed(ORANGE, values, 1, smooth=False).pixels
    assert (cells[:, :3] == cells[0, 0]).all()
    assert (cells[:, 3:] == cells[0, 5]).all()
    smooth = draw_signed(ORANGE, values, 1).pixels[0]
    np.testing.assert_array_equal(smooth[[0, 5]], cells[0, [0, 5]])
    assert len(np.unique(smooth, axis=0)) > 2


@pytest.mark.parametrize("peak", [0.0, -1.0, float("nan")])
def test_a_scale_without_a_peak_is_marked_and_shows_no_colour(peak):
    tiles = [
        draw_signed(ORANGE, np.zeros((2, 2), np.float32), peak),
        draw_magnitudes(np.zeros((2, 2), np.float32), (6, 6), peak, "Inferno"),
        draw_segments(ORANGE, np.zeros((6, 6), np.int64), np.zeros(1), peak),
    ]
    for tile in tiles:
        assert (tile.flat, tile.low, tile.high) == (True, 0, 0)
        assert tile.pixels.shape == (6, 6, 3)
        assert tile.pixels.dtype == np.uint8
        assert len(np.unique(tile.pixels.reshape(-1, 3), axis=0)) == 1
    for tile in tiles[:2]:
        assert len(np.unique(tile.pixels)) == 1  # grey


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_no_number_marks_the_whole_map(bad):
    raw = np.array([[1, bad], [0, 1]], np.float32)
    for tile in (
        draw_signed(ORANGE, raw, 1),
        draw_signed(ORANGE, raw, 1, smooth=False),
        draw_magnitudes(raw, (6, 6), 1, "Inferno"),
        draw_segments(ORANGE, np.arange(36).reshape(6, 6) % 4, raw.ravel(), 1),
    ):
        assert (tile.flat, tile.low, tile.high) == (True, 0, 0)
        assert len(np.unique(tile.pixels.reshape(-1, 3), axis=0)) == 1


def test_magnitudes_go_from_nothing_to_the_peak_in_opaque_colours():
    table = lookup_table("Viridis")
    tile = draw_magnitudes(np.array([[0, 4, 9, 2]], np.float32), (1, 4), 4, "Viridis")
    np.testing.assert_array_equal(tile.pixels[0], table[[0, 255, 255, 128]])  # 127.5 rounds to even
    assert (tile.flat, tile.low, tile.high) == (False, 0, 4)


def test_a_map_without_magnitude_on_a_scale_of_others_is_dark_and_not_flat():
    tile = draw_magnitudes(np.zeros((2, 2), np.float32), (4, 4), 1, "Inferno")
    assert not tile.flat
    assert (tile.pixels == lookup_table("Inferno")[0]).all()


def test_magnitudes_keep_their_cells_at_sizes_that_are_no_multiple():
    table = lookup_table("Inferno")
    pixels = draw_magnitudes(np.array([[0, 1], [1, 0]], np.float32), (3, 5), 1, "Inferno").pixels
    expected = [[0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [1, 1, 1, 0, 0]]
    np.testing.assert_array_equal(pixels, table[np.array(expected) * 255])


def test_superpixels_are_green_for_red_against_and_grey_without_weight():
    segments = np.repeat(np.arange(3), 2)[None].repeat(6, axis=0)
    tile = draw_segments(ORANGE, segments, np.array([1.0, -1.0, 0.0]), 1)
    np.testing.assert_array_equal(tile.pixels[:, 1::2], [[GREEN_FULL, RED_FULL, (124, 124, 124)]] * 6)
    assert (tile.flat, tile.low, tile.high) == (False, -1, 1)


def test_a_superpixels_weight_is_its_opacity_up_to_the_peak():
    segments = np.repeat(np.arange(3), 2)[None].repeat(6, axis=0)
    pixels = draw_segments(ORANGE, segments, np.array([2.0, 1.0, -40.0]), 2).pixels
    np.testing.assert_array_equal(pixels[0, 1::2], [GREEN_FULL, (97, 149, 119), RED_FULL])


def test_borders_of_superpixels_are_darkened_and_nothing_else():
    segments = np.zeros((6, 6), np.int64)
    segments[2:4, 2:4] = 1
    pixels = draw_segments(ORANGE, segments, np.array([0.0, 1.0]), 1).pixels
    borders = np.zeros((6, 6), dtype=bool)  # the pixels right of a border and below one
    borders[2:4, 2] = borders[2:4, 4] = borders[2, 2:4] = borders[4, 2:4] = True
    plain = np.where((segments == 1)[..., None], np.array(GREEN_FULL), np.array((124, 124, 124)))
    np.testing.assert_array_equal(pixels[borders], plain[borders] // 2)
    np.testing.assert_array_equal(pixels[~borders], plain[~borders])


def test_one_superpixel_has_no_border():
    pixels = draw_segments(ORANGE, np.zeros((6, 6), np.int64), np.array([1.0]), 1).pixels
    assert (pixels == GREEN_FULL).all()


def test_superpixels_smaller_than_the_picture_are_enlarged_to_the_nearest():
    coarse = np.array([[0, 1], [2, 0]])
    fine = coarse.repeat(3, axis=0).repeat(3, axis=1)
    weights = np.array([1.0, -0.5, 0.25])
    found, expected = (draw_segments(ORANGE, one, weights, 1).pixels for one in (coarse, fine))
    np.testing.assert_array_equal(found, expected)
    uneven = draw_segments(ORANGE[:5, :5], coarse, weights, 1).pixels
    np.testing.assert_array_equal(uneven[0, :3], [GREEN_FULL] * 3)  # columns 0 to 2 are the first of two in five
    assert (uneven[0, 3] != GREEN_FULL).any()


def test_drawing_changes_neither_the_picture_nor_the_values():
    view, raw, segments = ORANGE.copy(), np.array([[3, -3]], np.float32), np.zeros((2, 2), np.int64)
    draw_signed(view, raw, 1)
    draw_magnitudes(raw, (6, 6), 1, "Inferno")
    draw_segments(view, segments, raw[0, :1], 1)
    np.testing.assert_array_equal(view, ORANGE)
    np.testing.assert_array_equal(raw, [[3, -3]])
    assert not segments.any()
