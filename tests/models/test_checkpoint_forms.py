"""What training programs write: averaged and wrapped networks, things beside the network, other last layers."""

import argparse
import pickle
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

import xai_core as xai
from xai_core.models import ARCHITECTURES
from xai_core.models.fitting import fit, template
from xai_core.models.sources.checkpoint import open_checkpoint
from xai_core.types import Preprocessing

KEY = "resnet20_cifar"


def seeded(key, classes=3, seed=0):
    """A network of that architecture, its running statistics drawn, too."""
    torch.manual_seed(seed)
    net = ARCHITECTURES[key].build(classes).eval()
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            buffer.uniform_(-0.1, 0.1)
        elif name.endswith("running_var"):
            buffer.uniform_(0.8, 1.2)
    return net


@pytest.fixture(scope="module")
def net():
    return seeded(KEY)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "mine.pth"


def assert_opens(file, net, architecture=KEY, side=32):
    """The file gives the answers of `net`; what was said of it."""
    network = open_checkpoint(file, architecture, None)
    inputs = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(network.net.eval()(inputs), net(inputs))
    return network.notes


def refused(file, architecture=KEY):
    with pytest.raises(xai.ModelError) as caught:
        open_checkpoint(file, architecture, None)
    return str(caught.value)


def prefixed(state, prefix):
    return {prefix + name: tensor for name, tensor in state.items()}


# wrappers


@pytest.mark.parametrize(
    "name", ["state_dict_ema", "model_ema", "ema_state_dict", "model_state", "params", "params_ema", "ema", "network"]
)
def test_the_names_under_which_programs_keep_weights(name, net, file):
    torch.save({"epoch": 3, name: dict(net.state_dict())}, file)
    assert assert_opens(file, net) == ()


def test_of_plain_and_averaged_weights_the_plain_are_taken_and_it_is_said(net, file):
    averaged = seeded(KEY, seed=1).state_dict()
    torch.save({"state_dict_ema": averaged, "state_dict": net.state_dict()}, file)
    assert assert_opens(file, net) == (
        "mine.pth holds averaged weights, too (state_dict_ema); those under 'state_dict' were taken.",
    )


def test_an_averaged_model(net, file):
    averaged = AveragedModel(net)
    averaged.update_parameters(seeded(KEY, seed=1))
    averaged.update_parameters(seeded(KEY, seed=2))
    state = averaged.state_dict()
    assert int(state["n_averaged"]) == 2
    torch.save(state, file)
    assert_opens(file, averaged.module.eval())


@pytest.mark.parametrize(
    "prefix", ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model._orig_mod.", "net.module."]
)
def test_the_names_of_wrapping_modules(prefix, net, file):
    torch.save(prefixed(net.state_dict(), prefix), file)
    assert assert_opens(file, net) == ()


def test_a_compiled_block_and_features_on_several_devices(net, file):
    state = {name.replace("layer2.0.", "layer2.0._orig_mod."): t for name, t in net.state_dict().items()}
    torch.save({name.replace("layer1.", "layer1.module."): t for name, t in state.items()}, file)
    assert assert_opens(file, net) == ()


def test_arguments_and_numbers_beside_the_weights(net, file):
    """As torchvision's and timm's training scripts keep them: plain values."""
    beside = {"args": argparse.Namespace(lr=0.1, model="mine"), "best": np.float64(91.5), "epoch": np.int64(3)}
    torch.save({"model": net.state_dict(), **beside}, file)
    assert assert_opens(file, net) == ()
    with pytest.raises(pickle.UnpicklingError):  # for everybody else they are still no plain values
        torch.load(file, weights_only=True)


# a training of Lightning: the network is an attribute of the module


@pytest.mark.parametrize("attribute", ["model", "net", "backbone", "encoder.model"])
def test_a_lightning_checkpoint_with_things_beside(attribute, net, file):
    state = prefixed(net.state_dict(), f"{attribute}.") | {
        "criterion.weight": torch.ones(3),
        "train_acc.tp": torch.zeros(3, dtype=torch.int64),
        "val_confmat.confmat": torch.zeros(3, 3, dtype=torch.int64),
        "perceptual_loss.vgg.features.0.weight": torch.zeros(4, 3, 3, 3),
    }
    torch.save({"state_dict": state, "pytorch-lightning_version": "2.5", "hyper_parameters": {"lr": 0.1}}, file)
    assert assert_opens(file, net) == (
        "Left out, since they belong to no layer of ResNet-20 for CIFAR: 'criterion.weight', 'train_acc.tp', "
        "'val_confmat.confmat', 'perceptual_loss.vgg.features.0.weight'.",
    )


