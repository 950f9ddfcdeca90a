"""Grad-CAM++ against a net worked out by hand and against the paper's definition written out, in double precision.

No package serves as a reference: torchcam 0.5 leaves out the denominator of alpha, since it divides a copy in place,
and pytorch-grad-cam adds 1e-6 to it, which is more than the squared gradients of a deep network.
"""

import numpy as np
import pytest

import xai_core as xai
from tests.support.cams import FAMILIES, TARGETS, activations_and_gradients, assert_close, noise, seeded, worked_out
from tests.support.cams import some_layers as layers_of


def test_by_hand():
    model, inputs = worked_out()
    found = xai.explain(model, inputs, method="grad_cam_pp", layers=["conv"], targets=1)
    # Channel 0: gradients of 1/4, squared 1/16, cubed 1/64; activations 1 + 2 + 3 + 4 = 10.
    alpha = (1 / 16) / (2 / 16 + 10 / 64)
    weight = 4 * alpha / 4
    # Channel 1 has a negative gradient in one cell and none elsewhere, so its weight is 0.
    np.testing.assert_allclose(found["conv"], weight * np.array([[[1.0, 2], [3, 4]]]), rtol=1e-6)


def test_no_gradient_gives_no_evidence():
    model, inputs = worked_out()
    found = xai.explain(model, 0 * inputs, method="grad_cam_pp", layers=["conv"], targets=0)
    np.testing.assert_array_equal(found["conv"], 0)


def written_out(activation, gradient):
    """Equations 10 and 19 of the paper, channel by channel: float64 (C, h, w) twice -> (h, w)."""
    result = np.zeros(activation.shape[1:])
    for a, g in zip(activation, gradient, strict=True):
        alpha = np.zeros_like(g)
        there = g != 0
        alpha[there] = g[there] ** 2 / (2 * g[there] ** 2 + a.sum() * g[there] ** 3)
        result += (alpha * np.maximum(g, 0)).sum() * a
    return result


@pytest.mark.parametrize("key", FAMILIES)
def test_maps_are_the_definitions(key):
    model, inputs = seeded(key), noise()
    found = xai.explain(model, inputs, method="grad_cam_pp", layers=layers_of(model), targets=TARGETS)
    kept = activations_and_gradients(model, inputs, list(found))
    for name, maps in found.items():
        theirs = [written_out(*both) for both in zip(*kept[name], strict=True)]
        assert_close(maps, theirs, f"{key}, {name}")
