"""A network of one's own: what is taken, what is refused, and that the caller's network stays as it is."""

import copy

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import xai_core as xai
from xai_core._torchvision import torchvision
from xai_core.models import imagenet
from xai_core.models.prepare import best_device, content_id
from xai_core.types import Preprocessing


def small_net(classes=3):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, classes),
    )


def load(net=None, **settings):
    return xai.load_model(small_net() if net is None else net, **({"input_size": 16, "device": "cpu"} | settings))


class Head(nn.Module):
    """A network whose output is made by a function of (N, K)."""

    def __init__(self, change):
        super().__init__()
        self.body, self.change = small_net(), change

    def forward(self, x):
        return self.change(self.body(x))


def fail_with(error):
    def change(_):
        raise error

    return change


def n_hooks(net):
    return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in net.modules())


def test_the_callers_network_stays_as_it_is():
    net = small_net().train()
    net[0].weight.requires_grad_(False)
    parameters = list(net.parameters())
    before = copy.deepcopy(net.state_dict())
    model = load(net)
    xai.predict(model, np.zeros((16, 16, 3), np.uint8))
    assert all(module.training for module in net.modules())
    assert [p.requires_grad for p in net.parameters()] == [False, True, True, True, True, True]
    assert all(now is then for now, then in zip(net.parameters(), parameters, strict=True))
    assert all(torch.equal(now, before[name]) for name, now in net.state_dict().items())
    assert net[0].weight.is_contiguous()


def test_the_copy_is_frozen_in_eval_mode_and_shares_nothing():
    net = small_net().train()
    model = load(net)
    assert not any(module.training for module in model.net.modules())
    assert not any(p.requires_grad for p in model.net.parameters())
    inputs = torch.randn(2, 3, 16, 16)
    expected = model.net(inputs)
    torch.testing.assert_close(expected, net.eval()(inputs).detach())
    with torch.no_grad():
        net[5].bias.add_(1)
    assert torch.equal(model.net(inputs), expected)


def test_classes_are_numbered_without_names():
    model = load()
    assert model.class_names == ("class 0", "class 1", "class 2")
    assert (model.key, model.title, model.wnids) == ("custom", "Sequential", None)
    assert model.device == torch.device("cpu")


def test_class_names_are_kept_in_order():
    assert load(class_names=["zebra", "ant", "Ant"]).class_names == ("zebra", "ant", "Ant")


def test_too_few_class_names_are_refused_with_both_counts():
    with pytest.raises(xai.ModelError, match=r"^Sequential has 3 outputs, but 2 class names were given\.$"):
        load(class_names=["a", "b"])


def test_imagenet_names_need_a_thousand_outputs():
    with pytest.raises(xai.ModelError, match=r"^Sequential has 3 outputs, but 1000 class names were given\.$"):
        load(class_names="imagenet")
    model = load(small_net(1000), class_names="imagenet")
    assert (model.class_names, model.wnids) == (imagenet.class_names(), imagenet.wnids())


def test_another_word_for_class_names_is_refused():
    with pytest.raises(xai.ModelError, match="a list of names or \"imagenet\", not 'cifar'"):
        load(class_names="cifar")


def test_a_class_name_given_twice_is_named():
    with pytest.raises(xai.ModelError, match=r"^The class name 'cat' is given twice"):
        load(class_names=["cat", "dog", "cat"])


def test_preprocessing_is_imagenets_unless_told():
    assert load(input_size=None).preprocessing == Preprocessing(
        256, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "bilinear"
    )


def test_input_size_mean_and_std_reach_the_network():
    model = load(input_size=20, mean=[0.5, 0.25, 0], std=[0.5, 0.25, 2])
    assert model.preprocessing == Preprocessing(20, 20, (0.5, 0.25, 0.0), (0.5, 0.25, 2.0), "bilinear")
    white = model.preprocessing.array(np.full((40, 30, 3), 255, np.uint8))
    assert white.shape == (3, 20, 20)
    np.testing.assert_allclose(white[:, 0, 0], [1, 3, 0.5], rtol=1e-6)
    assert [layer.size for layer in model.select("blocks")] == [(20, 20)]


