"""A network whose convolutions do what is done around them, and which overwrites what nobody reads: the same, sooner.

Batch normalisations and modules that pad read and write each activation once more than the convolution does, and an
activation function that does not overwrite its input asks for fresh memory: together up to half of a forward pass.
What follows what is seen in a pass, so that it does not matter how a network is written, and a copy that does not
answer as the network does is not used.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from xai_core.types import Classifier

_ACTIVATIONS = (nn.ReLU, nn.ReLU6)  # those whose backward pass reads what they gave, not what they were given
_TOLERANCE = 1e-4  # of the largest score: far above rounding, far below what a wrong place would do


class _State(NamedTuple):
    """Tells weights apart that were written over: which tensors they are, and how often each was changed in place."""

    tensors: tuple[torch.Tensor, ...]  # kept, so that no other one gets their ids
    marks: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, net: object) -> _State:
        found = (*net.parameters(), *net.buffers()) if isinstance(net, nn.Module) else ()
        tensors = tuple(one for one in found if not one.is_inference())
        return cls(tensors, tuple((id(one), one._version) for one in tensors))


@dataclass(frozen=True, eq=False)
class Folded:
    """A classifier that answers alike.

    Attributes
    ----------
    model : Classifier
        The one to ask; the given one itself where nothing could be folded.
    changed : frozenset of str
        Names of the modules in it whose outputs are others than those of the given one's.
    """

    model: Classifier
    changed: frozenset[str] = frozenset()


_made: WeakKeyDictionary[Classifier, tuple[_State, Folded | None]] = WeakKeyDictionary()  # None: ask the network itself


def folded(model: Classifier, inputs: torch.Tensor) -> Folded:
    """The classifier with its batch normalisations folded into its convolutions, made once for its weights.

    Parameters
    ----------
    model : Classifier
    inputs : torch.Tensor
        float (n, C, H, W), preprocessed: what both are asked, to see that they answer alike.
    """
    with model.lock, torch.inference_mode(False), torch.no_grad():
        state = _State.of(model.net)
        if not state.tensors or _watched(model.net):
            return Folded(model)
        before, made = _made.get(model, (None, None))
        if before is None or before.marks != state.marks:
            made = _fold(model, inputs)
            _made[model] = state, made
        return made or Folded(model)


def _watched(net: nn.Module) -> bool:
    """Whether somebody set hooks or a forward of their own on the network itself, which a copy might pass by."""
    return any(
        module._forward_hooks or module._forward_pre_hooks or "forward" in vars(module) for module in net.modules()
    )


def _fold(model: Classifier, inputs: torch.Tensor) -> Folded | None:
    if not any(_normalises(module) for module in model.net.modules()):
        return None
    seen = _seen(model, inputs[:1])
    if not seen.pairs:
        return None
    said = model.scores(inputs)
    for overwriting in (seen.overwriting, []):
        try:
            net = copy.deepcopy(model.net)
            changed = _changed(net, seen.pairs, overwriting)
            made = replace(model, net=net)
            answer = made.scores(inputs)
        except Exception:  # of code that is not ours: copied, or asked without a module that it expects
            return None
        if answer.shape == said.shape and bool((answer - said).abs().max() <= _TOLERANCE * said.abs().max()):
            return Folded(made, changed)
    return None


def _changed(net: nn.Module, pairs: list[tuple[str, str]], overwriting: list[str]) -> frozenset[str]:
    """Change a network; the names of the modules whose outputs are now others."""
    for convolution, normalisation in pairs:
        both: list[Any] = [net.get_submodule(convolution), net.get_submodule(normalisation)]
        fused = fuse_conv_bn_eval(*both)
        net.set_submodule(convolution, fused.requires_grad_(False))
        net.set_submodule(normalisation, nn.Identity())
    for name in overwriting:
        net.get_submodule(name).inplace = True  # type: ignore[assignment]
    return frozenset(name for pair in pairs for name in pair).union(_pad_themselves(net))


def _pad_themselves(net: nn.Module) -> list[str]:
    """Let convolutions that hold a module that pads do that alike; names of these modules."""
    found = []
    for name, module in list(net.named_modules()):
        if isinstance(module, nn.Conv2d) and module.padding_mode == "zeros" and module.padding == (0, 0):
            for child, pads in module.named_children():
                if type(pads) is not nn.ZeroPad2d:
                    continue
                left, right, top, bottom = pads.padding
                if left == right and top == bottom:
                    module.padding = (top, left)
                    setattr(module, child, nn.Identity())
                    found.append(f"{name}.{child}")
    return found


def _normalises(module: nn.Module) -> bool:
    """Whether it does what a convolution could: of just this type, since those derived from it may do more."""
    return type(module) is nn.BatchNorm2d and module.running_mean is not None and not module.training


class _Seen(NamedTuple):
    """What one pass shows.

    Attributes
    ----------
    pairs : list of (str, str)
        Names of convolutions and of the normalisations that are given what they give.
    overwriting : list of str
        Names of activation functions that may overwrite their inputs, all of which normalisations have just made.
    """

    pairs: list[tuple[str, str]]
    overwriting: list[str]


def _seen(model: Classifier, inputs: torch.Tensor) -> _Seen:
    convolved: dict[int, tuple[str, Any]] = {}  # by the id of an output, which is kept so that it stays its own
    normalised: dict[int, Any] = {}  # likewise
    pairs: list[tuple[str, str]] = []
    activated: dict[str, bool] = {}  # activation function -> whether normalisations made all that it read
    calls: Counter[str] = Counter()

    def note(name: str, module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        calls[name] += 1
        read = id(inputs[0]) if inputs else 0
        if isinstance(module, nn.Conv2d):
            convolved[id(output)] = (name, output)
        elif isinstance(module, _ACTIVATIONS):
            activated[name] = activated.get(name, True) and read in normalised
        else:
            normalised[id(output)] = output
            if read in convolved:
                pairs.append((convolved[read][0], name))

    handles = []
    try:
        for name, module in model.net.named_modules():
            if isinstance(module, (nn.Conv2d, *_ACTIVATIONS)) or _normalises(module):
                handles.append(module.register_forward_hook(partial(note, name)))
        model.scores(inputs)
    finally:
        for handle in handles:
            handle.remove()
    once = [pair for pair in pairs if all(calls[name] == 1 for name in pair)]
    return _Seen(once, [name for name, alone in activated.items() if alone])
