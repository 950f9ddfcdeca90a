"""Files with several pages: one of each, or every page as a picture, with the masks' own pages."""

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from xai_core.data import check_options

PAGES = np.random.default_rng(0).integers(0, 256, (3, 4, 5), dtype=np.uint8)


def stack(path, pages=PAGES):
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *others = (Image.fromarray(page) for page in pages)
    first.save(path, save_all=True, append_images=others)
    return path


def test_one_page_of_each(tmp_path):
    stack(tmp_path / "cat" / "1.tif")
    Image.fromarray(PAGES[1]).save(tmp_path / "cat" / "2.png")
    first, single = xai.load_dataset(tmp_path)
    assert (first.pixels[..., 0] == PAGES[0]).all()
    assert first.notes == ("first of 3 frames",)
    dataset = xai.load_dataset(tmp_path, pages=2)
    second, same = dataset
    assert (second.pixels[..., 0] == PAGES[1]).all()
    assert (second.name, second.notes) == ("cat/1.tif", ("page 2 of 3",))
    assert (same.pixels == single.pixels).all()
    assert dataset.code == f"xai.load_dataset({str(tmp_path)!r}, pages='2')"
    assert dataset.items[0].stamp != xai.load_dataset(tmp_path).items[0].stamp
    problems = xai.load_dataset(tmp_path, pages=9).read().problems
    assert [(one.name, one.reason) for one in problems] == [("cat/1.tif", "cat/1.tif has no page 9.")]


def test_each_page_is_a_picture(tmp_path):
    stack(tmp_path / "cat" / "1.tif")
    Image.fromarray(PAGES[1]).save(tmp_path / "cat" / "2.png")
    dataset = xai.load_dataset(tmp_path, pages="each")
    assert [item.name for item in dataset.items] == [
        "cat/1.tif page 1",
        "cat/1.tif page 2",
        "cat/1.tif page 3",
        "cat/2.png",
    ]
    assert [item.group for item in dataset.items] == ["cat/1.tif"] * 3 + [None]
    assert [sample.group for sample in dataset] == ["cat/1.tif"] * 3 + [None]
    assert all((sample.pixels[..., 0] == page).all() for sample, page in zip(dataset[:3], PAGES, strict=True))
    assert dataset[2].name == "cat/1.tif page 3"
    assert dataset.notes[-1].startswith("Each page is a picture: 1 of 2 files has several pages, 4 pages in all")
    assert len({item.stamp for item in dataset.items}) == 4


def test_masks_have_pages_too(tmp_path):
    stack(tmp_path / "images" / "1.tif")
    stack(tmp_path / "masks" / "1.tif", (PAGES > 99).astype(np.uint8) * 255)
    dataset = xai.load_dataset(tmp_path, pages="each")
    assert all((sample.mask == (page > 99)).all() for sample, page in zip(dataset, PAGES, strict=True))


def test_a_stack_of_sixteen_bits(tmp_path):
    deep = PAGES.astype(np.uint16) * 16
    path = stack(tmp_path / "a.tiff", deep)
    dataset = xai.load_dataset(path)
    assert (len(dataset), dataset.title) == (3, "a.tiff")
    assert {item.group for item in dataset.items} == {"a.tiff"}
    for sample, page in zip(dataset, deep, strict=True):  # one scale for the stack: 12 bits
        assert (sample.pixels[..., 0] == np.round(page / 4095 * 255)).all()
    assert len(xai.load_dataset(path, pages=3)) == 1
    assert (xai.load_dataset(path, pages=3)[0].pixels == dataset[2].pixels).all()


@pytest.mark.parametrize("given", ["all", 0, -1, "1.5", 99_999])
def test_what_is_no_page_is_said(given):
    with pytest.raises(xai.DataError, match="pages must be 'first', 'each' or the number of a page from 1 on"):
        check_options({"pages": given})


def test_forms_of_the_option():
    assert check_options({"pages": 1}) == {}
    assert check_options({"pages": "The first"}) == {}
    assert check_options({"pages": "Each, as a picture of its own"}) == {"pages": "each"}
    assert check_options({"pages": "7"}) == {"pages": "7"}


@pytest.mark.parametrize("name", ["1.png", "1.JPG", "1.webp", "1.bmp", "1.gif", "1.tif"])
def test_a_picture_is_given_itself(tmp_path, name):
    first, second = (Image.fromarray(page) for page in PAGES[:2])
    several = {"save_all": True, "append_images": [second]} if name == "1.gif" else {}
    first.save(tmp_path / name, **several)
    Image.fromarray(PAGES[1]).save(tmp_path / "2.png")
    (sample,) = xai.load_dataset(tmp_path / name)
    assert (sample.name, sample.label) == (name, None)
    assert (sample.pixels == xai.open_picture(tmp_path / name).pixels).all()


def test_packed_volumes_are_named_by_both_endings(tmp_path):
    for name in ("1.nii.gz", "2.nii.gz", "a.b.gz"):
        (tmp_path / name).write_bytes(b"packed")
    with pytest.raises(xai.DataError, match=r"\.nii\.gz \(2\), \.gz \(1\)\. \.nii\.gz: unpack it, and save its slices"):
        xai.load_dataset(tmp_path)
