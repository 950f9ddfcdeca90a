"""Costly uploads are decoded in processes of their own: with the same result, in bounds, ended when one leaves."""

import io
import os
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import xai_core as xai
from tests.bad_inputs.make import pictures
from tests.support.dicom import dicom
from tests.support.limits import MEASURED
from xai_core.apart import switched_on
from xai_core.data import costly
from xai_core.data.apart import ask, wire
from xai_core.data.apart.costly_kinds import is_costly
from xai_core.data.mask_files import read_mask_file
from xai_core.data.pictures import read_orientation, read_picture
from xai_core.quotas import DECODING_MB

pytestmark = pytest.mark.process
NOISE = np.random.default_rng(0).integers(0, 256, (40, 48, 3), np.uint8)
DEEP = np.random.default_rng(1).integers(0, 4096, (40, 48), np.uint16)


def saved(image, kind, **options):
    file = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(file, kind, **options)
    return file.getvalue()


def scans(width, height, count, noise=False):
    """A progressive JPEG whose last scan comes again and again; noise takes any processor longer."""
    plain = Image.new("RGB", (width, height), (10, 200, 30))
    picture = Image.effect_noise((width, height), 60).convert("RGB") if noise else plain
    whole = saved(picture, "JPEG", progressive=True, quality=10)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * (count - whole.count(b"\xff\xda")) + whole[-2:]


def decoders():
    """The processes of this one that decode."""
    return [one for one in psutil.Process().children() if "xai_core.data.apart.worker" in one.cmdline()]


@pytest.fixture(scope="module")
def large():
    return saved(Image.new("RGB", (6_000, 4_000), (200, 30, 30)), "PNG")


@pytest.fixture(autouse=True, scope="module")
def _ended():
    yield
    ask.close()
    assert decoders() == []


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


READ = {
    "TIFF": saved(NOISE, "TIFF"),
    "12 bits": saved(DEEP, "TIFF"),
    "turned": saved(NOISE, "TIFF", exif=turned()),
    "pages": saved(NOISE, "TIFF", save_all=True, append_images=[Image.fromarray(NOISE[::-1])]),
    "DICOM": dicom(DEEP, bits=12, WindowCenter=2_000, WindowWidth=900),
    "inverted DICOM": dicom(DEEP, "MONOCHROME1", bits=12),
    "large, turned": saved(Image.new("RGB", (4_000, 2_001), (9, 99, 200)), "JPEG", exif=turned()),
}


@pytest.mark.parametrize("kind", READ)
def test_the_same_is_read(kind):
    here = read_picture(READ[kind], "a")
    with switched_on():
        assert is_costly(READ[kind])
        there = read_picture(READ[kind], "a")
        assert read_orientation(READ[kind], "a") == (6 if "turned" in kind else 1)
    assert decoders()
    assert there.notes == here.notes
    np.testing.assert_array_equal(there.pixels, here.pixels)


def test_every_bad_picture_gets_the_same_sentence():
    tried = 0
    for case in pictures():
        if "million" in case.name or not is_costly(case.upload[1]):
            continue
        tried += 1
        with switched_on():
            if case.error is None:
                assert case.open().startswith(case.says), case.name
            else:
                with pytest.raises(case.error) as error:
                    case.open()
                assert case.says in str(error.value), case.name
    assert tried >= 8


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "RGB"])
def test_masks_are_the_same(mode):
    image = Image.fromarray(DEEP) if mode == "I;16" else Image.fromarray(NOISE).convert(mode)
    content = saved(image, "TIFF")
    here = read_mask_file(content, "a")
    with switched_on():
        there = read_mask_file(content, "a")
    assert (there.levels, there.kind, there.palette, there.lossy) == (here.levels, here.kind, here.palette, here.lossy)
    np.testing.assert_array_equal(there.values, here.values)
    assert there.values.dtype == here.values.dtype


