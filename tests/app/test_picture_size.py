"""Pictures that are enlarged to a size that nobody stated: the page and a study say so."""

import numpy as np
import pytest
import torch

import xai_core as xai
from tests.support.pages import open_page, text
from xai_core.batch.opening import open_request
from xai_core.batch.request import Request
from xai_core.models import ARCHITECTURES, size_note
from xai_core.types import Sample, content_id


def pictures(high, wide):
    pixels = np.random.default_rng(0).integers(0, 256, (high, wide, 3)).astype(np.uint8)
    return [Sample(content_id(pixels), pixels, "a", name="a")]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    place = tmp_path_factory.mktemp("weights") / "net.pth"
    torch.save(ARCHITECTURES["small_resnet"].build(10).state_dict(), place)
    return place


def load(weights, **stated):
    return xai.load_model(weights, architecture="small_resnet", **stated)


@pytest.mark.parametrize("size", [(32, 32), (20, 42)])
def test_small_pictures_are_said(weights, size):
    said = size_note(load(weights), pictures(*size))
    assert said.startswith(f"The pictures have {size[0]} × {size[1]} pixels and are enlarged to 64 × 64")


@pytest.mark.parametrize(
    ("size", "stated"),
    [
        ((32, 32), {"input_size": 64}),
        ((32, 32), {"preprocessing": {"crop": 64, "resize": 64}}),
        ((43, 43), {}),
        ((600, 40), {}),
        ((640, 480), {}),
    ],
)
def test_nothing_is_said_where_the_size_was_stated_or_is_about_as_large(weights, size, stated):
    assert size_note(load(weights, **stated), pictures(*size)) == ""


def test_a_mean_alone_states_no_size(weights):
    assert load(weights, mean=(0, 0, 0), std=(1, 1, 1)).size_assumed
    assert not xai.load_model("digits").size_assumed


def test_the_page_and_a_study_say_it(weights, tmp_path):
    from PIL import Image

    for label in "ab":
        (tmp_path / label).mkdir()
        Image.fromarray(pictures(32, 32)[0].pixels).save(tmp_path / label / "1.png")
    opened = open_request(Request(kind="mistakes", data=str(tmp_path), model=str(weights), architecture="small_resnet"))
    assert any("enlarged to 64 × 64" in note for note in opened.model.notes)
    at = open_page(
        "misclassifications",
        data="Folder",
        path=str(tmp_path),
        model="Checkpoint",
        weights=str(weights),
        arch=ARCHITECTURES["small_resnet"].title,
    )
    assert "enlarged to 64 × 64" in text(at)
