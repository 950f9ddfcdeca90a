"""Discovery as a study: its folder, exit codes and report."""

import json
from dataclasses import replace

import pytest

import xai_core as xai
from tests.support.command import study
from xai_core.batch.store import StudyFolder
from xai_core.questions.discovery.findings import CANNOT, discovery_hypothesis, discovery_numbers
from xai_core.questions.discovery.stored import from_study, stored_pass

CHEAT = ("--data", "textured_digits_shortcut", "--split", "val", "--model", "digits_shortcut", "--asked", "3")
HONEST = ("--data", "textured_digits", "--split", "val", "--model", "digits", "--asked", "3")


def summary(out):
    return json.loads((out / "summary.json").read_text())


@pytest.fixture(scope="module")
def cheat_out(tmp_path_factory):
    out = tmp_path_factory.mktemp("discover") / "study"
    assert study("discover", out, "--fail-if", "shortcut", common=CHEAT) == 5
    return out


def test_a_study_finds_what_the_function_finds(cheat_out):
    found = xai.discover(
        xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits_shortcut", split="val"), label=["3"]
    )
    said = summary(cheat_out)
    assert said["numbers"] == pytest.approx(discovery_numbers(found))
    assert said["counts"]["suspected shortcuts"] == len(found.suspects) == 1
    assert said["headline"] == discovery_hypothesis(found).headline == "A shortcut is suspected in '3' (n = 20)"
    assert said["address"].startswith("/discovery?")
    assert "asked=3" in said["address"]
    page = (cheat_out / "report.html").read_text()
    assert found.suspects[0].name in page
    assert CANNOT[0] in page


def test_the_exit_code_is_no_part_of_the_study(cheat_out):
    """The same study without the option is the same study, and ends with 0."""
    assert study("discover", cheat_out, common=CHEAT) == 0


def test_an_honest_network_passes(tmp_path):
    assert study("discover", tmp_path / "study", "--fail-if", "shortcut", common=HONEST) == 0
    assert summary(tmp_path / "study")["headline"] == "No shortcut was found ('3', n = 20)"


def test_a_complete_study_takes_the_place_of_the_pass(cheat_out, monkeypatch):
    """The page that opens it finds the same, and looks at no picture again; another method or label is another one."""
    model, data = xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits_shortcut", split="val")
    folder, layer = StudyFolder.open(cheat_out), model.select("stages")[-1].name
    monkeypatch.setattr("xai_core.discovery.planning.look", None)
    found = from_study(folder, model, data, ["3"], "grad_cam", layer)
    assert discovery_numbers(found) == pytest.approx(summary(cheat_out)["numbers"])
    assert from_study(folder, model, data, ["3"], "layer_cam", layer) is None
    assert from_study(folder, model, data, [], "grad_cam", layer) is None
    assert from_study(folder, model, data[:100], ["3"], "grad_cam", layer) is None
    assert from_study(folder, xai.load_model("digits"), data, ["3"], "grad_cam", layer) is None


def test_parts_of_another_shape_are_not_taken(cheat_out, monkeypatch):
    model, data = xai.load_model("digits_shortcut"), xai.load_dataset("textured_digits_shortcut", split="val")
    passed = stored_pass(StudyFolder.open(cheat_out))
    for changed in (
        {"probabilities": passed.pictures.probabilities[:, :4]},
        {"places": passed.pictures.places + 10**6},
    ):
        wrong = replace(passed, pictures=replace(passed.pictures, **changed))
        monkeypatch.setattr("xai_core.questions.discovery.stored.stored_pass", lambda study, wrong=wrong: wrong)
        layer = model.select("stages")[-1].name
        assert from_study(StudyFolder.open(cheat_out), model, data, ["3"], "grad_cam", layer) is None


def test_the_method_is_a_choice_of_the_command(tmp_path):
    assert study("discover", tmp_path / "study", "--method", "layer_cam", common=HONEST) == 0
    assert "method=LayerCAM" in summary(tmp_path / "study")["address"]
