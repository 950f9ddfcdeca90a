"""SmoothGrad against a net worked out by hand and against Captum's NoiseTunnel, from the same noise."""

import numpy as np
import pytest
import torch
from captum.attr import NoiseTunnel, Saliency
from torch import nn

import xai_core as xai
from tests.support.cams import FAMILIES, TARGETS, assert_close, noise, seeded
from tests.support.nets import unscaled
from xai_core.methods.smooth_grad import noise_like


class Squares(nn.Module):
    def forward(self, x):
        total = x.square().flatten(1).sum(1)
        return torch.stack([total, -total], 1)


def test_by_hand():
    """The gradient of a square is twice the value, so the mean gradient is twice the mean of the noisy values."""
    model = unscaled(Squares(), 2, ["a", "b"])
    values = torch.rand(1, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    found = xai.explain(model, values, method="smooth_grad", targets=0, samples=10, sigma=0.1, seed=4, reduce="sum")
    spread = float(values.max() - values.min())
    mean = 2 * (values[0] + 0.1 * spread * noise_like(values, 10, 4).mean(0))
    np.testing.assert_allclose(found["input"][0], mean.abs().sum(0), rtol=1e-5)


@pytest.mark.parametrize("key", FAMILIES)
def test_maps_are_captums_from_the_same_noise(key, monkeypatch):
    model, inputs = seeded(key, 64), noise(64)
    found = xai.explain(model, inputs, method="smooth_grad", targets=TARGETS, samples=10, seed=3, batch_size=10)
    drawn = noise_like(inputs, 10, 3)
    monkeypatch.setattr(torch, "normal", lambda mean, deviations: deviations * drawn)
    theirs = []
    for one, target in zip(inputs, TARGETS, strict=True):
        tunnel = NoiseTunnel(Saliency(model.net))
        spread = float(one.max() - one.min())
        asked = one[None].contiguous(memory_format=torch.channels_last)
        theirs.append(tunnel.attribute(asked, nt_samples=10, stdevs=0.15 * spread, target=target, abs=False))
    assert_close(found["input"], torch.cat(theirs).abs().amax(1), key)


def test_the_noise_is_the_seeds_and_not_the_batchs(digits):
    pictures = list(xai.load_dataset("textured_digits")[:3])
    one, other, more = (
        xai.explain(digits, pictures, method="smooth_grad", samples=10, seed=seed, batch_size=size)["input"]
        for seed, size in ((0, 1), (0, 3), (1, 3))
    )
    np.testing.assert_allclose(one, other, atol=1e-5 * one.max())
    assert np.abs(one - more).max() > 0.01 * one.max()


def test_no_copies_are_refused(digits):
    (digit,) = xai.load_dataset("textured_digits")[:1]
    with pytest.raises(xai.MethodError, match=r"at least one copy and no negative noise; got 0 and 0\.15"):
        xai.explain(digits, [digit], method="smooth_grad", samples=0)
