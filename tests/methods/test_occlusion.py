"""Occlusion against a net worked out by hand and against Captum."""

import numpy as np
import pytest
import torch
from captum.attr import Occlusion

import xai_core as xai
from tests.support.cams import seeded
from tests.support.perturbing import probability, quarters
from xai_core.methods import get_method

WHITE = np.full((8, 8, 3), 255, np.uint8)
PLAIN = {"precision": "float32", "hide": (0, 0, 0)}


def picture(size):
    return np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)


def test_by_hand():
    """Patches of a quarter each, side by side: the drop when one of four is black."""
    found = xai.explain(quarters(), [WHITE], method="occlusion", targets=0, patches=2, overlap=1, **PLAIN)
    whole = probability([True] * 4)
    drops = [whole - probability([i != hidden for i in range(4)]) for hidden in range(4)]
    expected = np.kron(np.reshape(drops, (2, 2)), np.ones((4, 4)))
    np.testing.assert_allclose(found["input"][0], expected, atol=1e-6)
    assert found.settings == {"patches": 2, "overlap": 1, **PLAIN}


@pytest.mark.parametrize(
    ("key", "size", "patches", "overlap"),
    [
        ("resnet18", 64, 4, 2),
        ("efficientnet_lite0", 64, 8, 1),
        ("densenet121", 64, 4, 1),
        ("mobilenet_v3_large", 72, 5, 2),  # patches are cut off at the edge
        ("resnet20_cifar", 32, 4, 3),
    ],
)
def test_maps_are_captums(key, size, patches, overlap):
    model, pixels = seeded(key, size), picture(size)
    settings = {"patches": patches, "overlap": overlap}
    found = xai.explain(model, [pixels] * 2, method="occlusion", targets=[3, 7], **settings, **PLAIN)
    inputs, black = (torch.from_numpy(model.preprocessing.scale(one))[None] for one in (pixels, 0 * pixels))
    side = round(size / patches)
    stride = max(1, round(side / overlap))
    for row, target in enumerate((3, 7)):
        captum = Occlusion(lambda x: model.net(x).softmax(1))
        theirs = captum.attribute(
            inputs, (3, side, side), (3, stride, stride), black, target, perturbations_per_eval=16
        )
        # Differences of probabilities of an untrained network are so small that their rounding shows.
        least = max(1e-5 * float(theirs.abs().max()), 2e-7)
        np.testing.assert_allclose(found["input"][row], theirs[0, 0], rtol=0, atol=least)


def test_estimates_grow_to_the_map_and_can_be_stopped(digits):
    (digit,) = xai.load_dataset("textured_digits")[:1]
    method = get_method("occlusion")
    steps = list(method.grow(digits, digit, targets=[2, 5], every=16, precision="float32"))
    assert [one.complete for one in steps] == [False] * (len(steps) - 1) + [True]
    assert len(steps) > 3
    assert (steps[0].heatmaps["input"] != 0).any()  # what it has after the first step is a map already
    whole = xai.explain(digits, [digit] * 2, method="occlusion", targets=[2, 5], precision="float32")
    np.testing.assert_allclose(steps[-1].heatmaps["input"], whole["input"], atol=1e-6)


@pytest.mark.parametrize("settings", [{"patches": 0}, {"patches": 65}, {"overlap": 0}])
def test_impossible_patches_are_a_sentence(settings, digits):
    (digit,) = xai.load_dataset("textured_digits")[:1]
    with pytest.raises(xai.MethodError, match="takes 1 to 64 patches across"):
        xai.explain(digits, [digit], method="occlusion", **settings)
