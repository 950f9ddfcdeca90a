"""The method is chosen on Layer Explorer and on Foreground vs Background, and its record makes its controls."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import xai_core as xai
from tests.support.pages import html, open_page, run, text
from xai_core.types import Setting

DIGITS = {"data": "Textured digits (shortcut)", "model": "Digits (honest)", "n": "2"}
SIGN = {"activations_sign": "Positive only"}
SETTINGS = (
    Setting("power", "Power", 1, (1, 2, 3), address="the-power", help="To which the activations are raised."),
    Setting("sign", "Sign", "as it is", ("as it is", "positive"), {"positive": "Positive only"}),
    Setting("gain", "Gain", 1.0, low=0.5, high=2.0, step=0.5),
)


@pytest.fixture
def activations():
    """A made-up method: the mean activation of a layer, whatever the class; gives the settings it was asked with."""
    asked = []

    @xai.register(
        key="activations",
        title="Mean activation of a layer",
        paper="made up",
        unit="activation",
        signed=True,
        place="layer",
        drawing="evidence",
        legend="how active a place is",
        caution="It knows nothing of the class.",
        settings=SETTINGS,
    )
    def mean_activation(model, images, *, power=1, sign="as it is", gain=1.0, **options):
        asked.append({"power": power, "sign": sign, "gain": gain})
        return xai.layer_maps(model, images, lambda activation, gradient: gain * activation.mean(1) ** power, **options)

    yield asked
    xai.unregister("activations")


def test_layer_explorer_offers_methods_with_layers_and_says_whose_maps_it_shows(activations):
    at = open_page("layer_explorer", **DIGITS)
    picker = at.selectbox(key="method")
    assert picker.options[:2] == ["Grad-CAM", "Mean activation of a layer"]  # what is usual comes first
    assert {"HiResCAM", "LayerCAM", "Grad-CAM++", "Finer-CAM"} <= set(picker.options[2:])
    assert "Saliency" not in picker.options
    assert picker.value == "grad_cam"
    assert "Grad-CAM for" in text(at)
    picker.set_value("activations")
    run(at)
    said = text(at)
    assert "Mean activation of a layer for" in said
    assert "of Mean activation of a layer at" in said  # the card
    assert "It knows nothing of the class." in said
    assert "Mean activation of a layer for" in html(at)  # what a map is, for those who do not see it


def test_settings_become_controls_whose_values_are_in_the_address(activations):
    at = open_page("layer_explorer", **DIGITS, method="Mean activation of a layer", the_power="3", **SIGN)
    assert at.select_slider(key="the-power").value == 3
    assert at.select_slider(key="the-power").options == ["1", "2", "3"]
    assert activations[-1] == {"power": 3, "sign": "positive", "gain": 1.0}
    at.number_input(key="activations-gain").set_value(1.5)
    run(at)
    assert activations[-1] == {"power": 3, "sign": "positive", "gain": 1.5}
    assert "Mean activation of a layer (power 3, sign Positive only, gain 1.5) for" in text(at)


def test_the_maps_of_foreground_are_the_librarys_by_that_method(activations):
    at = open_page("foreground", **DIGITS, part="val", method="Mean activation of a layer", beside_models="")
    said = text(at)
    assert "Mean activation of Mean activation of a layer by segmentation mask" in said
    assert at.selectbox(key="layer").label == "Layer of Mean activation of a layer"
    assert "Where the object emerges" in said


def test_foreground_takes_methods_without_layers():
    at = open_page("foreground", **DIGITS, part="val", method="Saliency")
    said = text(at)
    assert "Mean activation of Saliency by segmentation mask" in said
    assert not [box for box in at.selectbox if box.key == "layer"]
    assert "Where the object emerges" not in said
    assert "Adversarial pictures" in said
    assert "Saliency, signed" not in at.selectbox(key="method").options  # its values do not rank places


def test_a_method_that_draws_samples_runs_for_each_picture():
    at = open_page(
        "foreground", **DIGITS, part="val", method="LIME", lime_samples="200", segments="slic", lime_precision="float32"
    )
    said = text(at)
    assert "Mean activation of LIME by segmentation mask, on 2 pictures" in said
    assert "LIME draws samples for each picture" in said
    model = xai.load_model("digits")
    chosen = xai.load_dataset("textured_digits_shortcut", split="val").choose(limit=2)
    samples = [model.preprocessing.prepare(sample) for sample in chosen]
    maps = xai.explain(
        model,
        samples,
        method="lime",
        targets=xai.true_classes(model, samples),
        num_samples=200,
        segments="slic",
        precision="float32",
    )
    expected = xai.foreground_background(maps, samples)
    cards = html(at)
    for difference in expected["mean_inside"] - expected["mean_outside"]:
        assert f"{difference:+.2f}" in cards
    assert np.isfinite(expected["mean_inside"]).all()


def test_an_address_without_a_method_opens_as_it_always_did():
    at = open_page("foreground", **DIGITS, part="val", layer="stage 3 (8 × 8)")
    assert at.selectbox(key="method").value == "grad_cam"
    assert "Mean activation of Grad-CAM by segmentation mask" in text(at)


def test_a_method_that_is_not_here_is_said_and_passed_over():
    at = open_page("layer_explorer", **DIGITS, method="No such method")
    assert "Method: the address asks for No such method, which is not here." in text(at)
    assert at.selectbox(key="method").value == "grad_cam"


def test_many_methods_are_chosen_by_kind_and_the_method_says_which():
    at = open_page("foreground", **DIGITS, part="val", method="LIME", lime_samples="100", segments="slic")
    kind, picker = at.selectbox(key="method-kind"), at.selectbox(key="method")
    assert kind.options == ["Layers", "Input", "Superpixels and perturbation"]
    assert kind.value == "perturbation"
    assert picker.value == "lime"
    assert "Grad-CAM" not in picker.options
    kind.set_value("input")
    run(at)
    picker = at.selectbox(key="method")
    assert picker.value == "saliency"
    assert picker.options[0] == "Saliency"
    assert "Mean activation of Saliency by segmentation mask" in text(at)
    assert at.query_params["method"] in ("Saliency", ["Saliency"])
    at.selectbox(key="method").set_value(None)  # cleared, as a list without a default can be
    run(at)
    assert at.selectbox(key="method").value == "saliency"  # it stays as the address has it


def test_few_methods_of_one_kind_are_one_list():
    at = open_page("layer_explorer", **DIGITS)
    assert "method-kind" not in [box.key for box in at.selectbox]


def settings_alone(key):
    import streamlit as st

    import xai_core as xai
    from app import controls

    chosen = controls.choose_settings(xai.get_method(key), xai.load_model("digits"))
    st.session_state["chosen"] = chosen


@pytest.mark.parametrize("key", [method.key for method in xai.list_methods() if method.settings])
def test_the_settings_of_every_method_begin_at_their_defaults(key):
    at = run(AppTest.from_function(settings_alone, kwargs={"key": key}, default_timeout=180))
    assert at.session_state["chosen"] == {}


@pytest.mark.parametrize(("colour", "said"), [("Grey", False), ("Black", True)])
def test_occlusion_is_shown_in_the_colour_that_is_chosen(colour, said):
    """A colour is a tuple, of which Streamlit takes each number for a choice where it is the default."""
    at = open_page("foreground", **DIGITS, method="Occlusion", occlusion_hide=colour)
    assert "of Occlusion by segmentation mask" in text(at)
    assert ("hidden parts become Black" in text(at)) == said
