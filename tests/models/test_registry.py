"""The registry: its static table, what is on disk, and loading by name without a network."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

import xai_core as xai
from xai_core._torchvision import torchvision
from xai_core.models import ARCHITECTURES, imagenet, torchvision_models
from xai_core.models.sources import imagenet_weights as registry
from xai_core.types import Preprocessing

ALONG = ["efficientnet_lite0", "digits", "digits_shortcut"]  # what needs no download
BETWEEN = ["digits_25", "digits_50", "digits_75"]  # the honest and the cheating digits model
ROWS = torchvision_models.rows()
KEYS = list(ROWS)
COMMON = KEYS[:11]  # which lists show first


def weights_of(key):
    return torchvision().models.get_model_weights(key)[ROWS[key].weights]


@pytest.fixture
def checkpoints(tmp_path, monkeypatch):
    """The folder of weights, inside an empty TORCH_HOME."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def random_net(key):
    """torchvision's own network with seeded weights, running statistics included."""
    torch.manual_seed(0)
    net = torchvision().models.get_model(key, weights=None, num_classes=1000)
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            buffer.uniform_(-0.1, 0.1)
        elif name.endswith("running_var"):
            buffer.uniform_(0.8, 1.2)
    return net.eval()


def assert_same_logits(classifier, net):
    inputs = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(classifier.net(inputs), net(inputs), rtol=1e-4, atol=1e-4)


def test_the_table_holds_all_of_torchvisions_classifiers():
    models = torchvision().models
    assert sorted(KEYS) == sorted(models.list_models(module=models))


def test_the_best_known_come_first():
    assert [key for key in KEYS if ROWS[key].common] == COMMON
    assert [info.key for info in xai.list_models() if info.common] == [*ALONG, *COMMON]
    assert COMMON == [
        "resnet18",
        "resnet34",
        "resnet50",
        "resnet101",
        "vgg16",
        "densenet121",
        "mobilenet_v3_large",
        "efficientnet_b0",
        "convnext_tiny",
        "vit_b_16",
        "swin_t",
    ]


@pytest.mark.parametrize("key", KEYS)
def test_file_name_and_url_are_torchvisions(key):
    file = ROWS[key].file
    assert weights_of(key).url.rsplit("/", 1)[1] == file
    assert registry._weights_url(key) == weights_of(key).url
    assert re.fullmatch(r"[0-9a-f]{8,10}", file.removesuffix(".pth").rsplit("-", 1)[1])


@pytest.mark.parametrize("key", KEYS)
def test_size_is_torchvisions_in_megabytes(key):
    mebibytes = weights_of(key).meta["_file_size"]
    assert ROWS[key].megabytes == pytest.approx(mebibytes * 1.048576, abs=0.2)


@pytest.mark.parametrize("key", KEYS)
def test_categories_are_torchvisions(key):
    assert tuple(weights_of(key).meta["categories"]) == imagenet.class_names()


@pytest.mark.parametrize("key", KEYS)
def test_preprocessing_is_that_of_the_weights(key):
    preset, ours = weights_of(key).transforms(), ARCHITECTURES[key].preprocessing
    assert (preset.resize_size, preset.crop_size) == ([ours.resize], [ours.crop])
    assert (tuple(preset.mean), tuple(preset.std)) == (ours.mean, ours.std)
    assert preset.interpolation.value == ours.interpolation


def test_imagenet_has_a_thousand_names_and_ids_each_once():
    assert len(set(imagenet.class_names())) == len(set(imagenet.wnids())) == 1000
    assert (imagenet.wnids()[0], imagenet.class_names()[0]) == ("n01440764", "tench")
    assert (imagenet.wnids()[999], imagenet.class_names()[999]) == ("n15075141", "toilet tissue")
    assert list(imagenet.wnids()) == sorted(imagenet.wnids())


def test_the_bundled_model_comes_first_and_needs_no_download(checkpoints):
    models = xai.list_models()
    assert [info.key for info in models] == [*ALONG, *COMMON, *BETWEEN, *KEYS[len(COMMON) :]]
    assert models[0] == xai.ModelInfo("efficientnet_lite0", "EfficientNet-Lite0", 1000, 0.0, True)
    assert models[1] == xai.ModelInfo("digits", "Digits (honest)", 10, 0.0, True)
    assert models[3] == xai.ModelInfo("resnet18", "ResNet-18", 1000, 46.8, False)


def test_a_model_is_on_disk_only_when_its_file_is(checkpoints):
    assert [info.key for info in xai.list_models() if info.on_disk] == [*ALONG, *BETWEEN]
    (checkpoints / "vgg16-397923af.pth").touch()
    (checkpoints / "resnet50-11ad3fa6.pth").touch()  # torchvision's second recipe, which is not ours
    (checkpoints / "resnet34-b627a593.pth").mkdir()
    assert [info.key for info in xai.list_models() if info.on_disk] == [*ALONG, "vgg16", *BETWEEN]


