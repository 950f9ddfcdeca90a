"""DICOM, pages and bands of TIFF, label maps, data sets in memory: read or refused with a sentence, within bounds."""

import io

import numpy as np
import tifffile
import torch
from hypothesis import strategies as some
from PIL import Image

import xai_core as xai
from tests.support.dicom import dicom
from tests.support.fuzzing import JSON, any_of, as_json, check
from xai_core.data.label_map import read_label_map

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (9, 12), dtype=np.uint8)
MANY = RNG.integers(0, 256, (9, 12, 6), dtype=np.uint8)


def read_some(dataset):
    samples, problems = dataset[:6].read()
    for sample in samples:
        assert sample.pixels.dtype == np.uint8
        assert sample.pixels.shape[2:] == (3,)
    if not samples:
        raise xai.PictureError(problems[0].reason)


def uploaded(name, **options):
    return lambda content: read_some(xai.from_uploads([(name, content)], **options))


def test_dicom():
    deep = GREY.astype(np.int16) * 16 - 1024
    seeds = [
        dicom(GREY),
        dicom(GREY, "MONOCHROME1"),
        dicom(deep, bits=12, RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=40, WindowWidth=400),
        dicom(np.stack([GREY, 255 - GREY])),
        dicom(np.stack([GREY] * 3, axis=2), "RGB"),
        dicom(np.stack([GREY] * 3, axis=2), "YBR_FULL"),
    ]
    check(any_of(*seeds), uploaded("a.dcm", pages="each"))


def pages(*values, **options):
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for one in values:
            writer.write(one, **options)
    return file.getvalue()


def test_pages_of_tiff(tmp_path):
    file = io.BytesIO()
    Image.fromarray(GREY).save(file, "TIFF", save_all=True, append_images=[Image.fromarray(MANY[..., :3])])
    deep = pages(GREY.astype(np.uint16) * 16, GREY, photometric="minisblack", compression="zlib")
    path = tmp_path / "a.tif"

    def read(content):
        path.write_bytes(content)
        read_some(xai.load_dataset(path))

    check(any_of(file.getvalue(), deep), read)


def test_bands_of_tiff():
    plain = {"photometric": "minisblack", "planarconfig": "contig"}
    seeds = [
        pages(MANY, **plain),
        pages(MANY.astype(np.uint16) * 16, MANY.astype(np.uint16), compression="zlib", predictor=True, **plain),
        pages(np.moveaxis(MANY, 2, 0).astype(np.float32), photometric="minisblack", planarconfig="separate"),
        pages(np.tile(MANY, (4, 4, 1)), tile=(16, 16), **plain),
    ]
    check(any_of(*seeds), uploaded("a.tif", pages="each", bands="5,1,3"))


def test_label_maps(tmp_path):
    path = tmp_path / "map.json"

    def read(content):
        for ending in ("json", "csv"):
            path.with_suffix(f".{ending}").write_bytes(content)
        found = read_label_map(path.with_suffix(".csv" if b"," in content[:20] else ".json"))
        read_some(xai.load_dataset("photos").take([0]).map_labels(found))

    check(any_of(b"label,class\ntabby,tiger cat\nespresso,\n", as_json({"tabby": "tiger cat", "espresso": None})), read)


KINDS = some.sampled_from(["u1", "i1", "u2", "i2", "i4", "i8", "f2", "f4", "f8", "?", "c8", "U3"])
SHAPES = some.lists(some.integers(0, 5), max_size=4)


def _array(kind, shape, top):
    if kind == "U3":
        return np.full(shape, "a")
    with np.errstate(all="ignore"):
        values = np.resize(np.linspace(0, top, 7), shape) if 0 not in shape else np.zeros(shape)
        return values.astype(kind)


ARRAYS = some.builds(_array, KINDS, SHAPES, some.sampled_from([0, 1, 1.5, 255, 4095, -3, np.nan, np.inf]))
SENSIBLE = some.builds(_array, some.sampled_from(["u1", "f4"]), some.just([4, 5, 3]), some.just(1))
TENSORS = ARRAYS.filter(lambda one: one.dtype.kind in "uifb").map(lambda one: torch.tensor(np.nan_to_num(one).tolist()))
IMAGES = some.sampled_from(["1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "I", "F", "I;16"]).map(
    lambda mode: Image.new(mode, (5, 4))
)
PICTURES = some.one_of(SENSIBLE, SENSIBLE, IMAGES, ARRAYS, TENSORS, JSON)
CLASSES = some.one_of(some.integers(0, 2), some.integers(0, 2), some.integers(0, 2).map(torch.tensor), JSON)
ITEMS = some.one_of(
    some.tuples(PICTURES, CLASSES),
    some.tuples(PICTURES, CLASSES),
    some.builds(lambda picture, label: {"image": picture, "label": label}, PICTURES, CLASSES),
    JSON,
)


class Items:
    """A data set in memory, whatever its items are."""

    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


def test_data_sets_in_memory():
    def read(items):
        read_some(xai.load_dataset(Items(items), class_names=["cat", "dog", "bee"]))

    check(some.lists(ITEMS, min_size=1, max_size=3), read)


def test_arrays():
    check(some.one_of(ARRAYS, SENSIBLE), xai.open_picture)
