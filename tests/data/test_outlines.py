"""Outlines, boxes and run lengths as masks, against areas worked out by hand and two other libraries."""

import numpy as np
import pytest
from pycocotools import mask as coco
from skimage.draw import polygon

from xai_core.data.outlines import Canvas, draw_runs, run_lengths
from xai_core.errors import PictureError


def outline(points, height=20, width=30):
    canvas = Canvas(height, width)
    canvas.outline(np.array(points, float))
    return canvas.inside


def box(*sides):
    canvas = Canvas(20, 30)
    canvas.box(*sides)
    return canvas.inside


@pytest.mark.parametrize(
    ("points", "area"),
    [
        ([(0, 0), (10, 0), (10, 10), (0, 10)], 100),
        ([(2, 3), (7, 3), (7, 5), (2, 5)], 10),
        ([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)], 100),  # closed by hand
        ([(0, 0), (0, 10), (10, 10), (10, 0)], 100),  # the other way round
        ([(0, 0), (10, 0), (0, 10)], 45),  # centres with x + y < 9, below the diagonal: 9 + 8 + ... + 1
        ([(-5, -5), (5, -5), (5, 5), (-5, 5)], 25),  # what lies outside is cut off
        ([(25, 15), (99, 15), (99, 99), (25, 99)], 25),
        ([(0.6, 0), (1.4, 0), (1.4, 5), (0.6, 5)], 0),  # no centre in it
        ([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (3, 3), (3, 7), (7, 7), (7, 3), (3, 3)], 84),  # with a hole
        ([(0, 0), (10, 10), (10, 0), (0, 10)], 50),  # a bow tie: 1 + 2 + 3 + 4 + 4 + 3 + 2 + 1 and 2 (1 + ... + 5)
    ],
)
def test_areas_worked_out_by_hand(points, area):
    assert outline(points).sum() == area


def test_two_other_libraries_draw_the_same():
    """skimage's rule is ours; COCO's tools round outlines to a fifth of a pixel, so they differ at the border alone."""
    rng = np.random.default_rng(0)
    for _ in range(100):
        points = rng.random((rng.integers(3, 15), 2)) * [80, 60] - 5
        mask = outline(points, 50, 70)
        expected = np.zeros((50, 70), bool)
        expected[polygon(points[:, 1] - 0.5, points[:, 0] - 0.5, (50, 70))] = True
        assert (mask == expected).all()
        packed = coco.frPyObjects([points.ravel().tolist()], 50, 70)[0]
        theirs = draw_runs(packed["size"], packed["counts"])
        differ = np.argwhere(mask != theirs)[:, ::-1] + 0.5
        assert all(distance(place, points) < 1 for place in differ)


def distance(place, points):
    """From a place to an outline."""
    start, end = points, np.roll(points, -1, 0)
    along = ((place - start) * (end - start)).sum(1) / ((end - start) ** 2).sum(1)
    nearest = start + np.clip(along, 0, 1)[:, None] * (end - start)
    return np.hypot(*(place - nearest).T).min()


def test_run_lengths_are_those_of_cocos_tools():
    rng = np.random.default_rng(1)
    for share in (0, 0.02, 0.5, 0.98, 1):
        for height, width in ((1, 1), (1, 9), (7, 1), (40, 63)):
            mask = rng.random((height, width)) < share
            packed = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
            assert (draw_runs(packed["size"], packed["counts"].decode()) == mask).all()
    large = np.zeros((1, 100_000), bool)  # runs of several letters
    large[0, 70_000:90_000] = True
    packed = coco.encode(np.asfortranarray(large.astype(np.uint8)))
    assert run_lengths(packed["counts"]) == [70_000, 20_000, 10_000]


def test_run_lengths_worked_out_by_hand():
    assert draw_runs([3, 2], [1, 2, 2, 1]).astype(int).tolist() == [[0, 0], [1, 0], [1, 1]]
    assert draw_runs([2, 2], [0, 4]).all()


@pytest.mark.parametrize(
    ("size", "counts", "said"),
    [
        ([2, 2], [1, 2], "has run lengths of 3 pixels in all, but its size is 2 x 2"),
        ([2, 2], [9, -5], "no whole numbers from 0 on"),
        ([2, 2], [2.0, 2], "no whole numbers from 0 on"),
        ([2, 2], "1P", "cut off"),
        ([2, 2], "\x01\x02", "damaged"),
        ([2, 2], "猫", "damaged"),
        ([2, 2], "~" * 99, "damaged"),
        ([2, 2], None, "no whole numbers"),
        ([2], [4], r"where \[height, width\] was expected"),
        ([10**9, 10**9], [10**18], "at most 50 million"),
        ([True, 2], [2], "where"),
    ],
)
def test_damaged_run_lengths_are_refused(size, counts, said):
    with pytest.raises(PictureError, match=said):
        draw_runs(size, counts)


def test_boxes():
    assert box(2, 3, 7, 5).sum() == 10
    assert np.argwhere(box(2, 3, 7, 5)).min(0).tolist() == [3, 2]
    assert box(-3, -3, 2, 2).sum() == 4
    assert box(2.2, 3.2, 2.4, 3.4).sum() == 1  # a narrow one still has a pixel
    for sides in ((5, 5, 5, 9), (-4, 0, 0, 9), (30, 0, 40, 9), (7, 0, 2, 9), (float("nan"), 0, 1, 1)):
        with pytest.raises(PictureError, match="which holds nothing"):
            box(*sides)


def test_outlines_are_bounded():
    with pytest.raises(PictureError, match="2 points"):
        outline([(0, 0), (1, 1)])
    zigzag = np.array([(i, 1e7 * (i % 2)) for i in range(4000)])
    with pytest.raises(PictureError, match="at most 10,000,000 are drawn"):
        outline(zigzag, 7000, 7000)
