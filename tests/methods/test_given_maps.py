"""Maps that were made elsewhere go through what maps of ours go through, and give the same."""

import zipfile

import numpy as np
import pytest
from PIL import Image

import xai_core as xai
from xai_core.questions.foreground.findings import find
from xai_core.questions.foreground.report import foreground_report
from xai_core.reports import to_html, to_zip


@pytest.fixture(scope="module")
def model():
    return xai.load_model("digits", device="cpu")


@pytest.fixture(scope="module")
def data():
    return xai.load_dataset("textured_digits").choose(limit=4)


@pytest.fixture(scope="module")
def digits(data):
    return list(data)


@pytest.fixture(scope="module")
def own(model, digits):
    return xai.grad_cam(model, digits, layers="stages.2")


def test_arrays_that_are_our_maps_give_our_table(model, digits, own):
    given = xai.given_maps(own["stages.2"], model, digits)
    columns = ["mean_inside", "energy_inside", "auc", "mask_area", "reason"]
    tables = [xai.foreground_background(one, digits, control=False)[columns] for one in (given, own)]
    assert tables[0].equals(tables[1])
    np.testing.assert_array_equal(given.targets, own.targets)
    assert given.key == ""


@pytest.mark.parametrize("kind", ["npz of ours", "npy", "npz by name", "folder of npy", "folder of npz"])
def test_files_hold_the_same_as_arrays(model, digits, own, tmp_path, kind):
    maps = own["stages.2"]
    place = tmp_path / "maps"
    if kind == "npz of ours":
        place = tmp_path / "maps.npz"
        place.write_bytes(xai.to_npz(own, digits))
    elif kind == "npy":
        place = tmp_path / "maps.npy"
        np.save(place, maps)
    elif kind == "npz by name":
        place = tmp_path / "maps.npz"
        np.savez(place, **{sample.name: one for sample, one in zip(digits, maps, strict=True)})
    else:
        place.mkdir()
        for sample, one in zip(digits, maps, strict=True):
            if kind == "folder of npy":
                np.save(place / f"{sample.name}.npy", one)
            else:
                np.savez(place / f"{sample.name}.npz", heat=one)
    (values,) = xai.given_maps(place, model, digits).values()
    np.testing.assert_array_equal(values, maps)


def test_grey_pictures_are_maps_of_their_values(model, digits, tmp_path):
    values = np.random.default_rng(0).integers(0, 255, (4, 16, 16), np.uint8)
    for sample, one in zip(digits, values, strict=True):
        Image.fromarray(one).save(tmp_path / f"{sample.name}.png")
    (found,) = xai.given_maps(str(tmp_path), model, digits).values()
    np.testing.assert_array_equal(found, values)


def test_maps_of_several_resolutions_are_brought_to_the_inputs(model, digits):
    coarse, fine = np.arange(16.0).reshape(4, 4), np.kron(np.arange(16.0).reshape(4, 4), np.ones((32, 32)))
    found = xai.given_maps([coarse, fine], model, digits[:2])["given"]
    assert found.shape == (2, 64, 64)
    np.testing.assert_allclose(found[0], xai.upsample(coarse.astype(np.float32), (64, 64)))
    np.testing.assert_allclose(found[1], fine[::2, ::2])  # averaged over cells of equal values


def test_signed_maps_keep_their_signs(model, digits):
    maps = np.random.default_rng(1).normal(size=(2, 8, 8))
    np.testing.assert_allclose(xai.given_maps(maps, model, digits[:2])["given"], maps, rtol=1e-6)


def test_targets_are_the_predictions_or_what_is_said(model, digits, own):
    maps = own["stages.2"]
    np.testing.assert_array_equal(xai.given_maps(maps, model, digits).targets, xai.predict(model, digits).classes)
    assert xai.given_maps(maps, model, digits, targets="3").targets.tolist() == [3] * 4


