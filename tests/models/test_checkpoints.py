"""Checkpoints from disk: every form that people save, and a sentence for every one that does not fit."""

import json
import os
import pickle
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

import xai_core as xai
from tests.support.limits import bounded
from xai_core.models import ARCHITECTURES
from xai_core.models.checkpoints import Description, describe, to_checkpoint

DIGITS = tuple(f"digit {i}" for i in range(10))


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return ARCHITECTURES["resnet20_cifar"].build(10).eval()


@pytest.fixture
def state(net):
    return dict(net.state_dict())


@pytest.fixture
def file(tmp_path):
    return tmp_path / "mine.pth"


def load(path, architecture="resnet20_cifar", **settings):
    return xai.load_model(path, architecture=architecture, device="cpu", **settings)


def assert_loads(path, net):
    """The file gives the very weights of `net`."""
    model = load(path)
    inputs = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(model.net(inputs), net(inputs))
    for name, tensor in net.state_dict().items():
        assert torch.equal(model.net.state_dict()[name], tensor), name


def refused(path, message, **settings):
    with pytest.raises(xai.ModelError, match=message) as caught:
        load(path, **settings)
    return str(caught.value)


# forms that load


@pytest.mark.parametrize(
    "wrap",
    [
        lambda s: s,
        lambda s: {"state_dict": s},
        lambda s: {"model_state_dict": s},
        lambda s: {"model": s},
        lambda s: {"net": s},
        lambda s: {"weights": s},
        lambda s: {"module": s},
        lambda s: {"model": {"state_dict": s}},
        lambda s: {"epoch": 3, "name": "run 7", "state_dict": s, "optimizer": {"lr": [0.1]}, "best": None},
        lambda s: {"state_dict": s, "best_acc1": torch.tensor(91.5)},
        lambda s: s | {"epoch": 3, "classes": ["a"]},
        lambda s: {f"module.{name}": tensor for name, tensor in s.items()},
        lambda s: {f"model.module.{name}": tensor for name, tensor in s.items()},
        lambda s: {"state_dict": {f"module.{name}": tensor for name, tensor in s.items()}},
        lambda s: {name: tensor for name, tensor in s.items() if "num_batches" not in name},
    ],
    ids=[
        "bare",
        "state_dict",
        "model_state_dict",
        "model",
        "net",
        "weights",
        "module",
        "nested",
        "things beside",
        "a tensor beside",
        "things inside",
        "module.",
        "model.module.",
        "wrapped module.",
        "without counters",
    ],
)
def test_every_usual_form_loads(wrap, net, state, file):
    torch.save(wrap(state), file)
    assert_loads(file, net)


def test_the_old_format_of_torch_save_loads(net, state, file):
    torch.save(state, file, _use_new_zipfile_serialization=False)
    assert_loads(file, net)


@pytest.mark.parametrize("prefix", ["", "module.", "model.module."])
def test_safetensors_load(prefix, net, state, tmp_path):
    path = tmp_path / "mine.safetensors"
    save_file({prefix + name: tensor.contiguous() for name, tensor in state.items()}, path)
    assert_loads(path, net)


def test_half_precision_is_widened(net, state, file):
    torch.save({k: v.half() if v.is_floating_point() else v for k, v in state.items()}, file)
    weight = load(file).net.conv1.weight
    assert weight.dtype == torch.float32
    assert torch.equal(weight, state["conv1.weight"].half().float())


def test_a_path_may_be_a_text_or_begin_at_home(net, state, file, monkeypatch):
    torch.save(state, file)
    monkeypatch.setenv("HOME", str(file.parent))
    monkeypatch.setenv("USERPROFILE", str(file.parent))
    assert load(str(file)).id == load(Path("~/mine.pth")).id == load("~/mine.pth").id == load(file).id


def test_a_checkpoint_has_its_architectures_input_and_its_files_name(state, file):
    torch.save(state, file)
    model = load(file)
    assert (model.key, model.title) == ("custom", "mine.pth (ResNet-20 for CIFAR)")
    assert model.preprocessing == ARCHITECTURES["resnet20_cifar"].preprocessing
    assert model.class_names == tuple(f"class {i}" for i in range(10))
    changed = load(file, class_names=DIGITS, input_size=40, mean=(0.5, 0.5, 0.5))
    assert changed.class_names == DIGITS
    assert (changed.preprocessing.resize, changed.preprocessing.crop) == (40, 40)
    assert (changed.preprocessing.mean, changed.preprocessing.std) == ((0.5,) * 3, model.preprocessing.std)


