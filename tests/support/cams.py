"""What tests of the gradient CAMs share: networks, their inputs, and how far maps may lie from a reference."""

import numpy as np
import torch

import xai_core as xai
from tests.support.nets import Tiny, hooks, tiny
from xai_core.models.architectures import ARCHITECTURES

FAMILIES = ("resnet18", "efficientnet_lite0", "densenet121", "regnet_x_400mf", "mobilenet_v3_large")
SIDE = 96
TARGETS = [3, 7]


def seeded(key, size=SIDE, classes=10):
    """An untrained network, the same each time; what starts at zero and would give empty maps does not."""
    torch.manual_seed(0)
    return xai.load_model(ARCHITECTURES[key].build(classes), input_size=size, device="cpu")


def noise(size=SIDE):
    """float32 (2, 3, size, size), in the layout in which the library runs networks."""
    made = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    return made.contiguous(memory_format=torch.channels_last)


def some_layers(model, count=5):
    """Names of blocks from first to last."""
    names = [layer.name for layer in model.select("blocks")]
    return list(dict.fromkeys(names[:: max(1, len(names) // count)] + names[-1:]))


def assert_close(ours, theirs, what=""):
    """Within 1e-5 of the largest magnitude of each picture's map."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape, what
    axes = tuple(range(1, ours.ndim))
    top = np.abs(theirs).max(axis=axes, keepdims=True)
    assert (top > 0).all(), f"{what}: the reference is zero everywhere"
    worst = (np.abs(ours - theirs) / top).max()
    assert worst <= 1e-5, f"{what}: {worst:.1e} of the maximum"


def worked_out():
    """A net, and inputs whose activations and gradients at "conv" are small numbers.

    Red 1, 2, 3, 4 and green -4, 0, 0, 0: channel 0 of the convolution is red, channel 1 is minus green = 4, 0, 0, 0.
    The gradient of class b's logit is 1/4 everywhere in channel 0, and in channel 1 -4/4 where ReLU lets through: in
    the first cell.
    """
    inputs = torch.tensor([[[[1.0, 2], [3, 4]], [[-4.0, 0], [0, 0]], [[0.0, 0], [0, 0]]]])
    return tiny(Tiny(b=(1.0, -4.0))), inputs


def assert_torchcams(found, extractor, model, inputs):
    """Maps that are the package torchcam's, before it rectifies them; and no hook is left behind."""
    with model.lock, extractor(model.net, list(found)) as cam:
        getattr(cam, "base_cam", cam)._relu = False
        scores = model.net(inputs.clone().requires_grad_())
        theirs = cam(TARGETS, scores, normalized=False)
    for (name, ours), expected in zip(found.items(), theirs, strict=True):
        assert_close(ours, expected.detach(), name)
    assert hooks(model.net) == 0


def activations_and_gradients(model, inputs, names):
    """Layer -> its output and the gradient of the targets' logits there, float64 (N, C, h, w) each."""
    kept = {}

    def keep(name):
        def hook(_module, _inputs, output):
            kept[name] = output.requires_grad_()
            return output.clone()

        return model.net.get_submodule(name).register_forward_hook(hook)

    handles = [keep(name) for name in names]
    logits = model.net(inputs)
    for handle in handles:
        handle.remove()
    gradients = torch.autograd.grad(logits[torch.arange(len(inputs)), TARGETS].sum(), [kept[name] for name in names])
    return {
        name: (kept[name].detach().double().numpy(), gradient.double().numpy())
        for name, gradient in zip(names, gradients, strict=True)
    }