@pytest.mark.parametrize(
    "settings", [{}, {"XDG_CACHE_HOME": "/xdg"}, {"TORCH_HOME": "~/t"}, {"TORCH_HOME": "/t", "XDG_CACHE_HOME": "/x"}]
)
def test_the_folder_of_weights_is_torchs_own(settings, monkeypatch):
    monkeypatch.delenv("TORCH_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert str(registry.weights_folder()) == os.path.join(torch.hub.get_dir(), "checkpoints")  # noqa: PTH118


def test_an_unknown_model_lists_the_best_known_and_similar_keys(checkpoints):
    for call in (xai.load_model, xai.download_model):
        with pytest.raises(xai.ModelError) as caught:
            call("resnet19")
        assert "'resnet19'" in str(caught.value)
        assert ", ".join([*ALONG, *COMMON]) in str(caught.value)
    assert f"another of the {len(ALONG) + len(BETWEEN) + len(KEYS)} of xai.list_models()" in str(caught.value)
    assert "Did you mean 'resnet18'" in str(caught.value)


def test_the_bundled_model_knows_an_espresso():
    model = xai.load_model("efficientnet_lite0", device="cpu")
    coffee = next(sample for sample in xai.load_dataset("photos") if sample.name == "coffee")
    predictions = xai.predict(model, coffee)
    assert model.class_names[predictions.classes[0]] == "espresso"
    assert predictions.confidences[0] == pytest.approx(0.951, abs=0.01)
    assert (model.key, model.class_names, model.wnids) == (
        "efficientnet_lite0",
        imagenet.class_names(),
        imagenet.wnids(),
    )
    assert model.preprocessing == ARCHITECTURES["efficientnet_lite0"].preprocessing
    assert [layer.size for layer in model.select("stages")] == [(112,) * 2, (56,) * 2, (28,) * 2, (14,) * 2, (7,) * 2]


def test_downloading_the_bundled_model_fetches_nothing(checkpoints, monkeypatch):
    monkeypatch.setattr(registry, "_weights_url", lambda key: pytest.fail("asked for a url"))
    xai.download_model("efficientnet_lite0")
    assert list(checkpoints.iterdir()) == []


def test_weights_in_the_cache_load_by_name_without_a_download(checkpoints, monkeypatch):
    monkeypatch.setattr(registry, "_weights_url", lambda key: pytest.fail("asked for a url"))
    net = random_net("resnet18")
    torch.save(net.state_dict(), checkpoints / "resnet18-f37072fd.pth")
    xai.download_model("resnet18")
    model = xai.load_model("resnet18", device="cpu")
    assert_same_logits(model, net)
    assert (model.key, model.title, model.wnids) == ("resnet18", "ResNet-18", imagenet.wnids())
    assert model.preprocessing == ARCHITECTURES["resnet18"].preprocessing
    assert not model.net.training


def test_densenet_files_with_the_old_names_load(checkpoints, monkeypatch):
    small = replace(ARCHITECTURES["densenet121"], preprocessing=Preprocessing(64, 64))  # a quicker probe
    monkeypatch.setitem(ARCHITECTURES, "densenet121", small)
    net = random_net("densenet121")
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", name): tensor
        for name, tensor in net.state_dict().items()
        if not name.endswith("num_batches_tracked")  # which such files lack, too
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    assert "features.denseblock1.denselayer1.norm1.weight" not in old
    torch.save(old, checkpoints / "densenet121-a639ec97.pth")
    assert_same_logits(xai.load_model("densenet121", device="cpu"), net)


def test_a_damaged_file_in_the_cache_is_named(checkpoints):
    (checkpoints / "resnet18-f37072fd.pth").write_bytes(b"")
    with pytest.raises(xai.ModelError, match=r"^resnet18-f37072fd\.pth cannot be read as a checkpoint"):
        xai.load_model("resnet18", device="cpu")


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def test_torchvision_imports_in_a_fresh_process():
    code = (
        "from xai_core._torchvision import torchvision\n"
        "first, second = torchvision(), torchvision()\n"
        "assert first is second\n"
        "print(first.__name__, first.models.resnet18.__name__)\n"
        "import torchvision.transforms\n"
        "print('and imports as usual from then on')\n"
    )
    done = run_python(code)
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        ["torchvision resnet18", "and imports as usual from then on"],
    ), done.stderr


@pytest.mark.parametrize("key", ["digits", "digits_shortcut"])
def test_the_models_of_textured_digits_come_along(key):
    model = xai.load_model(key, device="cpu")
    assert (model.key, model.class_names) == (key, tuple("0123456789"))
    assert model.preprocessing.settings() == ARCHITECTURES["small_resnet"].preprocessing.settings()
    held_out = xai.textured_digits("val", shortcut=1.0 if key == "digits_shortcut" else 0.0)[:40]
    right = xai.predict(model, held_out).classes == [int(sample.label) for sample in held_out]
    assert right.mean() >= 0.9


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"input_size": 96},
        {"class_names": [f"it's {i}" for i in range(10)]},
        {"mean": (0.4, 0.5, 0.6), "std": [0.2, 0.2, 0.25]},
    ],
)
def test_the_expression_of_a_model_loads_it_again(given):
    model = xai.load_model("digits", device="cpu", **given)
    assert model.code.startswith("xai.load_model('digits'")
    again = eval(model.code, {"xai": xai})
    assert (again.id, again.class_names, again.title) == (model.id, model.class_names, model.title)
    assert again.preprocessing == model.preprocessing
    assert again.code == model.code


def test_the_expression_of_a_checkpoint_and_of_a_network_of_ones_own(tmp_path):
    net = ARCHITECTURES["small_resnet"].build(3)
    path = tmp_path / "it's.pt"
    torch.save(net.state_dict(), path)
    model = xai.load_model(path, architecture="small_resnet", class_names=["a", "b", "c"], device="cpu")
    assert eval(model.code, {"xai": xai}).id == model.id
    mine = xai.load_model(net, class_names=["a", "b", "c"], input_size=64, device="cpu")
    assert eval(mine.code, {"xai": xai, "network": net}).id == mine.id
