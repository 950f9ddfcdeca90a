"""Guided Grad-CAM against a net worked out by hand and against Captum; and that it fails, as its record says."""

import numpy as np
import pytest
import torch
from captum.attr import GuidedGradCam
from scipy.stats import spearmanr
from skimage import data
from torch import nn

import xai_core as xai
from tests.support.cams import SIDE, assert_close, noise, seeded, worked_out
from tests.support.nets import hooks, unscaled
from xai_core._torchvision import torchvision


def test_by_hand():
    model, inputs = worked_out()
    found = xai.explain(model, inputs, method="guided_grad_cam", targets=1)
    # ReLU lets through the gradient 1/4 of channel 0, which is red; the gradient -4/4 of channel 1 is stopped.
    # Grad-CAM, of the last layer with a map, is red / 4 - (minus green) / 4 = -0.75, 0.5, 0.75, 1.
    name = model.select("stages")[-1].name
    cam = np.maximum(xai.grad_cam(model, inputs, layers=name, targets=1)[name], 0)
    np.testing.assert_allclose(found["input"], cam / 4, rtol=1e-6)
    assert cam.max() > 0


def torchvisions_vgg11(batch_norm):
    """Its convolutions; its head is narrow, where torchvision's has a hundred million weights."""
    torch.manual_seed(0)
    vgg = torchvision().models.vgg
    convolutions = vgg.make_layers(vgg.cfgs["A"], batch_norm)
    for module in convolutions.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    head = nn.Linear(512 * 49, 32), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(32, 10)
    net = nn.Sequential(convolutions, nn.AdaptiveAvgPool2d(7), nn.Flatten(), *head)
    return xai.load_model(net, input_size=SIDE, device="cpu")


VGGS = {"vgg11": False, "vgg11_bn": True}  # name -> whether it normalises batches


@pytest.mark.parametrize("key", ["resnet18", *VGGS, "alexnet", "regnet_x_400mf"])
@pytest.mark.filterwarnings("ignore:Setting backward hooks on ReLU")
def test_maps_are_captums(key):
    """On networks whose ReLUs are modules of their own: Captum guides no others. Of every class, since Grad-CAM of an
    untrained network may be negative all over."""
    model = torchvisions_vgg11(VGGS[key]) if key in VGGS else seeded(key)
    inputs, classes = noise()[:1].expand(10, -1, -1, -1).contiguous(memory_format=torch.channels_last), range(10)
    found = xai.explain(model, inputs, method="guided_grad_cam", targets=list(classes), batch_size=10)["input"]
    assert hooks(model.net) == 0
    last = model.net.get_submodule(model.select("stages")[-1].name)
    for module in model.net.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False  # Captum's hooks do not work on others
    guided = GuidedGradCam(model.net, last)
    theirs = guided.attribute(inputs.clone().requires_grad_(), torch.tensor(classes)).detach().abs().amax(1).numpy()
    there = theirs.max((1, 2)) > 0
    assert there.any()
    np.testing.assert_array_equal(found[~there], 0)
    assert_close(found[there], theirs[there], key)


def like_vgg():
    """The convolutions of VGG-11, a quarter as wide, without the classifier's hundred million weights."""
    net, width = nn.Sequential(), 3
    for wider, pool in ((16, 1), (32, 1), (64, 0), (64, 1), (128, 0), (128, 1), (128, 0), (128, 1)):
        net.extend([nn.Conv2d(width, wider, 3, padding=1), nn.BatchNorm2d(wider), nn.ReLU(inplace=True)])
        nn.init.kaiming_normal_(net[-3].weight, mode="fan_out", nonlinearity="relu")
        net.extend([nn.MaxPool2d(2)] * pool)
        width = wider
    return net.extend([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10)])


def of_a_random_network(methods, seed, picture):
    """The strongest map of each method, of a network with random weights."""
    torch.manual_seed(seed)
    model = xai.load_model(like_vgg(), input_size=96, device="cpu")
    for method in methods:
        (maps,) = xai.explain(model, [picture] * 10, method=method, targets=list(range(10)), batch_size=10).values()
        yield maps[maps.max((1, 2)).argmax()].ravel()


def test_its_edges_come_from_the_picture_whatever_the_weights_are():
    """What its record says against it: networks with different random weights give much the same map of a photo."""
    picture = np.ascontiguousarray(data.astronaut()[:384:4, 64:448:4])
    same, methods = {}, ("guided_grad_cam", "saliency")
    found = zip(*(of_a_random_network(methods, seed, picture) for seed in range(3)), strict=True)
    for method, maps in zip(methods, found, strict=True):
        same[method] = [spearmanr(maps[i], maps[j]).statistic for i in range(3) for j in range(i)]
    assert min(same["guided_grad_cam"]) > 0.4
    assert min(same["guided_grad_cam"]) > max(same["saliency"])


def without_relu(activation):
    return nn.Sequential(nn.Conv2d(3, 4, 3), activation, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))


def test_a_network_without_relu_is_a_sentence():
    model = unscaled(without_relu(nn.Tanh()), 8)
    with pytest.raises(xai.MethodError, match=r"changes what ReLU does.*has none"):
        xai.explain(model, torch.rand(1, 3, 8, 8), method="guided_grad_cam")


def test_the_comparison_of_methods_leaves_it_out_with_the_reason_where_there_is_no_relu():
    """As in EfficientNet-Lite0, which commands begin with."""
    assert not xai.load_model("efficientnet_lite0").relu
    model, digits = unscaled(without_relu(nn.Tanh()), 28), xai.load_dataset("textured_digits", split="val", limit=2)
    asked = {"methods": ["grad_cam", "guided_grad_cam"], "layers": "stages", "pictures": 2, "targets": [0, 1]}
    found = xai.compare_methods(model, digits, **asked)
    assert set(found.table["method"]) == {"grad_cam"}
    said = f"Guided Grad-CAM cannot explain {model.title}. It changes what ReLU does"
    assert any(said in why for why in found.left_out)


class OutOfReach(nn.Module):
    """A ReLU that no function of torch's stands for."""

    def forward(self, inputs):
        return torch.ops.aten.relu(inputs)


def test_a_relu_out_of_reach_is_a_sentence():
    model = unscaled(without_relu(OutOfReach()), 8)
    assert model.relu
    with pytest.raises(xai.MethodError, match="none of the network's can be reached"):
        xai.explain(model, torch.rand(1, 3, 8, 8), method="guided_grad_cam")
