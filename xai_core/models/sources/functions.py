"""A function by its name, "package.module:function", that builds the network. In Python and commands only.

Modules are looked for where Python does, and in the folder in which the command is called, as `python -m` does.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from xai_core.errors import ModelError, XaiError
from xai_core.models.kinds import Network
from xai_core.models.registry import register_source
from xai_core.models.sources.network import open_network
from xai_core.models.trust import check_code

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def _takes(model: Any) -> bool:
    return isinstance(model, str) and _NAME.fullmatch(model) is not None


@register_source("function", takes=_takes, order=900)
def open_function(model: str, architecture: str | None, n_names: int | None) -> Network:
    """The network that a function builds.

    Parameters
    ----------
    model : str
        "package.module:function"; the function takes nothing and returns a torch.nn.Module.
    architecture : str, optional
        Must be None: the function builds the network.
    n_names : int, optional
        How many class names the user gave.

    Returns
    -------
    Network

    Raises
    ------
    ModelError
        With a sentence that says what to do.
    """
    from torch import nn

    check_code(model)
    if architecture is not None:
        raise ModelError(f"{model!r} builds a whole network: leave architecture={architecture!r} out.")
    module, _, name = model.partition(":")
    build: Any
    if (here := str(Path.cwd())) not in sys.path:  # behind all others: nothing that is installed is replaced
        sys.path.append(here)
    try:
        build = import_module(module)
        for part in name.split("."):
            build = getattr(build, part)
    except ModuleNotFoundError as error:
        where = f"It has to be installed, or to lie in the folder {here}."
        raise ModelError(f"There is no module {error.name!r} to import for {model!r}. {where}") from error
    except AttributeError as error:
        raise ModelError(f"The module {module!r} has no function {name!r}.") from error
    except Exception as error:  # somebody else's module
        raise ModelError(f"{module!r} cannot be imported: {type(error).__name__}: {error}") from error
    if isinstance(build, nn.Module) or not callable(build):
        raise ModelError(f"{model!r} is no function that builds a network, but a {type(build).__name__}.")
    try:
        found = build()
    except XaiError:
        raise
    except Exception as error:  # somebody else's function
        raise ModelError(f"{model!r} cannot build its network: {type(error).__name__}: {error}") from error
    if isinstance(found, Network):
        return found
    if not isinstance(found, nn.Module):
        raise ModelError(f"{model!r} gives {type(found).__name__}, where a torch.nn.Module is expected.")
    return replace(open_network(found, None, n_names), title=model)
