"""The same pixels, however a picture comes: a file of a folder, an upload, bytes, an image of Pillow, an array."""

import io

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.deep import encoded, png16, tiff16
from xai_core.data.pictures import read_picture
from xai_core.errors import DataError, PictureError
from xai_core.pixels import choose_range, measure

RNG = np.random.default_rng(0)
RAMP = np.arange(64)[None] * np.ones((48, 1), int)  # (48, 64), 0 to 63
COLOURS = np.stack([RAMP, RAMP[:, ::-1], RAMP // 2], axis=2)


def turned(number):
    exif = Image.Exif()
    exif[0x0112] = number
    return exif


def grey16(values):
    return Image.fromarray(np.asarray(values, np.uint16))


# name: (content, the darkest and the brightest value as they are read)
FILES = {
    "RGB": (encoded((COLOURS * 4).astype(np.uint8)), (0, 252)),
    "grey": (encoded((RAMP * 4).astype(np.uint8)), (0, 252)),
    "palette": (encoded(Image.fromarray((COLOURS * 4).astype(np.uint8)).quantize(16)), None),
    "CMYK": (encoded(Image.fromarray((COLOURS * 4).astype(np.uint8)).convert("CMYK"), "JPEG"), None),
    "transparent": (encoded(np.dstack([COLOURS * 4, np.where(RAMP < 32, 255, 0)]).astype(np.uint8)), (0, 255)),
    "half transparent": (encoded(np.dstack([COLOURS * 4, RAMP * 4]).astype(np.uint8)), None),
    "grey with opacity": (encoded(np.dstack([RAMP * 4, RAMP * 2]).astype(np.uint8)), None),
    "turned": (encoded((COLOURS * 4).astype(np.uint8), exif=turned(6)), (0, 252)),
    "mirrored TIFF": (encoded((COLOURS * 4).astype(np.uint8), "TIFF", exif=turned(5)), (0, 252)),
    "1 bit": (encoded(Image.fromarray(RAMP > 31)), (0, 255)),
    "8 bits in 16": (encoded(grey16(RAMP * 4)), (0, 252)),
    "10 bits in 16": (encoded(grey16(RAMP * 16)), (0, round(63 * 16 / 1023 * 255))),
    "12 bits in 16": (encoded(grey16(RAMP * 65), "TIFF"), (0, 255)),
    "14 bits in 16": (encoded(grey16(RAMP * 260)), (0, round(63 * 260 / 16383 * 255))),
    "16 bits": (encoded(grey16(RAMP * 1040)), (0, 255)),
    "12 bits, one hot pixel": (
        encoded(grey16(np.where((RAMP == 63) & (np.arange(48)[:, None] == 9), 60000, RAMP * 64))),
        (0, 255),
    ),
    "12 bits in each colour, PNG": (png16((COLOURS * 65).astype(np.uint16)), (0, 255)),
    "12 bits in each colour, opacity": (png16(np.dstack([COLOURS * 65, 0 * RAMP + 65535]).astype(np.uint16)), (0, 255)),
    "12 bits in each colour, TIFF": (tiff16(COLOURS * 65), (0, 255)),
    "12 bits in each colour, TIFF, other bytes": (tiff16(COLOURS * 65, ">"), (0, 255)),
    "16 bits in each colour": (png16((COLOURS * 1040).astype(np.uint16)), (0, 255)),
    "Hounsfield": (encoded(Image.fromarray((RAMP * 32 - 1000).astype(np.int32)), "TIFF"), (0, 255)),
    "float 0 to 1": (encoded(Image.fromarray((RAMP / 64).astype(np.float32)), "TIFF"), (0, round(63 / 64 * 255))),
    "float 0 to 0.2": (encoded(Image.fromarray((RAMP / 315).astype(np.float32)), "TIFF"), (0, 255)),
    "float around 0": (encoded(Image.fromarray((RAMP - 20).astype(np.float32)), "TIFF"), (0, 255)),
}


@pytest.mark.parametrize("name", FILES)
def test_the_same_pixels_through_every_way_in(tmp_path, name):
    content, ends = FILES[name]
    path = tmp_path / "set" / "a.png"
    path.parent.mkdir()
    path.write_bytes(content)
    expected = xai.load_dataset(path.parent)[0].pixels
    if ends is not None:
        assert (expected.min(), expected.max()) == ends
    (uploaded,) = xai.from_uploads([("a.png", content)])
    ways = [uploaded, xai.open_picture(path), xai.open_picture(str(path)), xai.open_picture(content)]
    ways += [xai.open_picture(io.BytesIO(content)), xai.open_picture(Image.open(path))]
    for sample in ways:
        np.testing.assert_array_equal(sample.pixels, expected)
        assert sample.id == uploaded.id
    in_colours = "each colour" in name
    with Image.open(path) as image:
        if not in_colours:  # of which Pillow keeps the upper bytes once it has loaded them
            image.load()
        np.testing.assert_array_equal(xai.open_picture(image).pixels, expected)


def test_a_method_sees_an_image_of_pillow_as_the_file(digits):
    for name in ("16 bits", "transparent", "turned", "float 0 to 1", "12 bits in each colour, PNG"):
        content, _ = FILES[name]
        sample = xai.open_picture(content)
        image = Image.open(io.BytesIO(content))
        np.testing.assert_array_equal(
            xai.predict(digits, image).probabilities, xai.predict(digits, sample).probabilities, err_msg=name
        )


def test_all_sixteen_bits_of_each_colour_are_read():
    values = RNG.integers(0, 4096, (37, 41, 3), dtype=np.uint16)
    expected = np.round(values / 4095 * 255).astype(np.uint8)
    for content in (png16(values), tiff16(values), tiff16(values, ">")):
        pixels, notes = read_picture(content, "deep.png")
        np.testing.assert_array_equal(pixels, expected)
        assert notes == ("scaled to 8 bits, from 0 to 4,095",)


def test_a_set_has_one_scale(tmp_path):
    dim, bright = RAMP * 4, RAMP * 65  # by itself the first would be taken for 8 bits
    for name, values in (("dim", dim), ("bright", bright)):
        (tmp_path / f"{name}.png").write_bytes(encoded(grey16(values)))
    dataset = xai.load_dataset(tmp_path)
    assert dataset.decisions.whole.high == 4095
    for sample, values in zip(dataset, (bright, dim), strict=True):
        np.testing.assert_array_equal(sample.pixels[..., 0], np.round(values / 4095 * 255))
        assert sample.notes == ("scaled to 8 bits, from 0 to 4,095",)
    assert dataset.decisions.sentences == (
        "Of 2 pictures 2 were looked at: 2 of them with more than 8 bits a channel.",
        "Intensities from 0 to 4,095 become black to white in every picture (12 bits, as the largest values need).",
    )


def test_splits_have_the_same_scale(tmp_path):
    for split, values in (("train", RAMP * 65), ("test", RAMP * 4)):
        for label in ("a", "b"):
            (tmp_path / split / label).mkdir(parents=True)
            (tmp_path / split / label / "1.png").write_bytes(encoded(grey16(values)))
    assert xai.load_dataset(tmp_path, split="test").decisions.whole.high == 4095
    assert xai.load_dataset(tmp_path, split="train").decisions.whole.high == 4095


@pytest.mark.parametrize("given", [(0, 1000), "0:1000", [0, 1000.0]])
def test_a_range_can_be_chosen(tmp_path, given):
    (tmp_path / "a.png").write_bytes(encoded(grey16(RAMP * 16)))
    dataset = xai.load_dataset(tmp_path, intensity_range=given)
    expected = np.clip(np.round(RAMP * 16 / 1000 * 255), 0, 255)
    np.testing.assert_array_equal(dataset[0].pixels[..., 0], expected)
    assert "as you chose" in dataset.decisions.sentences[1]
    assert "intensity_range='0:1000'" in dataset.code
    again = eval(dataset.code, {"xai": xai})
    np.testing.assert_array_equal(again[0].pixels, dataset[0].pixels)
    assert dataset.items[0].stamp != xai.load_dataset(tmp_path).items[0].stamp


@pytest.mark.parametrize("wrong", ["wide", (5, 5), (9, 1), "1:2:3", (float("nan"), 1), 7])
def test_a_range_that_is_none_is_refused(tmp_path, wrong):
    (tmp_path / "a.png").write_bytes(encoded(grey16(RAMP)))
    with pytest.raises(DataError, match="intensity_range must be 'auto', or the intensities"):
        xai.load_dataset(tmp_path, intensity_range=wrong)


@pytest.mark.parametrize("kind", ["uint8", "bool", "uint16", "int32", "float32", "float64"])
def test_arrays_of_any_kind(kind):
    values = (RAMP > 31) if kind == "bool" else RAMP.astype(kind)
    pixels = xai.open_picture(values, intensity_range=(0, 63)).pixels
    expected = {"uint8": RAMP, "bool": (RAMP > 31) * 255}.get(kind, np.round(RAMP / 63 * 255))
    np.testing.assert_array_equal(pixels, np.repeat(np.asarray(expected)[..., None], 3, axis=2))
    np.testing.assert_array_equal(xai.open_picture(values[..., None], intensity_range=(0, 63)).pixels, pixels)


@pytest.mark.parametrize(
    "wrong", [np.zeros((3, 4, 5)), np.zeros((0, 4)), np.zeros(7), np.array([["a"]]), np.full((2, 2), np.nan), 7, None]
)
def test_what_is_no_picture_is_refused(wrong):
    with pytest.raises(PictureError, match=r"^the picture "):
        xai.open_picture(wrong)


def test_a_mask_comes_along_in_the_same_ways(tmp_path):
    mask = (RAMP > 31).astype(np.uint8)
    content = encoded(mask * np.uint8(255))
    (tmp_path / "mask.png").write_bytes(content)
    for given in (mask, mask.astype(bool), content, tmp_path / "mask.png", Image.open(io.BytesIO(content))):
        sample = xai.open_picture(COLOURS.astype(np.uint8), mask=given, label="ramp", name="a")
        np.testing.assert_array_equal(sample.mask, mask)
        assert (sample.label, sample.name) == ("ramp", "a")
    with pytest.raises(PictureError, match="the mask has 5 x 2 pixels, another shape than the picture's 64 x 48"):
        xai.open_picture(COLOURS.astype(np.uint8), mask=np.ones((2, 5), int))


@pytest.mark.parametrize("suffix", [".jfif", ".jpe", ".JPG", ".pnm", ""])
def test_names_of_pictures(tmp_path, suffix):
    kind = "PPM" if suffix == ".pnm" else "JPEG"
    (tmp_path / f"a{suffix}").write_bytes(encoded(COLOURS.astype(np.uint8), kind))
    (tmp_path / "README").write_text("BM and P6 are how some pictures begin")
    (tmp_path / "Makefile").write_text("all:")
    dataset = xai.load_dataset(tmp_path)
    assert [item.name for item in dataset.items] == [f"a{suffix}"]
    assert dataset[0].pixels.shape == (48, 64, 3)
    assert {problem.name for problem in dataset.skipped} == {"README", "Makefile"}


def test_bands_that_nobody_can_name_are_counted():
    many = tiff16(np.zeros((4, 5, 13), np.uint16))
    with pytest.raises(PictureError, match=r"^s2.tif has 13 bands, and which of them are red, green and blue"):
        read_picture(many, "s2.tif")


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([0, 255], 0, 255),
        ([0, 256], 0, 1023),
        ([0, 1024], 0, 4095),
        ([0, 4096], 0, 16383),
        ([0, 16384], 0, 65535),
        ([0, 70000], 0, 70000),
        ([-5, 70], -5, 70),
        ([0.0, 0.6], 0, 1),
        ([0.0, 0.4], 0, 0.4),
        ([0.0, 200.0], 0, 255),
        ([-1.0, 0.5], -1, 0.5),
        ([3.0, 3.0], 3, 4),
    ],
)
def test_the_range_of_values(values, low, high):
    found = choose_range([measure(np.array([values]))])
    assert (found.low, found.high) == pytest.approx((low, high))


def test_a_few_outliers_do_not_widen_the_range():
    values = RNG.normal(0, 1, (200, 200))
    values[0, 0], values[1, 1] = 1e6, -1e6
    found = choose_range([measure(values)])
    assert -5 < found.low < -2.5
    assert 2.5 < found.high < 5
    assert found.reason == "all but the outermost 0.1% of the pixels"


@pytest.mark.parametrize(
    "values",
    [
        np.full((1, 2), -(2**63), np.int64),
        np.full((1, 2), 1e300),
        np.full((1, 2), -1e300),
        np.full((1, 2), -3, np.int16),
        np.full((1, 2), -np.finfo(np.float64).max),
    ],
)
def test_a_picture_of_one_value_is_black_however_large_the_value(values):
    assert xai.open_picture(values).pixels.tolist() == [[[0, 0, 0]] * 2]


def test_the_largest_numbers_are_black_and_white():
    most = np.finfo(np.float64).max
    assert xai.open_picture(np.array([[-most, 0, most]])).pixels[0, :, 0].tolist() == [0, 128, 255]
