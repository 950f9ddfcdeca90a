"""Reading pictures: every odd file becomes the right pixels, or one sentence that names it."""

import io
import re
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from xai_core.data import files
from xai_core.data.pictures import make_sample, read_picture
from xai_core.errors import PictureError
from xai_core.types import Preprocessing, content_id

TURNED = "turned upright as its EXIF says"
ON_WHITE = "transparent parts on white"


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(height, width, channels=3, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def png(pixels, **options):
    return encoded(Image.fromarray(pixels), **options)


def png_header_only(width, height):
    """A PNG that claims a size and carries a single line of pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(10))) + chunk(b"IEND", b"")


def refusal(source, name):
    with pytest.raises(PictureError) as caught:
        read_picture(source, name)
    return str(caught.value)


# Files that cannot be read


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_cut_off_file_is_refused(kind):
    content = encoded(Image.fromarray(noise(64, 64)), kind)
    assert refusal(content[: len(content) // 2], "half.jpg") == (
        "half.jpg is damaged or cut off and cannot be decoded."
    )


def test_a_file_with_damaged_bytes_is_refused():
    content = bytearray(png(noise(64, 64)))
    content[200:220] = bytes(20)
    assert refusal(bytes(content), "bent.png") == "bent.png is damaged or cut off and cannot be decoded."


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "empty.jpg"
    path.touch()
    assert refusal(path, "empty.jpg") == "empty.jpg is empty (0 bytes)."
    assert refusal(b"", "upload.png") == "upload.png is empty (0 bytes)."


def test_text_that_is_named_jpg_is_refused(tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("not a picture at all")
    assert refusal(path, "notes.jpg") == (
        "notes.jpg is not a picture of a kind that is read here (JPEG, PNG, WEBP, BMP, GIF, TIFF, PPM)."
    )


def test_a_kind_outside_the_list_is_refused():
    content = encoded(Image.fromarray(noise(16, 16)), "ICO")
    assert refusal(content, "site.png").startswith("site.png is not a picture of a kind that is read here")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "gone.png", "gone.png") == "gone.png cannot be opened: No such file or directory."


def test_a_folder_is_refused(tmp_path):
    assert refusal(tmp_path, "folder.png").startswith("folder.png cannot be opened: ")


def test_a_header_of_30000_by_30000_is_refused_before_decoding():
    content = png_header_only(30_000, 30_000)
    started = time.thread_time()
    message = refusal(content, "bomb.png")
    assert time.thread_time() - started < 0.5
    assert message == "bomb.png has far too many pixels; at most 100 million are read. Scale it down first."


def test_a_header_just_above_the_limit_is_refused_with_its_size():
    content = png_header_only(10_000, 11_000)
    started = time.thread_time()
    message = refusal(content, "scan.png")
    assert time.thread_time() - started < 0.5
    assert message == "scan.png has 10,000 x 11,000 pixels; at most 100 million are read. Scale it down first."


def test_a_picture_of_exactly_the_limit_is_read(monkeypatch):
    monkeypatch.setattr(files, "MAX_DECODED", 12)
    assert read_picture(png(noise(3, 4)), "ok.png")[0].shape == (3, 4, 3)
    assert refusal(png(noise(1, 13)), "more.png").startswith("more.png has 13 x 1 pixels;")


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_what_is_too_large_is_scaled_down_by_a_whole_number_and_said(monkeypatch, kind):
    pixels = noise(6, 8)
    content = encoded(Image.fromarray(pixels), kind, **({"lossless": True} if kind == "WEBP" else {}))
    monkeypatch.setattr(files, "MAX_PIXELS", 12)
    found, notes = read_picture(content, "large.png")
    assert notes == ("scaled down from 8 x 6 pixels",)
    means = pixels.reshape(3, 2, 4, 2, 3).mean(axis=(1, 3))
    assert np.abs(found.astype(float) - means).max() <= 1
    monkeypatch.setattr(files, "MAX_PIXELS", 48)
    assert read_picture(content, "fits.png").pixels.shape == (6, 8, 3)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_that_is_too_large_is_decoded_smaller_and_still_turned(monkeypatch, orientation):
    stored = np.zeros((64, 96, 3), np.uint8)
    stored[:, :48] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(Image.fromarray(stored), "JPEG", exif=exif, quality=95)
    monkeypatch.setattr(files, "MAX_PIXELS", 64 * 96 // 4)
    found, notes = read_picture(content, "phone.jpg")
    assert notes == ("scaled down from 96 x 64 pixels", *((TURNED,) if orientation == 6 else ()))
    assert found.shape == ((32, 48, 3) if orientation == 1 else (48, 32, 3))
    first, second = (found[:, :24], found[:, 24:]) if orientation == 1 else (found[:24], found[24:])
    assert first.min() > 250
    assert second.max() < 5


@pytest.mark.parametrize("mode", ["1", "P", "I;16", "RGBA", "L"])
def test_every_mode_is_scaled_down(monkeypatch, mode):
    blocks = np.kron(np.array([[0, 1], [1, 0]], np.uint8), np.ones((4, 4), np.uint8))
    if mode == "I;16":
        image = Image.fromarray(blocks.astype(np.uint16) * 65535)
    else:
        image = Image.fromarray(blocks * np.uint8(255)).convert("RGB").convert(mode)
    monkeypatch.setattr(files, "MAX_PIXELS", 16)
    found, _ = read_picture(encoded(image), "large.png")
    expected = np.kron(np.array([[0, 255], [255, 0]], np.uint8), np.ones((2, 2), np.uint8))
    np.testing.assert_array_equal(found, np.repeat(expected[..., None], 3, axis=2))


# Files that are read


def test_an_rgb_png_is_read_as_it_is(tmp_path):
    expected = noise(7, 5)
    path = tmp_path / "plain.png"
    path.write_bytes(png(expected))
    pixels, notes = read_picture(path, "plain.png")
    np.testing.assert_array_equal(pixels, expected)
    assert (pixels.dtype, pixels.flags.c_contiguous, notes) == (np.uint8, True, ())


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF", "PPM", "WEBP"])
def test_the_content_decides_and_not_the_name(tmp_path, kind):
    expected = np.zeros((4, 6, 3), np.uint8)
    expected[1:3, 2:4] = (255, 255, 255)
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(Image.fromarray(expected), kind, **({"lossless": True} if kind == "WEBP" else {})))
    pixels, notes = read_picture(path, "photo.jpg")
    np.testing.assert_array_equal(pixels, expected)
    assert notes == ()


def test_a_cmyk_jpeg_becomes_rgb():
    ink = np.zeros((16, 32, 4), np.uint8)
    ink[:, :16] = (0, 255, 255, 0)  # no cyan: red
    ink[:, 16:] = (255, 0, 255, 0)  # no magenta: green
    pixels, notes = read_picture(encoded(Image.fromarray(ink, "CMYK"), "JPEG", quality=100), "print.jpg")
    assert notes == ("CMYK converted to RGB",)
    assert pixels.shape == (16, 32, 3)
    assert np.abs(pixels[:, :16].astype(int) - (255, 0, 0)).max() <= 3
    assert np.abs(pixels[:, 16:].astype(int) - (0, 255, 0)).max() <= 3


def test_transparent_parts_lie_on_white():
    layers = np.array([[[10, 20, 30, 255], [10, 20, 30, 0]], [[255, 0, 0, 128], [0, 0, 0, 51]]], np.uint8)
    pixels, notes = read_picture(png(layers), "logo.png")
    np.testing.assert_array_equal(pixels, [[[10, 20, 30], [255, 255, 255]], [[255, 127, 127], [204, 204, 204]]])
    assert notes == (ON_WHITE,)


def test_an_alpha_channel_that_hides_nothing_changes_nothing():
    layers = noise(5, 4, 4)
    layers[..., 3] = 255
    pixels, notes = read_picture(png(layers), "opaque.png")
    np.testing.assert_array_equal(pixels, layers[..., :3])
    assert notes == ()


def test_grey_with_alpha_lies_on_white():
    layers = np.array([[[40, 255], [40, 0], [0, 51]]], np.uint8)
    pixels, notes = read_picture(png(layers), "grey.png")
    np.testing.assert_array_equal(pixels, [[[40] * 3, [255] * 3, [204] * 3]])
    assert notes == (ON_WHITE,)


def palette_image():
    image = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8), "P")
    image.putpalette([200, 10, 20, 5, 100, 6, 7, 8, 250])
    return image


def test_a_palette_png_gets_its_colours():
    pixels, notes = read_picture(encoded(palette_image()), "map.png")
    np.testing.assert_array_equal(pixels, [[[200, 10, 20], [5, 100, 6]], [[7, 8, 250], [5, 100, 6]]])
    assert notes == ()


def test_a_palette_png_with_a_transparent_colour_lies_on_white():
    pixels, notes = read_picture(encoded(palette_image(), transparency=1), "map.png")
    np.testing.assert_array_equal(pixels, [[[200, 10, 20], [255] * 3], [[7, 8, 250], [255] * 3]])
    assert notes == (ON_WHITE,)


def test_a_palette_png_with_half_transparent_colours_lies_on_white():
    pixels, notes = read_picture(encoded(palette_image(), transparency=bytes([255, 0, 51])), "map.png")
    half = [(51 * value + 204 * 255 + 127) // 255 for value in (7, 8, 250)]
    np.testing.assert_array_equal(pixels, [[[200, 10, 20], [255] * 3], [half, [255] * 3]])
    assert notes == (ON_WHITE,)


def test_an_rgb_png_with_a_transparent_colour_lies_on_white():
    pixels, notes = read_picture(png(np.array([[[1, 2, 3], [9, 9, 9]]], np.uint8), transparency=(1, 2, 3)), "key.png")
    np.testing.assert_array_equal(pixels, [[[255, 255, 255], [9, 9, 9]]])
    assert notes == (ON_WHITE,)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_clipped(kind):
    deep = np.array([[0, 257, 25_700], [32_896, 65_278, 65_535]], np.uint16)
    pixels, notes = read_picture(encoded(Image.fromarray(deep), kind), "scan.png")
    np.testing.assert_array_equal(pixels, np.repeat((deep // 257)[..., None], 3, axis=2))
    assert notes == ("scaled to 8 bits",)


def test_sixteen_bits_are_scaled_by_their_range_and_not_by_their_largest_value():
    pixels, _ = read_picture(png(np.array([[0, 25_700]], np.uint16)), "dark.png")
    assert pixels[0, :, 0].tolist() == [0, 100]


def test_thirty_two_bits_above_sixteen_are_scaled_and_do_not_wrap():
    deep = np.array([[0, 100_000, 200_000]], np.int32)
    pixels, notes = read_picture(encoded(Image.fromarray(deep), "TIFF"), "deep.tif")
    assert pixels[0, :, 0].tolist() == [0, 128, 255]
    assert notes == ("scaled to 8 bits",)


def test_floating_point_is_stretched_from_least_to_largest():
    pixels, notes = read_picture(encoded(Image.fromarray(np.array([[-1.0, 0.0, 1.5]], np.float32)), "TIFF"), "f.tif")
    assert pixels[0, :, 0].tolist() == [0, 102, 255]
    assert notes == ("scaled to 8 bits",)


def test_eight_bit_grey_is_repeated_over_the_channels():
    grey = np.array([[0, 1, 127], [128, 254, 255]], np.uint8)
    pixels, notes = read_picture(png(grey), "grey.png")
    np.testing.assert_array_equal(pixels, np.stack([grey] * 3, axis=2))
    assert notes == ()


def test_black_and_white_becomes_0_and_255():
    pixels, notes = read_picture(png(np.array([[False, True]])), "fax.png")
    assert pixels.tolist() == [[[0] * 3, [255] * 3]]
    assert notes == ()


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG"])
def test_of_several_frames_the_first_is_read_and_the_note_says_so(kind):
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("red", "blue", "lime")]
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    pixels, notes = read_picture(content, "wave.gif")
    assert pixels.shape == (4, 6, 3)
    assert (pixels == (255, 0, 0)).all()
    assert notes == ("first of 3 frames",)


def turned(pixels, orientation):
    """What a viewer shows for an EXIF orientation, written with numpy alone."""
    flipped = pixels[:, ::-1] if orientation in (2, 4, 5, 7) else pixels
    return np.rot90(flipped, {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: -1, 7: -1, 8: 1}[orientation])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_the_exif_orientation_is_applied(kind, orientation):
    stored = noise(2, 3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels, notes = read_picture(encoded(Image.fromarray(stored), kind, exif=exif), "phone.png")
    np.testing.assert_array_equal(pixels, turned(stored, orientation))
    assert notes == (() if orientation == 1 else (TURNED,))


def test_a_jpeg_of_a_phone_stands_upright():
    stored = np.zeros((16, 32, 3), np.uint8)
    stored[:, :16] = 255  # orientation 6: the left half is shown on top
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels, notes = read_picture(encoded(Image.fromarray(stored), "JPEG", exif=exif), "phone.jpg")
    assert pixels.shape == (32, 16, 3)
    assert pixels[:16].min() > 250
    assert pixels[16:].max() < 5
    assert notes == (TURNED,)


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_does_not_exist_changes_nothing(orientation):
    stored = noise(2, 3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels, notes = read_picture(png(stored, exif=exif), "odd.png")
    np.testing.assert_array_equal(pixels, stored)
    assert notes == ()


def test_several_notes_come_in_order():
    image = Image.fromarray(np.array([[[9, 9, 9, 0], [1, 2, 3, 255]]], np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 8
    pixels, notes = read_picture(encoded(image, exif=exif), "both.png")
    assert pixels.tolist() == [[[1, 2, 3]], [[255, 255, 255]]]
    assert notes == (TURNED, ON_WHITE)


# Extreme shapes, up to the network's input


@pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 3000), (3000, 5), (1, 200_000), (200_000, 1)])
def test_extreme_shapes_reach_the_network_quickly_and_in_little_memory(height, width):
    pixels, notes = read_picture(png(np.full((height, width, 3), (10, 200, 30), np.uint8)), "strip.png")
    assert (pixels.shape, notes) == ((height, width, 3), ())
    Image.core.reset_stats()
    started = time.thread_time()
    view = Preprocessing().view(pixels)
    assert time.thread_time() - started < 0.5
    stats = Image.core.get_stats()  # Pillow's memory, in blocks of at most 16 MB
    assert stats["allocated_blocks"] + stats["reused_blocks"] <= 4
    assert (view.shape, view.dtype) == ((224, 224, 3), np.uint8)
    assert (view == (10, 200, 30)).all()


# Content ids and samples


def test_equal_content_gives_equal_ids():
    pixels = noise(480, 480)
    assert content_id(pixels) == content_id(pixels.copy()) == content_id(np.asfortranarray(pixels))
    assert re.fullmatch("[0-9a-f]{16}", content_id(pixels))


@pytest.mark.parametrize("place", [(0, 0, 0), (240, 239, 1), (479, 479, 2)])
def test_one_changed_pixel_changes_the_id(place):
    pixels = noise(480, 480)
    changed = pixels.copy()
    changed[place] ^= 1
    assert content_id(changed) != content_id(pixels)


def test_the_mask_and_the_shape_change_the_id():
    pixels, mask = noise(48, 48), np.zeros((48, 48), np.uint8)
    other = mask.copy()
    other[47, 47] = 1
    ids = [
        content_id(pixels),
        content_id(pixels, mask),
        content_id(pixels, other),
        content_id(pixels.reshape(24, 96, 3)),
    ]
    assert len(set(ids)) == 4


def test_the_id_is_of_the_content_and_not_of_the_file(tmp_path):
    pixels = noise(9, 9)
    path = tmp_path / "a.png"
    path.write_bytes(png(pixels))
    sample = make_sample(path, "a.png", label="cat", wnid="n02123045")
    assert sample.id == make_sample(encoded(Image.fromarray(pixels), "BMP"), "b.bmp").id == content_id(pixels)


def test_a_sample_carries_what_it_was_given():
    pixels = noise(6, 8)
    sample = make_sample(png(pixels), "a.png", label="cat", wnid="n02123045", box=(2, 1, 4, 3))
    np.testing.assert_array_equal(sample.pixels, pixels)
    assert (sample.name, sample.label, sample.wnid, sample.notes) == ("a.png", "cat", "n02123045", ())
    assert sample.view_of is None
    expected = np.zeros((6, 8), np.uint8)
    expected[1:4, 2:5] = 1  # both ends included
    np.testing.assert_array_equal(sample.mask, expected)
    assert sample.mask.dtype == np.uint8
    assert sample.id == content_id(pixels, expected)


def test_a_sample_without_a_box_has_no_mask():
    sample = make_sample(png(noise(2, 2)), "a.png")
    assert (sample.mask, sample.label, sample.wnid) == (None, None, None)


def test_a_box_is_cut_at_the_border_of_the_picture():
    sample = make_sample(png(noise(4, 5)), "a.png", box=(-3, -1, 1, 99))
    np.testing.assert_array_equal(sample.mask, [[1, 1, 0, 0, 0]] * 4)


def test_a_sample_of_a_broken_file_raises_the_same_sentence():
    with pytest.raises(PictureError, match=r"^gone\.png is empty \(0 bytes\)\.$"):
        make_sample(b"", "gone.png", label="cat")


def test_a_dark_picture_in_sixteen_bits_keeps_its_values():
    pixels = np.array([[0, 100], [200, 255]], np.uint16)
    found, _ = read_picture(encoded(Image.fromarray(pixels)), "dark.png")
    np.testing.assert_array_equal(found[..., 0], pixels)


def test_a_float_picture_with_nan_is_refused():
    values = np.array([[0.0, np.nan], [1.0, 2.0]], np.float32)
    with pytest.raises(PictureError, match=r"^nan.tif holds NaN or infinite values\.$"):
        read_picture(encoded(Image.fromarray(values), "TIFF"), "nan.tif")
