"""timm's networks: the same answers and inputs as timm's own, from weights on this disk."""

import argparse
import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import xai_core as xai
from xai_core._torchvision import torchvision
from xai_core.models import imagenet, timm_networks
from xai_core.models.sources.checkpoint import open_checkpoint
from xai_core.models.sources.timm_models import open_timm

torchvision()  # before timm imports it
timm = pytest.importorskip("timm")

KEY = "test_resnet.r160_in1k"  # timm's own small networks for tests


def seeded(name, **settings):
    torch.manual_seed(0)
    return timm.create_model(name, pretrained=False, **settings).eval()


@pytest.fixture
def caches(tmp_path, monkeypatch):
    """Empty caches of Hugging Face and of torch."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path


def cache(caches, name, state):
    """Put weights where timm would have put them."""
    stored = caches / "hub" / f"models--timm--{name}"
    (stored / "snapshots" / "abc").mkdir(parents=True)
    (stored / "refs").mkdir()
    (stored / "refs" / "main").write_text("abc")
    save_file({key: tensor.contiguous() for key, tensor in state.items()}, stored / "snapshots/abc/model.safetensors")


def refused(open_model, *given):
    with pytest.raises(xai.ModelError) as caught:
        open_model(*given)
    return str(caught.value)


def test_cached_weights_give_timms_answers(caches):
    net = seeded(KEY)
    cache(caches, KEY, net.state_dict())
    found = open_timm(f"timm:{KEY}", None, None)
    inputs = torch.randn(2, 3, 160, 160, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(found.net.eval()(inputs), net(inputs))
    assert (found.title, found.outputs) == (f"{KEY} (timm)", "logits")
    assert (found.class_names, found.wnids) == (imagenet.class_names(), imagenet.wnids())


@pytest.mark.parametrize(
    "name",
    [KEY, "test_vit.r160_in1k", "vit_tiny_patch16_224", "resnet50.a1_in1k", "vit_base_patch16_clip_224.openai_ft_in1k"],
)
def test_the_input_is_timms(name):
    """On pictures upright and across; both resize with Pillow."""
    config = timm.get_pretrained_cfg(name).to_dict()
    ours = timm_networks.preprocessing_of(config)
    theirs = timm.data.create_transform(**timm.data.resolve_data_config({}, pretrained_cfg=config))
    cells = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    for size in ((500, 375), (300, 420)):
        picture = Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)
        level = 1 / 255 / np.array(ours.std)[:, None, None]
        apart = np.abs(ours.array(np.asarray(picture)) - theirs(picture).numpy()) / level
        assert (apart.max() <= 2.5, apart.mean() <= 0.05) == (True, True)  # a level where both round a half


def test_squashed_padded_one_channel_and_narrow_inputs():
    config = {"input_size": (3, 64, 96), "crop_pct": 0.9, "mean": (0.5,) * 3, "std": (0.5,) * 3}
    assert timm_networks.preprocessing_of(config | {"crop_mode": "squash"}).fit == "stretch"
    assert timm_networks.preprocessing_of(config | {"crop_mode": "border"}).fit == "pad"
    narrow = timm_networks.preprocessing_of(config)
    assert (narrow.resize, narrow.crop, narrow.interpolation) == ((71, 106), (64, 96), "bicubic")
    grey = timm_networks.preprocessing_of({"input_size": (1, 28, 28), "crop_pct": 1.0, "mean": (0.5,), "std": (0.5,)})
    assert (grey.channels, grey.crop) == ("L", 28)


def test_weights_that_are_not_cached_are_not_fetched(caches, monkeypatch):
    import socket

    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **more: pytest.fail("asked for an address"))
    said = refused(open_timm, f"timm:{KEY}", None, None)
    assert said.startswith(f"The weights of '{KEY}' are not in the cache, and nothing is fetched here.")
    assert "timm.create_model" in said


def test_a_folder_as_timm_writes_it(tmp_path):
    net = seeded("test_resnet", num_classes=3)
    folder = tmp_path / "mine"
    folder.mkdir()
    save_file(net.state_dict(), folder / "model.safetensors")
    config = {
        "architecture": "test_resnet",
        "num_classes": 3,
        "pretrained_cfg": net.pretrained_cfg | {"num_classes": 3, "input_size": [3, 96, 96]},
        "label_names": ["ant", "bee", "bee"],
    }
    (folder / "config.json").write_text(json.dumps(config))
    model = xai.load_model(folder, device="cpu")
    assert (model.title, model.class_names) == ("mine (timm)", ("ant", "bee", "bee (2)"))
    inputs = torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(model.net(inputs), net(inputs), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_efficientnet"])
def test_weights_of_ones_own_with_a_name_of_timms(name, tmp_path):
    net = seeded(name, num_classes=4)
    torch.save({"state_dict_ema": net.state_dict()}, tmp_path / "mine.pth")
    found = open_checkpoint(tmp_path / "mine.pth", f"timm:{name}", None)
    inputs = torch.randn(2, 3, 160, 160, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(found.net.eval()(inputs), net(inputs))
    assert found.preprocessing == timm_networks.preprocessing_of(net.pretrained_cfg)


@pytest.mark.parametrize(
    "beside",
    [{"arch": "test_vit"}, {"args": argparse.Namespace(model="test_vit")}, {"hyper_parameters": {"arch": "test_vit"}}],
)
def test_a_training_that_says_the_name_of_its_network(beside, tmp_path):
    net = seeded("test_vit", num_classes=4)
    torch.save({"state_dict": net.state_dict(), **beside}, tmp_path / "mine.pth")
    found = open_checkpoint(tmp_path / "mine.pth", None, None)
    assert found.title == "mine.pth (test_vit of timm)"
    torch.save({"state_dict": net.state_dict(), "arch": "test_resnet"}, tmp_path / "mine.pth")
    assert "fits no architecture that is known here" in refused(open_checkpoint, tmp_path / "mine.pth", None, None)


def test_a_name_that_timm_does_not_have():
    said = refused(open_timm, "timm:vit_tiny_patch16_225", None, None)
    assert said.startswith("timm has no model 'vit_tiny_patch16_225'. Did you mean timm:vit_tiny_patch16_224")
    assert "says its own architecture" in refused(open_timm, "timm:resnet18", "resnet18", None)


def test_a_network_without_classes_or_without_weights(caches):
    cache(caches, "vit_small_patch14_dinov2.lvd142m", {"x": torch.zeros(1)})
    assert "gives features and no classes" in refused(open_timm, "timm:vit_small_patch14_dinov2.lvd142m", None, None)
    bare = next(name for name in timm.list_models() if not getattr(timm.get_pretrained_cfg(name), "has_weights", False))
    assert refused(open_timm, f"timm:{bare}", None, None).startswith(f"timm has no weights for {bare!r}.")


def test_weights_that_do_not_fit(caches):
    cache(caches, KEY, seeded("test_vit").state_dict())
    assert f"model.safetensors does not fit {KEY!r} of timm: " in refused(open_timm, f"timm:{KEY}", None, None)


def test_without_timm_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "timm", None)
    assert "pip install 'xai-core[timm]'" in refused(open_timm, "timm:resnet18", None, None)
