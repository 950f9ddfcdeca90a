"""The photos that come with the packages: all there, and read without importing those packages."""

import json
import subprocess
import sys

import pytest

from xai_core.data import bundled
from xai_core.errors import DataError

PHOTOS = {
    "coffee": ("espresso", (400, 600, 3)),
    "chelsea": ("tabby", (300, 451, 3)),
    "camera": ("tripod", (512, 512, 3)),
    "china": ("palace", (427, 640, 3)),
    "motorcycle": ("motorcycle", (500, 741, 3)),
    "rocket": ("rocket", (427, 640, 3)),
    "astronaut": ("astronaut", (512, 512, 3)),
    "flower": ("flower", (427, 640, 3)),
}


def test_there_are_eight_photos_with_names_and_labels():
    dataset = bundled.load()
    assert (dataset.key, len(dataset), dataset.skipped) == ("photos", 8, ())
    assert [(item.name, item.label) for item in dataset.items] == [(name, label) for name, (label, _) in PHOTOS.items()]


def test_the_photos_are_read_with_names_labels_and_shapes():
    samples, problems = bundled.load().read()
    assert problems == []
    assert {sample.name: (sample.label, sample.pixels.shape) for sample in samples} == PHOTOS
    assert len({sample.id for sample in samples}) == 8


def test_the_grey_photo_is_grey_in_three_channels():
    pixels = bundled.load()[2].pixels
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert (pixels[..., 0] == pixels[..., 2]).all()


def test_loading_imports_neither_scikit_image_nor_scikit_learn():
    code = (
        "import json, sys\n"
        "from xai_core.data import bundled\n"
        "shapes = [sample.pixels.shape for sample in bundled.load()]\n"
        "print(json.dumps([len(shapes), [name for name in ('skimage', 'sklearn') if name in sys.modules]]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [8, []]


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(bundled, "find_spec", lambda package: None)
    with pytest.raises(DataError) as caught:
        bundled.load()
    assert str(caught.value) == "The package skimage is not installed, so its photos are not here."


def test_there_are_no_splits():
    with pytest.raises(DataError, match="no split 'val'"):
        bundled.load("val")
