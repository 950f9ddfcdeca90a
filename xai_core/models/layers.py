"""Which layers a network offers for maps: its stages, its blocks, and everything else that has a place in the picture.

A known family says by name what its stages and blocks are. For any other network they are found by passes over noise:
what everything runs through between picture and output is the trunk, where a change of the picture shows says where a
layer's axes stand, and what gets no gradient is not offered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from xai_core.models.axes import Size, possible_axes, to_maps
from xai_core.models.families import Family, find_family
from xai_core.models.locality import REFUTED, best, changed_quadrants, marks
from xai_core.models.trace import Trace, on_every_path, watched
from xai_core.types import Axes, Layer
from xai_core.types.layers import StatedAxes

_CHANNELS_FIRST = (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
_POOLS = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)
_PASS_THROUGH = ("Dropout", "Dropout2d", "Identity", "StochasticDepth", "DropPath")
_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
_QUARTERS = 4
_NONE_ALIVE = (
    "At no layer does the output have a gradient for noise pictures, as where the last layer's weights are all zero: "
    "maps may be empty."
)
Read = Callable[[Any], torch.Tensor]
Placed = tuple[Axes, Size]
Hypotheses = dict[str, list[Placed]]


@dataclass(frozen=True)
class Probe:
    """What a network offers, and what it costs.

    Attributes
    ----------
    layers : tuple of Layer
        Those with a map, in the order in which they run.
    groups : Mapping of str to tuple of str
        "stages" and "blocks": names of layers, in order of depth.
    bytes_per_picture : int
        Of all outputs.
    notes : tuple of str
        What was looked for in vain, a sentence each.
    """

    layers: tuple[Layer, ...]
    groups: dict[str, tuple[str, ...]]
    bytes_per_picture: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Network:
    """A network under examination."""

    modules: Mapping[str, nn.Module]
    family: Family | None
    trace: Trace
    trunk: frozenset[str]
    size: Size
    pictures: int
    layers: dict[str, Layer] = field(default_factory=dict)


def probe(
    net: nn.Module,
    inputs: torch.Tensor,
    *,
    read: Read | None = None,
    ask: Callable[[torch.Tensor], Any] | None = None,
    stated: Mapping[str, StatedAxes] | None = None,
) -> Probe:
    """See which layers of a network give maps.

    Parameters
    ----------
    net : torch.nn.Module
        In eval mode, parameters frozen.
    inputs : (N, C, H, W)
        At least two different pictures. On the meta device nothing is computed: axes are then what the modules'
        kinds say.
    read : callable, optional
        The network's answer -> scores (N, K); None where the answer is that.
    ask : callable, optional
        Runs the network on a picture, with the same chance each time; None calls it.
    stated : Mapping of str to StatedAxes, optional
        Axes of layers that the user states; they are not examined.
    """
    trace, trunk = _examine(net, inputs, read or (lambda answer: answer))
    size = inputs.shape[2], inputs.shape[3]
    family = find_family(net)
    found = _Network(dict(net.named_modules()), family, trace, frozenset(trunk), size, len(inputs))
    hypotheses = _hypotheses(found)
    if inputs.is_meta or (family is not None and family.whole):
        established = {name: possible[0] for name, possible in hypotheses.items()}
    else:
        with torch.no_grad():
            mark = marks(net, ask or net, hypotheses, changed_quadrants(inputs[:1], inputs[1:2]))
        established = _established(found, hypotheses, mark)
    established |= _stated(found, stated or {})
    dead = {name for name, (axes, grid) in established.items() if _is_dead(found, name, axes, grid)}
    notes = [_NONE_ALIVE] if dead and len(dead) == len(established) else []
    for name in trace.order:
        if name in established and name not in found.layers and (notes or name not in dead):
            axes, grid = established[name]
            channels = trace.shapes[name][axes.order.index("C")]
            found.layers[name] = Layer(name, name, grid, channels, axes)
    memory = trace.elements * inputs.element_size() // len(inputs)
    return Probe(tuple(found.layers.values()), _groups(found), memory, tuple(notes))


def _examine(net: nn.Module, inputs: torch.Tensor, read: Read) -> tuple[Trace, set[str]]:
    """One forward and one backward pass: what the modules gave, and which of them lie on the trunk."""
    trace = Trace()
    with torch.enable_grad():
        leaf = inputs.detach().requires_grad_()
        copy = leaf.clone()  # a network may overwrite its input
        trace.seen(copy)
        with watched(net, trace.note):
            scores = read(net(copy))
        trunk: set[str] = set()
        if scores.requires_grad:
            trunk = on_every_path(scores, leaf, trace.vertices)
            # Weights, or outputs that add up to a constant would have no gradient.
            weights = torch.linspace(1, 2, scores.numel(), dtype=scores.dtype, device=scores.device).sin()
            torch.autograd.grad((scores * weights.view_as(scores)).sum(), leaf, allow_unused=True)
    trace.done()
    return trace, trunk


def _is_certain(module: nn.Module) -> bool:
    """Whether a module's kind says where the axes of its output stand."""
    return isinstance(module, _CHANNELS_FIRST) or type(module).__name__ == "LayerNorm2d"


