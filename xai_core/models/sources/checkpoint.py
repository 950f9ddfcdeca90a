"""The weights in a file: a state dict or safetensors, of one of the known architectures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xai_core.errors import ModelError
from xai_core.models.architectures import ARCHITECTURES
from xai_core.models.architectures import architecture as find_architecture
from xai_core.models.kinds import Network
from xai_core.models.registry import list_models, register_source

MAX_INPUT = 2048  # pixels of a side that a checkpoint may ask for: memory for it is taken before a picture is seen


def _file(path: str | Path) -> Path:
    try:
        found = Path(path).expanduser()
        found.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # a name that is too long, nobody's home, no leave to look
        raise ModelError(f"There can be no checkpoint {str(path)[-80:]!r}, or it must not be opened.") from error
    return found


def _takes(model: Any) -> bool:
    return True  # asked last: whatever nobody else takes is a path, or an error that says what it could have been


@register_source("checkpoint", takes=_takes, order=1000)
def open_checkpoint(model: str | Path, architecture: str | None, n_names: int | None) -> Network:
    """The network of a file with weights.

    Parameters
    ----------
    model : str or pathlib.Path
        Of the file.
    architecture : str, optional
        Key of `ARCHITECTURES`; None takes what the file says.
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
    from xai_core.models.checkpoints import Description, absent, build, describe, read_state

    path = _file(model)
    said = describe(path) or Description("", (), None)
    key = architecture or said.architecture
    if not key:
        if not path.exists():
            if path.suffix:
                raise absent(path)
            keys = ", ".join(info.key for info in list_models())
            raise ModelError(f"{str(path)!r} is neither a file nor one of the models: {keys}.")
        raise ModelError(
            f"{path.name} is a checkpoint, so its architecture is needed: one of {', '.join(ARCHITECTURES)}."
        )
    kind = find_architecture(key)
    net = build(kind, read_state(path), path.name, n_names)
    preprocessing = said.preprocessing or kind.preprocessing
    if preprocessing.resize > MAX_INPUT:
        side = preprocessing.resize
        raise ModelError(f"{path.name} asks for pictures of {side} pixels a side; at most {MAX_INPUT} are taken.")
    return Network(net, f"{path.name} ({kind.title})", preprocessing, said.class_names or None)
