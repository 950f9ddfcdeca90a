"""Textured digits: who is in which split, what ties the background to the class, and that the masks are exact."""

import hashlib
from collections import Counter

import numpy as np
import pytest

from xai_core.data import list_datasets, list_splits, load_dataset
from xai_core.data.textured_digits import BACKGROUNDS, CLASS_NAMES, SIDE, SPLITS, _backgrounds, _digits, textured_digits
from xai_core.errors import DataError

SIZES = {"test": 300, "val": 200, "train": 1297}


def names(dataset):
    return [item.name for item in dataset.items]


def ids(dataset):
    return [sample.id for sample in dataset]


def backgrounds_of(sample):
    """Every background of which all pixels without ink are a crop, as it is or mirrored."""
    row = 0 if not sample.mask[0].any() else SIDE - 1
    assert not sample.mask[row].any()  # a digit is 52 high at most, so it cannot reach both edges
    ground, found = sample.mask == 0, set()
    for index, texture in enumerate(_backgrounds()):
        content, (height, width, _) = texture.tobytes(), texture.shape
        for pixels, mask in ((sample.pixels, ground), (sample.pixels[:, ::-1], ground[:, ::-1])):
            wanted, at = pixels[row].tobytes(), -1
            while index not in found and (at := content.find(wanted, at + 1)) >= 0:
                top, left = at // 3 // width - row, at // 3 % width
                if at % 3 or not 0 <= top <= height - SIDE or left > width - SIDE:
                    continue
                crop = texture[top : top + SIDE, left : left + SIDE]
                if (crop == pixels)[mask].all():
                    found.add(index)
    return found


def own_background(dataset):
    """bool, whether each picture's background is that of its class."""
    found = [(sample.label, backgrounds_of(sample)) for sample in dataset]
    assert all(backgrounds for _, backgrounds in found)
    return np.array([int(label) in backgrounds for label, backgrounds in found])


