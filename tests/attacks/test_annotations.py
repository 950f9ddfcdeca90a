"""Annotations that are small as files and large as work."""

import numpy as np
import pytest

import xai_core as xai
from tests.support.limits import bounded
from xai_core.data import outlines
from xai_core.data.outlines import Canvas
from xai_core.errors import PictureError


def test_a_zigzag_takes_little_memory():
    canvas = Canvas(4_000, 4_000)
    zigzag = np.array([(i % 4_000, 4_000 * (i % 2)) for i in range(2_000)], float)
    with bounded(8.0, 120):  # 400 MB before
        canvas.outline(zigzag)
    assert canvas.inside.any()


def test_many_shapes_of_the_whole_picture_end_in_a_sentence():
    canvas = Canvas(5_000, 5_000)

    def draw():
        for _ in range(2_000):
            canvas.box(0, 0, 5_000, 5_000)

    with bounded(2.0, 60), pytest.raises(PictureError, match="beyond the 250,000,000 pixels"):  # 56 s before
        draw()


def test_a_million_tiny_shapes_end_in_a_sentence():
    canvas = Canvas(40, 40)
    triangle = np.array([(1, 1), (5, 1), (5, 5)], float)

    def draw():
        for _ in range(1_000_000):
            canvas.outline(triangle)

    with bounded(4.0, 60), pytest.raises(PictureError, match="than the 20,000 shapes"):  # a minute and a half before
        draw()


def test_outlines_share_one_bound(monkeypatch):
    monkeypatch.setattr(outlines, "MAX_CROSSINGS", 30)
    canvas = Canvas(10, 10)
    square = np.array([(1, 0), (9, 0), (9, 10), (1, 10)], float)
    canvas.outline(square)
    with pytest.raises(PictureError, match="cross 40 rows; at most 30"):
        canvas.outline(square)


def test_thousands_of_small_objects_in_a_large_picture_are_drawn():
    canvas = Canvas(5_000, 5_000)
    with bounded(4.0, 60):  # a minute before
        for place in range(2_000):
            canvas.box(place, place, place + 3, place + 3)
            canvas.outline(np.array([(place, 9), (place + 4, 9), (place + 4, 12)], float))
    assert canvas.inside[1_000, 1_000]
    assert canvas.inside.sum() > 4_000


def yolo(folder, description):
    folder.mkdir(exist_ok=True)
    (folder / "data.yaml").write_text(description)
    return folder


def nested(levels):
    """A list of lists of lists, each ten times the one before: a few hundred letters, and 10 ** levels texts."""
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("names", ["[*a8]", "{0: *a8}", "{x: *a8}", "*a8"])
def test_names_that_hold_themselves_many_times_over_are_refused(tmp_path, names):
    root = yolo(tmp_path, nested(9) + f"names: {names}\ntrain: images\n")
    with bounded(2.0, 60), pytest.raises(xai.DataError, match="'names' is no list of the classes' names"):
        xai.load_dataset(root)  # 20 GB before


def test_a_description_is_no_longer_than_it_is_read_in_time(tmp_path):
    root = yolo(tmp_path, f"names: [cat]\ntrain: images\nx: [{'[],' * 40_000}]\n")
    with bounded(1.0, 60), pytest.raises(xai.DataError, match="has more than 100 kB"):  # 20 s for a megabyte before
        xai.load_dataset(root)


def test_a_folder_that_is_named_many_times_is_looked_at_once(tmp_path, monkeypatch):
    from xai_core.data import yolo as layout

    looked = []
    monkeypatch.setattr(layout, "pictures_below", lambda place: looked.append(place) or {})
    with pytest.raises(xai.DataError, match="no picture with an annotation"):
        xai.load_dataset(yolo(tmp_path, f"names: [cat]\ntrain: [{'.,' * 5_000}]\n"))
    assert len(looked) == 1
