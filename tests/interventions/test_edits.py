"""Edits pixel by pixel, worked out by hand, and their texts."""

from dataclasses import replace

import numpy as np
import pytest

import xai_core as xai
from xai_core.interventions.edits import region_mask
from xai_core.interventions.hiding import filling, patch_order

SIDE = 10
MASK = np.zeros((SIDE, SIDE), np.uint8)
MASK[2:4, 3:6] = 1


def sample(mask=MASK, side=(SIDE, SIDE)):
    pixels = np.random.default_rng(0).integers(30, 220, (*side, 3), dtype=np.uint8)
    return xai.Sample("id", pixels, mask=mask, name="one")


def edited(*texts, one=None, others=None):
    return xai.apply_edits(one or sample(), [xai.Edit.parse(text) for text in texts], others)


def test_a_box_is_filled_and_nothing_else():
    one, box = sample(), np.zeros((SIDE, SIDE), bool)
    box[1:4, 2:5] = True  # top 100 to 400, left 200 to 500, in thousandths of ten pixels
    for what, value in (("grey", 127), ("black", 0), ("white", 255)):
        found = edited(f"{what}:box.200.100.500.400")
        assert (found.pixels[box] == value).all()
        assert (found.pixels[~box] == one.pixels[~box]).all()
        outside = edited(f"{what}:-box.200.100.500.400")
        assert (outside.pixels[~box] == value).all()
        assert (outside.pixels[box] == one.pixels[box]).all()


def test_blur_is_that_of_the_picture_and_a_fill_from_around_knows_nothing_of_the_inside():
    one, box = sample(), slice(0, 5)
    found = edited("blur:box.0.0.500.1000")
    assert (found.pixels[:, box] == filling(one.pixels, "blur")[:, box]).all()
    other = one.pixels.copy()
    other[:, box] = 255 - other[:, box]
    around = [edited("around:box.0.0.500.1000", one=replace(one, pixels=p)).pixels for p in (one.pixels, other)]
    assert (around[0] == around[1]).all()


def test_of_a_picture_that_is_painted_away_grey_is_left():
    assert (edited("around:box.0.0.1000.1000").pixels == 127).all()


def test_a_stroke_is_as_wide_as_it_says():
    drawn = region_mask(xai.Region("stroke", (100, 0, 500, 1000, 500)), (SIDE, SIDE))
    assert drawn.sum(axis=1).tolist() == [0, 0, 0, 0, 10, 0, 0, 0, 0, 0]  # one pixel wide, all across
    dot = region_mask(xai.Region("stroke", (300, 500, 500)), (11, 11))
    assert [np.flatnonzero(dot.any(axis=axis)).tolist() for axis in (0, 1)] == [[4, 5, 6], [4, 5, 6]]


def test_another_picture_is_pasted_and_scaled():
    other = xai.Sample("b", np.full((5, 7, 3), 9, np.uint8), name="b:c")
    found = edited("paste:box.0.0.1000.500:b:c", others={"b:c": other})
    assert (found.pixels[:5] == 9).all()
    assert (found.pixels[5:] == sample().pixels[5:]).all()
    with pytest.raises(ValueError, match="to paste from is not among"):
        edited("paste:object:b")


def test_the_object_moves_with_its_mask_and_leaves_its_surroundings():
    one = sample()
    found = edited("move::200.300.100")  # two pixels to the right, three down
    assert (found.mask == np.roll(MASK, (3, 2), axis=(0, 1))).all()
    assert (found.pixels[5:7, 5:8] == one.pixels[2:4, 3:6]).all()
    hole = edited("around:object")
    assert (found.pixels[found.mask == 0] == hole.pixels[found.mask == 0]).all()
    large = edited("move::0.0.200")
    rows, columns = (large.mask.any(axis=axis).sum() for axis in (1, 0))
    assert (rows, columns, large.mask.sum()) == (4, 6, 24)  # two by three, twice as large, about the same middle
    off = np.argwhere(large.mask).mean(axis=0) - np.argwhere(MASK).mean(axis=0)
    assert abs(off).max() <= 0.5  # six columns cannot lie evenly about the middle of three


