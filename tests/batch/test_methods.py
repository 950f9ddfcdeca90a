"""The study of methods: what `xai.compare_methods` gives for the same pictures, its report's lines, and its page."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest

import xai_core as xai
from tests.support.command import kept, study
from tests.support.limits import bounded
from tests.support.pages import open_page, text
from xai_core.batch.store import StudyFolder
from xai_core.questions.methods.stored import comparison_of, stored_comparison

ASKED = ("--data", "textured_digits_shortcut", "--model", "digits_shortcut", "--limit", 40, "--device", "cpu")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    out = tmp_path_factory.mktemp("methods") / "study"
    assert study("methods", out, "--methods", "grad_cam,saliency", "--sample", 8, common=ASKED) == 0
    return out


@pytest.fixture(scope="module")
def summary(done):
    return json.loads((done / "summary.json").read_text())


@pytest.fixture(scope="module")
def compared():
    model = xai.load_model("digits_shortcut", device="cpu")
    data = xai.load_dataset("textured_digits_shortcut").choose(limit=40)
    return xai.compare_methods(model, data, methods=["grad_cam", "saliency"], pictures=8)


def test_it_gives_what_the_library_gives(summary, done, compared):
    table = pd.read_csv(done / "table.csv").set_index("name")
    own = compared.table.set_index("name")
    assert set(table.index) == set(own.index)
    for column in ("found", "weights", "object", "stability", "p_random"):
        np.testing.assert_allclose(table[column], own[column].reindex(table.index), atol=2e-3)
    assert summary["findings"][0] == "It uses a random sample of 8 of 40 pictures."
    assert summary["counts"]["tested"] == 8
    best = table["found"].idxmax()
    assert summary["sentence"].startswith((f"Take {best}: over 8 pictures", "No recommendation"))


def test_the_lines_of_python_give_the_numbers_again(done, summary):
    with zipfile.ZipFile(done / "report.zip") as archive:
        code = archive.read("code.py").decode()
    names = {}
    exec(code, names)  # the report's own lines
    assert names["numbers"] == pytest.approx(summary["numbers"], abs=2e-3)


def test_the_page_shows_what_the_study_found(done, summary):
    """At the address that the command prints, nothing is compared again."""
    page, _, query = summary["address"].partition("?")
    assert page == "/misclassifications"
    assert "compare-layer=Grad-CAM" in query
    at = open_page(
        "misclassifications",
        data="Textured digits, background tied to the class",
        part="test",
        n="40",
        model="Textured digits, with a shortcut",
        study=str(done),
    )
    assert summary["sentence"] in text(at)
    assert "(complete). With its model digits_shortcut, its results are not computed again." in text(at)
    assert "compare-start" not in [button.key for button in at.button]


def test_how_long_it_takes_is_known_after_the_first_picture(done):
    """A part each, and none for pictures that are not in the sample."""
    said = json.loads((done / "progress.json").read_text())
    assert (said["parts"], said["done"], said["pictures"], said["looked_at"]) == (8, 8, 8, 8)
    assert [len(StudyFolder.open(done).about(number)["ids"]) for number in range(8)] == [1] * 8


def joined(given, keys):
    """Key -> the lists of all, one after another."""
    return {key: [value for one in given for value in one[key]] for key in keys}


def older(done, place):
    """The same study as it was kept before: eight of all pictures in a part, of which few are in the sample."""
    new = StudyFolder.open(done)
    head = {**new.head, "batch": 8, "parts": 5}
    old = StudyFolder.begin(place, head)
    about = [new.about(number) for number in range(8)]
    arrays = [{name: new.array(number, name) for name in about[number]["arrays"]} for number in range(8)]
    where = [int(one["index"][0]) // 8 for one in arrays]
    for part in range(5):
        rows = [row for row in range(8) if where[row] == part]
        texts = joined([about[row] for row in rows], ("ids", "names", "labels", "problems"))
        texts["columns"] = joined([about[row]["columns"] for row in rows], about[0]["columns"])
        names = about[0]["arrays"] if rows else ("index",)
        whole = {name: [arrays[row][name] for row in rows] for name in names}
        old.write(part, texts, {k: np.concatenate(v) if v else np.zeros(0, np.int64) for k, v in whole.items()})
    old.finish({}, new.summary)
    return StudyFolder.open(place)


def test_a_study_of_larger_parts_opens_and_is_not_gone_on_with(done, tmp_path, capsys):
    new, old = StudyFolder.open(done), older(done, tmp_path / "old")
    pd.testing.assert_frame_equal(
        stored_comparison(old, old.model_id).table, stored_comparison(new, new.model_id).table
    )
    assert study("methods", tmp_path / "old", "--methods", "grad_cam,saliency", "--sample", 8, common=ASKED) == 4
    assert "its parts have up to 8 pictures each, and those of this version 1." in capsys.readouterr().err


def test_a_method_that_there_is_not_is_said(tmp_path, capsys):
    assert study("methods", tmp_path / "out", "--methods", "no_such", common=ASKED) == 2
    assert "There is no method 'no_such'." in capsys.readouterr().err


def test_what_is_kept_grows_with_the_pictures_looked_at(done, tmp_path):
    """Not with those that the study says there are."""
    out = kept(done, tmp_path / "out")
    head = json.loads((out / "study.json").read_text()) | {"pictures": 20_000_000}
    (out / "study.json").write_text(json.dumps(head))
    with bounded(2.0, 50):
        assert comparison_of(StudyFolder.open(out)).available == 20_000_000
