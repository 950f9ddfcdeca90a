"""The weights in a file: a state dict or safetensors, of one of the known architectures."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.errors import NO_PATH, ModelError, XaiError
from xai_core.models.architectures import architecture as architecture_of
from xai_core.models.kinds import Network, check_size
from xai_core.models.registry import choices, named_models, open_named, register_source

if TYPE_CHECKING:
    from xai_core.models.state_files import State

_HERE = "xai_core."  # what the names of our own modules begin with


def _file(path: str | Path) -> Path:
    try:
        found = Path(path).expanduser()
        found.is_file()
    except NO_PATH as error:
        raise ModelError(f"There can be no checkpoint {str(path)[-80:]!r}, or it must not be opened.") from error
    return found


def _takes(model: Any) -> bool:
    return True  # asked last: whatever nobody else takes is a path, or an error that says what it could have been


def _of_plug_in(state: State) -> Network | None:
    """A plug-in's network whose tensors have these names and shapes, with these in it; None where there is none."""
    from xai_core.models.fitting import without_wrappers

    state = without_wrappers(state)
    shapes = {name: tensor.shape for name, tensor in state.items()}
    for named in named_models().values():
        if named.load.__module__.startswith(_HERE) or not named.is_there():
            continue
        try:
            network = open_named(named, None)
        except (XaiError, OSError, MemoryError):  # which is said where this model itself is asked for
            continue
        if {name: getattr(tensor, "shape", None) for name, tensor in network.net.state_dict().items()} == shapes:
            net = copy.deepcopy(network.net)
            net.load_state_dict(state)
            return replace(network, net=net, title=named.title, key="custom")
    return None


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
    try:
        kind = kind or find_architecture(found.state, path.name, found.architecture)
    except ModelError:
        if (own := _of_plug_in(found.state)) is None:
            raise
        return replace(
            own,
            title=f"{path.name} ({own.title})",
            preprocessing=said.preprocessing or own.preprocessing,
            class_names=said.class_names or own.class_names,
            notes=(*own.notes, *found.notes),
        )
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
