"""Stages and blocks of known families of networks, by module name; whatever network they sit in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import nn

from xai_core.types.layers import Order


@dataclass(frozen=True)
class Family:
    """Stages and blocks of a family of networks, by module name in order of depth.

    Attributes
    ----------
    stages, blocks : tuple of str
        Dotted names; without stages, the last block at each resolution is one.
    order : {"NCHW", "NHWC"}
        Of four-dimensional outputs, unless the module's kind says otherwise.
    whole : bool
        Whether the family's network is all there is, and not a part of another's.
    """

    stages: tuple[str, ...]
    blocks: tuple[str, ...]
    order: Order = "NCHW"
    whole: bool = True


def _children(net: nn.Module, container: str) -> list[str]:
    return [f"{container}.{name}" for name, _ in net.get_submodule(container).named_children()]


def _resnet(net: nn.Module) -> Family:
    stages = [name for name, _ in net.named_children() if name.startswith("layer")]
    return Family(tuple(stages), tuple(block for stage in stages for block in _children(net, stage)))


def _vgg(net: nn.Module) -> Family:
    layers = list(net.get_submodule("features").children())
    relus = [i for i, layer in enumerate(layers) if isinstance(layer, nn.ReLU)]
    pools = [i for i, layer in enumerate(layers) if isinstance(layer, nn.MaxPool2d)]
    stages = [max(i for i in relus if i < pool) for pool in pools]
    return Family(tuple(f"features.{i}" for i in stages), tuple(f"features.{i}" for i in relus))


def _densenet(net: nn.Module) -> Family:
    stages = [name for name in _children(net, "features") if "denseblock" in name]
    return Family(tuple(stages), tuple(layer for stage in stages for layer in _children(net, stage)))


def _mobilenet_v3(net: nn.Module) -> Family:
    return Family((), tuple(_children(net, "features")[1:]))


def _efficientnet(net: nn.Module) -> Family:
    inner = _children(net, "features")[1:-1]
    blocks = [block for stage in inner for block in _children(net, stage)]
    return Family((), (*blocks, _children(net, "features")[-1]))


def _efficientnet_lite(net: nn.Module) -> Family:
    return Family((), tuple(_children(net, "_blocks")))


def _convnext(net: nn.Module) -> Family:
    stages = _children(net, "features")[1::2]
    return Family(tuple(stages), tuple(block for stage in stages for block in _children(net, stage)))


def _vit(net: nn.Module) -> Family:
    # The first norm of a block: behind it the last block still mixes tokens, so patches get a gradient. After
    # the last block only the class token does, and the patches' maps would be exactly zero.
    blocks = [f"{name}.ln_1" for name in _children(net, "encoder.layers")]
    quarter = max(1, len(blocks) // 4)
    return Family(tuple(blocks[quarter - 1 :: quarter]), tuple(blocks))


def _swin(net: nn.Module) -> Family:
    # The second version normalises behind each branch: there the block itself is what is handed on.
    second = any(type(module).__name__ == "SwinTransformerBlockV2" for module in net.modules())
    part = "" if second else ".norm2"
    stages = [[f"{b}{part}" for b in _children(net, s)] for s in _children(net, "features")[1::2]]
    return Family(tuple(stage[-1] for stage in stages), tuple(b for stage in stages for b in stage), "NHWC")


FAMILIES: dict[str, Callable[[nn.Module], Family]] = {
    "torchvision.models.resnet.ResNet": _resnet,
    "xai_core.models.cifar_resnet.CifarResNet": _resnet,
    "torchvision.models.vgg.VGG": _vgg,
    "torchvision.models.densenet.DenseNet": _densenet,
    "torchvision.models.mobilenetv3.MobileNetV3": _mobilenet_v3,
    "torchvision.models.efficientnet.EfficientNet": _efficientnet,
    "efficientnet_lite_pytorch.model.EfficientNet": _efficientnet_lite,
    "torchvision.models.convnext.ConvNeXt": _convnext,
    "torchvision.models.vision_transformer.VisionTransformer": _vit,
    "torchvision.models.swin_transformer.SwinTransformer": _swin,
}


def find_family(net: nn.Module) -> Family | None:
    """The family of a network, or of the largest part of it that belongs to one, with names as the network has them."""
    known = [
        (prefix, module)
        for prefix, module in net.named_modules()
        if f"{type(module).__module__}.{type(module).__qualname__}" in FAMILIES
    ]
    if not known:
        return None
    prefix, part = max(known, key=lambda one: sum(parameter.numel() for parameter in one[1].parameters()))
    family = FAMILIES[f"{type(part).__module__}.{type(part).__qualname__}"](part)
    if not prefix:
        return family
    stages, blocks = (tuple(f"{prefix}.{name}" for name in names) for names in (family.stages, family.blocks))
    return replace(family, stages=stages, blocks=blocks, whole=False)
