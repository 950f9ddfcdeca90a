"""Which tensors of a checkpoint are which of a network: prefixes, other names of the same layer, what is left over."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from xai_core.models.kinds import Architecture
from xai_core.models.state_files import State
from xai_core.models.torchvision_models import AUXILIARY

COUNTER = "num_batches_tracked"  # which older checkpoints lack, and eval mode ignores
# What wraps a module and puts its own name into those of the tensors: torch.compile, FSDP, checkpointing, DataParallel.
_AROUND = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "module")
# What lies beside a network in the checkpoint of a training.
_BESIDE = re.compile(
    r"(^|_|\b)(loss(es)?|loss_?fn|criterion|metrics?|acc(uracy)?|auroc|f1|precision|recall|confmat|ema|teacher|"
    r"momentum|target|shadow|n_averaged|sched\w*|optim\w*)(_|\b|\d|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Template:
    """The tensors of an architecture, without numbers.

    Attributes
    ----------
    shapes : dict of str to tuple of int
        Name -> shape, for 1,000 classes.
    head : str
        The name of the weight that gives the outputs.
    stem : str
        The name of the convolution's weight that takes the picture; empty where none takes one of three channels.
    """

    shapes: dict[str, tuple[int, ...]]
    head: str
    stem: str


class _NoNumbers(TorchFunctionMode):
    """Parameters that are made within take no memory; what is computed while a network is built is still computed."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func in (torch.empty, torch.zeros, torch.ones, torch.randn) and kwargs.get("device") is None:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def stem_of(shapes: dict[str, tuple[int, ...]]) -> str:
    """The name of the first weight that takes pictures of three channels; empty where there is none."""
    return next((name for name, shape in shapes.items() if len(shape) == 4 and shape[1] == 3), "")


def head_of(shapes: dict[str, tuple[int, ...]]) -> str:
    """The name of the weight that gives the outputs: the last matrix (or 1 x 1 convolution) of the network."""
    return [name for name, shape in shapes.items() if name.endswith("weight") and len(shape) >= 2][-1]


@lru_cache(maxsize=256)
def template(architecture: Architecture) -> Template:
    """The names and shapes of an architecture's tensors."""
    with _NoNumbers():
        net = architecture.build(1000)
    state = net.state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items() if isinstance(tensor, torch.Tensor)}
    return Template(shapes, architecture.head or head_of(shapes), stem_of(shapes))


@dataclass(frozen=True)
class Fit:
    """A checkpoint's tensors under the names of an architecture's.

    Attributes
    ----------
    state : dict of str to torch.Tensor
        By the architecture's names; under other names what may be a layer that it does not have.
    beside : tuple of str
        Names in the file of what belongs to no layer of the network, such as the weights of a loss.
    auxiliary : bool
        Whether classifiers that only training uses were left out.
    """

    state: State
    beside: tuple[str, ...] = field(default=())
    auxiliary: bool = False


def without_wrappers(state: State) -> State:
    """Names without the parts that wrappers of modules put into them, where that leaves every name its own."""
    for part in _AROUND:
        plain = {".".join(piece for piece in name.split(".") if piece != part): name for name in state}
        if len(plain) == len(state) and "" not in plain:
            state = {name: state[before] for name, before in plain.items()}
    return state


def _modern(name: str) -> str:
    """torchvision's files of DenseNet and ViT still have names that the modules no longer have."""
    name = re.sub(r"(denselayer\d+\.(?:norm|relu|conv))\.(?=[12]\.)", r"\1", name)
    return re.sub(r"(encoder_layer_\d+\.mlp)\.linear_([12])\.", lambda m: f"{m[1]}.{3 * (int(m[2]) - 1)}.", name)


def _prefix(state: State, names: set[str]) -> str:
    """What stands before the names of the network's tensors in those of the file: what makes the most of them fit."""
    counts: Counter[str] = Counter()
    for name in state:
        parts = name.split(".")
        for start in range(len(parts)):
            if ".".join(parts[start:]) in names:
                counts[".".join([*parts[:start], ""])] += 1
    return max(counts, key=lambda one: (counts[one], -len(one)), default="")


def fit(state: State, wanted: Template) -> Fit:
    """Find the tensors of an architecture in a checkpoint, by their names.

    Parameters
    ----------
    state : dict of str to torch.Tensor
        As the file names them.
    wanted : Template
        Of the architecture.

    Returns
    -------
    Fit
        Not all need be there, and none need have the right shape.
    """
    names = set(wanted.shapes)
    state = {_modern(name): tensor for name, tensor in without_wrappers(state).items()}
    prefix = _prefix(state, names)
    inside = {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
    outside = [name for name in state if not name.startswith(prefix)]
    beside = [name for name in outside if _is_beside(name, state[name])]
    beside += [name for name in inside if name not in names and _BESIDE.search(name.split(".", 1)[0])]
    kept = {name: tensor for name, tensor in inside.items() if name not in beside}
    kept |= {name: state[name] for name in outside if name not in beside}
    training = {name for name in kept if name not in names and name.split(".", 1)[0] in AUXILIARY}
    kept = {name: tensor for name, tensor in kept.items() if name not in training}
    return Fit(_with_head(kept, wanted), tuple(beside), bool(training))


def _is_beside(name: str, tensor: torch.Tensor) -> bool:
    """Whether what lies outside the network is no layer that it would be wrong to leave out."""
    named = _BESIDE.search(name.rpartition(".")[0] or name) is not None
    return named or tensor.ndim < 2 or not tensor.is_floating_point() or not name.endswith("weight")


def _with_head(state: State, wanted: Template) -> State:
    """The last layer under its own name, also where it stands behind a Dropout in the file, or does not any more."""
    head, names = wanted.head, wanted.shapes
    if head in state:
        return state
    top = head.split(".", 1)[0]
    others = [name for name in state if name not in names and name.split(".", 1)[0] == top]
    matrices = [name for name in others if name.endswith(".weight") and state[name].ndim == len(names[head])]
    if len(matrices) != 1:
        return state
    before = matrices[0].removesuffix("weight")
    if any(not name.startswith(before) for name in others):
        return state  # further layers, whose activations nobody knows
    after = head.removesuffix("weight")
    return {after + name.removeprefix(before) if name in others else name: tensor for name, tensor in state.items()}


def differences(found: State, wanted: Template) -> list[str]:
    """What of a checkpoint differs from an architecture, a phrase a tensor; empty where all fits.

    The number of classes does not count, nor does that of the picture's channels.

    Parameters
    ----------
    found : dict of str to torch.Tensor
        As `fit` names them.
    wanted : Template
        Of the architecture.

    Returns
    -------
    list of str
    """
    said = []
    last = (wanted.head, wanted.head.removesuffix("weight") + "bias")
    for name, shape in wanted.shapes.items():
        if name not in found:
            if not name.endswith(COUNTER):
                said.append(f"it has no tensor {name!r}")
            continue
        had = tuple(found[name].shape)
        classes = name in last and had[1:] == shape[1:] and had
        channels = name == wanted.stem and len(had) == 4 and (had[0], *had[2:]) == (shape[0], *shape[2:]) and had[1]
        if had != shape and not classes and not channels:
            said.append(f"its tensor {name!r} has the shape {had}, expected {shape}")
    extra = sorted(found.keys() - wanted.shapes.keys())
    return said + [f"its tensor {name!r} is none of them" for name in extra]
