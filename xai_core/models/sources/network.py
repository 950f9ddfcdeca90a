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


@register_source("network", takes=_takes, order=10)
def open_network(net: nn.Module, architecture: str | None, n_names: int | None) -> Network:
    """A copy of a network, so that yours stays as it is.

    Parameters
    ----------
    net : torch.nn.Module
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
    title = type(net).__name__
    try:
        return Network(copy.deepcopy(net), title, Preprocessing())
    except Exception as error:  # whatever a module holds that cannot be copied
        raise ModelError(f"{title} cannot be copied, and yours would have to be changed: {error}") from error
