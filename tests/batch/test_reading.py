"""Reading ahead while an accelerator computes: the same pictures, faults where they are asked for, and it overlaps."""

import itertools
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.workers import waited
from xai_core.batch import reading
from xai_core.batch.computing import compute_part
from xai_core.batch.kept_pictures import pictures_kept
from xai_core.batch.study import Stage
from xai_core.errors import DataError, PictureError
from xai_core.types import Preprocessing, content_id

READ_S = 0.02
PARTS = [range(at, at + 4) for at in range(0, 24, 4)]


class Slow:
    """An item that takes a while to read; some cannot be."""

    def __init__(self, place):
        self.place, self.name, self.read_by = place, f"picture {place}", []

    def read(self):
        time.sleep(READ_S)
        self.read_by.append(self.place)
        if self.place == 9:
            raise PictureError("picture 9 is damaged.")
        pixels = np.full((8, 8, 3), self.place, np.uint8)
        return xai.Sample(content_id(pixels), pixels, name=self.name)


class Items:
    """A data set of them."""

    def __init__(self):
        self.items = [Slow(place) for place in range(24)]


@pytest.fixture
def model():
    class On:
        device = SimpleNamespace(type="an accelerator")
        preprocessing = SimpleNamespace(prepare=lambda sample: sample)

    return On()


def read_all(data, model, parts=PARTS):
    return [reading.read_some(data, model, part) for part in parts]


def said(found):
    return [([int(sample.pixels[0, 0, 0]) for sample in one.samples], one.places, one.problems) for one in found]


@pytest.mark.parametrize("parts", [PARTS, PARTS[::2], PARTS[::-1], [PARTS[2], PARTS[0], PARTS[5]], [[3], [17], [4]]])
def test_what_is_read_ahead_is_what_is_read_in_turn(model, parts):
    ahead = read_all(Items(), model, parts)
    model.device.type = "cpu"
    assert said(ahead) == said(read_all(Items(), model, parts))
    assert [problem for one in ahead for problem in one.problems] == [
        ("picture 9", "picture 9 is damaged.") for part in parts if 9 in part
    ]


@pytest.mark.parametrize("parts", [PARTS, PARTS[::2]])  # all of them, and those of one of two workers
def test_the_next_part_is_read_before_it_is_asked_for(model, parts):
    data = Items()
    read_all(data, model, parts[:1])
    for part, following in itertools.pairwise(parts[1:]):
        read_all(data, model, [part])
        wanted = [data.items[place].read_by for place in following]
        assert waited(lambda wanted=wanted: all(wanted) or None)


def test_each_picture_is_read_once_and_another_data_set_begins_anew(model):
    data = Items()
    read_all(data, model)
    assert [item.read_by for item in data.items] == [[place] for place in range(24)]
    other = Items()
    assert said(read_all(other, model, PARTS[:1]))[0][0] == [0, 1, 2, 3]


def test_a_processor_reads_what_is_asked_for_alone(model):
    model.device.type = "cpu"
    data = Items()
    reading.read_some(data, model, PARTS[0])
    time.sleep(2 * READ_S)
    assert [bool(item.read_by) for item in data.items] == [place in PARTS[0] for place in range(24)]


@pytest.fixture
def folder(tmp_path):
    """Two classes of two pictures each."""
    for label in "01":
        (tmp_path / label).mkdir()
        for at in range(2):
            shade = np.full((40, 40, 3), 40 * at + 100 * int(label), np.uint8)
            Image.fromarray(shade).save(tmp_path / label / f"{at}.png")
    return tmp_path


def counted(data):
    """The data set, and the names of what was read of it."""
    read = []

    def count(item):
        return replace(item, read=lambda: (read.append(item.name), item.read())[1])

    return replace(data, items=tuple(map(count, data.items))), read


def seen_by(side, mean=0.5):
    preprocessing = Preprocessing(resize=side, crop=side, mean=(mean,) * 3, std=(0.5,) * 3)
    return SimpleNamespace(device=SimpleNamespace(type="cpu"), preprocessing=preprocessing)


def same_pictures(one, other):
    return all(
        a.id == b.id and a.label == b.label and a.name == b.name and np.array_equal(a.pixels, b.pixels)
        for a, b in zip(one.samples, other.samples, strict=True)
    )


def test_studies_of_a_grid_read_a_picture_once_for_all_networks_that_see_the_same_of_it(folder):
    data, read = counted(xai.load_dataset(str(folder)))
    alone = reading.read_some(data, seen_by(32), range(4))
    read.clear()
    with pictures_kept():
        first = reading.read_some(data, seen_by(32), range(4))
        assert len(read) == 4
        again = reading.read_some(data, seen_by(32, mean=0.4), range(4))
        assert len(read) == 4
        assert all(sample.view_of.mean == (0.4,) * 3 for sample in again.samples)
        assert reading.read_again(data, seen_by(32), 2, first.samples[2].id).id == first.samples[2].id
        assert len(read) == 4
        assert same_pictures(alone, first)
        assert same_pictures(alone, again)
        smaller = reading.read_some(data, seen_by(24), range(4))
        assert len(read) == 8
        assert smaller.samples[0].pixels.shape == (24, 24, 3)
    reading.read_some(data, seen_by(32), range(4))
    assert len(read) == 12  # nothing is kept beyond the grid


def test_a_picture_that_has_changed_is_not_the_kept_one(folder):
    data, _ = counted(xai.load_dataset(str(folder)))
    with pictures_kept():
        first = reading.read_some(data, seen_by(32), range(4))
        Image.fromarray(np.full((40, 40, 3), 255, np.uint8)).save(folder / "1" / "1.png")
        assert reading.read_some(data, seen_by(32), [3]).samples[0].pixels.min() == 255
        with pytest.raises(DataError, match="has changed while the study ran"):
            reading.read_again(data, seen_by(32), 3, first.samples[3].id)
        (folder / "0" / "0.png").unlink()
        assert len(reading.read_some(data, seen_by(32), [0]).problems) == 1


def test_what_has_no_room_is_read_again(folder):
    data, read = counted(xai.load_dataset(str(folder)))
    with pictures_kept(most=2 * 32 * 32 * 3):
        for _ in range(3):
            reading.read_some(data, seen_by(32), range(4))
    first, second, *others = [item.name for item in data.items]
    assert sorted(read) == sorted([first, second, *others * 3])


def test_a_parts_seconds_of_reading_are_no_seconds_of_computing(model):
    model.device.type = "cpu"

    def compute(_):
        reading.read_some(Items(), model, range(4))
        time.sleep(5 * READ_S)
        return {}, {}

    began = time.perf_counter()
    made = compute_part(Stage("Looking", 0, [4], compute), 0, SimpleNamespace(write=lambda *_: None), {})
    assert made.read >= 4 * READ_S
    assert made.computed >= 5 * READ_S
    assert made.seconds <= time.perf_counter() - began + 1e-3
