"""Drawn maps, pixel by pixel."""

import numpy as np
import pytest

from tests.studies.test_layer_focus import as_heatmaps
from xai_core.figures.palettes import MAP_SCALES, SIGNED_SCALE, colourise, lookup_table
from xai_core.figures.tiles import Style, draw_tiles

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
