"""What a page begins with, what is chosen before anything is computed, what files are called."""

import json
import re
import shutil
from datetime import date

import numpy as np
import pytest

from app.charts import quiet
from tests.support.pages import open_in, open_page, run, text
from xai_core.shipped import RUNS


def test_a_class_starts_empty_and_offers_the_labels_first():
    at = open_page("layer_explorer", target="A class", n="2")
    box = at.selectbox(key="class")
    assert box.value is None
    assert set(box.options[:2]) == {"espresso", "tabby"}
    assert "tiger cat" in box.options[2:7]  # not a label, but what the model says of the cat
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


def test_a_chart_is_saved_as_large_as_a_slide_and_called_by_what_it_shows():
    image = quiet("interventions")["toImageButtonOptions"]
    assert image["filename"] == f"interventions-{date.today().isoformat()}"
    assert np.isclose(image["width"] / image["height"], 16 / 9)
    assert image["width"] < 1000  # or its letters of 12 pixels could not be read on a slide


def test_all_charts_are_saved_as_png_or_svg_by_one_choice_that_goes_along():
    at = open_page("foreground", n="12")
    assert saved(at) == {"png"}
    at.segmented_control(key="charts").select("SVG")
    assert saved(run(at)) == {"svg"}
    assert saved(open_in(at, "layer_explorer").run()) == {"svg"}
    assert saved(open_page("misclassifications", n="24", charts="SVG")) == {"svg"}
    assert saved(open_page("training_evolution", charts="nothing")) == {"png"}


def saved(at):
    """The formats as which a page's charts are saved."""
    return {json.loads(chart.proto.config)["toImageButtonOptions"]["format"] for chart in at.get("plotly_chart")}


@pytest.mark.parametrize("page", ["foreground", "misclassifications"])
def test_a_plain_sentence_stands_before_the_test(page):
    at = open_page(page, n="24")
    said = text(at)
    plain = {"foreground": "the model uses the background.", "misclassifications": "The model is right on "}[page]
    assert said.index(plain) < said.index("**All numbers**")


def test_a_page_that_is_presented_begins_with_its_maps():
    for presented in ("false", "true"):
        at = open_page("misclassifications", n="24", present=presented)
        heads = [one.value for one in at.header]
        assert heads.index("Why") == (0 if presented == "true" else 2), heads


def test_the_deepest_layer_may_stand_first():
    pages = [open_page("layer_explorer", n="1", reverse=reverse) for reverse in ("false", "true")]
    grids = [next(str(one.proto.body) for one in at.get("html") if 'class="xg' in str(one.proto.body)) for at in pages]
    first, second = (re.findall(r"stage (\d)", grid) for grid in grids)
    assert first[0] == second[-1] == "1"
    assert first[-1] == second[0] == "5"
