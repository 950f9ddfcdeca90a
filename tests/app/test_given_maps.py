"""Maps that a visitor made elsewhere: dropped on a page, they are measured, checked and compared as ours are."""

import io
import re

import numpy as np
import pytest

import xai_core as xai
from tests.support.pages import open_page, press, run, text

DIGITS = {"data": "Textured digits (shortcut)", "part": "val", "model": "Digits (shortcut)", "n": "6"}
HERE = {**DIGITS, "target": "Prediction", "beside_models": ""}


def npy(values):
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def own():
    """Grad-CAM of the page's pictures, as if a program of somebody's had made it."""
    model = xai.load_model("digits_shortcut", device="cpu")
    data = xai.load_dataset("textured_digits_shortcut", split="val", limit=6)
    return xai.grad_cam(model, [model.preprocessing.prepare(one) for one in data], layers="stages")


def drop(at, key, name, content):
    next(one for one in at.file_uploader if one.key.startswith(key)).set_value((name, content, "application/x-npy"))
    return run(at)


def test_foreground_measures_what_was_dropped_and_says_whose_it_is(own):
    at = open_page("foreground", **HERE)
    at = drop(at, "maps of the pictures-files", "mine.npy", npy(own["stages.2"][:5]))
    ours = text(at)
    assert "5 maps for 6 pictures. Give one for each." in ours
    assert "Mean activation of Grad-CAM by segmentation mask" in ours
    at = drop(at, "maps of the pictures-files", "mine.npy", npy(own["stages.2"]))
    assert at.selectbox(key="method").value.startswith("given_")
    said = text(at)
    assert "6 maps of 8 × 8 cells, signed." in said
    assert "Mean activation of Maps made elsewhere by segmentation mask" in said
    assert "Maps made elsewhere are of one model" in said
    assert "How they were made is not known here." in said
    numbers = re.search(r"Over 6 pictures, mean activation is [^(]*", ours)[0]
    assert numbers in said  # the same maps give the same numbers
    assert "random-weights" not in [toggle.key for toggle in at.toggle]


def test_a_map_of_the_chosen_picture_is_checked_on_misclassifications(own):
    at = open_page("misclassifications", **DIGITS, show="All")
    at = drop(at, "trust map of", "anything.npy", npy(own["stages.2"][0]))
    assert at.segmented_control(key="trust-method").value.startswith("given_")
    at = press(at, "trust-check")
    assert "cannot be made again with random weights" in "\n".join(one.proto.body for one in at.get("html"))


def test_layer_explorer_compares_maps_of_several_layers(own):
    buffer = io.BytesIO()
    np.savez(buffer, early=own["stages.0"], middle=own["stages.1"], late=own["stages.2"])
    at = open_page("layer_explorer", **DIGITS, target="Prediction")
    at = drop(at, "maps of layers-files", "mine.npz", buffer.getvalue())
    said = text(at)
    assert "3 layers · Maps made elsewhere for the prediction" in said
    assert "(early) to" in said
    at = drop(at, "maps of layers-files", "one.npy", npy(own["stages.2"]))
    assert "These files hold one map of each picture; several are compared here." in text(at)