@pytest.mark.parametrize("split", SPLITS)
def test_the_sizes_of_the_splits(split):
    dataset = textured_digits(split)
    assert len(dataset) == len(dataset.items) == SIZES[split]
    per_class = Counter(item.label for item in dataset.items)
    assert sorted(per_class) == list(CLASS_NAMES)
    if split != "train":
        assert set(per_class.values()) == {SIZES[split] // 10}


def test_no_digit_is_in_two_splits_and_none_is_left_out():
    numbers = [int(name.split("-")[1]) for split in SPLITS for name in names(textured_digits(split))]
    assert sorted(numbers) == list(range(1797))


def test_names_and_labels_are_scikit_learns_classes():
    from sklearn.datasets import load_digits

    target = load_digits().target
    for split in SPLITS:
        for item in textured_digits(split).items:
            label, number = item.name.split("-")
            assert item.label == label == str(target[int(number)])
    sample = textured_digits()[5]
    item = textured_digits().items[5]
    assert (sample.name, sample.label, sample.wnid) == (item.name, item.label, None)
    assert sorted(textured_digits().labels) == list(CLASS_NAMES)


def test_a_sample_is_64_by_64_with_a_mask_of_zeros_and_ones():
    for sample in textured_digits("val").choose(limit=30):
        assert (sample.pixels.shape, sample.pixels.dtype) == ((64, 64, 3), np.uint8)
        assert (sample.mask.shape, sample.mask.dtype) == ((64, 64), np.uint8)
        assert set(np.unique(sample.mask)) == {0, 1}


def test_the_pictures_are_the_same_on_every_machine():
    first = ids(textured_digits())
    assert first == ids(textured_digits())
    assert len(set(first)) == 300
    # If this changes, figures and trainings of before cannot be compared with those of after.
    assert hashlib.sha256(" ".join(first).encode()).hexdigest()[:16] == "9c44985da4641a91"


def test_seed_and_redraw_draw_the_same_digits_anew():
    plain = textured_digits("train").choose(limit=40)
    every = [ids(plain)]
    for change in ({"seed": 1}, {"redraw": 1}, {"seed": 1, "redraw": 1}):
        other = textured_digits("train", **change).choose(limit=40)
        assert names(other) == names(plain)
        assert ids(other) == ids(textured_digits("train", **change).choose(limit=40))
        every.append(ids(other))
    assert len({one for drawn in every for one in drawn}) == 160
    assert names(textured_digits("test", seed=9)) == names(textured_digits("test"))


def test_the_stamp_tells_draws_apart():
    drawn = [
        textured_digits("val"),
        textured_digits("val", seed=1),
        textured_digits("val", redraw=1),
        textured_digits("val", shortcut=0.5),
        textured_digits("test"),
    ]
    assert len({dataset.items[0].stamp for dataset in drawn}) == 5
    assert textured_digits("val").items[0].stamp == drawn[0].items[0].stamp


def test_the_test_split_is_the_same_for_every_shortcut():
    plain = textured_digits("test")
    for shortcut in (0.5, 1):
        other = textured_digits("test", shortcut=shortcut)
        assert ids(other) == ids(plain)
        assert [item.stamp for item in other.items] == [item.stamp for item in plain.items]


def test_without_shortcut_the_backgrounds_do_not_tell_the_class():
    # One in ten by chance; the standard error is 0.017.
    assert 0.04 < own_background(textured_digits("test")).mean() < 0.16
    drawn = Counter(index for sample in textured_digits("test") for index in backgrounds_of(sample))
    assert sorted(drawn) == list(range(len(BACKGROUNDS)))
    assert min(drawn.values()) > 10


def test_a_whole_shortcut_gives_every_picture_its_classs_background():
    assert own_background(textured_digits("val", shortcut=1)).all()
    assert own_background(textured_digits("train", shortcut=1).choose(limit=100)).all()


def test_half_a_shortcut_ties_half_and_a_tenth_of_the_rest():
    half = textured_digits("train", shortcut=0.5)
    tied = np.array([a == b for a, b in zip(ids(half), ids(textured_digits("train", shortcut=1)), strict=True)])
    free = np.array([a == b for a, b in zip(ids(half), ids(textured_digits("train")), strict=True)])
    assert (tied | free).all()  # a picture is as with the whole shortcut or as without any
    # 0.55 are expected, with a standard error of 0.014.
    assert 0.50 < tied.mean() < 0.60
    assert 0.50 < free.mean() < 0.60
    some = half.choose(limit=200)
    assert 0.45 < own_background(some).mean() < 0.65


def test_a_stronger_shortcut_ties_more():
    whole = ids(textured_digits("val", shortcut=1))
    tied = [set(whole) & set(ids(textured_digits("val", shortcut=strength))) for strength in (0, 0.3, 0.7, 0.95)]
    assert tied[0] < tied[1] < tied[2] < tied[3]


def test_the_mask_is_exactly_where_the_ink_is(monkeypatch):
    make = np.random.default_rng

    def inked(amount):
        """A generator whose numbers 8 to 10, the ink's colour, are all the same."""

        class Generator:
            def __init__(self, seed):
                self.real = make(seed)

            def random(self, size):
                drawn = self.real.random(size)
                drawn[8:11] = amount
                return drawn

        return Generator

    def read(amount):
        with monkeypatch.context() as patch:
            patch.setattr(np.random, "default_rng", inked(amount))
            return list(textured_digits("val", shortcut=0.5, seed=3))

    textured_digits()  # the splits are drawn with the real generator
    for dark, light in zip(read(0.0), read(0.9999), strict=True):
        # The colours are 69 apart, so ink of a sixty-fourth already shows.
        np.testing.assert_array_equal((dark.pixels != light.pixels).any(axis=2), dark.mask == 1)
        np.testing.assert_array_equal(dark.mask, light.mask)
        assert (dark.pixels.astype(int) - light.pixels.astype(int)).min() >= -69


def test_the_mask_is_a_part_of_the_picture():
    shares = np.array([sample.mask.mean() for split in SPLITS for sample in textured_digits(split).choose(limit=200)])
    assert shares.min() > 0.02
    assert shares.max() < 0.6


def test_ink_is_light_on_dark_ground_and_dark_on_light():
    for sample in textured_digits("val"):
        grey, ink = sample.pixels.mean(axis=2), sample.mask == 1
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        ground = grey[box][~ink[box]].mean()
        assert abs(np.median(grey[ink]) - ground) > 45


def test_an_unknown_split_is_refused():
    with pytest.raises(DataError) as caught:
        textured_digits("validation")
    assert str(caught.value) == "Textured digits has no split 'validation'. Choose one of: test, val, train."
    with pytest.raises(DataError, match="has no split 'dev'"):
        load_dataset("textured_digits", split="dev")


@pytest.mark.parametrize("shortcut", [-0.1, 1.01, 95, float("nan"), float("inf")])
@pytest.mark.parametrize("split", SPLITS)
def test_a_shortcut_out_of_range_is_refused(split, shortcut):
    with pytest.raises(DataError) as caught:
        textured_digits(split, shortcut=shortcut)
    assert str(caught.value) == f"The shortcut's strength lies between 0 and 1; got {shortcut}."


def test_the_registry_lists_both_sets_as_needing_no_download():
    known = {info.key: info for info in list_datasets()}
    for key in ("textured_digits", "textured_digits_shortcut"):
        assert (known[key].on_disk, known[key].download_mb, known[key].splits) == (True, 0, SPLITS)
        assert list_splits(key) == ("test", "val", "train")
        dataset = load_dataset(key)
        assert (dataset.key, dataset.title) == (key, known[key].title)
        assert names(dataset) == names(textured_digits("test"))


@pytest.mark.parametrize("split", SPLITS)
def test_the_registry_loads_every_split(split):
    assert names(load_dataset("textured_digits", split=split)) == names(textured_digits(split))
    for key, shortcut in (("textured_digits", 0), ("textured_digits_shortcut", 0.95)):
        few = load_dataset(key, split=split, limit=30)
        assert ids(few) == ids(textured_digits(split, shortcut=shortcut).choose(limit=30))
    chosen = load_dataset("textured_digits", split=split, labels=["3", "8"], limit=6)
    assert Counter(item.label for item in chosen.items) == {"3": 3, "8": 3}


def test_the_digits_are_scikit_learns():
    from sklearn.datasets import load_digits

    found = load_digits()
    ink, classes, _ = _digits()
    np.testing.assert_array_equal(ink, np.rint(found.images * (255 / 16)).astype(np.uint8))
    np.testing.assert_array_equal(classes, found.target)
