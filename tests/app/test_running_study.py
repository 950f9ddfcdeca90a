"""A study that runs, seen from the page that its folder is opened on."""

import json
import re
import time

import pytest

from tests.support.command import study
from tests.support.pages import navigate, open_page, read, run, text
from xai_core.batch.progress import PROGRESS
from xai_core.batch.store import StudyFolder


@pytest.fixture
def half(tmp_path):
    """A study without its last part."""
    out = tmp_path / "out"
    assert study("layers", out, "--limit", "20") == 0
    (out / "parts" / "00002.npz").unlink()
    (out / "summary.json").unlink()
    return out


def told(out, **more):
    """Let it be as far as is said."""
    worker = {"parts": 2, "pictures": 16, "read": 1.26, "computed": 3.21, "written": 0.0}
    said = {
        "study": StudyFolder.open(out).identity,
        "state": "running",
        "at": time.time() - 3,
        "stage": "Looking",
        "parts": 3,
        "done": 2,
        "pictures": 20,
        "looked_at": 16,
        "pictures_per_second": 2.5,
        "seconds_left": 200.0,
        "workers": {"worker 1": worker, "this process": worker},
    }
    (out / PROGRESS).write_text(json.dumps(said | more))


def says(at):
    return text(at) + read("\n".join(one.proto.text for one in at.get("progress")))


def page_says(out):
    return says(open_page("layer_explorer", data="Folder", path=str(out)))


def test_a_running_study_says_how_far_it_is(half):
    told(half)
    said = page_says(half)
    assert "Looking: 16 of 20 pictures in 2 of 3 parts, 2.5 pictures a second, about 3 min left." in said
    assert re.search(r"Last change \d+ s ago\.", said)
    assert "So far, of 16 pictures: the share of pixels above 0.85 is" in said
    assert "This is no verdict" in said
    for who in ("Worker 1", "This process"):
        assert f"\n{who}: 2 parts of 16 pictures, 1.3 s reading, 3.2 s computing, 0.0 s writing." in said


def test_one_that_ended_says_how_it_goes_on(half):
    told(half, state="ended")
    assert "the command that began it goes on with it" in page_says(half)


@pytest.mark.parametrize(
    "wrong", [{"study": "another"}, {"workers": 3}, {"done": "many"}, {"at": None}, {"pictures_per_second": "fast"}]
)
def test_what_it_says_of_itself_may_be_damaged(half, wrong):
    told(half, **wrong)
    said = page_says(half)
    assert "a batch study that is not complete yet" in said
    assert "Looking" not in said


# A link that names a study, and nothing else


@pytest.mark.parametrize("page", ["misclassifications", "start"])
def test_it_opens_what_a_complete_study_was_made_with(tmp_path, page):
    out = tmp_path / "out"
    assert study("layers", out, "--limit", "12") == 0
    at = open_page(page, study=str(out), guide="true")
    at = at.switch_page("views/layer_explorer.py")  # where it led, which the harness does not follow
    assert at.query_params["data"] == "Textured digits"
    assert (at.query_params["n"], at.query_params["guide"]) == ("12", "true")
    said = text(run(at))
    assert f"From the batch study in {out} (complete)" in said


@pytest.mark.parametrize("page", ["layer_explorer", "start"])
def test_it_shows_how_far_a_running_study_is_in_place_of_an_example(half, page):
    told(half)
    at = open_page(page, study=str(half))
    assert "Looking: 16 of 20 pictures" in says(at)
    assert "From the batch study" not in text(at)
    assert not at.get("plotly_chart")
    assert "From the batch study" in text(navigate(at, "misclassifications"))  # which the visitor asked for


def test_on_the_start_page_what_is_no_study_is_said(tmp_path):
    assert "holds no study" in text(open_page("start", study=str(tmp_path)))


def test_beside_pictures_or_a_model_the_link_means_these(half):
    told(half)
    at = open_page("layer_explorer", study=str(half), data="Textured digits", model="Digits (honest)", n="8")
    assert f"From the batch study in {half} (unfinished)" in text(at)
