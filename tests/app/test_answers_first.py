"""What a page begins with, what is chosen before anything is computed, what files are called."""

import re
import shutil
from datetime import date

import numpy as np
import pytest

from app.charts import QUIET
from tests.support.pages import open_page, text
from xai_core.shipped import RUNS


def test_a_class_starts_empty_and_offers_the_labels_first():
    at = open_page("layer_explorer", target="A class", n="2")
    box = at.selectbox(key="class")
    assert box.value is None
    assert set(box.options[:2]) == {"espresso", "tabby"}
    assert "Choose the class that the maps are to explain" in text(at)
    assert not any("Page" in one.label for one in at.metric)  # nothing was computed
    box.set_value("tabby").run()
    assert not at.exception
    assert any("Page" in one.label for one in at.metric)


def test_a_run_that_was_recorded_is_in_the_list(tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_RUNS", str(tmp_path))
    shutil.copytree(RUNS["digits"][1], tmp_path / "mine", ignore=shutil.ignore_patterns("checkpoints"))
    (tmp_path / "no record").mkdir()
    at = open_page("training_evolution", run="mine (recorded)")
    assert "mine (recorded)" in at.selectbox(key="run").options
    assert not any("no record" in one for one in at.selectbox(key="run").options)
    assert "300 pictures" in text(at)


def test_files_are_called_by_what_they_are_about():
    from app.controls.files import named

    assert re.fullmatch(rf"layers-{date.today().isoformat()}\.csv", named("layers.csv"))


def test_a_chart_is_saved_as_large_as_a_slide():
    image = QUIET["toImageButtonOptions"]
    assert np.isclose(image["width"] / image["height"], 16 / 9)


@pytest.mark.parametrize("page", ["foreground", "misclassifications"])
def test_a_plain_sentence_stands_before_the_test(page):
    at = open_page(page, n="24")
    said = text(at)
    plain = {"foreground": "the model uses the background.", "misclassifications": "The model is right on "}[page]
    assert said.index(plain) < said.index("**All numbers**")
