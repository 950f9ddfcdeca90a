"""Checks of a model whose weights are not known: what random ones would tell is said not to be known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import xai_core as xai
from xai_core.types import Heatmaps


class Box(torch.nn.Module):
    """Answers as a network does, and shows none of its weights."""

    def __init__(self, net):
        super().__init__()
        self.hidden = [net]

    def forward(self, inputs):
        return self.hidden[0](inputs)


@pytest.fixture(scope="module")
def box():
    model = xai.load_model("digits", device="cpu")
    return replace(model, net=Box(model.net), layers=(), id="a black box")


@pytest.fixture
def blob():
    """A registered method whose map is a blob in the middle of every picture."""

    def middle(model, images, *, targets=None, **_):
        said = xai.predict(model, images)
        high, wide = model.preprocessing.size
        y, x = np.mgrid[:high, :wide]
        one = np.exp(-((y - high / 2) ** 2 + (x - wide / 2) ** 2) / (2 * (0.2 * high) ** 2)).astype(np.float32)
        explained = said.classes if targets is None else np.array([int(target) for target in targets])
        return Heatmaps({"input": np.stack([one] * len(images))}, explained, said, (high, wide), "Blob", "")

    middle.__name__ = "middle"
    about = {"title": "Blob", "paper": "none", "unit": "logit", "signed": False, "place": "input"}
    xai.register(**about, drawing="evidence", legend="bright is more", cost="samples")(middle)
    yield "middle"
    xai.unregister("middle")


def test_a_blob_is_not_recommended_for_a_black_box(box, blob):
    digits = xai.load_dataset("textured_digits", limit=10)
    found = xai.compare_methods(box, digits, methods=[blob, "occlusion"], pictures=10)
    outcome = found.table.set_index("method")["outcome"]
    assert found.table["weights"].isna().all()
    assert outcome["middle"] in ("elsewhere", "random")
    assert found.best == "Occlusion"
    assert found.recommendation.endswith("whether it shows the model or the picture alone is not known.")


def test_a_map_of_a_black_box_needs_care(box):
    trust = xai.trust_map(box, xai.load_dataset("textured_digits")[0], method="occlusion")
    (depends,) = [check for check in trust.trust.checks if check.name == "Depends on the model"]
    assert (depends.grade, "black box" in depends.sentence) == ("care", True)
    assert trust.trust.grade != "holds"
    assert "random weights" not in set(trust.references["kind"])
