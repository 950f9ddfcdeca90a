"""A grid's folder as a page opens it: half written, hostile, of other pictures; and what is compared, by hand."""

import json
import math
import shutil

import numpy as np
import pandas as pd
import pytest

from tests.support.command import kept
from tests.support.grids import MODELS, SAID, made
from xai_core.batch.grid_folder import GRID, GridFolder, head_of, is_grid
from xai_core.batch.store import StudyFolder
from xai_core.errors import RecordError, XaiError
from xai_core.questions.grid_compared import concluded, differences, effects, measure_of, not_concluded
from xai_core.questions.grid_studies import studies_of
from xai_core.stats import holm, sign_flip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Two models by two methods, and a model that is not there."""
    return made(tmp_path_factory.mktemp("grid") / "all", "--model", ",".join((*MODELS, "<b>none</b>")))


@pytest.fixture
def grid(whole, tmp_path):
    return kept(whole, tmp_path / "all")


def opened(folder):
    grid = GridFolder.open(folder)
    return grid, studies_of(grid, StudyFolder.open)


def rewrite(folder, **more):
    said = json.loads((folder / GRID).read_text())
    (folder / GRID).write_text(json.dumps(said | more))


def test_a_grid_says_which_studies_there_are_and_why_one_is_not(grid):
    assert is_grid(grid)
    asked, found = opened(grid)
    assert asked.kind == SAID[1]
    assert [one.name for one in found][:2] == ["digits, grad_cam", "digits, layer_cam"]
    assert [one.ended for one in found] == [True] * 6
    answering(grid, "yes")
    asked, found = opened(grid)
    assert found[4].state.startswith("Not done: '<b>none</b>' is neither a file")
    own = effects(found)
    tests = pd.read_csv(grid / "digits-grad_cam" / "tests.csv").iloc[0]
    assert (own["size"][0], own["low"][0], own["p"][0]) == (tests["size"], tests["low"], tests["p"])
    assert own["n"].tolist() == [12, 12, *own["n"][2:4], 0, 0]
    assert math.isnan(own["size"][4])


def test_studies_that_cannot_tell_are_in_no_family(grid):
    place = grid / "digits-grad_cam" / "summary.json"
    said = json.loads(place.read_text())
    place.write_text(json.dumps(said | {"tone": "unknown"}))
    _, found = opened(grid)
    own = effects(found)
    assert math.isnan(own["p"][0])
    assert not math.isnan(own["size"][0])
    known = own["p"].to_numpy(float)
    np.testing.assert_array_equal(own["p_holm"], holm(known))
    assert "digits, grad_cam" in next(one for one in not_concluded(found, differences(found)) if "cannot tell" in one)


def answering(grid, tone, headline="Yes"):
    """Every study's answer put in the place of its own."""
    for place in grid.glob("*/summary.json"):
        place.write_text(json.dumps(json.loads(place.read_text()) | {"tone": tone, "headline": headline}))


@pytest.mark.parametrize(("tone", "headline"), [("unknown", "Cannot tell"), ("caution", "Mixed: both")])
def test_what_has_no_answer_of_its_own_is_no_finding_of_the_grid(grid, tone, headline):
    answering(grid, tone, headline)
    asked, found = opened(grid)
    own, pairs = effects(found), differences(found)
    assert own["p"].isna().all()
    assert own["size"].notna().sum() == 4
    assert len(pairs) == 4
    assert pairs["p"].isna().all() == (tone == "unknown")
    assert not any("primary test" in one for one in concluded(own, pairs, measure_of(asked)))
    assert any("in no family" in one for one in not_concluded(found, pairs))


def test_pairs_that_differ_in_one_thing_are_compared_picture_by_picture(grid):
    answering(grid, "yes")
    asked, found = opened(grid)
    pairs = differences(found)
    assert list(zip(pairs["first"], pairs["second"], strict=True)) == [
        ("digits, grad_cam", "digits, layer_cam"),
        ("digits, grad_cam", "digits_shortcut, grad_cam"),
        ("digits, layer_cam", "digits_shortcut, layer_cam"),
        ("digits_shortcut, grad_cam", "digits_shortcut, layer_cam"),
    ]
    one, two = (pd.read_csv(grid / name / "table.csv") for name in ("digits-grad_cam", "digits-layer_cam"))
    by_hand = sign_flip(two["energy_inside"].to_numpy(), one["energy_inside"].to_numpy())
    assert pairs["size"][0] == pytest.approx(by_hand.effect)
    assert pairs["p"][0] == pytest.approx(by_hand.p)
    np.testing.assert_array_equal(pairs["p_holm"], holm(pairs["p"].to_numpy(float)))
    said = " ".join(concluded(effects(found), pairs, measure_of(asked)))
    assert int((pairs["p_holm"] < 0.05).sum()) == 1
    assert "1 of 4 pairs differs in the share of the map on the object" in said
    assert "2 of 6 studies are not complete: nothing is said of them." in not_concluded(found, pairs)


