"""The photos that come with the packages: all there with masks, and read without importing those packages."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from xai_core.data import bundled, photo_masks
from xai_core.errors import DataError, PictureError
from xai_core.types import content_id

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


# Of each photo, points (x, y) on its object, beside it, and where that is left open.
POINTS = {
    "coffee": ([(290, 150), (100, 220), (300, 375), (412, 80)], [(30, 30), (550, 200), (300, 396), (60, 205)], []),
    "chelsea": ([(170, 110), (265, 235), (380, 10), (100, 290)], [(10, 60), (430, 150), (385, 40)], [(350, 260)]),
    "camera": ([(292, 400), (266, 400), (352, 413), (330, 303)], [(320, 430), (100, 200), (280, 440)], [(290, 160)]),
    "china": ([(205, 40), (200, 100), (200, 250), (340, 340)], [(500, 100), (107, 205), (100, 400)], [(315, 395)]),
    "motorcycle": (
        [(268, 201), (664, 363), (536, 156), (134, 324), (205, 390)],
        [(391, 424), (167, 117), (586, 218), (50, 460), (740, 10)],
        [],
    ),
    "rocket": ([(322, 150), (322, 300), (322, 400)], [(205, 300), (322, 100), (300, 390), (322, 412)], []),
    "astronaut": ([(220, 80), (100, 350), (400, 430)], [(420, 100), (450, 320), (60, 150), (275, 160)], []),
    "flower": ([(307, 220), (430, 220), (350, 410)], [(100, 100), (160, 220), (450, 400)], [(600, 415)]),
}
SHARES = {
    "coffee": 0.479,
    "chelsea": 0.732,
    "camera": 0.032,
    "china": 0.243,
    "motorcycle": 0.272,
    "rocket": 0.019,
    "astronaut": 0.536,
    "flower": 0.243,
}


@pytest.fixture(scope="module")
def samples():
    return {sample.name: sample for sample in bundled.load()}


@pytest.mark.parametrize("name", PHOTOS)
def test_each_photo_has_the_mask_of_its_object(samples, name):
    sample = samples[name]
    assert (sample.mask.dtype, sample.mask.shape) == (np.uint8, sample.pixels.shape[:2])
    assert {0, 1} <= set(np.unique(sample.mask)) <= {0, 1, 255}
    for points, value in zip(POINTS[name], (1, 0, 255), strict=True):
        assert {(x, y): sample.mask[y, x] for x, y in points} == dict.fromkeys(points, value)
    assert (sample.mask == 1).mean() == pytest.approx(SHARES[name], abs=0.002)
    assert (sample.mask == 255).mean() < 0.05
    assert sample.notes == ()


@pytest.mark.parametrize("name", PHOTOS)
def test_the_id_covers_the_mask(samples, name):
    sample = samples[name]
    assert sample.id == content_id(sample.pixels, sample.mask) != content_id(sample.pixels)


def overlap(mask, found):
    counted = mask != 255
    return ((mask == 1) & found & counted).sum() / (((mask == 1) | found) & counted).sum()


def test_outlines_agree_with_what_the_colours_say(samples):
    flower = samples["flower"]
    assert overlap(flower.mask, flower.pixels[:, :, 0] > 100) > 0.95
    coffee = samples["coffee"]
    part = np.s_[10:210, 170:405]  # nothing there is as white as the cup's rim
    assert (coffee.mask[part][coffee.pixels[part][:, :, 2] > 170] == 1).mean() > 0.97
    rocket = samples["rocket"]
    part = np.s_[120:172, 311:345]  # its tip before the blue sky
    red, _, blue = np.moveaxis(rocket.pixels[part].astype(int), 2, 0)
    assert overlap(rocket.mask[part], red > blue - 40) > 0.95


def disparity(tmp_path, values):
    path = tmp_path / "disparity.npz"
    np.savez(path, np.asarray(values, np.float32))
    return path


def test_the_motorcycle_is_what_is_near_and_above_the_floor(tmp_path):
    floor = -28.37 + 0.17034 * np.arange(500)[:, None] - 0.000586 * np.arange(741)
    values = np.where(floor > 5, floor, 20)  # a wall at 20 above the floor
    values[100:420, 300:400] = 45  # stands on the floor
    values[100:120, 500:600] = 33.9  # not near enough
    values[440:460, 600:700] += 0.4  # not high enough
    values[470:490, 0:20] = 80  # where the floor bulges
    values[98:102, 296:404] = np.inf  # around the upper edge, nothing was measured
    values[200:210, 390:410] = 0
    mask = photo_masks.from_disparity(disparity(tmp_path, values))
    expected = np.zeros((500, 741), np.uint8)
    expected[102:420, 300:400] = 1
    expected[200:210, 390:400] = 0
    near = np.zeros_like(expected)
    for rows in (-2, -1, 0, 1, 2):
        for columns in (-2, -1, 0, 1, 2):
            near |= np.roll(expected, (rows, columns), (0, 1))
    expected[(near == 1) & (np.isinf(values) | (values == 0))] = 255
    np.testing.assert_array_equal(mask, expected)
    assert (mask[100:102, 310:390] == 255).all()
    assert (mask[98:100] == 0).all()  # too far away from what was measured


@pytest.mark.parametrize("content", [None, b"", b"PK but no archive"])
def test_without_its_disparity_the_motorcycle_comes_without_a_mask(tmp_path, monkeypatch, content):
    (tmp_path / "data").mkdir()
    photo = bundled.package_folder("skimage") / "data" / "motorcycle_left.png"
    shutil.copy(photo, tmp_path / "data")
    if content is not None:
        (tmp_path / "data" / "motorcycle_disp.npz").write_bytes(content)
    monkeypatch.setattr(bundled, "package_folder", lambda package: tmp_path)
    sample = bundled.load()[4]
    assert (sample.name, sample.mask, sample.id) == ("motorcycle", None, content_id(sample.pixels))
    assert sample.notes == ("no mask: motorcycle_disp.npz of scikit-image cannot be read",)


def test_masks_are_drawn_when_a_photo_is_read(monkeypatch):
    def draw(*arguments):
        raise PictureError("drawn")

    monkeypatch.setattr(photo_masks, "from_outlines", draw)
    monkeypatch.setattr(photo_masks, "from_disparity", draw)
    dataset = bundled.load()
    assert {sample.notes[-1] for sample in dataset} == {"no mask: drawn"}


def test_outlines_stay_inside_their_photos_and_are_closed_areas():
    assert set(photo_masks.OUTLINES) | {"motorcycle"} == set(PHOTOS)
    for name, outlines in photo_masks.OUTLINES.items():
        height, width, _ = PHOTOS[name][1]
        for value, points in outlines:
            corners = np.array([point.split(",") for point in points.split()], float)
            assert value in (0, 1, 255)
            assert len(corners) >= 3
            assert corners.min() >= 0
            assert (corners <= (width, height)).all()
