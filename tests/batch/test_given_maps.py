"""Studies of maps that were made elsewhere: the numbers of the method that made them; what is no map is said."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import xai_core as xai
from tests.support.command import study, summary
from xai_core.batch.given import maps_of_study
from xai_core.batch.store import StudyFolder

NUMBER = 6
ASKED = ("--data", "textured_digits_shortcut", "--split", "val", "--model", "digits_shortcut")
LIMIT = ("--limit", NUMBER, "--target", "prediction", "--device", "cpu")


@pytest.fixture(scope="module")
def model():
    return xai.load_model("digits_shortcut", device="cpu")


@pytest.fixture(scope="module")
def samples(model):
    data = xai.load_dataset("textured_digits_shortcut", split="val", limit=NUMBER)
    return [model.preprocessing.prepare(sample) for sample in data]


@pytest.fixture(scope="module")
def own(model, samples):
    """What a program of somebody's would have made: here Grad-CAM, signed, coarse at the last layer."""
    return xai.grad_cam(model, samples, layers="stages")


@pytest.fixture(scope="module")
def folder(own, samples, tmp_path_factory):
    place = tmp_path_factory.mktemp("maps")
    for sample, one in zip(samples, own["stages.2"], strict=True):
        np.save(place / f"{sample.name}.npy", one)
    return place


@pytest.fixture(scope="module")
def done(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("given") / "study"
    assert study("foreground", out, *LIMIT, "--no-interventions", "--maps", folder) == 0
    return out


def test_where_they_lie_is_where_the_same_maps_of_ours_lie(done, own, samples):
    table = pd.read_csv(done / "table.csv")
    expected = xai.foreground_background(own, samples)
    expected = expected[expected["layer"] == "stages.2"].reset_index(drop=True)
    for column in ("mean_inside", "mean_outside", "energy_inside", "auc", "iou"):
        np.testing.assert_allclose(table[column], expected[column], atol=1e-6)


def test_card_report_and_record_name_them(done):
    assert "Maps made elsewhere" in (done / "report.html").read_text()
    with zipfile.ZipFile(done / "report.zip") as archive:
        record, code = json.loads(archive.read("report.json")), archive.read("code.py").decode()
    assert record["settings"]["method"] == "Maps made elsewhere"
    assert 'xai.given_maps("arrays.npz"' in code
    assert "method=Maps+made+elsewhere" in summary(done)["address"]


def test_a_study_holds_them_for_the_page(done, own, samples, model):
    there = maps_of_study(StudyFolder.open(done))
    found = there.of([sample.name for sample in reversed(samples)], model.preprocessing.size)
    np.testing.assert_array_equal(found["input"], own["stages.2"][::-1])
    with pytest.raises(xai.MethodError, match="holds no map of this picture"):
        there.of(["another"], model.preprocessing.size)


def test_maps_that_changed_are_another_study(done, folder, samples, tmp_path, capsys):
    again = tmp_path / "maps"
    again.mkdir()
    for path in folder.iterdir():
        np.save(again / path.name, np.load(path) + (path.stem == samples[0].name) * np.eye(8))
    assert study("foreground", done, *LIMIT, "--no-interventions", "--maps", again) == 4
    assert "--maps" in capsys.readouterr().err
    assert study("foreground", done, *LIMIT, "--no-interventions", "--maps", folder) == 0


def test_several_a_picture_are_layers(own, samples, tmp_path):
    np.savez(tmp_path / "mine.npz", early=own["stages.0"], late=own["stages.2"])
    out = tmp_path / "out"
    assert study("layers", out, *LIMIT, "--maps", tmp_path / "mine.npz", common=ASKED) == 0
    table = pd.read_csv(out / "table.csv")
    expected = xai.layer_focus(own, masks=[sample.mask for sample in samples]).table
    for given, ours in (("early", "stages.0"), ("late", "stages.2")):
        np.testing.assert_allclose(
            table.loc[table["layer"] == given, "share"], expected.loc[expected["layer"] == ours, "share"], atol=1e-6
        )


def test_they_are_compared_as_one_more_method(folder, tmp_path):
    out = tmp_path / "out"
    more = ("--limit", NUMBER, "--device", "cpu", "--methods", "grad_cam", "--layers", "stages.2", "--maps", folder)
    assert study("methods", out, *more, common=ASKED) == 0
    table = pd.read_csv(out / "table.csv").set_index("name")
    given, ours = table.loc["Maps made elsewhere"], table.loc["Grad-CAM at stages.2"]
    assert given["found"] == pytest.approx(ours["found"], abs=1e-6)
    assert given["object"] == pytest.approx(ours["object"], abs=1e-6)
    assert given[["weights", "stability", "seconds"]].isna().all()


def test_pictures_in_grey_of_any_resolution(samples, tmp_path):
    for place, sample in enumerate(samples):
        ramp = np.tile(np.arange(16 + place, dtype=np.uint8), (9, 1))
        Image.fromarray(ramp).save(tmp_path / f"{sample.name}.png")
    assert study("foreground", tmp_path / "out", *LIMIT, "--no-interventions", "--maps", tmp_path) == 0
    assert StudyFolder.open(tmp_path / "out").array(0, "map/input").shape == (NUMBER, 64, 64)


def _with(values, name="maps.npy"):
    def make(place, samples):
        np.save(place / name, values)
        return place / name

    return make


def _one_alone(place, samples):
    np.save(place / f"{samples[0].name}.npy", np.eye(4))
    return place


NAN = np.where(np.arange(NUMBER)[:, None, None] == 2, np.nan, 0.0) + np.eye(4)


@pytest.mark.parametrize(
    ("make", "more", "said"),
    [
        (_with(np.zeros((3, 4, 4)) + np.eye(4)), (), "3 maps for 6 pictures. Give one for each."),
        (_with(NAN), (), "1 of 6 maps holds NaN or infinity: "),
        (_with(np.ones((NUMBER, 4, 4))), (), "each map is the same everywhere, so none points at any place"),
        (_one_alone, (), "no map is named like it"),
        (_one_alone, (), "and so for 4 more of 6 pictures"),
        (lambda place, samples: place / "nowhere", (), "nowhere cannot be read as maps"),
        (_one_alone, ("--method", "saliency"), "they take the place of a method, so leave out --method"),
        (_one_alone, ("--untrained",), "they cannot be made again with random weights, so leave out --untrained"),
    ],
)
def test_what_is_no_map_of_these_pictures_is_said(make, more, said, samples, tmp_path, capsys):
    assert study("foreground", tmp_path / "out", *LIMIT, *more, "--maps", make(tmp_path, samples)) == 2
    assert said in capsys.readouterr().err


def test_one_map_a_picture_has_no_layers_to_compare(folder, tmp_path, capsys):
    assert study("layers", tmp_path / "out", *LIMIT, "--maps", folder) == 2
    assert "compares several maps of each picture" in capsys.readouterr().err