def test_the_averaged_copy_beside_a_network_is_not_taken_for_it(net, file):
    other = seeded(KEY, seed=1).state_dict()
    torch.save({"state_dict": prefixed(other, "ema_model.module.") | prefixed(net.state_dict(), "model.")}, file)
    notes = assert_opens(file, net)
    assert "'ema_model.conv1.weight'" in notes[0]
    assert re.search(r" and \d+ more\.$", notes[0])


@pytest.mark.parametrize("name", ["head.weight", "neck.conv.weight"])
def test_a_further_layer_is_not_left_out(name, net, file):
    shape = (3, 64) if name.startswith("head") else (8, 64, 1, 1)
    torch.save(prefixed(net.state_dict(), "model.") | {name: torch.zeros(shape)}, file)
    assert f"it has 1 further tensors, first {name!r}" in refused(file)


# other last layers


@pytest.mark.parametrize(
    ("key", "own", "before", "side"),
    [
        (KEY, "linear", "linear.1", 32),
        (KEY, "linear", "linear.head.1", 32),
        ("mnasnet0_5", "classifier.1", "classifier", 64),
        ("mnasnet0_5", "classifier.1", "classifier.0", 64),
        ("mobilenet_v3_small", "classifier.3", "classifier.3.1", 64),
        ("shufflenet_v2_x0_5", "fc", "fc.1", 64),
    ],
)
def test_a_dropout_before_the_last_layer_or_none(key, own, before, side, file):
    net = seeded(key)
    state = {re.sub(rf"^{re.escape(own)}\.(?=weight|bias)", f"{before}.", n): t for n, t in net.state_dict().items()}
    assert f"{before}.weight" in state
    assert f"{own}.weight" not in state
    torch.save(state, file)
    assert assert_opens(file, net, key, side) == ()
    assert assert_opens(file, net, None, side)[0].startswith(f"Its tensors are those of {ARCHITECTURES[key].title},")


def test_two_layers_in_the_place_of_the_last_are_refused(net, file):
    """Nobody knows what stands between them."""
    state = {name: tensor for name, tensor in net.state_dict().items() if not name.startswith("linear")}
    two = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 3)).state_dict()
    torch.save(state | prefixed(two, "linear."), file)
    assert "it has no tensor 'linear.weight'" in refused(file)


# torchvision's older and auxiliary names


def test_a_vit_with_older_names(file):
    wanted = template(ARCHITECTURES["vit_b_16"]).shapes
    old = {
        re.sub(r"\.mlp\.(0|3)\.", lambda m: f".mlp.linear_{int(m[1]) // 3 + 1}.", name): torch.zeros(1)
        for name in wanted
    }
    assert "encoder.layers.encoder_layer_0.mlp.linear_2.bias" in old
    torch.save(old, file)  # the shapes do not fit, but every name does
    assert "its tensor 'class_token' has the shape (1,)" in refused(file, "vit_b_16")
    assert set(fit(old, template(ARCHITECTURES["vit_b_16"])).state) == set(wanted)


def test_auxiliary_classifiers_are_left_out_and_it_is_said(file):
    from xai_core._torchvision import torchvision

    torch.manual_seed(0)
    theirs = torchvision().models.googlenet(weights=None, num_classes=3, init_weights=False, transform_input=True)
    torch.save(theirs.state_dict(), file)
    said = assert_opens(file, theirs.eval(), "googlenet", 64)
    assert said == (
        "Its auxiliary classifiers, which only training uses, were left out.",
        "It is taken to scale its input again, as torchvision's pretrained networks of this kind do.",
    )


# which architecture


@pytest.mark.parametrize("key", [KEY, "small_resnet", "squeezenet1_0", "squeezenet1_1", "shufflenet_v2_x0_5"])
@pytest.mark.parametrize("prefix", ["", "module.", "model."])
def test_the_architecture_is_found(key, prefix, file):
    net = seeded(key)
    torch.save(prefixed(net.state_dict(), prefix), file)
    notes = assert_opens(file, net, None, 64)
    assert notes[0] == f"Its tensors are those of {ARCHITECTURES[key].title}, so it was loaded as one."


def test_a_file_of_another_architecture_says_which(net, file):
    torch.save(net.state_dict(), file)
    said = refused(file, "small_resnet")
    assert said.startswith("mine.pth does not fit Small ResNet for 64 x 64: ")
    assert said.endswith(" It fits ResNet-20 for CIFAR ('resnet20_cifar').")


