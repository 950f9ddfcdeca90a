"""Several models or methods in one command: a study each, the same as alone, and a table of all."""

import json

import pandas as pd
import pytest

from xai_core.batch.grid import PAGE, SEPARATE, TABLE, cells, parts, table
from xai_core.command import main
from xai_core.types.exit_codes import ExitCode

SAID = ["study", "foreground", "--data", "textured_digits", "--limit", "12", "--no-interventions", "--quiet", "--json"]
MODELS, METHODS = ("digits", "digits_shortcut"), ("grad_cam", "layer_cam")


def told(capsys, *arguments):
    code = main([*SAID, *arguments])
    said = json.loads(capsys.readouterr().out)
    assert said["exit_code"] == code
    return code, said


@pytest.fixture
def grid(tmp_path, capsys):
    arguments = ["--model", ",".join(MODELS), "--method", ",".join(METHODS), "--out", str(tmp_path / "all")]
    return tmp_path / "all", *told(capsys, *arguments)


def test_a_grid_holds_the_studies_that_each_command_alone_makes(grid, tmp_path, capsys):
    folder, _, said = grid
    assert [(one["model"], one["method"]) for one in said["studies"]] == [(m, how) for m in MODELS for how in METHODS]
    alone = tmp_path / "alone"
    told(capsys, "--model", "digits", "--method", "layer_cam", "--out", str(alone))
    there = folder / "digits-layer_cam"
    assert (there / "table.csv").read_bytes() == (alone / "table.csv").read_bytes()
    numbers = json.loads((alone / "summary.json").read_text())["numbers"]
    assert said["studies"][1]["summary"]["numbers"] == numbers
    rows = pd.read_csv(folder / TABLE)
    assert list(rows["folder"]) == [f"{m}-{how}" for m in MODELS for how in METHODS]
    assert rows["d_z"][1] == pytest.approx(numbers["d_z"])
    page = (folder / PAGE).read_text()
    assert 'href="digits-layer_cam/report.html"' in page
    assert (folder / "digits-layer_cam" / "report.html").is_file()
    assert SEPARATE in page
    assert "4 studies" in page


def test_the_same_command_finds_what_is_done(grid, capsys):
    folder = grid[0]
    rows = (folder / TABLE).read_bytes()
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*/parts/*")}
    assert before
    told(capsys, "--model", ",".join(MODELS), "--method", ",".join(METHODS), "--out", str(folder))
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*/parts/*")} == before
    assert (folder / TABLE).read_bytes() == rows


def test_one_that_cannot_be_done_says_why_and_the_others_are_done(tmp_path, capsys):
    code, said = told(capsys, "--model", "digits,<b>no such</b>", "--out", str(tmp_path))
    assert code == ExitCode.UNUSABLE
    done, refused = said["studies"]
    assert "summary" in done
    assert "no such" in refused["error"]
    rows = pd.read_csv(tmp_path / TABLE, keep_default_na=False)
    assert list(rows["not done because"] != "") == [False, True]
    page = (tmp_path / PAGE).read_text()
    assert "<b>no such" not in page
    assert "Not done:" in page


def test_a_folder_that_cannot_be_written_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    code, said = told(capsys, "--model", ",".join(MODELS), "--out", str(tmp_path / "file"))
    assert code == ExitCode.FAILED
    assert "file" in said["error"]


def test_one_model_is_no_grid(tmp_path, capsys):
    _, said = told(capsys, "--model", "digits", "--out", str(tmp_path))
    assert "studies" not in said
    assert not (tmp_path / PAGE).exists()


def test_a_path_that_is_there_may_hold_commas(tmp_path):
    path = tmp_path / "a,b.pt"
    assert parts(str(path)) == [str(tmp_path / "a"), "b.pt"]
    path.write_text("")
    assert parts(str(path)) == [str(path)]
    assert parts("a,,b,") == ["a", "b"]


def test_folders_are_told_apart_and_stay_inside():
    found = cells(["runs/a/best.pt", "runs/b/best.pt", "../..", "digits", "digits"], [])
    names = [one.name for one in found]
    assert names == ["best", "best-2", "model", "digits"]
    assert [one.name for one in cells(["x"], ["grad_cam", "../up"])] == ["x-grad_cam", "x-up"]


def test_only_numbers_that_all_have_are_columns():
    summary = {"headline": "h", "in_plain_words": "", "sentence": "s", "counts": {"pictures": 3}}
    one, two = cells(["a", "b"], [])
    found = table(
        {one: {"summary": summary | {"numbers": {"n": 1, "x": 2}}}, two: {"summary": summary | {"numbers": {"n": 4}}}}
    )
    assert list(found["n"]) == [1, 4]
    assert "x" not in found
    assert list(found["in plain words"]) == ["s", "s"]
