"""HiResCAM against a net worked out by hand and against Captum's gradient times activation."""

import numpy as np
import pytest
import torch
from captum.attr import LayerGradientXActivation

import xai_core as xai
from tests.support.cams import FAMILIES, TARGETS, assert_close, noise, seeded, some_layers, worked_out
from tests.support.nets import hooks


def test_by_hand():
    model, inputs = worked_out()
    found = xai.explain(model, inputs, method="hires_cam", layers=["conv"], targets=1)
    # Red / 4 everywhere; in the first cell -4/4 times 4 besides.
    np.testing.assert_allclose(found["conv"], [[[0.25 - 4, 0.5], [0.75, 1.0]]])
    assert (found.key, found.method, found.unit) == ("hires_cam", "HiResCAM", "logit")


@pytest.mark.parametrize("key", FAMILIES)
def test_maps_are_captums(key):
    model, inputs = seeded(key), noise()
    names = some_layers(model)
    found = xai.explain(model, inputs, method="hires_cam", layers=names, targets=TARGETS)
    for name in names:
        captum = LayerGradientXActivation(model.net, model.net.get_submodule(name))
        theirs = captum.attribute(inputs, target=torch.tensor(TARGETS)).sum(1).detach()
        assert_close(found[name], theirs, f"{key}, {name}")
    assert hooks(model.net) == 0


def test_where_a_linear_layer_follows_its_sum_is_the_logit_up_to_the_bias():
    """What the paper proves of it, and Grad-CAM shares where the gradient is the same all over the map."""
    model = seeded("resnet18")
    inputs = noise()
    last = model.select("blocks")[-1].name
    maps = xai.explain(model, inputs, method="hires_cam", layers=last, targets=TARGETS)[last]
    with model.lock, torch.no_grad():
        logits = model.net(inputs)[torch.arange(2), TARGETS] - model.net.fc.bias[TARGETS]
    np.testing.assert_allclose(maps.sum((1, 2)), logits, rtol=1e-4)
    assert_close(maps, xai.grad_cam(model, inputs, layers=last, targets=TARGETS)[last])
