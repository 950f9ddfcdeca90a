"""Reads a state dict from disk and fits it to an architecture. Tensors only: nothing is unpickled as code."""

from __future__ import annotations

import json
import pickle
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from xai_core.errors import ModelError
from xai_core.models.architectures import Architecture
from xai_core.types import Preprocessing

_WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights", "module")
State = dict[str, torch.Tensor]
_META = "xai_core"


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

    if path.suffix != ".safetensors" or not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            content = json.loads((file.metadata() or {}).get(_META, "null"))
        names, settings = content["class_names"], content["preprocessing"]
        preprocessing = Preprocessing(**settings) if settings else None
        return Description(str(content["architecture"]), tuple(str(name) for name in names), preprocessing)
    except (OSError, SafetensorError, ValueError, TypeError, KeyError, RecursionError):
        return None


def absent(path: Path) -> ModelError:
    """What is said of a checkpoint that is not there."""
    return ModelError(f"There is no checkpoint {path.name!r} at {path.parent}.")


def read_state(path: Path) -> State:
    """The tensors of a checkpoint: a state dict, bare or inside a dict, or a safetensors file.

    Parameters
    ----------
    path : pathlib.Path
        Of the file.

    Returns
    -------
    Mapping of str to torch.Tensor
        Name -> tensor.

    Raises
    ------
    ModelError
        If the file is missing, is neither kind, or holds Python objects beyond tensors.
    """
    if not path.is_file():
        raise absent(path)
    content: Any
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            content = load_file(path)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of pickle protocols that are refused right after
                content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{path.name} holds Python objects beyond tensors, or is no checkpoint. It was refused, since "
            "loading such a file can run any code in it. Save the weights alone: "
            "torch.save(model.state_dict(), path), or as safetensors."
        ) from error
    except Exception as error:  # torch and safetensors raise a dozen kinds for a damaged file
        raise ModelError(f"{path.name} cannot be read as a checkpoint; it is damaged or cut off.") from error
    return _unwrap(content, path.name)


def _is_plain(tensor: torch.Tensor) -> bool:
    """Whether a tensor's numbers are all in the file: none without numbers, sparse, or one repeated a billion times."""
    dense = tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized
    dense = dense and not tensor.is_complex()
    return dense and not tensor.is_nested and tensor.nbytes <= tensor.untyped_storage().nbytes()


def _unwrap(content: Any, name: str, depth: int = 3) -> State:
    if isinstance(content, Mapping) and depth:
        for wrapper in _WRAPPERS:  # before the tensors, since one may lie beside it ("best_acc1")
            if isinstance(content.get(wrapper), Mapping):
                return _unwrap(content[wrapper], name, depth - 1)
        tensors = {k: v for k, v in content.items() if isinstance(k, str) and isinstance(v, torch.Tensor)}
        if tensors:
            for key, tensor in tensors.items():
                if not _is_plain(tensor):
                    raise ModelError(f"{name} holds no plain numbers in its tensor {key!r}; save dense tensors.")
            return tensors
    raise ModelError(
        f"{name} holds no state dict. Expected names with tensors, bare or under one of: {', '.join(_WRAPPERS)}."
    )


def _strip_prefixes(state: State, expected: set[str]) -> State:
    """Drop leading parts that every name shares ("module.", "model.", ...) until a name fits."""
    while state and not expected & state.keys():
        first = {name.split(".", 1)[0] for name in state}
        if len(first) > 1 or not all("." in name for name in state):
            break
        state = {name.split(".", 1)[1]: tensor for name, tensor in state.items()}
    return state


def _head(net: nn.Module) -> str:
    """The name of the weight that gives the outputs: the last matrix (or 1 x 1 convolution) of the network."""
    return [name for name, tensor in net.state_dict().items() if name.endswith("weight") and tensor.ndim >= 2][-1]


def build(architecture: Architecture, state: State, name: str, n_names: int | None) -> nn.Module:
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

    Raises
    ------
    ModelError
        If a tensor is missing, left over or of another shape, or if the class count differs; the message
        names the tensor.
    """
    with torch.device("meta"):
        template = architecture.build(1000)
    state = _strip_prefixes(state, set(template.state_dict()))
    head = _head(template)
    if head not in state:
        raise ModelError(_misfit(architecture, name, f"it has no tensor {head!r}"))
    if not state[head].numel() or not state[head].ndim:
        what = f"its tensor {head!r} has the shape {tuple(state[head].shape)}, not (classes, ...)"
        raise ModelError(_misfit(architecture, name, what))
    count = len(state[head])
    if n_names is not None and n_names != count:
        raise ModelError(
            f"{name} has {count} classes (its tensor {head!r} has {count} rows), but {n_names} class names were given."
        )
    return build_into(architecture.build(count), architecture, state, name)


def build_into(net: nn.Module, architecture: Architecture, state: State, name: str) -> nn.Module:
    """Load a state into a network of that architecture; as `build`."""
    wanted = net.state_dict()
    state = dict(state)
    for key, tensor in wanted.items():
        if key not in state:
            if key.endswith("num_batches_tracked"):  # older checkpoints lack the counter, which eval ignores
                state[key] = tensor
                continue
            raise ModelError(_misfit(architecture, name, f"it has no tensor {key!r}"))
        if state[key].shape != tensor.shape:
            shapes = f"{tuple(state[key].shape)}, expected {tuple(tensor.shape)}"
            raise ModelError(_misfit(architecture, name, f"its tensor {key!r} has the shape {shapes}"))
    if extra := sorted(state.keys() - wanted.keys()):
        raise ModelError(_misfit(architecture, name, f"it has {len(extra)} further tensors, first {extra[0]!r}"))
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
    head = _head(net)
    own = net.state_dict()
    kept = _strip_prefixes(state, set(own))
    for key in (head, head.removesuffix("weight") + "bias"):
        kept = kept | {key: own[key]} if key in own else kept
    return build_into(net, architecture, kept, name)


def head_parameters(net: nn.Module) -> list[nn.Parameter]:
    """The parameters of the last layer."""
    prefix = _head(net).removesuffix("weight")
    return [parameter for name, parameter in net.named_parameters() if name.startswith(prefix)]


def _misfit(architecture: Architecture, name: str, what: str) -> str:
    return f"{name} does not fit {architecture.title}: {what}. Is the architecture the one it was trained with?"
