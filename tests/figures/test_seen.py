"""What of a picture, and of the object in it, a network sees."""

import numpy as np
import pytest

from xai_core import figures
from xai_core.types import Preprocessing
from xai_core.types.seen import seen_whole

CROP = Preprocessing(224, 224)


def test_of_a_portrait_only_the_middle_is_seen():
    part = figures.seen_part(seen_whole(np.zeros((1600, 400, 3), np.uint8), CROP))
    assert part.share == pytest.approx(0.25)
    assert part.box == pytest.approx((0, 0.375, 1, 0.625))
    assert np.isnan(part.object_seen)


@pytest.mark.parametrize(("top", "bottom", "seen"), [(0, 600, 0), (600, 1000, 1), (500, 700, 0.5), (0, 1600, 0.25)])
def test_how_much_of_the_object_is_seen(top, bottom, seen):
    mask = np.zeros((1600, 400), np.uint8)
    mask[:100] = 255  # what is ignored is not the object
    mask[top:bottom, 100:200] = 1
    part = figures.seen_part(seen_whole(np.zeros((1600, 400, 3), np.uint8), CROP, mask))
    assert part.object_seen == pytest.approx(seen)
    said = figures.seen_html(part, "tall <b>.png")
    assert "The model sees the 25% in the frame." in said
    assert (f"{1 - seen:.0%} of the object's mask lies outside it." in said) == (seen < 1)


def test_several_pictures_are_named():
    part = figures.seen_part(seen_whole(np.zeros((64, 128, 3), np.uint8), CROP))
    said = figures.all_seen_html([("a <b>.png", part), ("c.png", part)])
    assert said.count("<figure>") == 2
    assert "a &lt;b&gt;.png. The model sees the 50% in the frame." in said


def test_where_all_is_seen_there_is_nothing_to_draw():
    square = np.zeros((50, 50, 3), np.uint8)
    assert seen_whole(square, CROP) is None
    assert seen_whole(np.zeros((50, 90, 3), np.uint8), Preprocessing(224, 224, fit="stretch")) is None
