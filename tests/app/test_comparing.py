"""Which layer, which method: nothing runs before it is asked for, and what is said is what the library says."""

import time

import pandas as pd
import pytest

import xai_core as xai
from tests.support.pages import open_page, press, run, text
from xai_core import figures, studies

METHODS = {"compare_layer": "Grad-CAM", "compare_input": "Saliency"}


def wait(at):
    """Look again until it is done, as the page does by itself in a browser."""
    while any(button.key == "compare-stop" for button in at.button):
        time.sleep(0.2)
        run(at)
    return at


def charts(at):
    return [element.proto.id for element in at.get("plotly_chart")]


@pytest.fixture(scope="module")
def compared():
    """Foreground vs Background of the model that goes by the background, compared on all of six pictures."""
    at = open_page("foreground", n="6", **METHODS)
    before = text(at)
    return before, wait(press(at, "compare-start"))


def test_nothing_runs_before_it_is_asked_for(compared):
    before, _ = compared
    assert "Each method explains the same pictures at each layer." in before
    assert "It uses" not in before


def test_the_section_is_named_once():
    at = open_page("misclassifications", n="6")
    named = [one.label for one in at.expander] + [one.value for one in at.header]
    assert named.count("Which layer, which method") == 1


def test_the_page_says_what_the_library_says(compared):
    _, at = compared
    model = xai.load_model("digits_shortcut")
    data = xai.load_dataset("textured_digits_shortcut", split="val", limit=6)
    digits = [model.preprocessing.prepare(one) for one in data]
    found = xai.compare_methods(
        model, digits, methods=["grad_cam", "saliency"], targets=[item.label for item in data.items]
    )
    assert found.recommendation in text(at).replace("**", "")
    assert "It uses all 6 pictures." in text(at)
    (table,) = [one.value for one in at.dataframe if "outcome" in one.value]
    shown = studies.ranking_in_words(found.table).drop(columns="seconds a picture")
    assert table.drop(columns="seconds a picture").equals(shown)
    assert {"Comparison (CSV)", "Every picture (CSV)"} <= {one.proto.label for one in at.get("download_button")}


def test_another_criterion_shows_its_own_words(compared):
    _, at = compared
    at.session_state["compare-by"] = "weights"
    run(at)
    assert studies.CRITERIA["weights"].help in text(at)


def test_without_a_method_there_is_nothing_to_compare():
    at = open_page("misclassifications", n="12", compare_layer="", compare_input="", compare_perturbation="")
    for key in ("compare-layer", "compare-input"):
        at.session_state[key] = []
    run(at)
    assert "Choose at least one method." in text(at)


def test_the_figures_hold_the_tables_numbers():
    rows = []
    for depth, layer in enumerate(("early", "late")):
        for i in range(6):
            rows.append(
                (i, f"M at {layer}", "m", "M", layer, layer, depth, 0.1 * depth, 0.3, 0.0, 0.5, 1.0, False, 0.1)
            )
    names = "picture name method title layer layer_title depth deletion insertion weights object stability flat seconds"
    table = studies.rank_methods(pd.DataFrame(rows, columns=names.split())).table
    (matrix,) = figures.criterion_figure(table).data
    assert list(matrix.x) == ["early", "late"]
    assert matrix.z[0].tolist() == pytest.approx([0.15, 0.2])
    (dots,) = figures.methods_figure(table).data
    assert dict(zip(dots.y, dots.x, strict=True)) == pytest.approx({"M at early": 0.15, "M at late": 0.2})
