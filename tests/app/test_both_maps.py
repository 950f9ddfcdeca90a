"""The gallery with both maps, and the mean maps of each class."""

import re

import numpy as np
import pytest

import xai_core as xai
from tests.support.pages import html, open_page, run, text
from xai_core import figures
from xai_core.figures import Explained


@pytest.fixture(scope="module")
def mistakes():
    return open_page("misclassifications", n="150", both_maps="true")


def rows(at):
    return re.findall(r"<section><header>(.*?)</header>", html(at))


def test_mistakes_have_the_maps_of_both_classes_and_their_mean_comes_first(mistakes):
    at = mistakes
    model, data = xai.load_model("digits"), xai.load_dataset("textured_digits").choose(limit=150)
    table = xai.evaluate(model, data)
    wrong = int((table["true"] != table["predicted"]).sum())
    shown = rows(at)
    assert shown[0] == f"Mean of {min(wrong, 12)} pictures"
    assert len(shown) == 1 + min(wrong, 12)
    assert "for predicted" in html(at)  # of several classes, in the mean
    assert "Difference: red speaks for the predicted class, blue for the true one." in text(at)


def test_without_being_asked_there_are_none(mistakes):
    at = mistakes
    at.toggle(key="both-maps").set_value(False)
    run(at)
    assert rows(at) == []


def test_a_row_is_the_picture_both_maps_and_their_difference():
    method = xai.get_method("grad_cam")
    maps = np.zeros((2, 4, 4), np.float32)
    maps[0, 0, 0], maps[1, 3, 3] = 1.0, 1.0
    picture = Explained("<b>a</b>", ("90% sure",), np.full((8, 8, 3), 128, np.uint8), {method.key: maps})
    drawn = figures.both_maps_html([(picture, ("cat", "<i>"))], method)
    assert "<b>a</b>" not in drawn
    assert re.findall(r"<figcaption title=\"(.*?)\"", drawn) == ["picture", "for cat", "for &lt;i&gt;", "difference"]
    assert len(set(re.findall(r'src="(.*?)"', drawn))) == 4


def test_each_class_has_its_mean_map_in_the_order_of_the_effects():
    at = open_page("foreground", n="30", beside_models="")
    alts = re.findall(r'alt="(\w+) \((\d+) of (\d+)\), mean map"', html(at))
    effects = next(one.value for one in at.dataframe if "label" in one.value)
    assert effects["d_z"].notna().all()
    assert effects["d_z"].is_monotonic_decreasing
    assert [label for label, _, _ in alts] == list(effects["label"])
    assert {of for _, _, of in alts} == {"3"}
    assert "Mean map (Grad-CAM) of each class, drawn over the mean of its pictures." in text(at)
