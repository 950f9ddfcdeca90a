"""LayerCAM against a net worked out by hand and against torchcam."""

import numpy as np
import pytest
from torchcam.methods import LayerCAM

import xai_core as xai
from tests.support.cams import FAMILIES, TARGETS, assert_torchcams, noise, seeded, some_layers, worked_out


def test_by_hand():
    model, inputs = worked_out()
    found = xai.explain(model, inputs, method="layer_cam", layers=["conv"], targets=1)
    # Red / 4 everywhere; the negative gradient of the other channel counts for nothing.
    np.testing.assert_allclose(found["conv"], [[[0.25, 0.5], [0.75, 1.0]]])


@pytest.mark.parametrize("key", FAMILIES)
def test_maps_are_torchcams(key):
    model, inputs = seeded(key), noise()
    found = xai.explain(model, inputs, method="layer_cam", layers=some_layers(model), targets=TARGETS)
    assert_torchcams(found, LayerCAM, model, inputs)