def test_deletion_takes_them_as_its_own(model, digits, own):
    given = xai.given_maps(own["stages.2"], model, digits)
    curves = [
        xai.deletion(model, digits[0], {"m": one[0]}, steps=4, draws=0) for one in (given["given"], own["stages.2"])
    ]
    assert curves[0].equals(curves[1])


def test_a_reports_lines_read_them_from_its_archive(model, data, digits, own, tmp_path, monkeypatch):
    given = xai.given_maps(own["stages.2"], model, digits)
    table = xai.foreground_background(given, digits)
    report = foreground_report(find(model, data.code, digits, given, table, "mean"))
    (tmp_path / "report.zip").write_bytes(to_zip(report, to_html(report)))
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("report.zip") as archive:
        archive.extractall()
    names = {}
    exec((tmp_path / "code.py").read_text(), names)  # the report's own lines
    wanted = {name: value for name, value in report.numbers.items() if np.isfinite(value)}
    assert {name: names["numbers"][name] for name in wanted} == pytest.approx(wanted)


NAN = np.where(np.eye(4) > 0, np.nan, 0.0)


@pytest.mark.parametrize(
    ("maps", "words"),
    [
        (np.zeros((3, 4, 4)) + np.eye(4), "3 maps for 2 pictures. Give one for each."),
        (np.stack([np.eye(4), NAN]), "1 of 2 maps hold NaN or infinity: number 2."),
        (np.ones((2, 4, 4)), "each map is the same everywhere, so none points at any place"),
        (np.ones((2, 4)), r"maps are numbers of shape \(pictures, h, w\); got float64 \(2, 4\)"),
        (np.full((2, 4, 4), "a"), "maps are numbers"),
        ([np.eye(4), np.ones(3)], r"Maps are real numbers of shape \(h, w\); got \(4, 4\) of float64, \(3,\) of"),
        ([np.eye(4), np.eye(4) * 1j], r"Maps are real numbers of shape .* \(4, 4\) of complex128"),
        ({}, "There are 0 arrays of maps"),
    ],
)
def test_what_is_no_map_of_these_pictures_is_said(model, digits, maps, words):
    with pytest.raises(xai.DataError, match=words):
        xai.given_maps(maps, model, digits[:2])


def test_one_constant_map_among_others_is_a_map(model, digits):
    found = xai.given_maps(np.stack([np.eye(4), np.ones((4, 4))]), model, digits[:2])
    table = xai.foreground_background(found, digits[:2], control=False)
    assert table["reason"].tolist() == ["", "Its map is the same everywhere."]


def test_files_that_are_no_maps_are_said(model, digits, tmp_path):
    (tmp_path / "a.npz").write_bytes(b"no archive")
    (tmp_path / "b.npy").write_bytes(b"\x93NUMPY damaged")
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "c.png")
    np.save(tmp_path / "d.npy", np.array([{"a": 1}]), allow_pickle=True)
    for name, words in (
        ("a.npz", "cannot be read as arrays"),
        ("b.npy", "cannot be read as arrays"),
        ("c.png", r"is in colour \(RGB\). A map has one value a pixel"),
        ("d.npy", "cannot be read as arrays"),
        ("e.npy", "cannot be read as maps"),
    ):
        with pytest.raises(xai.DataError, match=words):
            xai.given_maps(tmp_path / name, model, digits[:1])


def test_a_picture_without_a_map_or_with_two_is_named(model, digits, tmp_path):
    np.save(tmp_path / f"{digits[0].name}.npy", np.eye(4))
    with pytest.raises(xai.DataError, match="no map is named like it"):
        xai.given_maps(tmp_path, model, digits[:2])
    (tmp_path / "more").mkdir()
    np.save(tmp_path / "more" / f"{digits[1].name}.npy", np.eye(4))
    (tmp_path / "again").mkdir()
    np.save(tmp_path / "again" / f"{digits[1].name}.npy", np.eye(4))
    with pytest.raises(xai.DataError, match="several maps are named like it"):
        xai.given_maps(tmp_path, model, digits[:2])
