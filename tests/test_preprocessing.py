"""From a picture to the network's input, against torchvision's own transforms; masks follow the same way."""

import numpy as np
import pytest
from PIL import Image

from xai_core._torchvision import torchvision
from xai_core.errors import PictureError
from xai_core.types import Preprocessing, Sample, content_id

SIZES = [(300, 451), (451, 300), (640, 427), (224, 224), (97, 133), (133, 97), (256, 999), (31, 500), (733, 600)]
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def picture(height, width, seed=0):
    """Edges, slopes and noise: whatever a filter can get wrong."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    slopes = np.stack([y * 255 // height, x * 255 // width, (x // 7 + y // 5) % 2 * 255], axis=2)
    return np.clip(slopes + rng.normal(0, 25, slopes.shape), 0, 255).astype(np.uint8)


def sample_of(pixels, mask=None):
    return Sample(content_id(pixels, mask), pixels, "cat", "n02123045", mask, "cat.png", ("a note",))


def assert_same_input(ours, theirs):
    """At most one grey level apart, and the very same for most."""
    theirs = theirs.numpy()
    assert (ours.shape, ours.dtype) == (theirs.shape, np.float32)
    levels = np.abs(ours - theirs) * STD[:, None, None] * 255
    assert levels.max() <= 1.01
    assert (levels < 0.01).mean() > 0.99


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_bilinear_equals_torchvisions_transform(height, width):
    transform = torchvision().models.ResNet50_Weights.IMAGENET1K_V1.transforms()
    pixels = picture(height, width)
    assert_same_input(Preprocessing().array(pixels), transform(Image.fromarray(pixels)))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_bicubic_equals_torchvisions_transform(height, width):
    transform = torchvision().models.EfficientNet_B0_Weights.IMAGENET1K_V1.transforms()
    pixels = picture(height, width)
    ours = Preprocessing(256, 224, interpolation="bicubic").array(pixels)
    assert_same_input(ours, transform(Image.fromarray(pixels)))


def test_another_resize_and_crop_equal_torchvisions_transform():
    transform = torchvision().models.ResNet50_Weights.IMAGENET1K_V2.transforms()
    pixels = picture(333, 500)
    assert_same_input(Preprocessing(232, 224).array(pixels), transform(Image.fromarray(pixels)))


def test_the_two_interpolations_differ():
    pixels = picture(300, 451)
    other = Preprocessing(interpolation="bicubic").view(pixels)
    assert (Preprocessing().view(pixels) != other).mean() > 0.5


def test_a_picture_that_needs_no_resizing_is_only_cropped():
    pixels = picture(256, 300)
    np.testing.assert_array_equal(Preprocessing().view(pixels), pixels[16:240, 38:262])


def test_what_lies_just_outside_the_crop_counts_as_far_as_the_filter_reaches():
    pixels = np.full((320, 320, 3), 128, np.uint8)
    pixels[5:10], pixels[310:315] = 255, 0  # the crop is 20 to 300, bicubic reaches 15 beyond
    view = Preprocessing(32, 28, interpolation="bicubic").view(pixels)
    whole = np.asarray(Image.fromarray(pixels).resize((32, 32), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(view, whole[2:30, 2:30])
    assert view[0, 0, 0] < 128 < view[-1, 0, 0]


@pytest.mark.parametrize("resize", [32, 224, 300])
def test_a_crop_of_the_whole_side_works_for_every_size(resize):
    preprocessing = Preprocessing(resize, resize)
    for height in range(1, 40, 3):
        for width in (1, 7, 49, 97, 103):
            assert preprocessing.view(np.zeros((height, width, 3), np.uint8)).shape == (resize, resize, 3)


def test_array_scales_by_mean_and_deviation():
    pixels = np.full((8, 8, 3), (0, 255, 51), np.uint8)
    array = Preprocessing(8, 8).array(pixels)
    expected = (np.array([0, 1, 0.2]) - MEAN) / STD
    assert (array.shape, array.dtype, array.flags.c_contiguous) == ((3, 8, 8), np.float32, True)
    np.testing.assert_allclose(array, np.broadcast_to(expected[:, None, None], (3, 8, 8)), rtol=1e-6)


def test_array_of_a_sample_equals_array_of_its_pixels_before_and_after_prepare():
    preprocessing, pixels = Preprocessing(), picture(97, 133)
    sample = sample_of(pixels)
    expected = preprocessing.array(pixels)
    np.testing.assert_array_equal(preprocessing.array(sample), expected)
    np.testing.assert_array_equal(preprocessing.array(preprocessing.prepare(sample)), expected)


# Masks


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_masks_keep_their_three_values(height, width):
    mask = np.random.default_rng(1).choice(np.array([0, 1, 255], np.uint8), (height, width))
    view = Preprocessing().mask(mask)
    assert (view.shape, view.dtype) == ((224, 224), np.uint8)
    assert set(np.unique(view)) == {0, 1, 255}


def test_a_mask_that_needs_no_resizing_is_only_cropped():
    mask = np.random.default_rng(1).choice(np.array([0, 1, 255], np.uint8), (256, 300))
    np.testing.assert_array_equal(Preprocessing().mask(mask), mask[16:240, 38:262])


def edges(inside):
    rows, columns = np.nonzero(inside)
    return np.array([columns.min(), rows.min(), columns.max(), rows.max()])


@pytest.mark.parametrize(("height", "width"), [(300, 451), (451, 300), (640, 427), (224, 224), (97, 133)])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_a_box_stays_on_the_bright_box_of_the_picture(interpolation, height, width):
    middle_y, middle_x, side = height // 2, width // 2, min(height, width)
    box = slice(middle_y - side // 4, middle_y + side // 5), slice(middle_x - side // 3, middle_x + side // 6)
    pixels, mask = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
    pixels[box], mask[box] = 255, 1
    seen = Preprocessing(interpolation=interpolation).prepare(sample_of(pixels, mask))
    assert np.abs(edges(seen.pixels[..., 0] > 127) - edges(seen.mask)).max() <= 1
    assert 0 < edges(seen.mask).min() < edges(seen.mask).max() < 223  # the crop cut nothing of it


# Prepared samples


def test_prepare_cuts_picture_and_mask_and_keeps_the_rest():
    preprocessing, pixels = Preprocessing(), picture(300, 451)
    mask = np.zeros((300, 451), np.uint8)
    mask[100:200, 150:250] = 1
    sample = sample_of(pixels, mask)
    prepared = preprocessing.prepare(sample)
    np.testing.assert_array_equal(prepared.pixels, preprocessing.view(pixels))
    np.testing.assert_array_equal(prepared.mask, preprocessing.mask(mask))
    assert prepared.view_of == preprocessing
    for field in ("id", "label", "wnid", "name", "notes"):
        assert getattr(prepared, field) == getattr(sample, field)
    assert (sample.view_of, sample.pixels.shape) == (None, (300, 451, 3))


def test_prepare_leaves_a_sample_without_a_mask_without_one():
    assert Preprocessing().prepare(sample_of(picture(97, 133))).mask is None


def test_prepare_twice_is_prepare_once():
    prepared = Preprocessing().prepare(sample_of(picture(97, 133)))
    assert Preprocessing().prepare(prepared) is prepared


@pytest.mark.parametrize("other", [Preprocessing(232), Preprocessing(interpolation="bicubic")])
def test_prepare_refuses_a_sample_of_another_preprocessing(other):
    prepared = Preprocessing().prepare(sample_of(picture(97, 133)))
    sentence = r"^cat\.png was already cut for a model with another input size or crop\.$"
    with pytest.raises(PictureError, match=sentence):
        other.prepare(prepared)
    with pytest.raises(PictureError, match=sentence):
        other.array(prepared)


def test_settings_are_the_fields():
    assert Preprocessing(232, interpolation="bicubic").settings() == {
        "resize": 232,
        "crop": 224,
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
        "interpolation": "bicubic",
    }


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"mean": (123.7, 116.3, 103.5), "std": (58.4, 57.1, 57.4)},
            r"units of white, 1; got the mean \(123\.7, .* say white=255",
        ),
        ({"white": 255}, r"units of white, 255; got the mean \(0\.485, .* white=1\."),
    ],
)
def test_a_mean_in_other_units_than_white_is_refused(settings, sentence):
    """A network would be shown nothing but black or white, and answer."""
    with pytest.raises(ValueError, match=sentence):
        Preprocessing(**settings)


def test_a_mean_in_the_units_of_white_is_kept():
    assert Preprocessing(mean=(123.7, 116.3, 103.5), std=(58.4, 57.1, 57.4), white=255).mean[0] == 123.7
    assert Preprocessing(mean=(0, 0, 0), std=(1, 1, 1), white=255).white == 255
