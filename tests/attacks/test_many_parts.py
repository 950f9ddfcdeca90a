"""Small pictures that Pillow goes through for long: they are told by their parts, and end in a sentence elsewhere."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.limits import bounded
from xai_core.apart import switched_on
from xai_core.data import frames
from xai_core.data.apart import ask
from xai_core.data.apart.costly_kinds import is_costly
from xai_core.data.pictures import read_picture
from xai_core.inference.map_files import MapFile
from xai_core.pixels.parts import has_many

pytestmark = pytest.mark.process
MANY = 1_000_000


@pytest.fixture(autouse=True, scope="module")
def _ended():
    yield
    ask.close()


def saved(kind, size=(20, 20), **options):
    file = io.BytesIO()
    Image.new("P" if kind == "GIF" else "RGB", size).save(file, kind, **options)
    return file.getvalue()


def chunk(kind, body=b""):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(before=b"", after=b""):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(bytes(14)))
    return b"\x89PNG\r\n\x1a\n" + head + before + data + after + chunk(b"IEND")


def jpeg(before):
    whole = saved("JPEG")
    return whole[:2] + before + whole[2:]


def gif(before):
    """With blocks before the first image."""
    return b"GIF89a" + struct.pack("<HHBBB", 20, 20, 0, 0, 0) + before + saved("GIF")[13 + 3 * 256 :]


LONG = {
    "chunks before": png(before=chunk(b"abCd") * MANY),
    "chunks after": png(after=chunk(b"abCd") * MANY),
    "segments": jpeg(b"\xff\xfe\0\2" * MANY),
    "junk": jpeg(b"\xff\xf0" + struct.pack(">H", 65_000) + b"\0" * MANY),  # of a marker without a length
    "filling": jpeg(b"\xff" * MANY),
    "a comment of GIF": gif(b"\x21\xfe" + b"\1a" * MANY + b"\0"),
    "blocks of GIF": gif(b"\x21\xfe\1a\0" * MANY),
    "junk of GIF": gif(b"\1" * MANY),
    "a comment of PPM": b"P6 #" + b"x" * MANY + b"\n2 2 255 " + bytes(12),
    "space of PPM": b"P6 2" + b" " * MANY + b"2 255 " + bytes(12),
}


@pytest.mark.parametrize("kind", LONG)
def test_it_is_told_at_once(kind):
    with bounded(0.2, 50):
        assert is_costly(LONG[kind])


def test_it_ends_in_a_sentence_elsewhere(monkeypatch):
    monkeypatch.setenv("XAI_DECODING_SECONDS", "0")
    whole = b"P6 #" + b"x" * 19_000_000 + b"\n2 2 255 " + bytes(12)  # 9 s
    with switched_on(), bounded(0.5, 60), pytest.raises(xai.PictureError, match="more than 0 s of processor time"):
        read_picture(whole, "a.ppm")


def test_a_map_of_many_parts_is_refused_at_once():
    content = LONG["chunks before"]
    with bounded(0.3, 60), pytest.raises(xai.DataError, match="very many parts"):
        MapFile("a.png", lambda: content).one_map()


def test_maps_of_many_arrays_are_refused_at_once():
    array, whole = io.BytesIO(), io.BytesIO()
    np.save(array, np.zeros((1, 1), np.float32))
    with zipfile.ZipFile(whole, "w") as archive:
        for place in range(10_001):
            archive.writestr(f"{place}.npy", array.getvalue())
    with bounded(0.5, 60), pytest.raises(xai.DataError, match="holds 10,001 arrays; at most 10,000 are read"):
        MapFile("a.npz", whole.getvalue).arrays()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "PPM", "WEBP", "BMP"])
def test_ordinary_files_have_few(kind):
    content = saved(kind, (900, 700))
    assert not has_many(content)
    assert not has_many(content[:50])
    assert not is_costly(content)


def test_files_of_many_kinds_have_few():
    assert not has_many(jpeg(b"\xff\xe2" + struct.pack(">H", 65_000) + b"\xff\xfe\0\2" * 16_000 + bytes(998)))
    assert not has_many(b"P4 2000 2000\n" + b"\xaa" * 500_000)
    assert not has_many(b"P6 # made by hand\n2 # wide\n2 255\n" + bytes(12))
    assert not has_many(b"")


def test_pages_that_are_drawn_over_those_before_are_decoded_elsewhere():
    """The last of ten thousand took a minute, from 200 kB."""
    content = saved("GIF", save_all=True, append_images=[Image.new("RGB", (20, 20), "red")])
    assert not is_costly(content)
    with frames.at_page(1):
        assert is_costly(content)
    with frames.counting():
        assert is_costly(content)
    with switched_on():
        assert len(xai.from_uploads([("a.gif", content)], pages="each")) == 2