def _likely_order(module: nn.Module, family: Family | None) -> str:
    """The order of a four-dimensional output, as far as the module's kind and the family say."""
    if _is_certain(module):
        return "NCHW"
    last = isinstance(module, nn.Linear | nn.LayerNorm) or (family is not None and family.order == "NHWC")
    return "NHWC" if last else "NCHW"


def _known_grids(found: _Network) -> list[Size]:
    """Grids of layers whose kind says where their axes stand, such as the patch embedding's."""
    grids = [
        (shape[2], shape[3])
        for name, shape in found.trace.shapes.items()
        if len(shape) == 4 and shape[0] == found.pictures and _is_certain(found.modules[name])
    ]
    return list(dict.fromkeys(grids))


def _hypotheses(found: _Network) -> Hypotheses:
    """Axes that each module's output may have, the likeliest first."""
    trace, possible, grids = found.trace, {}, _known_grids(found)
    for name, shape in trace.shapes.items():
        module = found.modules[name]
        # A module that runs several times would keep the last call only, without saying which.
        if trace.calls[name] > 1 or type(module).__name__ in _PASS_THROUGH:
            continue
        axes = possible_axes(shape, found.pictures, found.size, grids)
        first = _likely_order(module, found.family)
        if _is_certain(module) or (found.family is not None and found.family.whole):
            axes = [one for one in axes if one[0].tokens or one[0].order == first]
        if axes:
            possible[name] = sorted(axes, key=lambda one: not one[0].tokens and one[0].order != first)
    return possible


def _established(found: _Network, hypotheses: Hypotheses, mark: Mapping[str, list[float]]) -> dict[str, Placed]:
    """The axes of layers: by their kind, by the experiment, or by the only known grid that fits.

    In a layer with kernels as large as its map, as untrained networks have them at the end, changes show everywhere
    alike. There the grid of a convolution that comes with it decides, if it fits in one way only.
    """
    grids = set(_known_grids(found))
    established = {}
    for name, possible in hypotheses.items():
        one = possible[0] if _is_certain(found.modules[name]) else best(possible, mark[name])
        silent = REFUTED not in mark[name] and max(mark[name]) == 0
        if one is None and silent and not possible[0][0].tokens:
            fitting = [other for other in possible if other[1] in grids]
            one = fitting[0] if len(fitting) == 1 else None
        if one is not None:
            established[name] = one
    return established


def _stated(found: _Network, stated: Mapping[str, StatedAxes]) -> dict[str, Placed]:
    """What the user says of layers, with the grid that it leaves open."""
    result = {}
    for name, one in stated.items():
        shape = found.trace.shapes.get(name)
        if shape is None:
            continue
        same = [
            grid
            for axes, grid in possible_axes(shape, found.pictures, found.size, [one.grid] if one.grid else [])
            if axes == one.axes and one.grid in (None, grid)
        ]
        if same:
            result[name] = (one.axes, same[0])
    return result


