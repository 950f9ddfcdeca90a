"""The worked example of docs/adding-a-method.md, as it stands there: one file, and it is a method as the others are."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torchcam.methods import XGradCAM

import xai_core as xai
from tests.support.nets import hooks

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-method.md"


@pytest.fixture(scope="module")
def method(tmp_path_factory):
    """The example's file, imported as one of the library's own."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path_factory.mktemp("method") / "xgrad_cam.py"
    path.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("xgrad_cam_example", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    yield xai.get_method("xgrad_cam")
    xai.unregister("xgrad_cam")


def test_it_is_listed_with_what_it_needs(method):
    assert method in xai.list_methods()
    assert method.needs == ("gradients", "layers")
    assert method.at_layers


def test_its_maps_are_torchcams(method, digits):
    samples = list(xai.load_dataset("textured_digits")[:4])
    targets = [1, 5, 5, 9]
    maps = xai.explain(digits, samples, method=method.key, layers="stages", targets=targets)
    inputs = torch.from_numpy(np.stack([digits.preprocessing.array(one) for one in samples]))
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    with digits.lock, XGradCAM(digits.net, list(maps)) as cam:
        scores = digits.net(inputs.requires_grad_())
        theirs = cam(targets, scores, normalized=False)  # rectified
    for (name, ours), expected in zip(maps.items(), theirs, strict=True):
        rectified = np.maximum(ours, 0)
        np.testing.assert_allclose(rectified, expected.numpy(), rtol=0, atol=1e-5 * np.abs(ours).max(), err_msg=name)
    assert hooks(digits.net) == 0


def test_it_can_be_checked_and_is_held_against_the_others(method, digits):
    (sample,) = xai.load_dataset("textured_digits")[:1]
    found = xai.trust_map(digits, sample, method=method.key)
    assert (found.method, found.layer) == (method.key, digits.select("stages")[-1].name)
    pairs = found.agreements
    assert {"XGrad-CAM"} < set(pairs["first"]) | set(pairs["second"])
    again = xai.trust_map(digits, sample)
    assert "XGrad-CAM" in set(again.agreements["first"]) | set(again.agreements["second"])
