"""Who lends a background to whom, and the textures that serve where nobody does."""

import numpy as np
import pytest

import xai_core as xai
from xai_core.interventions.lenders import partners, siblings, texture

PIXELS = np.zeros((4, 4, 3), np.uint8)


def labelled(*labels):
    return [xai.Sample(f"id{i}", PIXELS, label=label, name=f"picture {i}") for i, label in enumerate(labels)]


@pytest.mark.parametrize("n", [2, 3, 7, 20])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("lend", [partners, siblings])
def test_nobody_lends_to_itself_or_across_its_kind(lend, n, seed):
    for labels in ([None] * n, ["a"] * n, ["a", *["b"] * (n - 1)], [str(i % 3) for i in range(n)], ["a", None] * n):
        found = lend(labelled(*labels), seed)
        assert len(found) == len(labels)
        for place, other in enumerate(found):
            others = [
                label for turn, label in enumerate(labels) if turn != place and None not in (label, labels[place])
            ]
            fits = [(label == labels[place]) == (lend is siblings) for label in others]
            assert (other >= 0) == any(fits)
            if other >= 0:
                assert other != place
                assert (labels[other] == labels[place]) == (lend is siblings)
                assert labels[other] is not None
            else:
                assert other == -1


def test_of_few():
    assert partners([]) == siblings([]) == []
    assert partners(labelled("a")) == siblings(labelled("a")) == [-1]
    assert partners(labelled("a", "b")) == [1, 0]
    assert partners(labelled("a", "a")) == [-1, -1]
    assert siblings(labelled("a", "a")) == [1, 0]
    assert siblings(labelled("a", "b")) == [-1, -1]
    assert siblings(labelled("a", "b", "a")) == [2, -1, 0]


def test_without_labels_the_explained_class_stands_for_them():
    assert siblings(labelled(None, None, None), targets=[3, 4, 3]) == [2, -1, 0]
    assert siblings(labelled(None, None, None), targets=[3, -1, -1]) == [-1, -1, -1]
    assert siblings(labelled("a", None, "a"), targets=[3, 3, 4]) == [2, -1, 0]  # a label is more than a class


@pytest.mark.parametrize("lend", [partners, siblings])
def test_nobody_lends_within_a_group(lend):
    pictures = [
        xai.Sample(f"{i}", PIXELS, label=str(i % 2), group=None if i > 20 else f"film {i // 6}") for i in range(24)
    ]
    for seed in range(4):
        for place, other in enumerate(lend(pictures, seed)):
            one, two = pictures[place], pictures[other]
            assert other >= 0
            assert one.group is None or one.group != two.group
            assert (one.label == two.label) == (lend is siblings)
    film = [xai.Sample(f"{i}", PIXELS, label=str(i % 2), group="one film") for i in range(6)]
    assert lend(film) == [-1] * 6


@pytest.mark.parametrize("lend", [partners, siblings])
def test_the_order_is_seeded(lend):
    many = labelled(*[str(i % 3) for i in range(24)])
    assert lend(many) == lend(many, 0) == lend(many, seed=0)
    assert len({tuple(lend(many, seed)) for seed in range(5)}) == 5


def test_siblings_lend_once_each():
    found = siblings(labelled(*["a"] * 40))
    assert sorted(found) == list(range(40))


# Textures


def test_a_texture_is_seeded():
    one = texture((64, 48), 3)
    assert (one.shape, one.dtype) == ((64, 48, 3), np.uint8)
    np.testing.assert_array_equal(one, texture((64, 48), 3))
    np.testing.assert_array_equal(texture((64, 48), (3, 7)), texture((64, 48), (3, 7)))
    for other in (4, (3, 7), (3, 8)):
        assert (texture((64, 48), other) != one).mean() > 0.9


@pytest.mark.parametrize("seed", range(5))
def test_a_texture_looks_about_like_photos(seed):
    plane = texture((96, 96), seed).astype(float)
    assert plane.mean() / 255 == pytest.approx(0.45, abs=0.03)  # a few values are cut off
    assert plane.std() / 255 == pytest.approx(0.22, abs=0.03)
    neighbours = np.corrcoef(plane[:, :-1, 0].ravel(), plane[:, 1:, 0].ravel())[0, 1]
    assert neighbours > 0.7  # not white noise
    assert (plane[..., 0] != plane[..., 2]).mean() > 0.9  # not grey


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (3, 2)])
def test_the_smallest_textures(size):
    one = texture(size)
    assert (one.shape, one.dtype) == ((*size, 3), np.uint8)


def test_a_texture_differs_by_picture():
    mask = np.zeros((16, 16), np.uint8)
    mask[5:9, 5:9] = 1
    pixels = np.full((16, 16, 3), 128, np.uint8)
    views = [xai.intervene(xai.Sample(name, pixels, mask=mask), "swapped") for name in ("one", "two")]
    assert (views[0][mask == 0] != views[1][mask == 0]).mean() > 0.8
    again = xai.intervene(xai.Sample("one", pixels, mask=mask), "swapped")
    np.testing.assert_array_equal(views[0], again)
    other_seed = xai.intervene(xai.Sample("one", pixels, mask=mask), "swapped", seed=1)
    assert (views[0][mask == 0] != other_seed[mask == 0]).mean() > 0.8
