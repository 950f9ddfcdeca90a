"""Finer-CAM against a net worked out by hand and against torchcam."""

import numpy as np
import pytest
from torchcam.methods import FinerCAM

import xai_core as xai
from tests.support.cams import FAMILIES, TARGETS, assert_close, assert_torchcams, noise, seeded, some_layers, worked_out


def test_by_hand():
    model, inputs = worked_out()
    found = xai.explain(model, inputs, method="finer_cam", layers=["conv"], targets=1, gamma=0.5)
    # Class b less half of a, its only rival: head weights (1, -4) - (1, 0) = (0, -4), of which ReLU lets one cell of
    # channel 1 through: its gradients' mean is -4/4/4, and its activation 4 in the first cell.
    np.testing.assert_allclose(found["conv"], [[[-1.0, 0], [0, 0]]])
    assert found.settings == {"gamma": 0.5}


@pytest.mark.parametrize("key", FAMILIES)
def test_maps_are_torchcams(key):
    model, inputs = seeded(key), noise()
    found = xai.explain(model, inputs, method="finer_cam", layers=some_layers(model), targets=TARGETS)
    assert_torchcams(found, FinerCAM, model, inputs)


def test_without_weight_of_the_rivals_it_is_grad_cam():
    model, inputs = seeded("resnet18"), noise()
    plain = xai.grad_cam(model, inputs, targets=TARGETS)
    found = xai.explain(model, inputs, method="finer_cam", targets=TARGETS, gamma=0.0)
    for name in plain:
        assert_close(found[name], plain[name], name)


def test_what_it_cannot_do_is_a_sentence():
    model, inputs = worked_out()
    with pytest.raises(xai.MethodError, match="at least one rival, got 0"):
        xai.explain(model, inputs, method="finer_cam", rivals=0)
