"""The weights in a file: a state dict or safetensors, of one of the known architectures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xai_core.errors import NO_PATH, ModelError
from xai_core.models.architectures import architecture as architecture_of
from xai_core.models.kinds import Network, check_size
from xai_core.models.registry import choices, register_source


def _file(path: str | Path) -> Path:
    try:
        found = Path(path).expanduser()
        found.is_file()
    except NO_PATH as error:
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
        Key of `ARCHITECTURES`; None takes what the file says, or else the one that its tensors fit.
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
    from xai_core.models.checkpoints import Description, build, describe
    from xai_core.models.search import find_architecture
    from xai_core.models.state_files import absent, read_weights

    path = _file(model)
    said = describe(path) or Description("", (), None)
    key = architecture or said.architecture
    if not key and not path.exists():
        raise absent(path) if path.suffix else ModelError(f"{str(path)!r} is neither a file nor {choices(str(model))}")
    kind = architecture_of(key) if key else None
    found = read_weights(path)
    kind = kind or find_architecture(found.state, path.name, found.architecture)
    built = build(kind, found.state, path.name, n_names)
    preprocessing = said.preprocessing or kind.preprocessing
    check_size(preprocessing, path.name)
    notes = found.notes + built.notes
    if not key:
        notes = (f"Its tensors are those of {kind.title}, so it was loaded as one.", *notes)
    title = f"{path.name} ({kind.title})"
    return Network(
        built.net,
        title,
        preprocessing,
        said.class_names or None,
        outputs=built.outputs,
        notes=notes,
        guessed=said.preprocessing is None,
    )
