"""What Quantus is called with: the network's input, its maps at that size, and the object."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import xai_core as xai
from xai_core.errors import DataError, LayerError

MODEL, DIGITS = xai.load_model("digits"), xai.load_dataset("textured_digits", limit=4)
MAPS = xai.grad_cam(MODEL, DIGITS, layers="stages")


def test_the_network_gives_the_same_for_the_batch():
    batch = xai.to_quantus(MODEL, MAPS, DIGITS)
    with MODEL.lock, torch.no_grad():
        said = MODEL.net(torch.from_numpy(batch["x_batch"]).to(MODEL.device)).softmax(1).cpu().numpy()
    np.testing.assert_allclose(said, MAPS.predictions.probabilities, atol=1e-5)
    assert np.array_equal(batch["y_batch"], MAPS.targets)


@pytest.mark.parametrize("layer", [None, "stages.0"])
def test_maps_are_enlarged_as_torch_does(layer):
    batch = xai.to_quantus(MODEL, MAPS, DIGITS, layer=layer)
    raw = torch.from_numpy(MAPS[layer or "stages.2"])[:, None]
    expected = F.interpolate(raw, (64, 64), mode="bilinear", align_corners=False).numpy()
    np.testing.assert_allclose(batch["a_batch"], expected, atol=1e-5 * float(np.abs(expected).max()))


def test_the_object_is_one_and_what_is_ignored_is_not():
    samples = list(DIGITS)
    mask = samples[0].mask.copy()
    mask[:4] = 255
    samples[0] = replace(samples[0], mask=mask)
    held = xai.to_quantus(MODEL, MAPS, samples)["s_batch"]
    assert np.array_equal(held[0, 0], mask == 1)
    assert held.dtype == np.uint8
    assert set(np.unique(held)) == {0, 1}


def test_without_a_mask_for_every_picture_there_is_none():
    samples = [replace(DIGITS[0], mask=None), *list(DIGITS)[1:]]
    assert set(xai.to_quantus(MODEL, MAPS, samples)) == {"x_batch", "y_batch", "a_batch"}


def test_what_does_not_fit_is_said():
    with pytest.raises(DataError, match="Pictures: 3; pictures with maps: 4"):
        xai.to_quantus(MODEL, MAPS, list(DIGITS)[:3])
    with pytest.raises(LayerError, match=r"no maps of the layer 'stages\.9'\. There are some of: stages\.0"):
        xai.to_quantus(MODEL, MAPS, DIGITS, layer="stages.9")
