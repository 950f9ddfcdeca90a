"""A network of one's own, of which a copy is taken."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from xai_core.errors import ModelError
from xai_core.models.kinds import Network
from xai_core.models.registry import register_source
from xai_core.types import Preprocessing

if TYPE_CHECKING:
    from torch import nn


def _takes(model: Any) -> bool:
    from torch import nn

    return isinstance(model, nn.Module)


# Attributes that hold the network itself: of DataParallel and averaged models, and of compiled ones.
_WRAPPERS = {
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "AveragedModel": "module",
    "OptimizedModule": "_orig_mod",
}


def _unwrapped(net: nn.Module) -> nn.Module:
    """The network in what only trains or runs it otherwise."""
    while (attribute := _WRAPPERS.get(type(net).__name__)) is not None:
        net = getattr(net, attribute)
    return net


def _copied(net: nn.Module) -> nn.Module:
    """A copy whose tensors can be differentiated, also where they were made under inference mode."""
    import torch

    with torch.inference_mode(False), torch.no_grad():
        copied = copy.deepcopy(net)
        for module in copied.modules():
            for name, parameter in list(module._parameters.items()):
                if parameter is not None and parameter.is_inference():
                    module._parameters[name] = torch.nn.Parameter(parameter.clone(), requires_grad=False)
            for name, buffer in list(module._buffers.items()):
                if buffer is not None and buffer.is_inference():
                    module._buffers[name] = buffer.clone()
    return copied


@register_source("network", takes=_takes, order=10)
def open_network(net: nn.Module, architecture: str | None, n_names: int | None) -> Network:
    """A copy of a network, so that yours stays as it is.

    Parameters
    ----------
    net : torch.nn.Module
        Its copy is taken out of DataParallel, averaging and compilation.
    architecture, n_names
        Say nothing of it.

    Returns
    -------
    Network

    Raises
    ------
    ModelError
        If it cannot be copied.
    """
    import torch

    net = _unwrapped(net)
    title = type(net).__name__
    try:
        copied = _copied(net)
    except Exception as error:  # whatever a module holds that cannot be copied
        raise ModelError(f"{title} cannot be copied, and yours would have to be changed: {error}") from error
    script = isinstance(net, torch.jit.ScriptModule)
    return Network(copied, title, Preprocessing(), differentiable=not script, guessed=True)
