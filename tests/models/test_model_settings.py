"""What a user states of a model as text: parsed, written, and in the arguments of `load_model`."""

import re

import pytest

import xai_core as xai
from xai_core.types.model_settings import MODEL_SETTINGS, stated_arguments

BY_KEY = {one.key: one for one in MODEL_SETTINGS}
ALL = {
    "input-size": "48x40",
    "resize": "64",
    "fit": "pad",
    "interpolation": "bicubic",
    "mean": "100, 110, 120",
    "std": "50;51;52",
    "white": "255",
    "channels": "bgr",
    "outputs": "label_logits",
    "axes": "stages.2 = NCHW",
}


def test_every_setting_reaches_the_model():
    model = xai.load_model("digits", **stated_arguments(ALL))
    known = model.preprocessing
    assert (known.size, known.resize, known.fit, known.interpolation) == ((48, 40), 64, "pad", "bicubic")
    assert (known.mean, known.std, known.white, known.channels) == ((100, 110, 120), (50, 51, 52), 255, "BGR")
    assert model.outputs.key == "label_logits"
    again = eval(model.code, {"xai": xai})  # the lines of a report
    assert again.id == model.id


def test_an_input_size_alone_is_what_pictures_are_scaled_to():
    assert stated_arguments({"input-size": "40", "fit": ""}) == {"input_size": 40}
    assert xai.load_model("digits", **stated_arguments({"input-size": "40"})).preprocessing.resize == 40


@pytest.mark.parametrize(
    ("key", "texts", "canonical"),
    [
        ("input-size", ("224", " 224 x 224", "224×224"), "224"),
        ("input-size", ("224x112", "224 X 112"), "224x112"),
        ("mean", ("0.5,0.5,0.5", "0.5 0.50 .5", "0.5; 0.5; 0.5"), "0.5,0.5,0.5"),
        ("white", ("255", "255.0"), "255"),
        ("axes", ("a.1=NTC+1  14x16", "a.1 = NTC+1 14x16\n\n"), "a.1=NTC+1 14x16"),
        ("entry", ("0", "00"), "0"),
    ],
)
def test_equal_values_have_one_text(key, texts, canonical):
    assert {BY_KEY[key].canonical(text) for text in texts} == {canonical}


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("input-size", "large", "'large' is no size: write one number of pixels, or height x width such as 224x112."),
        ("input-size", "1x2x3", "is no size"),
        ("input-size", "0", "is no size"),
        ("mean", "a, b", "is no list of numbers"),
        ("std", " , ", "is no list of numbers"),
        ("fit", "squash", "Fit is one of crop, stretch, pad; got 'squash'."),
        ("white", "two", "is no value of white"),
        ("outputs", "regression", "Outputs is one of logits"),
        ("axes", "blocks.3", "states no layer"),
        ("axes", "blocks.3 = HWC", "'HWC' says no axes"),
    ],
)
def test_what_says_nothing_is_a_sentence(key, text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        BY_KEY[key].canonical(text)


def test_choices_are_those_of_the_preprocessing():
    for name in BY_KEY["interpolation"].choices:
        assert xai.load_model("digits", **stated_arguments({"interpolation": name})).preprocessing.interpolation == name
    addresses = [one.address for one in MODEL_SETTINGS]
    assert len(set(addresses)) == len(addresses)