def test_one_range_holds_for_a_set_and_pages_are_counted():
    """What is decided for all pictures is asked of the server's process, which reads the others for it meanwhile."""
    files = [("a.tif", saved(DEEP, "TIFF")), ("b.tif", saved(DEEP // 4, "TIFF")), ("c.tif", READ["pages"])]
    here = [sample.pixels for sample in xai.from_uploads(files, pages="each")]
    with switched_on():
        there = [sample.pixels for sample in xai.from_uploads(files, pages="each")]
    assert len(there) == 4
    for one, other in zip(here, there, strict=True):
        np.testing.assert_array_equal(one, other)


def test_ordinary_pictures_stay_here():
    ordinary = [saved(NOISE, kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "PPM")]
    ordinary += [scans(1_000, 800, 10), saved(Image.new("RGB", (3_000, 2_000)), "JPEG"), b"no picture", b""]
    assert not any(map(is_costly, ordinary))
    assert is_costly(b"P3 2000 1000 255\n" + b"1 " * 6_000_000)
    assert is_costly(scans(1_000, 800, 200))


class LeftError(Exception):
    """A visitor left."""


def test_who_leaves_ends_the_decoding():
    content, looks = scans(6_000, 5_000, 33), iter(range(3))

    def look():
        if next(looks, None) is None:
            raise LeftError

    before = {one.pid for one in decoders()}
    with switched_on(look), pytest.raises(LeftError):
        read_picture(content, "a")
    assert {one.pid for one in decoders()} < before or not before


def test_what_takes_too_long_is_ended_and_the_next_is_read(monkeypatch):
    monkeypatch.setenv("XAI_DECODING_SECONDS", "0")
    with switched_on():
        with pytest.raises(xai.PictureError, match=r"takes more than 0 s of processor time.*DECODING_SECONDS"):
            read_picture(scans(6_000, 5_000, 33, noise=True), "a")
        monkeypatch.undo()
        assert read_picture(READ["TIFF"], "a").pixels.shape == NOISE.shape


@pytest.mark.skipif(not MEASURED, reason="This system bounds no memory.")
def test_what_takes_too_much_memory_is_refused(monkeypatch, large):
    monkeypatch.setenv("XAI_DECODING_MB", "80")
    with switched_on(), pytest.raises(xai.PictureError, match=r"needs more than 80 MB of memory.*XAI_DECODING_MB"):
        read_picture(large, "a")


def test_a_file_that_ends_the_process_is_damaged():
    def look():
        for one in decoders():
            one.kill()

    with switched_on(look), pytest.raises(xai.PictureError, match="is damaged: it ended the process that decoded it"):
        read_picture(scans(6_000, 5_000, 33), "a")  # which takes seconds


@pytest.mark.skipif(not MEASURED, reason="This system tells no memory.")
def test_large_pictures_of_several_take_the_memory_of_two(large):
    def peak(pid, key="VmHWM"):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(key)) >> 10

    with switched_on():
        read_picture(READ["TIFF"], "a")
        Path("/proc/self/clear_refs").write_text("5")
        before = peak(os.getpid(), "VmRSS")
        threads = [threading.Thread(target=read_picture, args=(large, "a")) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert peak(os.getpid()) - before < 72 * costly.AT_A_TIME + 70  # each is 72 MB; four of them are 288
    assert [
        one.pid for one in decoders() if peak(one.pid) > 60 + 96 + 72 + 60
    ] == []  # itself, as Pillow has it, as RGB


def test_a_process_knows_no_secret(monkeypatch):
    monkeypatch.setenv("STREAMLIT_SERVER_COOKIE_SECRET", "hush")
    ask.close()
    with switched_on():
        read_picture(READ["TIFF"], "a")
    assert [one.environ().get("STREAMLIT_SERVER_COOKIE_SECRET") for one in decoders()] == [None]


@pytest.mark.parametrize(
    "message",
    [
        {"shape": [2, 3], "dtype": "|O8"},
        {"shape": [2, -3], "dtype": "|u1"},
        {"shape": [1 << 40, 1 << 40], "dtype": "|u1"},
        {"shape": [2, 4], "dtype": "|u1"},
        {"shape": "6", "dtype": "|u1"},
        {},
    ],
)
def test_an_answer_that_is_no_array_is_not_believed(message):
    with pytest.raises(wire.WireError):
        wire.arrays_of({"arrays": [message]}, 6, 100)
    with pytest.raises(wire.WireError):
        wire.receive(io.BytesIO(b"[1, 2]\n"))


def test_the_bound_is_one_that_can_be_set():
    assert DECODING_MB.value == 600


def page_that_reads(content):
    import streamlit as st

    from app.server.decoding import still_there
    from xai_core.apart import switched_on
    from xai_core.data.pictures import read_picture

    with switched_on(still_there):
        st.caption(str(read_picture(content, "a").pixels.shape))


def test_a_page_waits_for_it():
    """Asking whether the visitor is still there is harmless while one is."""
    at = AppTest.from_function(page_that_reads, kwargs={"content": READ["large, turned"]}, default_timeout=60).run()
    assert not at.exception
    assert at.caption[0].value == "(4000, 2001, 3)"
