"""Models of one's own on the pages: what the list offers, folders, and files that tell their architecture."""

import shutil
import warnings
from urllib.parse import parse_qsl

import pytest
import torch
from safetensors.torch import save_file

import xai_core as xai
from app import paths
from tests.support.command import study, summary
from tests.support.pages import open_page, text
from xai_core._torchvision import torchvision
from xai_core.models import ARCHITECTURES

NAMES = [str(digit) for digit in range(10)]


@pytest.fixture(scope="module")
def swin(tmp_path_factory):
    """A small Swin for digits in a folder of Hugging Face's."""
    torchvision()  # before transformers imports it
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("models") / "swin"
    torch.manual_seed(0)
    config = transformers.SwinConfig(
        embed_dim=16,
        depths=[1, 1, 1],
        num_heads=[2, 2, 2],
        window_size=4,
        image_size=64,
        patch_size=2,
        id2label=dict(enumerate(NAMES)),
        label2id={name: number for number, name in enumerate(NAMES)},
    )
    transformers.SwinForImageClassification(config).save_pretrained(folder)
    transformers.ViTImageProcessor(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder


def test_the_list_begins_with_what_people_know_and_their_own_file():
    titles = open_page("layer_explorer").selectbox(key="model").options
    common = [info.title for info in xai.list_models() if info.common or info.on_disk]
    assert titles[: len(common) + 1] == [*common, "Checkpoint"]
    assert sorted(titles) == sorted(["Checkpoint", *(info.title for info in xai.list_models())])


@pytest.mark.parametrize("page", ["layer_explorer", "misclassifications"])
def test_a_folder_of_hugging_face(page, swin):
    at = open_page(page, model="Checkpoint", weights=str(swin), n="2")
    assert not at.exception
    assert not at.error
    assert "classes" not in " ".join(warning.value for warning in at.warning)


def test_a_file_tells_its_architecture(tmp_path):
    torch.manual_seed(0)
    torch.save(ARCHITECTURES["small_resnet"].build(10).state_dict(), tmp_path / "mine.pth")
    at = open_page("layer_explorer", model="Checkpoint", weights=str(tmp_path / "mine.pth"), n="2")
    assert not at.exception
    assert not at.error
    torch.save({"a.b": torch.zeros(2, 3)}, tmp_path / "mine.pth")
    at = open_page("layer_explorer", model="Checkpoint", weights=str(tmp_path / "mine.pth"), n="2")
    assert "fits no architecture that is known here" in text(at)


@pytest.fixture
def caches(swin, tmp_path, monkeypatch):
    """Caches of Hugging Face and of torch that hold hf:me/swin and timm:test_vit, in one folder."""
    timm = pytest.importorskip("timm")
    constants = pytest.importorskip("huggingface_hub").constants
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "caches" / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "caches" / "torch"))
    torch.manual_seed(0)
    weights = timm.create_model("test_vit").state_dict()
    for identity in ("me--swin", "timm--test_vit.r160_in1k"):
        stored = tmp_path / "caches" / "hub" / f"models--{identity}"
        if identity == "me--swin":
            shutil.copytree(swin, stored / "snapshots" / "abc")
        else:
            (stored / "snapshots" / "abc").mkdir(parents=True)
            save_file(
                {key: one.contiguous() for key, one in weights.items()}, stored / "snapshots/abc/model.safetensors"
            )
        (stored / "refs").mkdir()
        (stored / "refs" / "main").write_text("abc")
    return tmp_path / "caches"


CACHED = [("hf:me/swin", "Textured digits", "me/swin (Swin)"), ("timm:test_vit", "Photos", "test_vit (timm)")]


@pytest.mark.parametrize(("weights", "data", "title"), CACHED)
def test_a_model_in_a_cache_is_opened_by_its_name(weights, data, title, caches):
    at = open_page("model", model="Checkpoint", weights=weights, data=data)
    assert not at.exception
    assert not at.error
    assert title in text(at)


@pytest.mark.parametrize(("weights", "data", "title"), CACHED)
def test_where_folders_are_restricted_a_cache_must_be_among_them(weights, data, title, caches, monkeypatch):
    for root, opened in ((caches.parent / "elsewhere", False), (caches, True)):
        monkeypatch.setenv("XAI_DATA_ROOTS", str(root))
        shown = text(open_page("model", model="Checkpoint", weights=weights, data=data))
        assert (title in shown) is opened
        assert ("models by name lie in caches of this server's user" in shown) is not opened


