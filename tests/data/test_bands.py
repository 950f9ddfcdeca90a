"""TIFF files with many bands: which are shown, from which range, and what is said where nobody chose."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

import xai_core as xai
from tests.support.deep import encoded
from xai_core.data.decisions.bands_option import bands_of, bands_text

RNG = np.random.default_rng(5)
DEEP = RNG.integers(0, 4096, (6, 5, 13)).astype(np.uint16)  # (H, W, bands), 12 bits
DEEP[0, 0] = 4095
BYTES = RNG.integers(0, 256, (48, 32, 6)).astype(np.uint8)
PLAIN = {"photometric": "minisblack", "planarconfig": "contig"}


def tiff(values, **options):
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for page in values if isinstance(values, list) else [values]:
            writer.write(page, **PLAIN | options)
    return file.getvalue()


def in_bytes(values):
    """12 bits as 0 to 255, rounded to the nearest."""
    return np.rint(values / 4095 * 255).astype(np.uint8)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zlib"},
        {"compression": "zlib", "predictor": True},
        {"tile": (16, 16)},
        {"rowsperstrip": 7},
        {"bigtiff": True},
        {"byteorder": ">"},
    ],
    ids=str,
)
def test_three_bands_become_the_colours_whatever_they_lie_in(options):
    file = io.BytesIO()
    tifffile.imwrite(file, BYTES, **PLAIN, **options)
    content = file.getvalue()
    sample = xai.open_picture(content, bands=(4, 1, 6))
    np.testing.assert_array_equal(sample.pixels, BYTES[..., [3, 0, 5]])
    assert sample.notes == ("bands 4, 1, 6 of 6",)
    one = xai.open_picture(content, bands=5)
    np.testing.assert_array_equal(one.pixels, np.repeat(BYTES[..., [4]], 3, axis=2))
    assert one.notes == ("band 5 of 6",)


def test_bands_in_planes_of_their_own():
    content = tiff(np.moveaxis(BYTES, 2, 0), planarconfig="separate")
    np.testing.assert_array_equal(xai.open_picture(content, bands="4,1,6").pixels, BYTES[..., [3, 0, 5]])


def test_one_range_for_the_three_bands_and_for_the_whole_set(tmp_path):
    dim = DEEP // 8
    for name, values in (("a", DEEP), ("b", dim)):
        (tmp_path / f"{name}.tif").write_bytes(tiff(values))
    found = xai.load_dataset(tmp_path, bands=(4, 3, 2))
    assert found.code.endswith("bands='4,3,2')")
    for sample, values in zip(found, (DEEP, dim), strict=True):
        np.testing.assert_array_equal(sample.pixels, in_bytes(values[..., [3, 2, 1]]))
        assert sample.notes == ("bands 4, 3, 2 of 13", "scaled to 8 bits, from 0 to 4,095")
    assert found.decisions.deep == 2
    assert str(found.decisions.whole) == "0 to 4,095"
    given = xai.load_dataset(tmp_path, bands="4,3,2", intensity_range=(0, 511))
    np.testing.assert_array_equal(
        given[1].pixels, np.rint(np.clip(dim[..., [3, 2, 1]] / 511, 0, 1) * 255).astype(np.uint8)
    )
    assert found.items[0].stamp != xai.load_dataset(tmp_path).items[0].stamp
    (same,) = eval(xai.load_dataset(tmp_path, bands="4,3,2", limit=1).code)
    np.testing.assert_array_equal(same.pixels, found[0].pixels)


def test_floating_point_bands():
    values = RNG.random((6, 5, 5)).astype(np.float32)
    values[0, 0] = 1
    sample = xai.open_picture(tiff(values), bands=(3, 2, 1))
    np.testing.assert_array_equal(sample.pixels, np.rint(values[..., [2, 1, 0]].astype(float) * 255).astype(np.uint8))
    values[2, 2, 0] = np.nan
    with pytest.raises(xai.PictureError, match=r"^a.tif holds NaN or infinite values"):
        xai.open_picture(tiff(values), name="a.tif", bands=(3, 2, 1))


def test_pictures_that_are_none_of_many_bands_stay_as_they_are(tmp_path):
    colours = BYTES[..., :3]
    contents = {"a.png": encoded(colours, "PNG"), "b.tif": encoded(colours, "TIFF"), "c.tif": tiff(BYTES)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    found = xai.load_dataset(tmp_path, bands=(3, 2, 1))
    np.testing.assert_array_equal(found[0].pixels, colours)
    np.testing.assert_array_equal(found[1].pixels, colours)
    np.testing.assert_array_equal(found[2].pixels, colours[..., ::-1])


def test_four_bands_are_red_green_and_blue_until_somebody_says_otherwise():
    near_infrared = tiff(BYTES[..., :4], photometric="rgb", extrasamples=["unspecified"])
    np.testing.assert_array_equal(xai.open_picture(near_infrared).pixels, BYTES[..., :3])
    np.testing.assert_array_equal(xai.open_picture(near_infrared, bands=(4, 1, 2)).pixels, BYTES[..., [3, 0, 1]])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_bands_are_turned_as_all_pictures_are(orientation):
    turned = tiff(BYTES, extratags=[(274, "H", 1, orientation, True)])
    usual = encoded(BYTES[..., :3], "TIFF", exif=_exif(orientation))
    np.testing.assert_array_equal(xai.open_picture(turned, bands=(1, 2, 3)).pixels, xai.open_picture(usual).pixels)


def _exif(orientation):
    exif = Image.Exif()
    exif[274] = orientation
    return exif


def test_pages_of_many_bands(tmp_path):
    pages = [BYTES, 255 - BYTES, BYTES // 2]
    path = tmp_path / "stack.tif"
    path.write_bytes(tiff(pages))
    found = xai.load_dataset(path, bands="1,2,3")
    assert [item.name for item in found.items] == [f"stack.tif page {number}" for number in (1, 2, 3)]
    for sample, values in zip(found, pages, strict=True):
        np.testing.assert_array_equal(sample.pixels, values[..., :3])
    assert found[1].notes == ("page 2 of 3", "bands 1, 2, 3 of 6")
    uploaded = xai.from_uploads([("stack.tif", path.read_bytes())], pages="each", bands=(1, 2, 3))
    assert [sample.id for sample in uploaded] == [sample.id for sample in found]
    assert uploaded.code.endswith(", pages='each', bands='1,2,3')")
    second = xai.open_picture(path, page=2, bands=(1, 2, 3))
    assert second.id == found[1].id
    with pytest.raises(xai.PictureError, match=r"^stack.tif has no page 4\.$"):
        xai.open_picture(path, page=4, bands=1)


def test_pages_of_uploads():
    pages = [np.full((4, 5), value, np.uint8) for value in (10, 20, 30)]
    file = io.BytesIO()
    Image.fromarray(pages[0]).save(file, "TIFF", save_all=True, append_images=[Image.fromarray(p) for p in pages[1:]])
    dropped = [("a.tif", file.getvalue()), ("b.png", encoded(pages[0], "PNG"))]
    first = xai.from_uploads(dropped)
    assert [(item.name, item.group) for item in first.items] == [("a.tif", None), ("b.png", None)]
    each = xai.from_uploads(dropped, pages="each")
    assert [item.name for item in each.items] == ["a.tif page 1", "a.tif page 2", "a.tif page 3", "b.png"]
    assert [sample.pixels[0, 0, 0] for sample in each] == [10, 20, 30, 10]
    assert each.groups == ("a.tif", "a.tif", "a.tif", None)
    assert len({item.stamp for item in each.items}) == 4
    assert xai.from_uploads(dropped, pages=2).read().samples[0].pixels[0, 0, 0] == 20
    assert xai.open_picture(file.getvalue(), page=3).pixels[0, 0, 0] == 30
    for wrong in (0, "each", -1, 1.5, None):
        with pytest.raises(xai.DataError, match="page must be the number of a page from 1 on"):
            xai.open_picture(file.getvalue(), page=wrong)


def test_what_cannot_be_is_said(monkeypatch):
    content = tiff(DEEP)
    with pytest.raises(xai.PictureError, match=r"^s2.tif has 13 bands, so there is no band 14\.$"):
        xai.open_picture(content, name="s2.tif", bands=(1, 2, 14))
    with pytest.raises(xai.PictureError, match=r"13 bands, and .* Say which by `bands`, such as 3,2,1"):
        xai.open_picture(content, name="s2.tif")
    packed = bytearray(tiff(BYTES, compression="zlib"))
    place = bytes(packed).index(b"\x03\x01\x03\x00\x01\x00\x00\x00\x08\x00")  # Deflate
    packed[place + 8] = 5  # LZW
    monkeypatch.setattr("xai_core.data.tiff_bands.find_spec", lambda name: None)  # whatever is installed
    with pytest.raises(xai.PictureError, match=r"needs the extra `tiff`: pip install 'xai-core\[tiff\]'\.$"):
        xai.open_picture(bytes(packed), bands=1)
    with pytest.raises(xai.PictureError, match="damaged or cut off"):
        xai.open_picture(tiff(BYTES, compression="zlib")[:-900], bands=1)


@pytest.mark.parametrize("wrong", ["1,2", "0", "1,2,x", (1, 2, 3, 4), -1, 2.5, {}, "1,,3"])
def test_bands_that_are_none(wrong):
    with pytest.raises(xai.DataError, match="bands must be three numbers from 1 on"):
        bands_text(wrong)


@pytest.mark.parametrize(
    ("given", "text", "bands"),
    [(None, "auto", ()), ("", "auto", ()), (" 4, 03,2 ", "4,3,2", (4, 3, 2)), (8, "8", (8,))],
)
def test_bands_as_texts(given, text, bands):
    assert bands_text(given) == bands_text(text) == text
    assert bands_of(text) == bands


def test_a_strip_that_unpacks_to_more_than_it_should_hold_is_refused_before_it_does():
    content = tiff(np.zeros((8, 8, 6), np.uint8), compression="zlib")
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        tag = file.pages[0].tags[257]
    few = content[: tag.valueoffset] + (2).to_bytes(2, "little") + content[tag.valueoffset + 2 :]  # rows
    with pytest.raises(xai.PictureError, match="damaged or cut off"):
        xai.open_picture(few, bands=1)
    tall = content[: tag.valueoffset] + (60_000).to_bytes(2, "little") + content[tag.valueoffset + 2 :]
    with pytest.raises(xai.PictureError, match="damaged or cut off"):
        xai.open_picture(tall, bands=1)
