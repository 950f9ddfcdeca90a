"""Builds the network of a checkpoint, and says what is wrong where the two do not fit."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from xai_core import bounded_json
from xai_core.errors import ModelError
from xai_core.models.fitting import COUNTER, Fit, fit, head_of, template
from xai_core.models.kinds import MAX_CLASSES, Architecture
from xai_core.models.search import matching
from xai_core.models.state_files import SAFETENSORS, State, check_head, read_state
from xai_core.types import Preprocessing
from xai_core.types.counts import first_of, form

__all__ = ["Built", "Description", "build", "build_into", "describe", "fine_tunable", "head_parameters", "read_state"]
_META = "xai_core"
_NAMED = 5  # tensors that a sentence names at most


@dataclass(frozen=True)
class Description:
    """What a checkpoint written here says of itself.

    Attributes
    ----------
    architecture : str
        Key of `ARCHITECTURES`, or empty.
    class_names : tuple of str
        In the order of the outputs.
    preprocessing : Preprocessing or None
        Of the pictures it was trained on, or None.
    """

    architecture: str
    class_names: tuple[str, ...]
    preprocessing: Preprocessing | None


def to_checkpoint(net: nn.Module, description: Description) -> bytes:
    """The weights as a safetensors file that also says what they are the weights of."""
    from safetensors.torch import save

    # Copies, since safetensors refuses tensors that share their memory, as tied weights do.
    state = {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in net.state_dict().items()
        if isinstance(tensor, torch.Tensor)
    }
    content: dict[str, Any] = {
        "architecture": description.architecture,
        "class_names": description.class_names,
        "preprocessing": description.preprocessing.settings() if description.preprocessing else None,
    }
    return save(state, {_META: json.dumps(content)})


def describe(path: Path) -> Description | None:
    """What a checkpoint says of itself; None where it says nothing, or nothing that can be understood.

    Parameters
    ----------
    path : pathlib.Path
        Of the file.

    Returns
    -------
    Description or None
    """
    from safetensors import SafetensorError, safe_open

    if path.suffix != SAFETENSORS or not path.is_file():
        return None
    try:
        check_head(path)
        with safe_open(path, "pt") as file:
            content = bounded_json.loads((file.metadata() or {}).get(_META, "null"))
        names, settings = content["class_names"], content["preprocessing"]
        preprocessing = Preprocessing(**settings) if settings else None
        return Description(str(content["architecture"]), tuple(str(name) for name in names), preprocessing)
    except (OSError, SafetensorError, ValueError, TypeError, KeyError):  # the head's problem is said when it is read
        return None


@dataclass(frozen=True, eq=False)
class Built:
    """A network with the weights of a checkpoint.

    Attributes
    ----------
    net : torch.nn.Module
    outputs : str
        Key of `xai_core.types.OUTPUTS`: the architectures end in a matrix.
    notes : tuple of str
        What was left out or assumed, in sentences.
    """

    net: nn.Module
    outputs: str
    notes: tuple[str, ...] = ()


def build(architecture: Architecture, state: State, name: str, n_names: int | None) -> Built:
    """The architecture with these weights and as many classes as they have.

    Parameters
    ----------
    architecture : Architecture
    state : Mapping of str to torch.Tensor
        Weights by their names.
    name : str
        What messages call the file.
    n_names : int or None
        How many class names the user gave, or None.

    Returns
    -------
    Built

    Raises
    ------
    ModelError
        If a tensor is missing, left over or of another shape, or if the class count differs; the message
        names the tensor.
    """
    wanted = template(architecture)
    found, head = fit(state, wanted), wanted.head
    try:
        if head not in found.state:
            raise ModelError(_misfit(architecture, name, f"it has no tensor {head!r}"))
        rows = found.state[head]
        if not rows.numel() or not rows.ndim:
            what = f"its tensor {head!r} has the shape {tuple(rows.shape)}, not (classes, ...)"
            raise ModelError(_misfit(architecture, name, what))
        if (count := len(rows)) > MAX_CLASSES:
            raise ModelError(f"{name} has {count:,} classes; at most {MAX_CLASSES:,} are taken.")
        if n_names in (None, count) or (count, n_names) == (1, 2):  # one output may be for two classes
            net = _with_channels(architecture.build(count), found.state.get(wanted.stem), wanted.stem)
            build_into(net, architecture, found.state, name)
            return Built(net, "logits" if count > 1 else "one_logit", _notes(architecture, found))
    except ModelError as error:
        other = matching(state)
        if other is None:
            raise
        raise ModelError(f"{error} It fits {other.title} ({other.key!r}).") from error
    raise ModelError(
        f"{name} has {count} classes (its tensor {head!r} has {count} rows), but "
        f"{n_names} {form(n_names or 0, 'class name was', 'class names were')} given."
    )


def _with_channels(net: nn.Module, weight: torch.Tensor | None, stem: str) -> nn.Module:
    """The network with a first convolution that takes as many channels as the file's."""
    where, _, _ = stem.rpartition(".")
    old = net.get_submodule(where) if where else None
    if weight is None or weight.ndim != 4 or not isinstance(old, nn.Conv2d) or old.groups != 1:
        return net
    if (channels := weight.shape[1]) in (0, old.in_channels):
        return net
    new = nn.Conv2d(
        channels,
        old.out_channels,
        (old.kernel_size[0], old.kernel_size[1]),
        stride=(old.stride[0], old.stride[1]),
        padding=old.padding if isinstance(old.padding, str) else (old.padding[0], old.padding[1]),
        dilation=(old.dilation[0], old.dilation[1]),
        bias=old.bias is not None,
        padding_mode=old.padding_mode,
    )
    parent, _, name = where.rpartition(".")
    setattr(net.get_submodule(parent), name, new)
    return net


