"""Hugging Face folders: the same answers as transformers' own processor and model give, and what is refused."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

import xai_core as xai
from xai_core._torchvision import torchvision
from xai_core.models import imagenet
from xai_core.models.processors import of_processor
from xai_core.models.sources.huggingface import open_huggingface

torchvision()  # before transformers imports it
transformers = pytest.importorskip("transformers")

NAMES = {0: "cat", 1: "dog", 2: "eel"}
LABELS = {"id2label": NAMES, "label2id": {name: number for number, name in NAMES.items()}}
TOKENS = {"image_size": 32, "patch_size": 8}
SMALL = {
    "vit": (
        transformers.ViTForImageClassification,
        transformers.ViTConfig(
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            image_size=32,
            patch_size=8,
        ),
        transformers.ViTImageProcessor(size={"height": 32, "width": 32}),
    ),
    "deit": (
        transformers.DeiTForImageClassificationWithTeacher,
        transformers.DeiTConfig(
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            image_size=32,
            patch_size=8,
        ),
        transformers.DeiTImageProcessor(
            size={"height": 36, "width": 36}, crop_size={"height": 32, "width": 32}, resample=3
        ),
    ),
    "swin": (
        transformers.SwinForImageClassification,
        transformers.SwinConfig(
            embed_dim=16, depths=[1, 1], num_heads=[2, 4], window_size=4, image_size=32, patch_size=2
        ),
        transformers.ViTImageProcessor(
            size={"height": 32, "width": 32}, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225]
        ),
    ),
    "resnet": (
        transformers.ResNetForImageClassification,
        transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic"),
        transformers.ConvNextImageProcessor(size={"shortest_edge": 56}, crop_pct=0.875),
    ),
    "convnext": (
        transformers.ConvNextForImageClassification,
        transformers.ConvNextConfig(hidden_sizes=[8, 16, 16, 16], depths=[1, 1, 1, 1]),
        transformers.ConvNextImageProcessor(size={"shortest_edge": 384}),
    ),
    "mobilevit": (
        transformers.MobileViTForImageClassification,
        transformers.MobileViTConfig(hidden_sizes=[16, 24, 32], neck_hidden_sizes=[8, 8, 16, 16, 24, 32, 64]),
        transformers.MobileViTImageProcessor(
            size={"shortest_edge": 72}, crop_size={"height": 64, "width": 64}, do_flip_channel_order=True
        ),
    ),
    "efficientnet": (
        transformers.EfficientNetForImageClassification,
        transformers.EfficientNetConfig(width_coefficient=0.25, depth_coefficient=0.2, hidden_dim=320, image_size=40),
        transformers.EfficientNetImageProcessor(
            size={"height": 40, "width": 40}, rescale_factor=1 / 127.5, rescale_offset=True, include_top=False
        ),
    ),
    "levit": (
        transformers.LevitForImageClassification,
        transformers.LevitConfig(
            image_size=64, hidden_sizes=[16, 16, 16], num_attention_heads=[2, 2, 2], depths=[1, 1, 1], key_dim=[8, 8, 8]
        ),
        transformers.LevitImageProcessor(size={"shortest_edge": 64}, crop_size={"height": 64, "width": 64}),
    ),
}


def save(folder, kind="vit", processor=True, **changes):
    """A seeded network in a folder, as people save one; the network."""
    make, config, prepare = SMALL[kind]
    config = type(config).from_dict(config.to_dict() | LABELS | changes)
    torch.manual_seed(0)
    net = make(config).eval()
    net.save_pretrained(folder)
    if processor:
        prepare.save_pretrained(folder)
    return net


@pytest.fixture(scope="module")
def picture():
    cells = np.random.default_rng(1).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(cells).resize((210, 140), Image.Resampling.BICUBIC))


def refused(model, architecture=None):
    with pytest.raises(xai.ModelError) as caught:
        open_huggingface(model, architecture, None)
    return str(caught.value)


@pytest.mark.parametrize("kind", SMALL)
def test_the_answers_are_those_of_transformers(kind, picture, tmp_path):
    net = save(tmp_path / "mine", kind)
    found = open_huggingface(tmp_path / "mine", None, None)
    theirs = transformers.AutoImageProcessor.from_pretrained(tmp_path / "mine", backend="pil")
    inputs = theirs(Image.fromarray(picture), return_tensors="pt")["pixel_values"]
    ours = torch.from_numpy(found.preprocessing.array(picture))[None]
    assert ours.shape == inputs.shape
    with torch.no_grad():
        torch.testing.assert_close(found.net.eval()(ours).logits, net(inputs).logits, atol=2e-2, rtol=2e-2)
        # Attention in its plain form here, in a fused one there.
        torch.testing.assert_close(found.net(inputs).logits, net(inputs).logits, atol=1e-5, rtol=1e-4)
    assert (found.notes, found.guessed, found.outputs) == ((), False, "logits")
    assert list(found.class_names) == list(NAMES.values())


def test_the_inputs_are_the_processors_to_the_grey_level(picture):
    for _, _, processor in SMALL.values():
        theirs = processor(Image.fromarray(picture), return_tensors="np")["pixel_values"][0]
        found = of_processor(processor).preprocessing
        level = found.white / 255 / np.array(found.std)[:, None, None]
        # Two roundings, of which the processor's are torchvision's here.
        assert np.abs((found.array(picture) - theirs) / level).max() <= 2.5, found


def test_the_kinds_of_geometry_come_out_in_words():
    by_kind = {kind: of_processor(processor).preprocessing for kind, (_, _, processor) in SMALL.items()}
    assert (by_kind["vit"].fit, by_kind["vit"].resize, by_kind["vit"].crop) == ("stretch", 32, 32)
    assert (by_kind["deit"].fit, by_kind["deit"].resize, by_kind["deit"].crop) == ("stretch", 36, 32)
    assert (by_kind["resnet"].fit, by_kind["resnet"].resize, by_kind["resnet"].crop) == ("crop", 64, 56)
    assert (by_kind["convnext"].fit, by_kind["convnext"].resize) == ("stretch", 384)
    assert (by_kind["levit"].fit, by_kind["levit"].resize, by_kind["levit"].crop) == ("crop", 73, 64)
    assert (by_kind["mobilevit"].channels, by_kind["mobilevit"].mean) == ("BGR", (0, 0, 0))
    assert (by_kind["efficientnet"].white, by_kind["swin"].std) == (2.0, (0.229, 0.224, 0.225))


def test_a_processor_of_its_own_kind_is_said():
    class Odd(transformers.ViTImageProcessor):
        def __call__(self, *given, **settings):
            answer = super().__call__(*given, **settings)
            answer["pixel_values"] = np.asarray(answer["pixel_values"]) * 0.5
            return answer

    said = of_processor(Odd(size={"height": 32, "width": 32})).notes
    assert said[0].startswith("Odd prepares pictures in its own way; on a test picture its input differs by ")


@pytest.mark.parametrize("what", ["folder", "text", "weights"])
def test_it_loads_by_its_folder_or_the_weights_in_it(what, tmp_path):
    save(tmp_path / "mine")
    folder = tmp_path / "mine"
    given = {"folder": folder, "text": str(folder), "weights": folder / "model.safetensors"}
    model = xai.load_model(given[what], device="cpu")
    assert model.class_names == ("cat", "dog", "eel")
    assert model.title == "mine (ViT)"


def test_it_loads_by_its_id_from_the_cache(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    stored = tmp_path / "models--me--mine"
    save(stored / "snapshots" / "abc")
    (stored / "refs").mkdir()
    (stored / "refs" / "main").write_text("abc")
    assert open_huggingface("hf:me/mine", None, None).title == "me/mine (ViT)"
    assert refused("hf:me/other") == (
        "'me/other' is not in the cache of Hugging Face's models, and nothing is fetched here. "
        "Fetch it once with: hf download me/other"
    )
    assert refused("hf:../../etc").startswith("'../../etc' is no id of a Hugging Face model")


def test_tensors_of_an_older_folder(tmp_path):
    net = save(tmp_path / "mine")
    (tmp_path / "mine" / "model.safetensors").unlink()
    torch.save(net.state_dict(), tmp_path / "mine" / "pytorch_model.bin")
    found = open_huggingface(tmp_path / "mine", None, None)
    for name, tensor in net.state_dict().items():
        assert torch.equal(found.net.state_dict()[name], tensor), name


class Malicious:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        import os

        return os.mkdir, (str(self.folder),)


def test_code_in_a_folder_is_not_run(tmp_path):
    save(tmp_path / "mine")
    (tmp_path / "mine" / "model.safetensors").unlink()
    torch.save({"vit.x": Malicious(tmp_path / "it ran")}, tmp_path / "mine" / "pytorch_model.bin")
    assert "cannot be loaded" in refused(tmp_path / "mine")
    (tmp_path / "mine" / "modeling_mine.py").write_text(f"open({str(tmp_path / 'it ran')!r}, 'w')")
    said = json.loads((tmp_path / "mine" / "config.json").read_text())
    said |= {"model_type": "mine", "auto_map": {"AutoModelForImageClassification": "modeling_mine.Mine"}}
    (tmp_path / "mine" / "config.json").write_text(json.dumps(said))
    assert "cannot be loaded" in refused(tmp_path / "mine")
    assert not (tmp_path / "it ran").exists()


def test_labels_of_several_and_numbered_ones(tmp_path):
    numbered = {"id2label": {i: f"LABEL_{i}" for i in range(4)}, "label2id": {f"LABEL_{i}": i for i in range(4)}}
    save(tmp_path / "mine", problem_type="multi_label_classification", **numbered)
    found = open_huggingface(tmp_path / "mine", None, None)
    assert (found.outputs, found.class_names) == ("label_logits", None)
    twice = {"id2label": {0: "crane", 1: "bird", 2: "crane"}, "label2id": {"crane": 0, "bird": 1}}
    save(tmp_path / "two", **twice)
    assert open_huggingface(tmp_path / "two", None, None).class_names == ["crane", "bird", "crane (2)"]


def test_imagenets_labels_are_known_by_their_synonyms(tmp_path):
    theirs = {i: ", ".join(imagenet.synonyms()[wnid]) for i, wnid in enumerate(imagenet.wnids())}
    save(tmp_path / "mine", id2label=theirs, label2id={name: i for i, name in theirs.items()})
    found = open_huggingface(tmp_path / "mine", None, None)
    assert (found.class_names, found.wnids) == (imagenet.class_names(), imagenet.wnids())
    other = {i: theirs[999 - i] for i in theirs}
    save(tmp_path / "turned", id2label=other, label2id={name: i for i, name in other.items()})
    assert open_huggingface(tmp_path / "turned", None, None).wnids is None


def test_a_folder_without_a_processor_is_a_guess(tmp_path):
    save(tmp_path / "mine", processor=False)
    found = open_huggingface(tmp_path / "mine", None, None)
    assert (found.guessed, found.preprocessing.size, found.preprocessing.fit) == (True, (32, 32), "stretch")
    (tmp_path / "mine" / "preprocessor_config.json").write_text("{")
    found = open_huggingface(tmp_path / "mine", None, None)
    assert found.guessed
    assert found.notes[0].startswith("Its image processor could not be used: ")


# what is refused


def test_a_folder_without_config(tmp_path):
    (tmp_path / "mine").mkdir()
    assert refused(tmp_path / "mine") == (
        "mine is a folder without config.json, so it is no Hugging Face model. Give the file with the weights, or a "
        "folder that save_pretrained wrote."
    )
    (tmp_path / "mine" / "config.json").write_text("[]")
    assert "config.json of mine cannot be read" in refused(tmp_path / "mine")


def test_a_folder_with_an_architecture_of_the_users(tmp_path):
    save(tmp_path / "mine")
    assert "leave architecture='resnet18' out" in refused(tmp_path / "mine", "resnet18")
    assert "does not fit ResNet-18" in refused(tmp_path / "mine" / "model.safetensors", "resnet18")  # as any file


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"problem_type": "regression"}, "is a regression: it gives quantities and no classes"),
        ({"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}}, "is quantised"),
        (
            {"_attn_implementation": "somebody/kernel"},
            "asks for code from elsewhere (_attn_implementation = 'somebody/k",
        ),
        ({"text_config": {"experts_implementation": "somebody/kernel"}}, "asks for code from elsewhere"),
        ({"num_labels": 10**9}, "says that it has 1,000,000,000 classes; at most 100,000 are taken"),
        ({"model_type": "bert"}, "(of the kind 'bert') cannot be loaded: "),
        ({"hidden_act": "print"}, "(of the kind 'vit') cannot be loaded: "),
        ({"image_size": 48}, "has the shape (1, 17, 32), expected (1, 37, 32)"),
        ({"transformers_weights": "../other.safetensors"}, "names weights outside of its folder"),
    ],
)
def test_what_is_no_classifier_or_does_not_fit(changes, said, tmp_path):
    save(tmp_path / "mine")
    path = tmp_path / "mine" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    assert said in refused(tmp_path / "mine")


def test_a_backbone_without_a_head_is_not_given_a_random_one(tmp_path):
    net = save(tmp_path / "mine")
    net.vit.save_pretrained(tmp_path / "mine")
    assert "mine has no weights for 2 of its tensors, first 'classifier.bias'; they would be random" in refused(
        tmp_path / "mine"
    )


def test_without_transformers_it_says_how_to_install_it(tmp_path, monkeypatch):
    save(tmp_path / "mine")
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    assert "pip install 'xai-core[huggingface]'" in refused(tmp_path / "mine")