@pytest.mark.parametrize("count", [1, 2, 37])
def test_the_file_says_how_many_classes_there_are(count, file):
    torch.save(ARCHITECTURES["resnet20_cifar"].build(count).state_dict(), file)
    assert len(load(file).class_names) == max(count, 2)  # one output is for two classes


@pytest.mark.parametrize(
    ("key", "head"),
    [
        ("efficientnet_lite0", "_fc.weight"),
        ("resnet20_cifar", "linear.weight"),
        ("resnet18", "fc.weight"),
        ("resnet34", "fc.weight"),
        ("resnet50", "fc.weight"),
        ("resnet101", "fc.weight"),
        ("vgg16", "classifier.6.weight"),
        ("densenet121", "classifier.weight"),
        ("mobilenet_v3_large", "classifier.3.weight"),
        ("efficientnet_b0", "classifier.1.weight"),
        ("convnext_tiny", "classifier.2.weight"),
        ("vit_b_16", "heads.head.weight"),
        ("swin_t", "head.weight"),
    ],
)
def test_the_head_of_each_architecture_gives_the_class_count(key, head, file):
    with torch.device("meta"):
        rows = len(ARCHITECTURES[key].build(7).state_dict()[head])
    assert rows == 7
    torch.save({head: torch.zeros(7, 1)}, file)
    refused(
        file,
        rf"^mine\.pth has 7 classes \(its tensor '{re.escape(head)}' has 7 rows\), but 2 class names",
        architecture=key,
        class_names=["a", "b"],
    )


# states that do not fit


def test_a_wrong_shape_names_the_tensor_and_both_shapes(state, file):
    torch.save(state | {"layer2.0.conv1.weight": torch.zeros(32, 16, 5, 5)}, file)
    message = (
        r"^mine\.pth does not fit ResNet-20 for CIFAR: its tensor 'layer2\.0\.conv1\.weight' has the shape "
        r"\(32, 16, 5, 5\), expected \(32, 16, 3, 3\)\. Is the architecture the one it was trained with\?$"
    )
    refused(file, message)


@pytest.mark.parametrize("missing", ["conv1.weight", "layer3.2.bn2.running_var", "linear.weight", "linear.bias"])
def test_a_missing_tensor_is_named(missing, state, file):
    del state[missing]
    torch.save(state, file)
    refused(file, rf"^mine\.pth does not fit ResNet-20 for CIFAR: it has no tensor '{re.escape(missing)}'\. Is the")


def test_tensors_left_over_are_counted_and_the_first_is_named(state, file):
    torch.save(state | {"layer4.b": torch.zeros(1), "layer4.a": torch.zeros(1)}, file)
    refused(file, r"does not fit ResNet-20 for CIFAR: it has 2 further tensors, first 'layer4\.a'\. Is the")


def test_another_architectures_checkpoint_is_refused(state, file):
    torch.save(state, file)
    refused(file, r"^mine\.pth does not fit ResNet-18: it has no tensor 'fc\.weight'", architecture="resnet18")


@pytest.mark.parametrize("names", [DIGITS[:9], (*DIGITS, "more")])
def test_a_class_count_that_differs_names_the_head_and_both_counts(names, state, file):
    torch.save(state, file)
    message = (
        rf"^mine\.pth has 10 classes \(its tensor 'linear\.weight' has 10 rows\), but {len(names)} class names"
        r" were given\.$"
    )
    refused(file, message, class_names=names)
    refused(file, "but 1000 class names were given", class_names="imagenet")


@pytest.mark.parametrize(("head", "shape"), [(torch.tensor(1.0), r"\(\)"), (torch.zeros(0, 64), r"\(0, 64\)")])
def test_a_head_without_classes_is_refused(head, shape, state, file):
    torch.save(state | {"linear.weight": head}, file)
    refused(file, rf"its tensor 'linear\.weight' has the shape {shape}, not \(classes, \.\.\.\)")


def test_weights_that_are_not_finite_are_refused_with_the_tensors_name(state, file):
    torch.save(state | {"linear.bias": torch.full((10,), torch.nan)}, file)
    refused(file, r"^mine\.pth \(ResNet-20 for CIFAR\) cannot be used: its tensor 'linear\.bias' holds NaN")


@pytest.mark.parametrize("content", [{}, {"epoch": 1}, {"model": {}}, {"other": {"a": torch.zeros(1)}}, [1], 3, None])
def test_a_file_without_a_state_dict_says_what_was_expected(content, file):
    torch.save(content, file)
    message = (
        r"^mine\.pth holds no state dict\. Expected names with tensors, bare or under one of: "
        r"state_dict, model_state_dict, model, net, weights, module, model_state, params, network, state_dict_ema, "
        r"model_state_dict_ema, model_ema, ema_state_dict, params_ema, ema\.$"
    )
    refused(file, message)


