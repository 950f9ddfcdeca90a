"""Costly uploads are cut to what a network sees where they are decoded: the same numbers, and no whole picture sent."""

import io

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from tests.support.dicom import dicom
from xai_core.apart import switched_on
from xai_core.data.apart import ask, samples, wire
from xai_core.data.decisions.reading import FileReading
from xai_core.data.viewing import Viewing, read_viewed
from xai_core.types import Preprocessing

pytestmark = pytest.mark.process
RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (90, 148, 3), np.uint8)
DEEP = RNG.integers(0, 4096, (90, 148), np.uint16)
CROP = Preprocessing(40, 32)
VIEWS = [
    CROP,
    Preprocessing((50, 40), (40, 40), (0.5,), (0.5,), "bicubic", "pad", channels="L"),
    Preprocessing(64, 64, interpolation="lanczos", fit="stretch", white=255, mean=(9.0,) * 3, std=(2.0,) * 3),
]


@pytest.fixture(autouse=True, scope="module")
def _ended():
    yield
    ask.close()


def saved(image, kind="TIFF", **options):
    file = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(file, kind, **options)
    return file.getvalue()


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


READ = {
    "TIFF": saved(NOISE),
    "12 bits": saved(DEEP),
    "turned": saved(NOISE, exif=turned()),
    "pages": saved(NOISE, save_all=True, append_images=[Image.fromarray(NOISE[::-1])]),
    "DICOM": dicom(DEEP, bits=12, WindowCenter=2_000, WindowWidth=900),
    "large, turned": saved(Image.new("RGB", (4_000, 2_001), (9, 99, 200)), "JPEG", exif=turned()),
}


def same(one, other):
    """Whether two pictures that were read for a network are the same in everything."""
    for name in ("id", "label", "name", "notes", "view_of", "by_box"):
        assert getattr(one.sample, name) == getattr(other.sample, name)
    np.testing.assert_array_equal(one.sample.pixels, other.sample.pixels)
    assert (one.sample.mask is None) == (other.sample.mask is None)
    if one.sample.mask is not None:
        np.testing.assert_array_equal(one.sample.mask, other.sample.mask)
    assert (one.whole is None) == (other.whole is None)
    if one.whole is not None:
        np.testing.assert_array_equal(one.whole.pixels, other.whole.pixels)
        np.testing.assert_array_equal(
            (*one.whole.box, one.whole.object_seen), (*other.whole.box, other.whole.object_seen)
        )


@pytest.fixture
def received(monkeypatch):
    """Bytes of each array that came from a decoding process."""
    found, of = [], wire.arrays_of

    def arrays_of(message, count, most):
        arrays = of(message, count, most)
        found.extend(array.nbytes for array in arrays)
        return arrays

    monkeypatch.setattr(wire, "arrays_of", arrays_of)
    return found


def read_both(files, view=CROP, **options):
    """The first of them read for a network, here and in a process of its own."""
    (one,), (other,) = (xai.from_uploads(files, **options).items[:1] for _ in range(2))
    here = read_viewed(one.read, view)
    with switched_on():
        return here, read_viewed(other.read, view)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.fit)
@pytest.mark.parametrize("kind", READ)
def test_the_same_is_seen(kind, view, received):
    here, there = read_both([("a.bin", READ[kind])], view)
    same(here, there)
    assert received
    assert here.sample.view_of == view
    whole = xai.from_uploads([("a.bin", READ[kind])])[0]
    np.testing.assert_array_equal(here.sample.pixels, view.view(whole.pixels))
    assert here.sample.id == whole.id