def _notes(architecture: Architecture, found: Fit) -> tuple[str, ...]:
    said = []
    if found.beside:
        named = first_of([repr(name) for name in found.beside], _NAMED)
        said.append(f"Left out, since they belong to no layer of {architecture.title}: {named}.")
    if found.auxiliary:
        said.append("Its auxiliary classifiers, which only training uses, were left out.")
    return (*said, *architecture.assumed)


def build_into(net: nn.Module, architecture: Architecture, state: State, name: str) -> nn.Module:
    """Load a state into a network of that architecture; as `build`."""
    wanted = net.state_dict()
    # With the versions of the modules here, which a file need not say; names of older ones were changed before.
    state = OrderedDict(state)
    for key, tensor in wanted.items():
        if key not in state:
            if key.endswith(COUNTER):
                state[key] = tensor
                continue
            raise ModelError(_misfit(architecture, name, f"it has no tensor {key!r}"))
        if state[key].shape != tensor.shape:
            shapes = f"{tuple(state[key].shape)}, expected {tuple(tensor.shape)}"
            raise ModelError(_misfit(architecture, name, f"its tensor {key!r} has the shape {shapes}"))
    if extra := sorted(state.keys() - wanted.keys()):
        raise ModelError(_misfit(architecture, name, f"it has {len(extra)} further tensors, first {extra[0]!r}"))
    state._metadata = getattr(wanted, "_metadata", None)  # type: ignore[attr-defined]
    net.load_state_dict(state)
    return net


def fine_tunable(architecture: Architecture, state: State, name: str, class_names: Sequence[str]) -> nn.Module:
    """The architecture with these weights and a new, untrained last layer for other classes.

    Raises
    ------
    ModelError
        If a tensor other than the last layer's is missing or of another shape.
    """
    net = architecture.build(len(class_names))
    wanted, own = template(architecture), net.state_dict()
    kept = fit(state, wanted).state
    for key in (wanted.head, wanted.head.removesuffix("weight") + "bias"):
        kept = kept | {key: own[key]} if key in own else kept
    return build_into(net, architecture, kept, name)


def head_parameters(net: nn.Module) -> list[nn.Parameter]:
    """The parameters of the last layer."""
    shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    prefix = head_of(shapes).removesuffix("weight")
    return [parameter for name, parameter in net.named_parameters() if name.startswith(prefix)]


def _misfit(architecture: Architecture, name: str, what: str) -> str:
    return f"{name} does not fit {architecture.title}: {what}. Is the architecture the one it was trained with?"
