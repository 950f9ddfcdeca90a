"""Grad-CAM against a net worked out by hand, against Captum, and under threads, errors and memory pressure."""

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from PIL import Image
from torch import nn

import xai_core as xai
from tests.support.nets import Tiny, hooks, in_threads, is_free, left_alive, tiny
from xai_core._torchvision import torchvision
from xai_core.models.architectures import ARCHITECTURES


def seeded(key, size=224, classes=10):
    torch.manual_seed(0)
    return xai.load_model(ARCHITECTURES[key].build(classes), input_size=size, device="cpu")


def test_by_hand_on_a_tiny_net_with_an_in_place_relu():
    # Red 1, 2, 3, 4 and green -4, 0, 0, 0: channel 0 is red, channel 1 is minus green = 4, 0, 0, 0.
    inputs = torch.tensor([[[[1.0, 2], [3, 4]], [[-4.0, 0], [0, 0]], [[0.0, 0], [0, 0]]]])
    found = xai.grad_cam(tiny(Tiny(b=(1.0, -4.0))), inputs, layers=["conv"], targets=1)
    # d logit_b / d channel is 1/4 in every cell for channel 0; for channel 1, -4/4 where ReLU passes (1 of 4 cells).
    # Means: 1/4 and -1/4. Map: red / 4 - (minus green) / 4.
    np.testing.assert_allclose(found["conv"], [[[0.25 - 1, 0.5], [0.75, 1.0]]])
    assert found["conv"].dtype == np.float32
    assert found.targets.tolist() == [1]


def test_the_prediction_is_the_target_where_none_is_given():
    inputs = torch.zeros(2, 3, 2, 2)
    inputs[0, 0], inputs[1, 0], inputs[1, 1] = 1, -1, 1  # the second picture gives (0, 0): argmax is class a
    found = xai.grad_cam(tiny(), inputs, layers=["conv"])
    assert found.targets.tolist() == found.predictions.classes.tolist()
    mixed = xai.grad_cam(tiny(), inputs, layers=["conv"], targets=[None, "b"])
    assert mixed.targets.tolist() == [int(found.predictions.classes[0]), 1]


FAMILIES = ["resnet50", "efficientnet_lite0", "densenet121", "convnext_tiny", "alexnet"]


@pytest.fixture(scope="module", params=FAMILIES)
def net(request):
    """A network of each family; both groups of its layers are looked at."""
    return seeded(request.param, 96)


