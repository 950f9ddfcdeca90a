"""Near copies among pictures: found where they are planted, and in none of the included sets."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from xai_core import studies
from xai_core.studies import near_copies, with_copies
from xai_core.studies.hypothesis import INDEPENDENT
from xai_core.studies.near_copies import NearCopies, copies_among, kin


def brighter(pixels):
    return np.clip(pixels * 1.1, 0, 255).astype(np.uint8)


def cropped(pixels):
    image = Image.fromarray(pixels)
    return np.asarray(image.crop((4, 4, image.width - 4, image.height - 4)).resize(image.size))


def noisy(pixels):
    return np.clip(pixels + np.random.default_rng(0).normal(0, 10, pixels.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def photos():
    return list(xai.load_dataset("photos"))[:6]


@pytest.mark.parametrize("change", [brighter, cropped, noisy])
def test_changed_copies_are_found(photos, change):
    copies = [replace(one, id=f"{one.id}-copy", pixels=change(one.pixels)) for one in photos[:4]]
    found = near_copies(photos + copies)
    assert found == NearCopies(8, 4, 10)


def test_many_copies_of_one_picture_are_one_set(photos):
    assert near_copies([photos[0]] * 5 + photos[1:]) == NearCopies(5, 1, 10)


@pytest.mark.parametrize("key", ["photos", "textured_digits", "textured_digits_shortcut"])
def test_included_pictures_are_no_copies(key):
    found = near_copies(list(xai.load_dataset(key)))
    assert found.pictures == 0
    assert found.sentence == ""


def test_pictures_that_are_known_to_belong_together_are_not_named(photos):
    patient = [replace(photos[0], group="a"), replace(photos[0], group="a")]
    assert near_copies(patient + photos[1:]).pictures == 0
    assert near_copies([*patient, replace(photos[0], group="b")]).pictures == 3
    assert near_copies(photos[:1]).pictures == near_copies([]).pictures == 0


def test_a_card_says_that_its_test_counts_copies_and_takes_care(photos):
    table = xai.evaluate(xai.load_model("digits"), xai.load_dataset("textured_digits")[:40])
    card = replace(studies.confidence_hypothesis(table), tone="yes")
    assert with_copies(card, near_copies(photos)) == card
    found = near_copies([*photos, photos[0]])
    told = with_copies(card, found)
    (said,) = (one for one in told.assumptions if one.name == INDEPENDENT.name)
    assert (told.tone, said.fine, said.sentence) == ("caution", False, found.sentence)
    assert found.sentence.startswith("2 of 7 pictures look nearly the same as another one (1 set of near copies)")


def test_copies_of_many_pictures_are_found_as_one_by_one(monkeypatch):
    """The table of all pairs goes by blocks, and two of one set are compared once: nothing changes by that."""
    rng = np.random.default_rng(0)
    first = rng.integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    small = first[np.concatenate([np.arange(40), rng.integers(0, 12, 60)])]
    order = rng.permutation(100)
    whole = copies_among(small[order], [None] * 100)
    module = sys.modules[copies_among.__module__]  # `studies.near_copies` is the function
    monkeypatch.setattr(module, "_ROWS", 7)
    monkeypatch.setattr(module, "_AT_ONCE", 5)
    assert copies_among(small[order], [None] * 100) == whole
    times = np.unique(small.reshape(100, -1), axis=0, return_counts=True)[1]
    assert whole == NearCopies(int(times[times > 1].sum()), int((times > 1).sum()), 100)


def test_kin_are_copies_with_all_that_their_groups_hold():
    noise = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
    small = noise[[0, 1, 2, 0, 3, 4]]  # the fourth is a copy of the first
    assert kin(small, [None] * 6) == ("near copies 0", None, None, "near copies 0", None, None)
    film = [None, "film", "film", None, "film", "other"]
    assert kin(small, film)[1:3] == ("film", "film")
    joined = kin(noise[[0, 1, 2, 1, 3, 4]], ["film", "film", None, None, None, "other"])
    assert joined[0] == joined[1] == joined[3] is not None
    assert joined[2:3] + joined[4:] == (None, None, "other")
    assert kin(noise[:0], []) == ()


def test_pictures_of_one_scene_are_no_kin_and_frames_of_one_picture_are():
    """A fixed camera: a small object at another place of one photo each time; then each five times with noise."""
    rng = np.random.default_rng(0)
    size = (32, 32)
    scene = np.asarray(Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)).resize(size, Image.BICUBIC))
    different = []
    for _ in range(60):
        one, (top, left) = scene.copy(), rng.integers(2, 26, 2)
        one[top : top + 3, left : left + 3] = rng.integers(0, 256, 3)
        different.append(one)
    assert sum(one is not None for one in kin(np.stack(different), [None] * 60)) <= 6
    noise = rng.integers(-2, 3, (60, 5, *size, 3))
    frames = np.clip(np.stack(different)[:, None] + noise, 0, 255).astype(np.uint8).reshape(300, *size, 3)
    found = kin(frames, [None] * 300)
    assert sum(one is not None for one in found) > 240
    assert len(set(found)) > 40
