"""Folders of Hugging Face whose JSON asks for far more than their weights, or for those of others."""

import json
import struct

import pytest
import torch

import xai_core as xai
from tests.support.limits import bounded
from xai_core._torchvision import torchvision
from xai_core.errors import ModelError

torchvision()  # before transformers imports it
transformers = pytest.importorskip("transformers")

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 16}
INDEX = "model.safetensors.index.json"


def folder(at, **settings):
    at.mkdir(exist_ok=True)
    said = {"architectures": ["ViTForImageClassification"], "model_type": "vit", "image_size": 32, "patch_size": 16}
    (at / "config.json").write_text(json.dumps({**said, **SMALL, **settings}))
    return at


@pytest.fixture(scope="module", autouse=True)
def imported():
    from transformers.models.vit import modeling_vit  # noqa: F401 (which takes its own time and memory)


@pytest.mark.parametrize(
    "large", [{"hidden_size": 30_000}, {"image_size": 20_000, "patch_size": 1}, {"num_hidden_layers": 1_000_000}]
)
def test_a_network_far_larger_than_its_weights_is_not_made(large, tmp_path):
    at = folder(tmp_path / "large", **large)
    (at / "model.safetensors").write_bytes(struct.pack("<Q", 2) + b"{}")
    with bounded(4.0, 300), pytest.raises(ModelError, match="asks for a far larger network than its weights are"):
        xai.load_model(at)


@pytest.mark.parametrize("place", ["../others/model.safetensors", "/etc/passwd", "..", "a\\b", 7, ["a"]])
def test_the_weights_of_others_are_none_of_its_own(place, tmp_path):
    transformers.ViTForImageClassification(
        transformers.ViTConfig(**SMALL, image_size=32, patch_size=16)
    ).save_pretrained(tmp_path / "others")
    at = folder(tmp_path / "mine")
    (at / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": {"vit.embeddings.cls_token": place}}))
    with pytest.raises(ModelError, match=r"index\.json of mine names weights outside of its folder"):
        xai.load_model(at)


@pytest.mark.parametrize("name", [INDEX, "preprocessor_config.json"])
@pytest.mark.parametrize(
    "content", [b'{"weight_map": [' + b"[]," * 500_000 + b"[]]}", b'{"weight_map": {}}' + b" " * (17 << 20)]
)
def test_json_beside_the_weights_is_counted_before_it_is_made(name, content, tmp_path):
    at = folder(tmp_path / "mine")
    (at / name).write_bytes(content)
    with bounded(2.0, 60), pytest.raises(ModelError, match=f"The {name} of mine is too large|names weights outside"):
        xai.load_model(at)


def test_weights_in_several_files_are_read(tmp_path):
    net = transformers.ViTForImageClassification(transformers.ViTConfig(**SMALL, image_size=32, patch_size=16))
    net.save_pretrained(tmp_path / "mine", max_shard_size="5KB")
    assert (tmp_path / "mine" / INDEX).is_file()
    assert len(xai.load_model(tmp_path / "mine").class_names) == 2


@pytest.mark.parametrize(
    ("architecture", "classes", "says"),
    [
        ("resnet18", 50_000_000, "is said to have 50,000,000 classes; at most 100,000 are taken"),
        ("vit_giant_patch14_224", 3, "asks for a far larger network than its weights are"),
    ],
)
def test_a_folder_of_timm_has_the_same_bounds(architecture, classes, says, tmp_path):
    pytest.importorskip("timm")
    from safetensors.torch import save_file

    said = {"architecture": architecture, "num_classes": classes, "pretrained_cfg": {"input_size": [3, 224, 224]}}
    (tmp_path / "config.json").write_text(json.dumps(said))
    save_file({"w": torch.zeros(3)}, tmp_path / "model.safetensors")
    with bounded(4.0, 300), pytest.raises(ModelError, match=says):
        xai.load_model(tmp_path)