def test_restricted_servers_say_the_same_whether_or_not_a_model_is_cached(caches, monkeypatch):
    monkeypatch.setenv("XAI_DATA_ROOTS", str(caches.parent / "elsewhere"))
    said = []
    for name in ("hf:me/swin", "hf:me/none"):
        with pytest.raises(xai.DataError) as caught:
            paths.model(name)
        said.append(str(caught.value).replace(name, "NAME"))
    assert said[0] == said[1]


def test_a_cached_model_that_is_fetched_anew_is_loaded_anew(caches):
    from app.cache.stamps import model_stamp
    from xai_core.models import cached_place

    before = model_stamp(cached_place("hf:me/swin"))
    (caches / "hub" / "models--me--swin" / "snapshots" / "abc" / "config.json").touch()
    assert model_stamp(cached_place("hf:me/swin")) != before
    assert cached_place("hf:me/none") is None
    assert cached_place(str(caches)) is None


def test_a_changed_folder_is_loaded_anew(swin, tmp_path):
    from app.cache.stamps import model_stamp

    before = model_stamp(swin)
    (swin / "config.json").touch()
    assert model_stamp(swin) != before
    assert model_stamp(tmp_path / "none") == ""


def test_what_is_not_there_is_said(tmp_path):
    for weights, said in (
        (str(tmp_path), "is a folder without config.json"),
        ("hf:me/mine", "is not in the cache of Hugging Face's models"),
        ("timm:resnet19", "timm has no model"),
    ):
        assert said in text(open_page("layer_explorer", model="Checkpoint", weights=weights, n="2")).replace("\\", "")


@pytest.fixture(scope="module")
def onnx_file(tmp_path_factory):
    """A small network for digits as an ONNX file."""
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    file = tmp_path_factory.mktemp("onnx") / "mine.onnx"
    torch.manual_seed(0)
    net = ARCHITECTURES["small_resnet"].build(10).eval()
    with warnings.catch_warnings(action="ignore"):  # the exporter that needs no further package is an old one
        torch.onnx.export(
            net, torch.zeros(1, 3, 64, 64), file, dynamo=False, dynamic_axes={"x": {0: "n"}}, input_names=["x"]
        )
    return file


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("layer_explorer", "has no layers whose maps could be shown"),
        ("foreground", "LIME"),
        ("misclassifications", "Accuracy"),
        ("model", "is a black box, so there are no maps by layer"),
    ],
)
def test_a_black_box(page, said, onnx_file):
    query = {"data": "Textured digits", "n": "4"} if page != "layer_explorer" else {"n": "2"}
    at = open_page(page, model="Checkpoint", weights=str(onnx_file), classes="\n".join(NAMES), **query)
    assert not at.exception
    assert not at.error or page == "layer_explorer"
    assert said in text(at)


def test_a_network_of_timms_can_be_typed(tmp_path):
    torchvision()  # before timm imports it
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    torch.save(timm.create_model("test_vit", num_classes=10).state_dict(), tmp_path / "mine.pth")
    weights = str(tmp_path / "mine.pth")
    at = open_page("layer_explorer", model="Checkpoint", weights=weights, arch="timm:test_vit", n="2")
    assert not at.exception
    assert not at.error
    assert not [warning.value for warning in at.warning if "which is not here" in warning.value]
    assert "mine.pth (test_vit of timm)" in text(at)


def test_a_study_of_a_network_of_timms_is_opened_with_it(tmp_path):
    torchvision()  # before timm imports it
    timm = pytest.importorskip("timm")
    torch.save(timm.create_model("test_vit", num_classes=10).state_dict(), tmp_path / "mine.pth")
    chosen = ("--limit", 4, "--model", tmp_path / "mine.pth", "--architecture", "timm:test_vit")
    assert study("layers", tmp_path / "out", *chosen) == 0
    page, _, query = summary(tmp_path / "out")["address"].partition("?")
    at = open_page(page.strip("/"), study=str(tmp_path / "out"), **dict(parse_qsl(query)))
    assert not at.error
    assert "mine.pth (test_vit of timm) on cpu · " in text(at)
    assert " · 4 pictures" in text(at)
