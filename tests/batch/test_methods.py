"""The study of methods: what `xai.compare_methods` gives for the same pictures, its report's lines, and its page."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest

import xai_core as xai
from tests.support.command import study
from tests.support.pages import open_page, text

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
    assert summary["findings"][0] == "It rests on a random sample of 8 of 40 pictures."
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
    assert "compare-start" not in [button.key for button in at.button]


def test_a_method_that_there_is_not_is_said(tmp_path, capsys):
    assert study("methods", tmp_path / "out", "--methods", "no_such", common=ASKED) == 2
    assert "There is no method 'no_such'." in capsys.readouterr().err
