"""Which layers a network offers for maps: its stages, its blocks, and everything else that has a place.

A known family says by name what its stages and blocks are. For any other network they are found by what a
probing forward pass shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isqrt
from typing import Any

import torch
from torch import nn

from xai_core.types import Layer, Layout

MAX_PREFIX_TOKENS = 8  # class token and registers in front of the image tokens

_CHANNELS_FIRST_MODULES = (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
_POOLS = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)
_PASS_THROUGH = ("Dropout", "Dropout2d", "Identity", "StochasticDepth")


@dataclass(frozen=True)
class Family:
    """Stages and blocks of a family of networks, by module name in order of depth, and its layout."""

    stages: tuple[str, ...]
    blocks: tuple[str, ...]
    layout: Layout = "channels_first"


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
    stages = [[f"{b}.norm2" for b in _children(net, s)] for s in _children(net, "features")[1::2]]
    return Family(tuple(stage[-1] for stage in stages), tuple(b for stage in stages for b in stage), "channels_last")


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


def channels_last(module: nn.Module, layout: Layout) -> bool:
    """Whether a four-dimensional output of this module is (N, h, w, C) rather than (N, C, h, w)."""
    if isinstance(module, _CHANNELS_FIRST_MODULES) or type(module).__name__ == "LayerNorm2d":
        return False
    return isinstance(module, nn.Linear | nn.LayerNorm) or layout == "channels_last"


def token_grid(tokens: int) -> tuple[int, int] | None:
    """(tokens in front, side of the square grid) of a sequence of image tokens; None if there is no square."""
    side = isqrt(tokens)
    front = tokens - side * side
    return (front, side) if side >= 2 and front <= MAX_PREFIX_TOKENS else None


def as_maps(output: torch.Tensor, module: nn.Module, layout: Layout) -> torch.Tensor:
    """A layer's output as (N, C, h, w), a view where it can be.

    Parameters
    ----------
    output : (N, C, h, w), (N, h, w, C) or (N, tokens, C)
    module : torch.nn.Module
        What gave the output.
    layout : {"channels_first", "channels_last"}
        Where its channels stand.
    """
    if output.ndim == 4:
        return output.permute(0, 3, 1, 2) if channels_last(module, layout) else output
    front, side = token_grid(output.shape[1])  # type: ignore[misc]
    return output[:, front:].transpose(1, 2).unflatten(2, (side, side))


def _map_size(output: Any, module: nn.Module, layout: Layout, batch: int) -> tuple[int, int, int] | None:
    """(h, w, C) of a module's output, or None if it has no place in the picture."""
    if not isinstance(output, torch.Tensor) or output.ndim not in (3, 4):
        return None
    if output.shape[0] != batch or not output.is_floating_point():
        return None
    if output.ndim == 4 or (output.ndim == 3 and token_grid(output.shape[1])):
        _, c, h, w = as_maps(output, module, layout).shape
        return (h, w, c) if min(h, w) >= 2 else None
    return None


@dataclass
class _Trace:
    """What one probing forward pass showed."""

    names: list[str] = field(default_factory=list)  # in the order in which modules finish
    outputs: dict[str, Any] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)


def _trace(net: nn.Module, inputs: torch.Tensor) -> tuple[_Trace, Any]:
    trace = _Trace()

    def remember(name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            trace.calls[name] += 1
            trace.names.append(name)
            trace.outputs[name] = output

        return hook

    handles = [m.register_forward_hook(remember(name)) for name, m in net.named_modules() if name]
    try:
        with torch.no_grad():
            logits = net(inputs)
    finally:
        for handle in handles:
            handle.remove()
    return trace, logits


@dataclass(frozen=True)
class Probe:
    """What a network offers, and what it costs."""

    layers: tuple[Layer, ...]
    groups: dict[str, tuple[str, ...]]
    layout: Layout
    logits: Any
    bytes_per_picture: int


def probe(net: nn.Module, inputs: torch.Tensor) -> Probe:
    """Run the network once on one input (1, 3, H, W) and see which layers give maps."""
    kind = f"{type(net).__module__}.{type(net).__qualname__}"
    family = FAMILIES[kind](net) if kind in FAMILIES else None
    layout: Layout = family.layout if family else "channels_first"
    trace, logits = _trace(net, inputs)
    modules = dict(net.named_modules())
    layers = {}
    for name in trace.names:
        module = modules[name]
        # A module that runs several times would keep the last call only, without saying which.
        if trace.calls[name] > 1 or type(module).__name__ in _PASS_THROUGH:
            continue
        size = _map_size(trace.outputs[name], module, layout, len(inputs))
        if size:
            layers[name] = Layer(name, name, size[:2], size[2])
    tensors = {id(t): t for t in trace.outputs.values() if isinstance(t, torch.Tensor)}
    memory = sum(t.numel() * t.element_size() for t in tensors.values())
    blocks = family.blocks if family else _find_blocks(modules, layers)
    stages = (family.stages if family else ()) or _find_stages(
        [layers[name] for name in (blocks if family else _not_pooled(trace, modules, layers)) if name in layers]
    )
    groups = {"stages": stages, "blocks": blocks}
    return Probe(
        tuple(layers.values()),
        {group: tuple(name for name in names if name in layers) for group, names in groups.items()},
        layout,
        logits,
        memory,
    )


def _find_stages(layers: Sequence[Layer]) -> tuple[str, ...]:
    """The last layer at each resolution."""
    return tuple({layer.size: layer.name for layer in layers}.values())


def _not_pooled(trace: _Trace, modules: dict[str, nn.Module], layers: dict[str, Layer]) -> list[str]:
    """Layers whose output is not just a pooled copy of another's."""
    pooled = {
        id(trace.outputs[name])
        for name, module in modules.items()
        if isinstance(module, _POOLS) and name in trace.outputs
    }
    return [name for name in layers if id(trace.outputs[name]) not in pooled]


def _find_blocks(modules: dict[str, nn.Module], layers: dict[str, Layer]) -> tuple[str, ...]:
    """Outermost modules of a kind of their own that occurs at least twice; else the convolutions."""
    kinds = Counter(type(modules[name]) for name in layers if not type(modules[name]).__module__.startswith("torch.nn"))
    repeated = [name for name in layers if kinds[type(modules[name])] >= 2]
    outermost = [n for n in repeated if not any(n.startswith(other + ".") for other in repeated)]
    return tuple(outermost) or tuple(n for n in layers if isinstance(modules[n], nn.Conv2d))