def test_a_file_that_fits_nothing_names_the_nearest_and_three_tensors(net, file):
    state = dict(net.state_dict())
    state["layer1.0.conv1.weight"] = torch.zeros(16, 16, 5, 5)
    state["layer1.0.conv1.bias"] = torch.zeros(16)
    del state["layer2.0.bn1.weight"], state["layer2.0.bn1.bias"]
    torch.save(state, file)
    assert refused(file, None) == (
        "mine.pth fits no architecture that is known here. The nearest is ResNet-20 for CIFAR "
        "(architecture='resnet20_cifar'), with 4 tensors that differ: its tensor 'layer1.0.conv1.weight' has the shape "
        "(16, 16, 5, 5), expected (16, 16, 3, 3); it has no tensor 'layer2.0.bn1.weight'; it has no tensor "
        "'layer2.0.bn1.bias'. If it is one of timm's, say architecture='timm:NAME'. Load the network itself instead: "
        "in Python xai.load_model(network), on pages and in commands a file that registers it "
        "(--plugin my_network.py), in a command also the function that returns it (package.module:function)."
    )


def test_a_file_that_is_like_nothing_says_so(file):
    torch.save({"a.b": torch.zeros(2, 3)}, file)
    assert refused(file, None).startswith(
        "mine.pth fits no architecture that is known here, and is like none of them: its tensors begin with 'a.b'."
    )


class Small(nn.Module):
    """Of an architecture that nobody else has."""

    def __init__(self, width=4):
        super().__init__()
        self.seen, self.head = nn.Conv2d(3, width, 3, padding=1), nn.Linear(width, 3)

    def forward(self, pictures):
        return self.head(self.seen(pictures).relu().mean((2, 3)))


@pytest.fixture
def registered():
    """A network of one's own that a plug-in registered, and one that cannot be loaded."""
    net = Small()
    view = Preprocessing(8, 8, mean=(0.5,) * 3, std=(0.25,) * 3)

    @xai.register_model("gone", "Without its weights", classes=3)
    def gone(progress):
        raise FileNotFoundError("gone.pth")

    @xai.register_model("small", "My small one", classes=3, preprocessing=view, class_names=["a", "b", "c"])
    def small(progress):
        return net

    yield net
    for key in ("gone", "small"):
        xai.unregister_model(key)


@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod."])
def test_weights_of_a_registered_network_are_loaded_into_a_copy_of_it(registered, file, prefix):
    torch.manual_seed(1)
    other = Small().eval()
    torch.save({prefix + name: tensor for name, tensor in other.state_dict().items()}, file)
    before = {name: tensor.clone() for name, tensor in registered.state_dict().items()}
    model = xai.load_model(file)
    assert (model.title, model.class_names) == ("mine.pth (My small one)", ("a", "b", "c"))
    assert (model.preprocessing.size, model.preprocessing.std) == ((8, 8), (0.25,) * 3)
    pictures = torch.rand(2, 3, 8, 8)
    with torch.no_grad():
        torch.testing.assert_close(model.net(pictures), other(pictures))
    for name, tensor in registered.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_weights_of_another_shape_are_not_those_of_a_registered_network(registered, file):
    torch.save(Small(5).state_dict(), file)
    assert "fits no architecture that is known here" in refused(file, None)


def test_every_epoch_of_a_recorded_network_is_loaded_where_it_is_registered(registered, tmp_path):
    pictures, labels = torch.rand(4, 3, 8, 8), torch.tensor([0, 1, 2, 0])
    recorder = xai.Recorder(tmp_path / "mine", [(pictures, labels)], class_names=["x", "y", "z"])
    for seed in (1, 2):
        torch.manual_seed(seed)
        recorder.epoch(net := Small())
    run = xai.TrainingRun.open(tmp_path / "mine")
    model = xai.load_model(run.checkpoints[2])
    assert (model.title, model.class_names) == ("0002.safetensors (My small one)", ("x", "y", "z"))
    with torch.no_grad():
        torch.testing.assert_close(model.net(pictures), net(pictures))


@pytest.mark.long
def test_the_table_knows_how_many_tensors_each_architecture_has():
    for key, kind in ARCHITECTURES.items():
        count = sum(not name.endswith("num_batches_tracked") for name in template(kind).shapes)
        assert kind.tensors in (None, count), key


# programs and whole networks


def test_a_whole_network_is_refused_by_its_class(net, file):
    torch.save(net, file)
    said = refused(file)
    assert said.startswith("mine.pth is a whole network (xai_core.models.cifar_resnet.CifarResNet): it holds Python ")
    assert "torch.save(model.state_dict(), path)" in said


def test_a_torchscript_file_is_called_a_program(net, file):
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        torch.jit.save(torch.jit.trace(net, torch.zeros(1, 3, 32, 32)), file)
    said = refused(file)
    assert said.startswith("mine.pth is a program that torch.jit or torch.export saved, and no state dict.")
    assert "torch.save(model.state_dict(), path)" in said