def test_an_object_that_has_left_is_no_object():
    gone = edited("move::1000.0.100")
    assert gone.mask is None
    assert (gone.pixels == edited("around:object").pixels).all()
    with pytest.raises(ValueError, match="no object to be"):
        edited("move::1000.0.100", "around:object")
    with pytest.raises(ValueError, match="has no mask"):
        edited("grey:object", one=sample(mask=None))


def test_brightness_noise_and_rotation_of_the_whole():
    one = sample()
    up = edited("brightness::20").pixels.astype(int)
    assert (up == np.minimum(one.pixels.astype(int) + 51, 255)).all()
    assert (edited("brightness::-100").pixels == 0).all()
    noisy = edited("noise::10", one=replace(one, pixels=np.full((200, 200, 3), 128, np.uint8), mask=None))
    again = edited("noise::10", one=replace(one, pixels=np.full((200, 200, 3), 128, np.uint8), mask=None))
    assert noisy.id == again.id
    assert abs(noisy.pixels.astype(float).std() - 25.5) < 0.3
    turned = edited("rotate::180")
    assert (turned.pixels == one.pixels[::-1, ::-1]).all()
    assert (turned.mask == MASK[::-1, ::-1]).all()
    square = replace(one, pixels=np.full((20, 20, 3), 200, np.uint8), mask=None)
    assert (edited("rotate::30", one=square).pixels >= 199).all()  # corners take the colour of what is there


def test_nothing_done_is_the_picture_and_order_matters():
    one = sample()
    assert xai.apply_edits(one, []) is one
    a, b = edited("black:box.0.0.500.500", "brightness::20"), edited("brightness::20", "black:box.0.0.500.500")
    assert a.pixels[0, 0].tolist() == [51] * 3
    assert b.pixels[0, 0].tolist() == [0] * 3
    assert a.id != b.id
    constant = replace(one, pixels=np.full((5, 30, 3), 80, np.uint8), mask=None)
    assert (edited("blur:box.0.0.500.1000", "around:box.100.0.200.900", one=constant).pixels == 80).all()


@pytest.mark.parametrize("size", [(64, 64), (28, 28), (30, 52)])
def test_the_hottest_cells_are_those_that_deletion_hides_first(size):
    raw = np.random.default_rng(1).normal(size=(7, 7)).astype(np.float32)
    region = xai.hottest(raw, size)
    assert region.numbers[0] == 14
    assert len(region.numbers) - 1 == 20  # a tenth of 196
    if size[0] == size[1]:
        assert region.numbers[1:] == tuple(sorted(patch_order(raw, size[0])[:20].tolist()))
    kept = xai.hottest(raw, size, outside=True)
    assert (region_mask(region, size) == ~region_mask(kept, size)).all()


@pytest.mark.parametrize("raw", [np.zeros((7, 7)), np.full((7, 7), 3.0), np.full((7, 7), np.nan)])
def test_a_flat_map_has_no_hottest_cell(raw):
    with pytest.raises(ValueError, match="no place is stronger"):
        xai.hottest(raw, (64, 64))


@pytest.mark.parametrize(
    "text",
    [
        "blur:box.1.2.3.4",
        "around:-object",
        "black:stroke.40.1.2.30.40",
        "grey:-cells.14.0.195",
        "paste:object:a: b.c",
        "move::-20.30.150",
        "rotate::-15",
        "noise::0",
    ],
)
def test_texts_come_back(text):
    assert xai.Edit.parse(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "blur",
        "blur:box.1.2.3",
        "blur:box.3.2.1.4",
        "blur:box.0.0.1001.4",
        "blur:circle.1",
        "blur:object:3",
        "paste:object",
        "grey:cells.14.196",
        "grey:cells.0.0",
        "black:stroke.0.1.1",
        "black:stroke.4.1",
        "move::1.2",
        "move::1.2.0",
        "rotate:object:3",
        "noise::101",
        "noise::x",
        "noise::9999999999",
        "blur:stroke" + ".1" * 1003,
        "burn:object",
    ],
)
def test_what_is_no_edit_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        xai.Edit.parse(text)
