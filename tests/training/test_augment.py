"""What is done to training pictures: each step does what it says, by the seed, and each picture for itself."""

import pytest
import torch

from xai_core.training import AUGMENTATIONS
from xai_core.training.augment import PADDING, augmentation

GREY = torch.tensor([124, 116, 104], dtype=torch.uint8)[:, None, None]


def noise(n=64, side=16, low=0):
    generator = torch.Generator().manual_seed(5)
    return torch.randint(low, 256, (n, 3, side, side), generator=generator, dtype=torch.uint8)


def changed(pictures, *names, side=None, seed=0):
    torch.manual_seed(seed)
    return augmentation(names, side or pictures.shape[-1])(pictures)


def same(a, b):
    """Picture by picture, whether they are equal."""
    return (a == b).flatten(1).all(1)


EVERY = [(name,) for name in AUGMENTATIONS] + [tuple(AUGMENTATIONS)]


@pytest.mark.parametrize("names", EVERY, ids="+".join)
@pytest.mark.parametrize(("before", "side"), [(16, 16), (20, 16)])
def test_size_and_kind(names, before, side):
    pictures = noise(side=before)
    kept = pictures.clone()
    out = changed(pictures, *names, side=side)
    assert (out.shape, out.dtype) == ((64, 3, side, side), torch.uint8)
    assert torch.equal(pictures, kept)


@pytest.mark.parametrize("names", EVERY, ids="+".join)
def test_the_same_seed_gives_the_same_pictures_and_another_seed_others(names):
    pictures = noise()
    first = changed(pictures, *names)
    assert torch.equal(first, changed(pictures, *names))
    assert not torch.equal(first, changed(pictures, *names, seed=1))


@pytest.mark.parametrize("names", EVERY, ids="+".join)
def test_equal_pictures_are_changed_differently(names):
    out = changed(noise(1).expand(64, -1, -1, -1), *names)
    assert len(torch.unique(out.flatten(1), dim=0)) > 1


@pytest.mark.parametrize("names", EVERY, ids="+".join)
def test_randomness_comes_from_torchs_own_generator(names):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    augmentation(names, 16)(noise())
    assert not torch.equal(before, torch.get_rng_state())


def test_without_names_nothing_is_done():
    pictures = noise()
    before = torch.get_rng_state()
    assert augmentation((), 16)(pictures) is pictures
    assert torch.equal(before, torch.get_rng_state())


def test_half_of_the_pictures_are_mirrored():
    pictures = noise(400, 8)
    out = changed(pictures, "flip")
    mirrored = same(out, pictures.flip(-1))
    assert (mirrored | same(out, pictures)).all()
    assert 150 < int(mirrored.sum()) < 250


def test_a_crop_of_a_picture_of_the_side_is_one_of_it_padded():
    pictures = noise(400, 8, low=1)
    out = changed(pictures, "crop")
    padded = torch.nn.functional.pad(pictures, (PADDING,) * 4)
    places = torch.stack(
        [same(out, padded[..., y : y + 8, x : x + 8]) for y in range(2 * PADDING + 1) for x in range(2 * PADDING + 1)]
    )
    assert (places.sum(0) == 1).all()
    assert places.any(1).sum() > 70  # of 81 places


def test_a_crop_of_a_larger_picture_is_a_part_of_it():
    pictures = noise(100, 12, low=1)
    out = changed(pictures, "crop", side=9)
    places = torch.stack([same(out, pictures[..., y : y + 9, x : x + 9]) for y in range(4) for x in range(4)])
    assert (places.sum(0) == 1).all()
    assert places.any(1).all()


def test_a_larger_picture_without_a_crop_is_cut_in_the_middle():
    pictures = noise(50, 12)
    middle = pictures[..., 2:10, 2:10]
    out = changed(pictures, "flip", side=8)
    assert (same(out, middle) | same(out, middle.flip(-1))).all()


def test_coarse_dropout_is_a_grey_rectangle_over_half_of_them():
    pictures = noise(400, 20)
    out = changed(pictures, "dropout")
    touched = ~same(out, pictures)
    assert 150 < int(touched.sum()) < 250
    for before, after in zip(pictures[touched], out[touched], strict=True):
        rows, columns = (before != after).any(0).nonzero().T
        box = (
            slice(None),
            slice(int(rows.min()), int(rows.max()) + 1),
            slice(int(columns.min()), int(columns.max()) + 1),
        )
        assert (after[box] == GREY).all()
        assert 0.01 <= after[box][0].numel() / 400 <= 0.22
        outside = after.clone()
        outside[box] = before[box]
        assert torch.equal(outside, before)


def angle_of(picture):
    """Degrees by which a vertical line through the middle has turned, from where it is bright."""
    y, x = (picture[0] > 200).nonzero().T.double()
    y, x = y - y.mean(), x - x.mean()
    return float(torch.rad2deg(torch.atan((x * y).sum() / (y * y).sum())))


def test_turned_by_up_to_fifteen_degrees_with_grey_corners():
    line = torch.zeros(1, 3, 65, 65, dtype=torch.uint8)
    line[..., 30:35] = 255
    out = changed(line.expand(200, -1, -1, -1), "rotate")
    angles = torch.tensor([angle_of(picture) for picture in out])
    assert angles.abs().max() < 15.5
    assert angles.max() > 12
    assert angles.min() < -12
    steep = out[int(angles.abs().argmax())]
    assert torch.equal(steep[:, 0, 0], GREY[:, 0, 0])
    assert torch.equal(steep[:, 32, 10], torch.zeros(3, dtype=torch.uint8))


def test_together_they_are_done_one_after_the_other():
    """A black picture, padded or not, is black but for the grey of dropout and of the corners."""
    out = changed(torch.zeros(64, 3, 16, 16, dtype=torch.uint8), *AUGMENTATIONS)
    assert (out <= GREY).all()
    assert (out == GREY).all(1).flatten(1).any(1).sum() > 25
