"""The page of the model, and what is stated of a model on every page."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import xai_core as xai
from app.model.found import size_of
from tests.support.pages import address, html, navigate, open_in, open_page, press, run, text
from xai_core.models.small_resnet import SmallResNet

DIGITS = {"data": "Textured digits", "part": "test", "model": "Digits (honest)"}


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """Pictures twice as wide as high."""
    folder = tmp_path_factory.mktemp("wide")
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 128, 3), dtype=np.uint8)
    for number, picture in enumerate(pixels):
        Image.fromarray(picture).save(folder / f"{number}.png")
    return folder


def expanders(at):
    return [one.label for one in at.expander]


def test_what_is_found_stands_on_the_page(wide):
    at = open_page("model", data="Folder", path=str(wide), model=DIGITS["model"])
    model = xai.load_model("digits")
    assert {one.label: one.value for one in at.metric} | {} == {
        "Classes": "10",
        "Input": "64 × 64",
        "Parameters": f"{sum(one.numel() for one in model.net.parameters()):,}",
        "Size": "0.7 MB",
        "Precision": "float32",
        "Device": model.device.type.upper(),
    }
    assert model.outputs.sentence in text(at)
    assert "shorter side 64, centre crop 64" in text(at)
    table = at.dataframe[0].value
    assert table["stage or block"].str.contains("stage 3").sum() == 1
    assert dict(zip(table["layer"], table["map"], strict=True))["stages.2"] == "8 × 8"
    # The middle half of a picture that is twice as wide as high.
    assert "left:25.00%;top:0.00%;width:50.00%;height:100.00%" in html(at)
    assert "sees the 50% in the frame" in html(at)
    press(at, "speed")
    assert next(one.value for one in at.metric if one.label == "One picture").endswith(" ms")


def test_the_size_of_a_small_network_is_not_nothing():
    size = {18.84: "18.8 MB", 0.1: "0.1 MB", 0.0237: "24 KB", 0.0: "not known"}
    assert {given: size_of(given) for given in size} == size


def test_what_is_stated_goes_along_and_is_refused_in_a_sentence(wide):
    at = open_page("model", data="Folder", path=str(wide), model=DIGITS["model"], fit="Stretched", size="48x40")
    assert "stretched to 48 × 40 pixels" in text(at)
    assert "sees the" not in html(at)  # nothing is cut off
    assert "input_size=(48, 40)" in at.code[0].value
    at.text_input(key="mean").set_value("0.5 0.5 0.5")
    run(at)
    assert "How pictures are prepared · changed" in expanders(at)
    at = open_in(at, "layer_explorer")
    run(at)
    there = address(at)
    assert (there["fit"], there["size"], there["mean"]) == ("Stretched", "48x40", "0.5,0.5,0.5")
    at = navigate(at, "misclassifications")
    run(at)
    assert address(at)["size"] == "48x40"
    at.text_input(key="size").set_value("large")
    run(at)
    assert "'large' is no size" in text(at)
    assert "Until then the page stays with Digits (honest)" in text(at)
    at.text_input(key="size").set_value("")
    at.text_input(key="std").set_value("0.5")
    run(at)
    assert "std needs three numbers above 0" in text(at)
    at.text_input(key="std").set_value("")
    at.selectbox(key="model").set_value("digits_shortcut")
    run(at)
    assert not {"size", "fit", "mean", "std"} & set(address(at))  # of another model nothing is stated


def test_notes_stand_beside_the_choice_and_lead_to_the_page(tmp_path, wide):
    torch.manual_seed(0)
    net = SmallResNet(2, widths=(16, 48, 96), blocks=1, stem_stride=2)
    save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, tmp_path / "w.safetensors")
    model = xai.load_model(tmp_path / "w.safetensors", class_names=["cat", "dog"])
    at = open_page(
        "layer_explorer",
        data="Folder",
        path=str(wide),
        model="Checkpoint",
        weights=str(tmp_path / "w.safetensors"),
        classes="cat\ndog",
    )
    count = len(model.notes)
    assert count
    assert f"{count} note{'s' * (count > 1)} on this model" in expanders(at)
    press(at, "about-model")
    at = run(at.switch_page("views/model.py"))
    assert address(at)["weights"] == str(tmp_path / "w.safetensors")
    for note in model.notes:
        assert note in text(at)
