"""Reading ahead while an accelerator computes: the same pictures, faults where they are asked for, and it overlaps."""

import itertools
import time
from types import SimpleNamespace

import numpy as np
import pytest

import xai_core as xai
from tests.support.workers import waited
from xai_core.batch import reading
from xai_core.errors import PictureError
from xai_core.types import content_id

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