@pytest.mark.parametrize("name", ["mean", "std"])
@pytest.mark.parametrize("values", [[0.5], [0.5] * 4, 0.5, ["a", 0, 0], [0.5, float("nan"), 0.5]])
def test_mean_and_std_need_three_numbers(name, values):
    with pytest.raises(xai.ModelError, match=rf"^{name} needs three numbers.*, one a channel; got "):
        load(**{name: values})


def test_std_must_be_above_zero():
    with pytest.raises(xai.ModelError, match="std needs three numbers above 0"):
        load(std=[0.5, 0, 0.5])


@pytest.mark.parametrize("size", [0, -3, 2.5])
def test_the_input_size_is_a_whole_number_of_pixels(size):
    with pytest.raises(xai.ModelError, match="whole number of pixels"):
        load(input_size=size)


@pytest.mark.parametrize(
    "stated", [{"input_size": 4097}, {"input_size": None, "preprocessing": {"resize": 99999, "crop": 99999}}]
)
def test_a_larger_input_than_there_is_memory_for_is_refused_before_a_picture_is_read(stated):
    with pytest.raises(xai.ModelError, match=r"^The stated preparation asks for pictures of .* at most 4096 are taken"):
        load(**stated)


def test_an_unknown_device_is_a_sentence():
    with pytest.raises(xai.ModelError, match="no device 'abacus'"):
        load(device="abacus")


def test_a_registered_model_takes_the_callers_words_too():
    plain = xai.load_model("efficientnet_lite0")
    changed = xai.load_model("efficientnet_lite0", input_size=128, mean=[0.5] * 3)
    assert (changed.preprocessing.crop, changed.preprocessing.mean) == (128, (0.5, 0.5, 0.5))
    assert changed.preprocessing.std == plain.preprocessing.std
    assert changed.class_names == plain.class_names
    assert changed.id != plain.id
    with pytest.raises(xai.ModelError, match="1000 outputs, but 1 class names"):
        xai.load_model("efficientnet_lite0", class_names=["cat"])


def test_the_same_tensors_in_another_network_are_another_model():
    nets = [torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3, stride=s), torch.nn.Flatten(1)) for s in (1, 2)]
    nets[1].load_state_dict(nets[0].state_dict())
    first, second = (xai.load_model(net, input_size=8, device="cpu") for net in nets)
    assert first.id != second.id


def test_a_network_that_cannot_be_copied_is_a_sentence():
    net = torch.nn.Conv2d(3, 2, 3)
    net.cached = net.weight * 2  # no leaf of the graph, so deepcopy refuses
    with pytest.raises(xai.ModelError, match="Conv2d cannot be copied"):
        xai.load_model(net)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda y: y[:, None, :], r"\(2, 1, 3\)"),
        (lambda y: y[0], "3 rows for 2 pictures"),
        (lambda y: y.repeat(2, 1), "4 rows for 2 pictures"),
        (lambda y: (y.mean(),), r"tuple with 0 \(\)"),
        (lambda y: [], "list without a tensor"),
        (lambda y: "cat", "str without a tensor"),
    ],
)
def test_only_a_row_of_outputs_a_picture_is_a_classifier(change, what):
    message = rf"^Head gives {what}; a classifier gives one row of outputs a picture, \(N, classes\)\.$"
    with pytest.raises(xai.ModelError, match=message):
        load(Head(change))


class Answer:
    def __init__(self, **parts):
        self.__dict__ |= parts


@pytest.mark.parametrize(
    "change",
    [
        lambda y: (y, [y]),
        lambda y: {"loss": y.mean(), "logits": y, "hidden": y.repeat(1, 2)},
        lambda y: Answer(logits=y),
        lambda y: y[:, :, None, None],
        lambda y: (y[..., None, None], y.mean()),
    ],
)
def test_the_row_of_outputs_is_found_in_what_networks_give(change):
    model, plain = load(Head(change)), load(Head(lambda y: y))
    picture = np.arange(768, dtype=np.uint8).reshape(16, 16, 3)
    assert np.array_equal(xai.predict(model, picture).probabilities, xai.predict(plain, picture).probabilities)
    assert np.array_equal(xai.grad_cam(model, picture)["body.2"], xai.grad_cam(plain, picture)["body.2"])