def test_a_damaged_part_takes_a_study_out_of_the_pairs_alone(grid):
    (grid / "digits-grad_cam" / "parts" / "00000.npz").write_bytes(b"no part")
    _, found = opened(grid)
    assert len(differences(found)) == 2
    assert effects(found)["n"][0] == 12


def test_a_part_of_another_study_takes_its_study_out_of_the_pairs(grid):
    assert len(differences(opened(grid)[1])) == 4
    part = grid / "digits-layer_cam" / "parts" / "00000.npz"
    shutil.copy(part, grid / "digits-grad_cam" / "parts" / part.name)
    assert len(differences(opened(grid)[1])) == 2


def test_a_cell_that_has_not_begun_or_has_no_end_is_said_to(grid):
    shutil.rmtree(grid / "digits-grad_cam")
    (grid / "digits-layer_cam" / "summary.json").unlink()
    (grid / "digits_shortcut-grad_cam" / "study.json").write_text("{")
    (grid / "digits_shortcut-layer_cam" / "tests.csv").write_bytes(b"\xff\0,")
    _, found = opened(grid)
    assert [one.ended for one in found[:4]] == [False, False, True, True]
    assert found[0].state == "Not begun."
    assert found[1].state.startswith("Looking") or "pictures in" in found[1].state
    assert "is damaged or cut off" in found[2].state
    assert math.isnan(effects(found)["size"][3])


def test_a_summary_that_says_no_summary_is_damaged(grid):
    place = grid / "digits-grad_cam" / "summary.json"
    place.write_text(json.dumps({"study": StudyFolder.open(place.parent).identity, "headline": 3}))
    assert opened(grid)[1][0].state.endswith("has a summary.json that is damaged.")


def test_another_version_of_the_library_is_said(grid):
    place = grid / "digits-grad_cam" / "study.json"
    head = json.loads(place.read_text()) | {"xai_core": "0.1"}
    place.write_text(json.dumps(head))
    identity = StudyFolder.open(place.parent).identity
    summary = place.with_name("summary.json")
    summary.write_text(json.dumps(json.loads(summary.read_text()) | {"study": identity}))
    _, found = opened(grid)
    assert any("different versions of this library (0.1, " in one for one in not_concluded(found, differences(found)))


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("limit", 7, "digits, layer_cam differs from digits, grad_cam in --limit"),
        ("target", "prediction", "in --target"),
        ("data", "photos", "in --data"),
    ],
)
def test_a_grid_of_other_pictures_is_refused(grid, key, value, sentence):
    place = grid / "digits-layer_cam" / "study.json"
    head = json.loads(place.read_text())
    head["request"][key] = value
    place.write_text(json.dumps(head))
    with pytest.raises(RecordError, match="a grid asks one question of the same pictures") as raised:
        opened(grid)
    assert sentence in str(raised.value)


def test_a_grid_whose_pictures_have_changed_between_its_studies_is_refused(grid):
    place = grid / "digits-layer_cam" / "study.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"stamp": "0" * 16}))
    with pytest.raises(RecordError, match="in its pictures"):
        opened(grid)


def test_a_grid_of_different_questions_is_refused(grid):
    rewrite(grid, kind="layers")
    with pytest.raises(RecordError, match=r"a grid asks one question, and digits, grad_cam answers 'foreground', not"):
        opened(grid)
    rewrite(grid, kind="of a plug-in")
    with pytest.raises(XaiError, match="There is no question 'of a plug-in' here"):
        opened(grid)


CELL = {"model": "m", "method": None, "folder": "m", "error": None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "another"},
        {"version": 2},
        {"studies": None},
        {"studies": [3]},
        {"studies": [CELL | {"folder": "../up"}]},
        {"studies": [CELL | {"folder": "/etc"}]},
        {"studies": [CELL | {"folder": "a/b"}]},
        {"studies": [CELL | {"folder": ".."}]},
        {"studies": [CELL | {"folder": ""}]},
        {"studies": [CELL | {"model": 3}]},
        {"studies": [CELL | {"error": 3}]},
        {"studies": [CELL, CELL]},
        {"studies": [CELL | {"folder": f"m{number}"} for number in range(201)]},
        {"kind": 3},
    ],
)
def test_what_is_no_grid_is_refused_in_a_sentence(tmp_path, wrong):
    (tmp_path / GRID).write_text(json.dumps(head_of("layers", [], {}) | wrong))
    with pytest.raises(RecordError, match=r"grid\.json"):
        GridFolder.open(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_file_that_is_cut_off_is_refused_in_a_sentence(tmp_path, content):
    (tmp_path / GRID).write_bytes(content)
    with pytest.raises(RecordError, match="is damaged or cut off"):
        GridFolder.open(tmp_path)


def test_a_folder_without_one_holds_no_grid(tmp_path):
    assert not is_grid(tmp_path)
    with pytest.raises(RecordError, match="holds no grid"):
        GridFolder.open(tmp_path)