def _is_dead(found: _Network, name: str, axes: Axes, grid: Size) -> bool:
    """Whether the output takes nothing from the map's places, as behind the last mixing of tokens."""
    if name not in found.trace.vertices:
        return bool(found.trace.vertices)  # it does not depend on the picture
    gradient = found.trace.gradients.get(name)
    if gradient is None:
        return True
    return not gradient.is_meta and not bool(to_maps(gradient, axes, grid).count_nonzero())


def _groups(found: _Network) -> dict[str, tuple[str, ...]]:
    layers = found.layers
    if found.family is not None and any(name in layers for name in found.family.blocks):
        blocks = tuple(name for name in found.family.blocks if name in layers)
        stages = tuple(name for name in found.family.stages if name in layers)
        return {"stages": stages or _last_at_each_size(layers, blocks), "blocks": blocks}
    trunk = [name for name in layers if name in found.trunk] or list(layers)
    blocks = _find_blocks(found, trunk)
    composite = [name for name in blocks if next(found.modules[name].children(), None) is not None]
    sizes = {layers[name].size for name in composite}
    # One resolution throughout, whatever the patches were made by: quarters of the depth.
    if len(composite) > 1 and len(sizes) == 1 and all(layers[name].axes.tokens for name in composite):
        return {"stages": _quarters(composite), "blocks": blocks}
    ends = [name for name in _not_pooled(found, trunk) if not any(name.startswith(block + ".") for block in blocks)]
    # Behind a block, a norm alone is no stage of its own.
    ends = [name for name in ends if layers[name].size not in sizes or _computes(found.modules[name])]
    stages = _last_at_each_size(layers, ends)
    return {"stages": stages if len(stages) > 1 or len(composite) < 2 else _quarters(composite), "blocks": blocks}


def _quarters(blocks: Sequence[str]) -> tuple[str, ...]:
    """Blocks at a quarter, a half, three quarters and the whole of the depth, or all if there are fewer."""
    count = min(_QUARTERS, len(blocks))
    return tuple(blocks[-(-len(blocks) * (part + 1) // count) - 1] for part in range(count))


def _computes(module: nn.Module) -> bool:
    """Whether a module holds a convolution or a linear layer."""
    return any(isinstance(part, nn.Conv2d | nn.Linear) for part in module.modules())


def _last_at_each_size(layers: Mapping[str, Layer], names: Sequence[str]) -> tuple[str, ...]:
    """The last of some layers at each resolution, in the order in which they run."""
    last = {layers[name].size: name for name in names}
    return tuple(name for name in names if last[layers[name].size] == name)


def _not_pooled(found: _Network, names: Sequence[str]) -> list[str]:
    """Layers whose output is not just a pooled copy of another's."""
    same = found.trace.identities
    pooled = {same[name] for name, module in found.modules.items() if isinstance(module, _POOLS) and name in same}
    return [name for name in names if same[name] not in pooled]


def _find_blocks(found: _Network, trunk: Sequence[str]) -> tuple[str, ...]:
    """Outermost composite modules of a kind that occurs at least twice; else the convolutions.

    A kind that only hands on what its last part gave, and holds composites that do not, is a stage and no block.
    """
    composites = {
        name: type(module)
        for name in trunk
        if not isinstance(module := found.modules[name], _CONTAINERS)
        and next(module.children(), None) is not None
        and _computes(module)
    }
    often = {kind for kind, times in Counter(composites.values()).items() if times > 1}
    repeated = [name for name, kind in composites.items() if kind in often]
    same = found.trace.identities

    def hands_on(name: str) -> bool:
        below = (other for other in same if other.startswith(name + "."))
        return any(same[other] == same[name] for other in below)

    own = [name for name in repeated if not hands_on(name)]
    opened = {composites[name] for name in repeated if any(other.startswith(name + ".") for other in own)}
    makers = {composites[name] for name in own}
    blocks = [name for name in repeated if composites[name] in makers or composites[name] not in opened]
    blocks = [name for name in blocks if not any(name.startswith(other + ".") for other in blocks)]
    return tuple(blocks) or tuple(name for name in trunk if isinstance(found.modules[name], nn.Conv2d))
