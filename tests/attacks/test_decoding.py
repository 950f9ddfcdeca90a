"""Pictures that are small as files and large as work."""

import io
import struct
import threading
import time

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.limits import bounded
from xai_core.data import costly
from xai_core.data.pictures import read_picture


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def scans(width, height, count):
    """A progressive JPEG whose last scan comes again and again."""
    whole = saved(Image.new("RGB", (width, height), (10, 200, 30)), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * (count - whole.count(b"\xff\xda")) + whole[-2:]


def bmp(width, height, body, kind=1):
    colours = bytes(value for level in range(256) for value in (level, level, level, 0))
    return (
        b"BM"
        + struct.pack("<IHHI", 54 + 1024 + len(body), 0, 0, 54 + 1024)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, kind, len(body), 0, 0, 256, 0)
        + colours
        + body
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda: scans(6_000, 5_000, 300), "has 300 scans of 30,000,000 pixels, which would take too long to decode."),
        (
            lambda: bmp(10_000, 9_000, b"\x01\x05\x00\x00" * 9_000),
            "is a BMP of 90,000,000 pixels in runs; at most 8 million",
        ),
        (lambda: b"P3 2000 1000 255\n" + b"1 " * 17_000_000, "has 34 MB of numbers written out; at most 32"),
        (lambda: b"P3 2000 1000 255\n" + b"#\n1 2 3 " * 500_000 + b"x", "is damaged or cut off and cannot be decoded."),
    ],
    ids=["scans", "runs", "text", "comments"],
)
def test_it_is_refused_at_once(content, says):
    made = content()
    with bounded(2.0, 300), pytest.raises(xai.PictureError, match=says):
        read_picture(made, "a")


def test_a_large_progressive_picture_is_refused_before_its_coefficients_fill_the_memory():
    whole = bytearray(scans(64, 64, 10))
    at = whole.index(b"\xff\xc2")
    whole[at + 5 : at + 9] = struct.pack(">HH", 12_000, 10_000)
    with bounded(1.0, 100), pytest.raises(xai.PictureError, match="progressive JPEG of 120,000,000 pixels"):
        read_picture(bytes(whole), "a.jpg")


def test_ordinary_progressive_pictures_and_runs_are_read():
    assert read_picture(scans(1_000, 800, 10), "a.jpg").pixels.shape == (800, 1_000, 3)
    found = read_picture(bmp(4, 2, b"\x04\x07\x00\x00\x02\x09\x02\x08\x00\x01"), "a.bmp")
    assert found.pixels[..., 0].tolist() == [[9, 9, 8, 8], [7, 7, 7, 7]]


def test_numbers_with_comments_take_a_moment():
    content = b"P3 2000 1000 255\n" + b"#c\n1 2 3 " * 2_000_000
    with bounded(4.0, 600):  # 131 s before
        found = read_picture(content, "a.ppm")
    assert found.pixels.shape == (1_000, 2_000, 3)
    assert (found.pixels == [1, 2, 3]).all()


@pytest.mark.parametrize(
    "content",
    [
        b"P1\n# c\n3 2\n1 0 1\n0#x\n10",
        b"P2 3 2 255\n0 1 2 # c\n 253 254\n255",
        b"P2 3 2 100\n0 1 2 50 99 100",
        b"P2 3 2 1000\n0 1 2 500 999 1000",
        b"P3 2 1 255\n0 1 2 253 254 255 9 9",
        b"P3 2 1 1000\n0 1 2 500 999 1000",
        b"P5 3 2 100\n\x00\x01\x02\x32\x63\x64",
        b"P5 3 1 1000\n" + struct.pack(">3H", 0, 500, 1_000),
        b"P6 2 1 7\n\x00\x01\x02\x05\x06\x07",
        b"P6 1 1 1000\n" + struct.pack(">3H", 0, 500, 1_000),
    ],
)
def test_what_is_made_cheap_is_what_pillow_reads(content):
    with Image.open(io.BytesIO(content)) as image:
        other = costly.cheaper(image, content)
        expected = np.asarray(image)
    assert other is not None
    with Image.open(io.BytesIO(other)) as image:
        assert image.tile[0][0] not in ("ppm", "ppm_plain")
        found = np.asarray(image)
    np.testing.assert_array_equal(found.astype(int), expected.astype(int))


@pytest.mark.parametrize(
    "content",
    [b"P2 2 2 9\n1 2 3", b"P2 2 1 9\n1 x", b"P2 2 1 9\n1 10", b"P2 2 1 9\n1 -1", b"P1 2 1\n02", b"P5 2 2 9\n123"],
)
def test_damaged_numbers_are_said_to_be(content):
    with pytest.raises(xai.PictureError, match="is damaged or cut off"):
        read_picture(content, "a.ppm")


def test_large_pictures_take_turns_and_small_ones_do_not_wait():
    running, most, lock = 0, 0, threading.Lock()
    full, released = threading.Event(), threading.Event()

    def decode(pixels):
        nonlocal running, most
        with costly.taking_turns(pixels), costly.taking_turns(pixels):  # within a turn, no other is taken
            with lock:
                running += 1
                most = max(most, running)
                if running == costly.AT_A_TIME:
                    full.set()
            assert released.wait(60)
            with lock:
                running -= 1

    threads = [threading.Thread(target=decode, args=(costly.LARGE,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert full.wait(60)
    with costly.taking_turns(costly.LARGE - 1):  # while others hold every turn
        time.sleep(0.05)  # for one too many to come in
        released.set()
    for thread in threads:
        thread.join()
    assert most == costly.AT_A_TIME


def test_memory_does_not_grow_with_the_number_of_large_uploads():
    content = saved(Image.new("RGB", (6_000, 4_000), (200, 30, 30)), "PNG")
    read_picture(saved(Image.new("RGB", (60, 40)), "PNG"), "warm.png")

    def read():
        read_picture(content, "a.png")

    # Two of them at 170 MB, beside two results of 72 MB that are being dropped; four at once took 2,500.
    with bounded(60.0, 520):
        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
