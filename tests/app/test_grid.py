"""A grid of studies, opened by its folder: all of them in a table, pairs picture by picture, live while it runs."""

import json
import shutil
import time
from urllib.parse import quote_plus

import pytest

from tests.support.command import kept
from tests.support.grids import MODELS, made
from tests.support.pages import address, open_page, press, press_labelled, read, text
from xai_core.batch.grid_folder import GRID
from xai_core.batch.progress import PROGRESS
from xai_core.batch.store import StudyFolder

HOSTILE = "<img src=x> | [a](http://b) **c**"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return made(tmp_path_factory.mktemp("grid") / "all", "--model", ",".join(MODELS))


@pytest.fixture
def grid(whole, tmp_path):
    return kept(whole, tmp_path / "all")


def shown(grid, page="foreground"):
    return open_page(page, study=str(grid))


def rewritten(grid, **more):
    """The first cell, as the grid's file says it, with other words."""
    said = json.loads((grid / GRID).read_text())
    said["studies"][0] |= more
    (grid / GRID).write_text(json.dumps(said))


def table(at):
    (found,) = [one.value for one in at.markdown if one.value.startswith("| study |")]
    return found.splitlines()[2:]


def test_all_studies_stand_in_a_table_and_lead_to_their_pages(grid):
    at = shown(grid)
    rows = table(at)
    assert len(rows) == 4
    summary = json.loads((grid / "digits-layer_cam" / "summary.json").read_text())
    place = quote_plus(str(grid / "digits-layer_cam"))
    assert f"study={place})" in rows[1]
    assert summary["address"].removeprefix("/") in rows[1]
    assert summary["headline"] in text(at)
    assert len(at.get("plotly_chart")) >= 2
    for said in ("By its own rules, ", "do not show that two of them differ"):
        assert said in text(at)
    assert [one.label for one in at.sidebar.selectbox] == []  # it takes the place of the page


def test_a_study_leads_back_to_its_grid(grid):
    study = StudyFolder.open(grid / "digits-grad_cam")
    page, chosen = study.address
    at = open_page(page, **{key: value[0] for key, value in chosen.items()}, study=str(study.folder))
    press(at, "open-grid")
    assert address(at.switch_page("views/foreground.py").run())["study"] == str(grid)


def test_its_folder_offers_it_and_another_page_leads_to_its_own(grid):
    at = open_page("layer_explorer", data="Folder", path=str(grid))
    assert "This folder holds a grid of studies" in text(at)
    press_labelled(at, "Open the grid")
    at = shown(grid, "layer_explorer")
    assert any(one.label == "Open the grid of studies on Foreground vs Background" for one in at.button)


def test_names_and_reasons_are_text_whatever_they_hold(grid):
    rewritten(grid, model=HOSTILE, error=HOSTILE)
    shutil.rmtree(grid / "digits-grad_cam")
    (row,) = [one for one in table(shown(grid)) if "img" in one]
    assert r"\<img src\=x\>" in row or r"\<img src=x\>" in row
    assert r"\*\*c\*\*" in row
    assert r"\[a\]\(http" in row
    assert row.replace(r"\|", "").count("|") == 7


def test_a_running_grid_says_how_far_it_is_and_compares_nothing(grid):
    running = grid / "digits_shortcut-grad_cam"
    (running / "summary.json").unlink()
    shutil.rmtree(grid / "digits_shortcut-layer_cam")
    told = {"stage": "Looking", "parts": 2, "done": 1, "pictures": 12, "looked_at": 8, "workers": {}}
    told |= {"pictures_per_second": 2.0, "seconds_left": 2.0, "state": "running", "at": time.time()}
    (running / PROGRESS).write_text(json.dumps(told | {"study": StudyFolder.open(running).identity}))
    at = shown(grid)
    assert [one.proto.text for one in at.get("progress")] == ["2 of 4 studies have ended."]
    rows = [read(one) for one in table(at)]
    assert "Looking: 8 of 12 pictures in 1 of 2 parts" in rows[2]
    assert "Not begun." in rows[3]
    assert "digits_shortcut, grad_cam: So far, of 12 pictures" in text(at)
    assert "What may be concluded" not in text(at)


def test_a_grid_of_other_pictures_is_refused_in_a_sentence(grid):
    place = grid / "digits-layer_cam" / "study.json"
    head = json.loads(place.read_text())
    head["request"]["limit"] = 7
    place.write_text(json.dumps(head))
    (said,) = [read(one.value) for one in shown(grid).error]
    assert said.endswith("digits, layer_cam differs from digits, grad_cam in --limit.")


def test_links_that_lead_out_are_not_followed(grid, tmp_path, monkeypatch):
    outside = kept(grid / "digits-grad_cam", tmp_path / "outside")
    shutil.rmtree(grid / "digits-grad_cam")
    (grid / "digits-grad_cam").symlink_to(outside)
    monkeypatch.setenv("XAI_DATA_ROOTS", str(grid))
    assert "Not done" in table(shown(grid))[0]
    moved = (grid / GRID).rename(tmp_path / GRID)
    (grid / GRID).symlink_to(moved)
    assert "lies outside the folders" in "".join(one.value for one in shown(grid).error)
