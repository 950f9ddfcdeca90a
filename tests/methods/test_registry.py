"""Methods as records: what is listed, how they are asked, and what happens to a wrong one."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import xai_core as xai
from xai_core.methods import get_method, usable_methods, why_missing
from xai_core.types.superpixels import segment_values

# From cheap to costly, and from where their maps lie nearest to the answer; equal ones by title.
COSTS, PLACES = ("pass", "passes", "samples"), ("layer", "input", "superpixels")
RECORD = {
    "title": "Made up",
    "paper": "a test",
    "unit": "logit",
    "signed": True,
    "place": "layer",
    "drawing": "evidence",
    "legend": "nothing",
}


@pytest.fixture
def made_up():
    """Makes a function a method for the length of a test."""
    keys = []

    def make(function, **changes):
        record = RECORD | changes
        keys.append(record.setdefault("key", "made_up"))
        xai.register(**record)(function)
        return xai.get_method(keys[-1])

    yield make
    for key in keys:
        xai.unregister(key)


@pytest.fixture(scope="module")
def pictures():
    return list(xai.load_dataset("textured_digits")[:3])


def test_the_methods_are_listed_by_cost_place_and_title(made_up):
    usual = ["grad_cam", "saliency", "saliency_signed", "lime"]
    there = xai.list_methods()
    assert [one.key for one in there][: len(usual)] == [one.key for one in there if one.usual] == usual
    places = [(not one.usual, COSTS.index(one.cost), PLACES.index(one.place), one.title) for one in there]
    assert places == sorted(places)
    made_up(xai.grad_cam, title="A map")
    made_up(xai.grad_cam, key="costly", title="Costly", cost="samples")
    keys = [one.key for one in xai.list_methods() if one.usual]
    assert keys == ["made_up", "grad_cam", "saliency", "saliency_signed", "costly", "lime"]


def test_listing_them_loads_neither_torch_nor_captum():
    code = (
        "import sys, xai_core as xai; xai.list_methods(); "
        "print([name for name in ('torch', 'captum', 'lime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_record_is_whole():
    for method in xai.list_methods():
        for name in ("title", "paper", "unit", "legend", "caution"):
            assert getattr(method, name).strip(), f"{method.key} has no {name}"
        assert method.draws_samples == (method.grow is not None)
        for setting in method.settings:
            assert setting.title
            assert setting.help
            assert not setting.choices or setting.default in setting.choices


def test_explain_is_each_method_called_by_its_own_name(digits, pictures):
    cam = xai.explain(digits, pictures, targets=[3, None, "7"], layers="blocks")
    own = xai.grad_cam(digits, pictures, targets=[3, None, "7"], layers="blocks")
    assert list(cam) == list(own) == [layer.name for layer in digits.select("blocks")]
    for layer in own:
        np.testing.assert_array_equal(cam[layer], own[layer])
    assert (cam.key, cam.method, cam.unit, cam.settings) == ("grad_cam", "Grad-CAM", "logit", {})

    signed = xai.explain(digits, pictures, method="saliency_signed", reduce="mean")
    np.testing.assert_array_equal(signed["input"], xai.saliency(digits, pictures, signed=True, reduce="mean")["input"])
    assert signed.settings == {"reduce": "mean"}


def test_limes_map_is_its_weights_spread_over_its_superpixels(digits, pictures):
    settings = {"num_samples": 60, "segments": "slic", "seed": 3, "precision": "float32"}
    maps = xai.explain(digits, pictures[:2], method="lime", targets=[1, 7], **settings)
    assert maps.n_pictures == 2
    for turn, target in enumerate((1, 7)):
        alone = xai.lime(digits, pictures[turn], targets=target, **settings)
        np.testing.assert_array_equal(maps.segments[turn], alone.segments)
        np.testing.assert_array_equal(
            segment_values(maps["superpixels"][turn], maps.segments[turn]), alone.weights[0].astype(np.float32)
        )
        assert maps.targets[turn] == target
    assert maps.settings == {"num_samples": 60, "seed": 3, "precision": "float32"}  # slic is what suits small pictures


def test_estimates_grow_to_the_map_itself(digits, pictures):
    lime = get_method("lime")
    settings = {"num_samples": 90, "seed": 1, "precision": "float32"}
    steps = list(lime.grow(digits, pictures[0], targets=[2, 5], every=30, **settings))
    assert [(one.done, one.planned, one.complete) for one in steps][-1] == (90, 90, True)
    assert [one.done for one in steps] == sorted({one.done for one in steps})
    assert not steps[0].complete
    whole = xai.explain(digits, [pictures[0]] * 2, method="lime", targets=[2, 5], **settings)
    np.testing.assert_allclose(steps[-1].heatmaps["superpixels"], whole["superpixels"], atol=1e-6)
    assert steps[-1].stability.shape == (2,)
    assert steps[-1].errors.shape == (2, whole.segments[0].max() + 1)
    assert steps[-1].note == "float32"


def test_a_method_of_ones_own_is_asked_as_the_others(made_up, digits, pictures):
    def times(model, images, **options):
        return xai.layer_maps(model, images, lambda activation, gradient: (activation * gradient).sum(1), **options)

    made_up(times)
    maps = xai.explain(digits, pictures, method="made_up", layers="stages", targets=4)
    assert (maps.method, maps.key) == ("Made up", "made_up")
    last = digits.select("stages")[-1].name
    captum = pytest.importorskip("captum.attr").LayerGradientXActivation(digits.net, digits.net.get_submodule(last))
    inputs = np.stack([digits.preprocessing.array(one) for one in pictures])
    torch = pytest.importorskip("torch")
    theirs = captum.attribute(torch.from_numpy(inputs), target=4).sum(1).detach().numpy()
    np.testing.assert_allclose(maps[last], theirs, atol=1e-5 * np.abs(theirs).max())


def test_what_cannot_be_asked_is_a_sentence_with_the_choices(digits, pictures):
    with pytest.raises(xai.MethodError, match=r"There is no method 'shap'\. Choose one of: grad_cam, saliency"):
        xai.explain(digits, pictures, method="shap")
    with pytest.raises(xai.MethodError, match="Grad-CAM has no setting 'num_samples'; its settings are: fast"):
        xai.explain(digits, pictures, num_samples=3)
    with pytest.raises(xai.MethodError, match="Saliency has no setting 'depth'; its settings are: reduce"):
        xai.explain(digits, pictures, method="saliency", depth=3)
    with pytest.raises(xai.LayerError, match="gives one map of the whole network"):
        xai.explain(digits, pictures, method="saliency", layers="blocks")


def test_a_network_without_layers_is_refused_where_layers_are_needed(pictures):
    import torch

    flat = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 8 * 8, 2))
    model = xai.load_model(flat, input_size=8, class_names=["a", "b"], device="cpu")
    keys = [one.key for one in usable_methods(model)]
    assert "grad_cam" not in keys
    assert "saliency" in keys
    said = get_method("grad_cam").missing(model)
    assert said == f"Grad-CAM cannot explain {model.title}. It needs a network with convolutions or with image tokens."
    with pytest.raises(xai.LayerError, match="Grad-CAM cannot explain"):
        xai.explain(model, pictures)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"place": "nowhere"}, "place is one of layer, input, superpixels; got 'nowhere'"),
        ({"cost": "cheap"}, "cost is one of pass, passes, samples"),
        ({"key": "not a name"}, "The key of a method is a Python name"),
        ({"key": "grad_cam"}, "There is a method 'grad_cam' already: Grad-CAM"),
        ({"title": "Grad-CAM"}, "There is a method with the title 'Grad-CAM' already: grad_cam"),
    ],
)
def test_a_wrong_record_is_refused_and_changes_nothing(changes, words):
    before = xai.list_methods()

    def mine(model, images, **options):
        raise AssertionError

    with pytest.raises(xai.MethodError, match=words):
        xai.register(**({"key": "made_up"} | RECORD | changes))(mine)
    assert xai.list_methods() == before


def test_settings_are_read_from_texts():
    lime, saliency = get_method("lime"), get_method("saliency")
    assert lime.parsed(["num_samples=200", "segments=slic", "seed=7", "hide=Black"]) == {
        "num_samples": 200,
        "segments": "slic",
        "seed": 7,
        "hide": (0, 0, 0),
    }
    with pytest.raises(xai.MethodError, match="Saliency has no setting 'depth=3'"):
        saliency.parsed(["depth=3"])
    with pytest.raises(xai.MethodError, match=r"'2' is not a choice\. Choose one of: max, mean, sum"):
        saliency.parsed(["reduce=2"])
    with pytest.raises(xai.MethodError, match="Seed: -1 is not between 0 and 9999"):
        lime.parsed(["seed=-1"])
    with pytest.raises(xai.MethodError, match="Seed: 'x' is not a number"):
        lime.parsed(["seed=x"])


@pytest.mark.parametrize(
    ("key", "alike"),
    [
        ("grad_cam", "LIME"),  # nothing of a function is at layers, so whatever explains it is named
        ("saliency", "Occlusion and RISE can."),  # at the input, as what was asked for
    ],
)
def test_a_model_that_a_method_cannot_explain_is_told_what_can(key, alike):
    digits = xai.load_model("digits", device="cpu")
    function = replace(digits, layers=(), differentiable=False)  # as of a function that is asked alone
    with pytest.raises((xai.MethodError, xai.LayerError)) as raised:
        xai.explain(function, [np.zeros((32, 32, 3), np.uint8)], method=key)
    assert "needs a network" in str(raised.value)
    assert alike in str(raised.value)


def test_convolutions_without_attention_are_told_which_methods_have_layers():
    model = xai.load_model("digits", device="cpu")
    why = why_missing(xai.get_method("legrad"), model)
    assert "whose attention over all tokens can be read" in why
    assert why.endswith("Grad-CAM, Finer-CAM, Grad-CAM++, HiResCAM and 1 more can.")
    assert why_missing(xai.get_method("grad_cam"), model) == ""