# files that are not to be trusted


class Malicious:
    """Makes a folder when it is unpickled the careless way."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def save_plain_pickle(content, path):
    path.write_bytes(pickle.dumps(content))


def save_old_torch(content, path):
    torch.save(content, path, _use_new_zipfile_serialization=False)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol:UserWarning")
@pytest.mark.parametrize("save", [torch.save, save_old_torch, save_plain_pickle])
@pytest.mark.parametrize("beside", [False, True])
def test_code_in_a_pickle_is_refused_and_not_run(save, beside, state, file, tmp_path):
    bad = Malicious(tmp_path / "it ran")
    save({"state_dict": state, "extra": bad} if beside else bad, file)
    message = refused(file, r"^mine\.pth holds Python objects beyond tensors, or is no checkpoint\. It was refused")
    assert "torch.save(model.state_dict(), path)" in message
    assert "safetensors" in message
    assert not (tmp_path / "it ran").exists()


def test_the_pickle_above_would_have_run(file, tmp_path):
    torch.save(Malicious(tmp_path / "it ran"), file)
    torch.load(file, weights_only=False)
    assert (tmp_path / "it ran").is_dir()


def test_a_whole_pickled_network_is_refused(net, file):
    torch.save(net, file)
    assert "Save the weights alone" in refused(file, "holds Python objects beyond tensors")


@pytest.mark.parametrize("keep", [0.0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("name", ["mine.pth", "mine.safetensors"])
def test_a_file_that_is_cut_off_says_so(name, keep, state, tmp_path):
    path = tmp_path / name
    if path.suffix == ".pth":
        torch.save(state, path)
    else:
        save_file(state, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    refused(path, rf"^{re.escape(name)} cannot be read as a checkpoint; it is damaged or cut off\.$")


@pytest.mark.parametrize("text", ["These are not the weights you are looking for.\n", "<html>404</html>", "\x00" * 99])
def test_a_file_that_is_no_checkpoint_is_refused(text, tmp_path):
    (tmp_path / "mine.pth").write_text(text)
    refused(tmp_path / "mine.pth", r"^mine\.pth is no checkpoint: neither what torch\.save writes, nor safetensors\.$")
    (tmp_path / "mine.safetensors").write_text(text)
    refused(tmp_path / "mine.safetensors", r"^mine\.safetensors cannot be read as a checkpoint")


def safetensors_bytes(header, body=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


ENTRY = {"dtype": "F32", "shape": [10, 64]}


@pytest.mark.parametrize(
    "content",
    [
        safetensors_bytes({}, length=2**62),
        safetensors_bytes({}, length=90_000_000),
        safetensors_bytes(b"{not json"),
        safetensors_bytes({"linear.weight": ENTRY | {"data_offsets": [0, 2560]}}, b"\0" * 100),
        safetensors_bytes({"linear.weight": ENTRY | {"data_offsets": [0, 100]}}, b"\0" * 100),
        safetensors_bytes({"linear.weight": ENTRY | {"data_offsets": [2560, 0]}}, b"\0" * 2560),
        safetensors_bytes({"linear.weight": ENTRY | {"shape": [2**40, 2**40], "data_offsets": [0, 8]}}, b"\0" * 8),
    ],
    ids=["huge", "longer than the file", "no json", "cut off", "wrong size", "backwards", "overflow"],
)
def test_safetensors_with_a_lying_header_are_refused(content, tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(content)
    refused(path, r"^mine\.safetensors cannot be read as a checkpoint; it is damaged or cut off\.$")


def test_a_missing_file_is_named_with_its_folder(tmp_path):
    refused(tmp_path / "gone.pth", rf"^There is no checkpoint 'gone\.pth' at {re.escape(str(tmp_path))}\.$")
    refused(tmp_path, "^There is no checkpoint")


def test_a_checkpoint_that_is_not_there_is_named_with_its_folder(tmp_path):
    message = refused(tmp_path / "gone.pth", "There is no checkpoint 'gone.pth'", architecture=None)
    assert message.endswith(f"at {tmp_path}.")


def test_a_name_that_is_no_file_and_no_model_lists_the_models(tmp_path):
    path = tmp_path / "resnet1"
    message = refused(
        path,
        "is neither a file nor one of the models: efficientnet_lite0, digits, digits_shortcut, resnet18, ",
        architecture=None,
    )
    assert message.startswith(repr(str(path)))


def test_an_unknown_architecture_names_those_with_a_similar_key(state, file):
    torch.save(state, file)
    message = refused(file, r"^Unknown architecture 'resnet21'\. Choose one of: resnet18, ", architecture="resnet21")
    assert message.endswith(f", or any other of the {len(ARCHITECTURES)} in xai_core.models.ARCHITECTURES.")
    assert "vgg" not in message
    assert "mobilenet_v2" in refused(file, "Unknown architecture", architecture="MobileNetV2")
    assert "vgg16" in refused(file, "Unknown architecture", architecture="?")  # the best known, where none is similar


# a real one


def test_a_real_checkpoint_recognises_cifar(shared_data):
    path = shared_data / "checkpoints" / "resnet20_cifar10.th"
    folder = shared_data / "instanceflow_cifar10"
    for needed in (path, folder / "cifar10.json"):
        if not needed.is_file():
            pytest.skip(f"{needed.name} is not among the shared data")
    about = json.loads((folder / "cifar10.json").read_text())
    model = load(path, class_names=about["labels"])
    assert model.class_names == ("Plane", "Auto", "Bird", "Cat", "Deer", "Dog", "Frog", "Horse", "Ship", "Truck")
    rows = about["instances"][:200]
    pictures = [np.asarray(Image.open(folder / row["image"]).convert("RGB")) for row in rows]
    classes = xai.predict(model, pictures).classes
    accuracy = np.mean(classes == np.array([row["actual"] for row in rows]))
    assert len(rows) == 200
    assert accuracy >= 0.90


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("architecture", ["resnet18", None])
def test_a_first_layer_for_other_channels_is_the_files_own(channels, architecture, file):
    torch.manual_seed(0)
    net = ARCHITECTURES["resnet18"].build(3)
    net.conv1 = torch.nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
    torch.save(net.state_dict(), file)
    model = load(file, architecture, input_size=64)
    inputs = torch.randn(2, channels, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(model.net(inputs), net.eval()(inputs))
    assert len(model.preprocessing.channels) == channels
    assert (model.preprocessing.channels == "L") == (channels == 1)


def test_what_the_file_does_not_say_of_its_pictures_is_said(state, file):
    torch.save(state, file)
    said = "How its pictures were prepared is not known. Assumed: 32 x 32 pixels, mean 0.485, 0.456, 0.406 and"
    assert any(note.startswith(said) for note in load(file).notes)
    stated = load(file, mean=[0.5] * 3, std=[0.5] * 3, input_size=32)
    assert not any("not known" in note for note in stated.notes)
    assert stated.preprocessing.mean == (0.5,) * 3


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"mean": [0.5] * 3, "std": [0.5] * 3}, "Assumed: 32 x 32 pixels."),
        ({"mean": [0.5] * 3}, "Assumed: 32 x 32 pixels, standard deviation 0.229, 0.224, 0.225 (ImageNet's)."),
        ({"std": [0.5] * 3, "input_size": 32}, "Assumed: mean 0.485, 0.456, 0.406 (ImageNet's)."),
    ],
)
def test_of_how_pictures_were_prepared_what_was_not_stated_is_said_and_no_more(stated, said, state, file):
    torch.save(state, file)
    (note,) = [note for note in load(file, **stated).notes if "not known" in note]
    assert note.endswith(said)


def tensors(count):
    return {f"l{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(count)}


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ({"__metadata__": {"xai_core": "[" + "[]," * 6_000_000 + "[]]"}}, "has a head of 17 MB; at most 4 MB are read"),
        (tensors(10_001), "names 10,001 tensors; at most 10,000 are read"),
        ({"__metadata__": {"xai_core": "[" + "[]," * 1_300_000 + "[]]"}}, "holds no state dict"),
    ],
    ids=["size", "tensors", "lists"],
)
def test_a_head_that_fills_the_memory_is_refused(head, says, tmp_path):
    content = json.dumps(head).encode()
    (tmp_path / "net.safetensors").write_bytes(struct.pack("<Q", len(content)) + content)
    with bounded(2.0, 300), pytest.raises(xai.ModelError, match=says):
        xai.load_model(tmp_path / "net.safetensors")


def test_nor_is_one_of_hugging_faces_read_by_others(tmp_path):
    content = json.dumps(tensors(10_001)).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(content)) + content)
    (tmp_path / "config.json").write_text('{"architectures": ["ResNetForImageClassification"], "model_type": "resnet"}')
    with pytest.raises(xai.ModelError, match=r"model.safetensors names 10,001 tensors"):
        xai.load_model(tmp_path)


def test_as_many_class_names_as_imagenet_21k_has_are_read(tmp_path):
    names = tuple(f"a class with a long name, {i}" for i in range(21_841))
    description = Description("", names, None)
    (tmp_path / "net.safetensors").write_bytes(to_checkpoint(nn.Linear(2, 2), description))
    assert describe(tmp_path / "net.safetensors") == description