# The same network in the same memory layout; only the number of passes differs. In another layout the kernels
# round differently, which an untrained, deep network can amplify beyond any tolerance.
@pytest.mark.parametrize("group", ["stages", "blocks"])
def test_maps_are_captums(net, group):
    model = net
    names = [layer.name for layer in model.select(group)]
    checked = names[:: max(1, len(names) // 5)] + names[-1:]
    inputs = torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    found = xai.grad_cam(model, inputs, layers=group, targets=[3, 7])
    assert list(found) == names
    same_layout = inputs.to(memory_format=torch.channels_last)
    for name in checked:
        captum = LayerGradCam(model.net, model.net.get_submodule(name))
        expected = captum.attribute(same_layout, target=torch.tensor([3, 7]))[:, 0].detach().numpy()
        top = np.abs(expected).max(axis=(1, 2), keepdims=True)
        assert (np.abs(found[name] - expected) <= 1e-5 * top).all(), name
        assert found[name].shape[1:] == next(x.size for x in model.select(group) if x.name == name)


def forward_and_back(model, inputs, names, target):
    """What came out of layers, and the gradient of the sum of the target's logits there."""
    kept = {}

    def keep(name):
        def hook(_module, _inputs, output):
            kept[name] = output.requires_grad_()
            return output

        return model.net.get_submodule(name).register_forward_hook(hook)

    handles = [keep(name) for name in names]
    logit = model.net(inputs)[:, target].sum()
    for handle in handles:
        handle.remove()
    gradients = torch.autograd.grad(logit, list(kept.values()))
    return {name: (kept[name].detach(), gradient) for name, gradient in zip(kept, gradients, strict=True)}


def by_hand(activation, gradient, to_maps):
    """Grad-CAM of one layer written out, tokens put in place by `to_maps`."""
    activation, gradient = to_maps(activation), to_maps(gradient)  # (N, h, w, C)
    n, h, w, c = activation.shape
    result = torch.zeros(n, h, w)
    for channel in range(c):
        weight = gradient[..., channel].reshape(n, -1).mean(1)
        result += weight[:, None, None] * activation[..., channel]
    return result.numpy()


def small_vit():
    torch.manual_seed(0)
    net = torchvision().models.VisionTransformer(64, 8, 6, 4, 64, 128, num_classes=10)
    return xai.load_model(net, input_size=64, device="cpu")


@pytest.mark.parametrize(
    ("make", "to_maps"),
    [
        pytest.param(small_vit, lambda tokens: tokens[:, 1:].reshape(len(tokens), 8, 8, -1), id="ViT"),
        pytest.param(lambda: seeded("swin_t", 64), lambda maps: maps, id="Swin"),
    ],
)
def test_transformers_are_the_reference_written_out(make, to_maps):
    model = make()
    # Grad-CAM of a freshly made ViT is all but zero: its head starts at zero.
    torch.nn.init.normal_(list(model.net.modules())[-1].weight, std=0.1)
    inputs = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    found = xai.grad_cam(model, inputs, layers="stages", targets=4)
    kept = forward_and_back(model, inputs, list(found), 4)
    for name, maps in found.items():
        expected = by_hand(*kept[name], to_maps)
        assert np.abs(expected).max() > 0
        np.testing.assert_allclose(maps, expected, atol=1e-4 * np.abs(expected).max(), err_msg=name)


def test_a_typed_layer_and_a_wrong_one():
    model = seeded("resnet20_cifar", 32)
    assert list(xai.grad_cam(model, torch.zeros(1, 3, 32, 32), layers="layer2.1.conv1")) == ["layer2.1.conv1"]
    with pytest.raises(xai.LayerError, match=r"no layer 'layer9'.*layer3"):
        xai.grad_cam(model, torch.zeros(1, 3, 32, 32), layers="layer9")


def test_every_kind_of_picture_gives_the_same_map():
    model = seeded("resnet20_cifar", 32)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 52, 3), dtype=np.uint8)
    sample = xai.Sample("x", pixels)
    tensor = torch.from_numpy(model.preprocessing.array(pixels))[None]
    prepared = model.preprocessing.prepare(sample)
    maps = [
        xai.grad_cam(model, images, targets=1)["layer3"]
        for images in ([sample], [prepared], [Image.fromarray(pixels)], pixels, tensor)
    ]
    for other in maps[1:]:
        np.testing.assert_array_equal(maps[0], other)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        ([], "no pictures"),
        (np.zeros((4, 4, 3)), "uint8"),
        ([np.zeros((4, 4), np.uint8)], "shape"),
        (torch.zeros(3, 8, 8), "tensor"),
        (["a.jpg"], "str"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(images, words):
    with pytest.raises(xai.PictureError, match=words):
        xai.grad_cam(tiny(), images, layers=["conv"])


@pytest.mark.parametrize(
    ("targets", "words"), [(2, "2 is no class"), ([0], "1 targets for 2"), ("c", "'c' is no class")]
)
def test_targets_are_checked(targets, words):
    with pytest.raises(xai.TargetError, match=words):
        xai.grad_cam(tiny(), torch.zeros(2, 3, 2, 2), layers=["conv"], targets=targets)


def test_batches_do_not_change_the_maps_and_progress_is_told():
    model = seeded("resnet20_cifar", 32)
    inputs = torch.randn(7, 3, 32, 32)
    seen = []
    small = xai.grad_cam(model, inputs, batch_size=3, progress=lambda done, total: seen.append((done, total)))
    whole = xai.grad_cam(model, inputs, batch_size=7)
    assert seen == [(3, 7), (6, 7), (7, 7)]
    for name in whole:
        np.testing.assert_allclose(small[name], whole[name], atol=1e-5 * np.abs(whole[name]).max())
    np.testing.assert_array_equal(small.targets, whole.targets)


def test_the_same_call_twice_gives_the_same_bits():
    model = seeded("efficientnet_lite0")
    inputs = torch.randn(2, 3, 224, 224)
    first, second = (xai.grad_cam(model, inputs) for _ in range(2))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


def test_stopping_between_batches_leaves_no_hook_behind():
    model = seeded("resnet20_cifar", 32)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        xai.grad_cam(model, torch.zeros(4, 3, 32, 32), batch_size=1, progress=stop)
    assert hooks(model.net) == 0
    assert is_free(model.lock)


def test_an_error_inside_the_network_leaves_no_hook_behind():
    model = seeded("resnet20_cifar", 32)
    with pytest.raises(RuntimeError):
        xai.grad_cam(model, torch.zeros(1, 3, 1, 1).expand(1, 3, 0, 0), layers="stages")
    assert hooks(model.net) == 0


def test_a_batch_that_does_not_fit_is_halved(forwards_of):
    model = seeded("resnet20_cifar", 32)
    inputs = torch.randn(6, 3, 32, 32)
    whole = xai.grad_cam(model, inputs)
    sizes = forwards_of(model, room=2)
    found = xai.grad_cam(model, inputs, batch_size=6)
    assert sizes == [6, 3, 1, 1, 1, 1, 1, 1]
    np.testing.assert_allclose(found["layer3"], whole["layer3"], atol=1e-5)
    assert hooks(model.net) == 0


def test_threads_share_a_model_without_mixing_maps():
    model = seeded("resnet20_cifar", 32)
    inputs = torch.randn(8, 3, 32, 32)
    alone = [xai.grad_cam(model, inputs[i : i + 1], targets=i % 10) for i in range(8)]
    wrong = []

    def ask(i):
        for _ in range(10):
            found = xai.grad_cam(model, inputs[i : i + 1], targets=i % 10)
            if any((found[name] != alone[i][name]).any() for name in found):
                wrong.append(i)

    in_threads(ask)
    assert wrong == []
    assert hooks(model.net) == 0


def test_it_works_inside_no_grad_and_inference_mode():
    model = seeded("resnet20_cifar", 32)
    inputs = torch.randn(1, 3, 32, 32)
    expected = xai.grad_cam(model, inputs)["layer1"]
    with torch.no_grad():
        np.testing.assert_array_equal(xai.grad_cam(model, inputs)["layer1"], expected)
    with torch.inference_mode():
        np.testing.assert_array_equal(xai.grad_cam(model, inputs)["layer1"], expected)


def test_predict_gives_classes_and_probabilities_of_the_plain_network():
    model = seeded("resnet20_cifar", 32)
    inputs = torch.randn(5, 3, 32, 32)
    found = xai.predict(model, inputs, batch_size=2)
    with torch.no_grad():
        expected = model.net(inputs).softmax(1).numpy()
    np.testing.assert_allclose(found.probabilities, expected, atol=1e-5)
    np.testing.assert_array_equal(found.classes, expected.argmax(1))
    np.testing.assert_allclose(found.confidences, expected.max(1), atol=1e-5)
    assert found.probabilities.shape == (5, 10)


def test_heatmaps_are_a_mapping_that_can_be_cut_and_joined():
    model = seeded("resnet20_cifar", 32)
    whole = xai.grad_cam(model, torch.randn(4, 3, 32, 32))
    assert list(whole) == ["layer1", "layer2", "layer3"]
    assert [whole[name].shape for name in whole] == [(4, 32, 32), (4, 16, 16), (4, 8, 8)]
    joined = xai.Heatmaps.concatenate([whole.take([0, 1]), whole.take(slice(2, 4))])
    for name in whole:
        np.testing.assert_array_equal(joined[name], whole[name])
    np.testing.assert_array_equal(joined.targets, whole.targets)
    np.testing.assert_array_equal(joined.predictions.probabilities, whole.predictions.probabilities)


class Fork(nn.Module):
    """Two convolutions of the input, of which only the first counts, and an in-place ReLU right behind it."""

    def __init__(self):
        super().__init__()
        self.used, self.unused, self.head = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3), nn.Linear(4, 3)

    def forward(self, x):
        maps = self.used(x)
        self.unused(x)
        return self.head(nn.functional.relu_(maps).mean((2, 3)))


def test_a_layer_without_influence_is_a_sentence():
    model = xai.load_model(Fork(), input_size=8, device="cpu")
    assert list(xai.grad_cam(model, torch.randn(1, 3, 8, 8), layers="used")) == ["used"]
    with pytest.raises(xai.LayerError, match="has no layer 'unused' that gives a map"):
        xai.grad_cam(model, torch.randn(1, 3, 8, 8), layers=["used", "unused"])
    assert hooks(model.net) == 0


def test_nothing_of_a_batch_stays_alive():
    model = seeded("resnet20_cifar", 32)
    assert left_alive(lambda: xai.grad_cam(model, torch.randn(2, 3, 32, 32), layers="blocks")) <= 0
