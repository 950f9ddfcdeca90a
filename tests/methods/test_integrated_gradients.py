"""Integrated Gradients against a net worked out by hand and against Captum."""

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from torch import nn

import xai_core as xai
from tests.support.cams import FAMILIES, TARGETS, assert_close, noise, seeded
from tests.support.nets import hooks, unscaled


class Squares(nn.Module):
    """Two classes: the sum of the squares of all values, and its negative."""

    def forward(self, x):
        total = x.square().flatten(1).sum(1)
        return torch.stack([total, -total], 1)


def test_by_hand():
    """The integral of 2 t x along the way from 0 to x, times x, is x squared: of three equal channels 3 x squared."""
    model = unscaled(Squares(), 2, ["a", "b"])
    values = torch.tensor([[[0.1, 0.2], [0.3, 0.4]]]).expand(3, 2, 2)[None].contiguous()
    found = xai.explain(model, values, method="integrated_gradients", targets=[0], steps=20)
    np.testing.assert_allclose(found["input"][0], [[0.03, 0.12], [0.27, 0.48]], rtol=1e-5)
    np.testing.assert_allclose(found.quality["completeness error"], 0, atol=1e-6)
    from_white = xai.explain(model, values, method="integrated_gradients", targets=[0], baseline="white")
    np.testing.assert_allclose(from_white["input"][0], 3 * (values[0, 0].numpy() ** 2 - 1), rtol=1e-5)


@pytest.mark.parametrize("key", FAMILIES)
def test_maps_are_captums(key):
    model, inputs = seeded(key, 64), noise(64)
    found = xai.explain(model, inputs, method="integrated_gradients", targets=TARGETS, steps=20, batch_size=8)
    black = torch.from_numpy(model.preprocessing.scale(np.zeros((64, 64, 3), np.uint8)))[None]
    theirs, delta = IntegratedGradients(model.net).attribute(
        inputs, black.expand_as(inputs), torch.tensor(TARGETS), n_steps=20, return_convergence_delta=True
    )
    assert_close(found["input"], theirs.sum(1).detach(), key)
    difference = theirs.sum((1, 2, 3)) - delta
    expected = (delta.abs() / difference.abs()).detach().numpy()
    np.testing.assert_allclose(found.quality["completeness error"], expected, rtol=0.02, atol=1e-5)
    assert hooks(model.net) == 0


def test_batches_do_not_change_the_maps(digits):
    pictures = list(xai.load_dataset("textured_digits")[:3])
    for baseline in ("black", "blur"):
        maps = [
            xai.explain(digits, pictures, method="integrated_gradients", steps=20, baseline=baseline, batch_size=size)
            for size in (1, 7)
        ]
        np.testing.assert_allclose(maps[0]["input"], maps[1]["input"], atol=1e-5 * np.abs(maps[0]["input"]).max())
        assert maps[0].take([2]).quality["completeness error"].shape == (1,)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"steps": 0}, xai.MethodError, "at least one step, got 0"),
        ({"baseline": "red"}, xai.PictureError, "'red' is no baseline. Choose one of: black, grey, white, blur"),
        (
            {"baseline": np.zeros((8, 8, 3), np.uint8)},
            xai.PictureError,
            r"uint8 \(64, 64, 3\), as the network's input; got uint8 \(8, 8, 3\)",
        ),
    ],
)
def test_what_is_wrong_is_a_sentence(settings, error, words, digits):
    (digit,) = xai.load_dataset("textured_digits")[:1]
    with pytest.raises(error, match=words):
        xai.explain(digits, [digit], method="integrated_gradients", **settings)