def test_of_several_rows_of_outputs_the_user_says_which():
    net = Head(lambda y: {"a": y, "b": -y})
    with pytest.raises(xai.ModelError, match=r"^Head gives several outputs: 'a' \(2, 3\), 'b' .*by entry='a'\.$"):
        load(net)
    picture = np.arange(768, dtype=np.uint8).reshape(16, 16, 3)
    assert int(xai.predict(load(net, entry="b"), picture).classes[0]) == int(
        xai.predict(load(Head(lambda y: -y)), picture).classes[0]
    )
    with pytest.raises(xai.ModelError, match=r"^Head gives no output 'c'\. It gives: 'a', 'b'\.$"):
        load(net, entry="c")


@pytest.mark.parametrize("error", [RuntimeError, KeyError, AssertionError, NotImplementedError, ZeroDivisionError])
def test_whatever_the_network_raises_becomes_a_sentence(error):
    message = "^Head does not take pictures of 16 x 16 pixels in three channels: .*too small"
    with pytest.raises(xai.ModelError, match=message) as caught:
        load(Head(fail_with(error("too small"))))
    assert isinstance(caught.value.__cause__, error)


def test_an_input_size_that_a_vision_transformer_asserts_against_is_a_sentence():
    settings = {"num_layers": 1, "num_heads": 1, "hidden_dim": 8, "mlp_dim": 8, "num_classes": 2}
    net = torchvision().models.VisionTransformer(image_size=32, patch_size=8, **settings)
    assert [layer.size for layer in load(net, input_size=32).select("blocks")] == [(4, 4)]
    with pytest.raises(xai.ModelError, match=r"does not take pictures of 64 x 64 pixels .* Expected 32 but got 64"):
        load(net, input_size=64)


def test_a_network_of_one_channel_gets_grey_pictures():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    model = load(net, mean=[0.5], std=[0.25])
    assert (model.preprocessing.channels, model.preprocessing.mean) == ("L", (0.5,))
    colour = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    grey = np.asarray(Image.fromarray(colour).convert("L"))
    expected = (torch.from_numpy(grey.copy())[None, None].float() / 255 - 0.5) / 0.25
    with torch.no_grad():
        np.testing.assert_allclose(
            xai.predict(model, colour).probabilities, net.eval()(expected).softmax(1).numpy(), rtol=1e-5
        )
    assert np.array_equal(model.preprocessing.view(colour), np.repeat(grey[..., None], 3, 2))
    assert "is not known" not in " ".join(model.notes)
    assert "Assumed: mean 0.449 and standard deviation 0.226." in " ".join(load(net).notes)


def test_a_network_of_five_channels_takes_tensors_and_says_what_pictures_need():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(5, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    model = load(net)
    inputs = torch.randn(2, 5, 16, 16)
    assert xai.grad_cam(model, inputs)["1"].shape == (2, 14, 14)
    with pytest.raises(xai.PictureError, match="takes 5 channels, and which colours they are is not known"):
        xai.predict(model, np.zeros((16, 16, 3), np.uint8))
    told = load(net, preprocessing={"channels": "RGBLR", "mean": [0.0] * 5, "std": [1.0] * 5})
    red = np.zeros((16, 16, 3), np.uint8) + np.array([255, 0, 0], np.uint8)
    assert told.preprocessing.array(red)[:, 0, 0].tolist() == pytest.approx([1, 0, 0, 76 / 255, 1])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_named(value):
    net = small_net()
    with torch.no_grad():
        net[1].running_var[2] = value
    with pytest.raises(
        xai.ModelError, match=r"^Sequential cannot be used: its tensor '1\.running_var' holds NaN or infinite"
    ):
        load(net)


def test_a_network_without_a_place_predicts_but_offers_no_layer():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 4))
    model = load(net, input_size=8)
    assert model.layers == ()
    pixels = np.arange(192, dtype=np.uint8).reshape(8, 8, 3)
    with torch.no_grad():
        expected = net(torch.from_numpy(model.preprocessing.array(pixels))[None]).softmax(1)
    np.testing.assert_allclose(xai.predict(model, pixels).probabilities, expected.numpy(), rtol=1e-5)
    for layers in ("stages", "blocks", "0", ["1"], []):
        with pytest.raises(xai.LayerError, match=r"^Sequential has no layer with a spatial map, so"):
            model.select(layers)