MASKS = {
    "shades": saved(RNG.integers(0, 256, (90, 148), np.uint8), "PNG"),
    "trimap": saved(RNG.integers(1, 4, (90, 148), np.uint8), "PNG"),
    "16 bits": saved(RNG.integers(0, 9, (90, 148), np.uint16)),
    "colours": saved(NOISE // 128 * 128, "PNG"),
    "half its size": saved(Image.fromarray(RNG.integers(0, 2, (45, 74), np.uint8) * 255), "PNG"),
    "another shape": saved(np.ones((90, 90), np.uint8), "PNG"),
    "a JPEG in colours": saved(NOISE, "JPEG"),
    "a photo": saved(np.random.default_rng(1).integers(0, 256, (300, 300, 3), np.uint8), "PNG"),
    "no picture": b"no picture",
}


@pytest.mark.parametrize("mask", MASKS)
def test_masks_are_the_same(mask):
    here, there = read_both([("a.tif", READ["TIFF"]), ("a_mask.bin", MASKS[mask])])
    same(here, there)
    bad = mask in ("another shape", "a JPEG in colours", "a photo", "no picture")
    assert any(note.startswith("no mask: a_mask.bin") for note in there.sample.notes) == bad


@pytest.mark.parametrize("coding", ["half", "1,4/255", "zero"])
def test_masks_mean_what_was_said(coding):
    files = [("a.png", saved(NOISE, "PNG")), ("a_mask.tif", MASKS["16 bits"])]  # where the mask alone is costly
    same(*read_both(files, mask_coding=coding))


def test_what_was_decided_for_the_set_holds():
    """The others are looked at for it meanwhile, in other processes."""
    files = [("a.tif", saved(DEEP)), ("b.tif", saved(DEEP // 4)), ("b_mask.tif", MASKS["16 bits"])]
    files += [("a_mask.tif", saved(RNG.integers(0, 2, (90, 148), np.uint16) * 255))]
    same(*read_both(files))


@pytest.mark.parametrize("pages", ["2", "each"])
def test_pages_are_the_same(pages):
    same(*read_both([("c.tif", READ["pages"])], pages=pages))
    with switched_on():
        assert len(xai.from_uploads([("c.tif", READ["pages"])], pages="each")) == 2


def test_no_whole_picture_is_sent(received):
    """Neither where it is seen, nor where the files are looked at for what holds for all, nor its mask."""
    wide, grey = Image.new("RGB", (4_000, 2_001), (9, 99, 200)), Image.new("L", (4_000, 2_001), 200)
    mask = np.zeros((2_001, 4_000), np.uint8)
    mask[500:1_500, 1_000:3_000], mask[600:700] = 1, 2
    files = [("a.png", saved(wide, "PNG")), ("b.png", saved(grey, "PNG")), ("b_mask.png", saved(mask, "PNG"))]
    dataset = xai.from_uploads(files)
    with switched_on():
        found = [read_viewed(item.read, CROP) for item in dataset.items]
        assert dataset.decisions.masks == 1
    assert sum(received) < 400_000  # each has 24 MB, and the mask 8
    assert [one.sample.mask is None for one in found] == [True, False]


def test_a_picture_is_shown_without_a_mask_that_costs_too_much(monkeypatch):
    mask = b"P5 #" + b"x" * 18_000_000 + b"\n2 2 255 abcd"
    monkeypatch.setenv("XAI_DECODING_SECONDS", "0")  # which is one second at least
    with switched_on():
        found = read_viewed(xai.from_uploads([("a.tif", READ["TIFF"]), ("a_mask.pgm", mask)]).items[0].read, CROP)
    assert found.sample.mask is None
    assert "no mask: with a_mask.pgm, a.tif takes more than 0 s of processor time" in found.sample.notes[-1]


def test_what_cannot_be_read_says_so():
    cut_off = READ["large, turned"][:20_000]
    with switched_on(), pytest.raises(xai.PictureError, match=r"a\.jpg is damaged or cut off"):
        read_viewed(xai.from_uploads([("a.jpg", cut_off)]).items[0].read, CROP)


@pytest.mark.parametrize(
    "wrong",
    [{"id": "../../x"}, {"notes": None}, {"masked": True}, {"whole": {"box": [0, 0, 1, "x"], "object_seen": 1}}],
    ids=str,
)
def test_an_answer_that_makes_no_sense_is_not_believed(wrong, monkeypatch):
    good = {"id": "0" * 16, "notes": [], "masked": False, "whole": None}
    monkeypatch.setattr(ask, "asked", lambda *_: ask.Reply(good | wrong, [np.zeros((32, 32, 3), np.uint8)]))
    with pytest.raises(xai.PictureError, match="is damaged: it ended the process"):
        samples.sample(("a", b""), None, FileReading(), Viewing(CROP))
