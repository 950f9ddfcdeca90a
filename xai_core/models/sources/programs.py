"""A program that torch.jit or torch.export saved, as a black box. Loading one can run code: trusted files only."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.errors import NO_PATH, ModelError
from xai_core.models.kinds import Network
from xai_core.models.registry import register_source
from xai_core.models.trust import check_code
from xai_core.types import Preprocessing

if TYPE_CHECKING:
    from torch import nn

_SUFFIXES = (".pt", ".pth", ".pt2", ".ts", ".jit", ".torchscript")
_USUAL = (3, 224, 224)


def _takes(model: Any) -> bool:
    if not isinstance(model, str | Path) or not str(model).lower().endswith(_SUFFIXES):
        return False
    from xai_core.models.state_files import program_in

    try:
        path = Path(model).expanduser()
        return path.is_file() and program_in(path) is not None
    except NO_PATH:
        return False


@register_source("program", takes=_takes, order=50)
def open_program(model: str | Path, architecture: str | None, n_names: int | None) -> Network:
    """The black box of a TorchScript or torch.export file.

    Parameters
    ----------
    model : str or pathlib.Path
        Of the file.
    architecture : str, optional
        Must be None: the file holds the whole network.
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
    import torch

    from xai_core.models.black_box import Answer, BlackBox, digest
    from xai_core.models.state_files import program_in

    path = Path(model).expanduser()
    if architecture is not None:
        raise ModelError(
            f"{path.name} is a program and holds a whole network: leave architecture={architecture!r} out, or give its "
            "weights: torch.save(model.state_dict(), path)."
        )
    check_code(path.name)
    is_script = program_in(path) == "torchscript"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch.jit is deprecated, which people's files are not
            program, batch, shape = _script(path) if is_script else _exported(path)
    except Exception as error:  # whatever a program raises
        line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"{path.name} cannot be loaded as a program of torch: {line[:300]}") from error

    def ask(pictures: torch.Tensor) -> Answer:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return program(pictures)

    net = BlackBox(ask, digest(path), batch)
    channels, *size = _USUAL if shape is None else shape
    settings: dict[str, Any] = {"resize": tuple(size), "crop": tuple(size)} if shape is not None else {}
    if channels != len(_USUAL):
        settings |= {"channels": "L" if channels == 1 else "?" * channels}
        settings |= {"mean": (0.449,) * channels, "std": (0.226,) * channels}
    kind = "TorchScript" if is_script else "torch.export"
    return Network(net, f"{path.name} ({kind})", Preprocessing(**settings), differentiable=False, guessed=True)


def _script(path: Path) -> tuple[nn.Module, int | None, tuple[int, int, int] | None]:
    """The program, the only batch that it takes, and the shape of its pictures as far as they are known."""
    import torch

    return torch.jit.load(str(path), map_location="cpu").eval(), None, None


def _exported(path: Path) -> tuple[nn.Module, int | None, tuple[int, int, int] | None]:
    """As `_script`."""
    import torch

    found = torch.export.load(path)
    named = found.graph_signature.user_inputs[0]
    node = next(node for node in found.graph.nodes if node.op == "placeholder" and node.name == named)
    batch, *shape = node.meta["val"].shape
    fixed = tuple(side if isinstance(side, int) else usual for side, usual in zip(shape, _USUAL, strict=True))
    return found.module(), batch if isinstance(batch, int) else None, (fixed[0], fixed[1], fixed[2])