def test_a_module_that_gives_a_single_number_is_no_layer():
    class Mean(nn.Module):
        def forward(self, x):
            return x.mean()

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale, self.body = Mean(), small_net()

        def forward(self, x):
            return self.body(x) + self.scale(x)

    model = load(Net())
    assert [layer.name for layer in model.layers] == ["body.0", "body.1", "body.2"]


def test_the_id_is_equal_for_equal_networks():
    first = load()
    assert first.id == load().id == load(small_net().to(memory_format=torch.channels_last)).id
    assert len(first.id) == 16
    assert set(first.id) <= set("0123456789abcdef")


@pytest.mark.parametrize("name", ["0.weight", "5.bias", "1.running_mean", "1.num_batches_tracked"])
def test_the_id_changes_with_one_value(name):
    net = small_net()
    net.state_dict()[name].view(-1)[0] += 1
    assert load(net).id != load().id


@pytest.mark.parametrize("changed", [{"input_size": 17}, {"mean": (0.485, 0.456, 0.4)}, {"std": (0.2, 0.2, 0.2)}])
def test_the_id_changes_with_the_preprocessing(changed):
    assert load(**changed).id != load().id


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.bool, torch.int64, torch.complex64])
def test_tensors_of_any_kind_count_for_the_id(dtype):
    net, same, other = (nn.Module() for _ in range(3))
    for module, value in ((net, 1), (same, 1), (other, 0)):
        module.register_buffer("values", torch.tensor([[0, value]]).to(dtype))
    assert content_id(net, Preprocessing()) == content_id(same, Preprocessing())
    assert content_id(net, Preprocessing()) != content_id(other, Preprocessing())


def test_no_hooks_are_left_on_the_network():
    assert n_hooks(load().net) == 0


def test_the_callers_own_hooks_keep_working():
    seen = []
    net = small_net()
    net[0].register_forward_hook(lambda *_: seen.append(1))
    model = load(net)
    assert seen
    assert (n_hooks(net), n_hooks(model.net)) == (1, 1)


@pytest.mark.parametrize("error", [RuntimeError("no"), KeyboardInterrupt()])
def test_no_hooks_are_left_when_the_probe_fails(error):
    class Net(Head):
        def __deepcopy__(self, memo):  # the very network is probed, so that its hooks can be looked at
            return self

    hooks_during = []

    def fail_while_watched(y):
        hooks_during.append(n_hooks(net))
        if hooks_during[-1] > 0:
            raise error
        return y

    net = Net(fail_while_watched)
    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            load(net)
    else:  # it runs, but not under examination: predictions are what is left
        model = load(net)
        assert model.layers == ()
        assert model.gives == frozenset()
        assert model.notes[-1].endswith("so only methods that need none explain it: no")
    assert hooks_during[-1] > 1
    assert n_hooks(net) == 0


def test_the_best_device_is_the_accelerator_or_the_cpu():
    there = torch.accelerator.is_available()
    expected = torch.accelerator.current_accelerator() if there else torch.device("cpu")
    assert best_device() == expected
    model = load(device=None)
    assert model.device.type == next(model.net.parameters()).device.type == expected.type


def test_memory_for_one_picture_counts_each_activation_once():
    values = 4 * 16 * 16 * 3 + 4 + 4 + 3  # convolution, norm, relu; pooled; flattened; outputs
    assert load().bytes_per_picture == 4 * values
    in_place = small_net()
    in_place[2] = nn.ReLU(inplace=True)  # gives back the norm's own tensor
    assert load(in_place).bytes_per_picture == 4 * (values - 4 * 16 * 16)
