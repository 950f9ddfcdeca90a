"""`load_model`, which takes a model's name, a checkpoint or a network, and what else is asked of named models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xai_core.errors import ModelError, XaiError
from xai_core.models import imagenet
from xai_core.models.kinds import NamedModel, Network, Weights
from xai_core.models.registry import choices, named_models, source_of
from xai_core.types import Preprocessing

if TYPE_CHECKING:
    import torch
    from torch import nn

    from xai_core.download import Progress
    from xai_core.types import Classifier


def download_model(key: str, *, progress: Progress | None = None) -> None:
    """Fetch a model's weights to this disk, if they are not there.

    Parameters
    ----------
    key : str
        Of one of `list_models`.
    progress : callable, optional
        Called with (bytes so far, bytes in all).

    Raises
    ------
    DownloadError, ModelError
        With a sentence that says what to do.

    Examples
    --------
    >>> import xai_core as xai
    >>> xai.download_model("digits")  # comes with the package, so nothing happens
    """
    known = named_models()
    if key not in known:
        raise ModelError(f"Unknown model {key!r}: it is not {choices(key)}")
    if (fetch := known[key].fetch) is not None:
        fetch(progress)


def named_state(key: str, progress: Progress | None = None) -> Weights:
    """ImageNet weights of an architecture by name, fetched where they are not on disk.

    Parameters
    ----------
    key : str
        Of an architecture.
    progress : callable, optional
        Called with (bytes so far, bytes in all).

    Returns
    -------
    Weights
        The state dict and its file's name.

    Raises
    ------
    ModelError, DownloadError
        If there are none, or they cannot be fetched.
    """
    known = {model.key: model.weights for model in named_models().values() if model.weights is not None}
    if key not in known:
        common = ", ".join(model.key for model in named_models().values() if model.weights is not None and model.common)
        raise ModelError(f"There are no ImageNet weights for {key!r}. There are some for {common} and others.")
    return known[key](progress)


def _open(named: NamedModel, progress: Progress | None) -> Network:
    """The network of a model by name, which may be of somebody else's making."""
    from torch import nn

    try:
        found = named.load(progress)
    except (XaiError, OSError, MemoryError):
        raise
    except Exception as error:
        raise ModelError(f"{named.title} cannot be loaded: {type(error).__name__}: {error}") from error
    if isinstance(found, nn.Module):
        return Network(found, named.title, named.preprocessing, named.class_names, None, named.key)
    if not isinstance(found, Network):
        raise ModelError(f"{named.title} cannot be loaded: it gives {type(found).__name__}, not a network.")
    return found


def _adapt(
    default: Preprocessing, input_size: int | None, mean: Sequence[float] | None, std: Sequence[float] | None
) -> Preprocessing:
    changes: dict[str, Any] = {}
    if input_size is not None:
        changes |= {"resize": input_size, "crop": input_size}
    changes |= {name: values for name, values in (("mean", mean), ("std", std)) if values is not None}
    try:
        return replace(default, **changes)
    except ValueError as error:
        raise ModelError(str(error)) from error


def load_model(
    model: str | Path | nn.Module,
    *,
    architecture: str | None = None,
    class_names: Sequence[str] | str | None = None,
    input_size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
) -> Classifier:
    """A classifier, ready to be asked.

    Parameters
    ----------
    model : str, pathlib.Path or torch.nn.Module
        A key of `list_models()`; or the path of a state dict or safetensors file, with `architecture`; or a
        network, of which a frozen copy is taken, so that yours stays as it is.
    architecture : str, optional
        For a checkpoint: a key of `xai_core.models.ARCHITECTURES`. One written here says its own.
    class_names : Sequence[str] or "imagenet", optional
        The K names in the order of the outputs; "imagenet" for ImageNet-1k's. None keeps a registered model's
        own and numbers the classes of others.
    input_size : int, optional
        Pixels of a side of the square input: pictures are resized (shorter side) and centre-cropped to it.
        None keeps the model's own, for a network of your own 256 and 224.
    mean, std : Sequence[float], optional
        Of each channel in [0, 1]; None keeps the model's own, for a network ImageNet's.
    device : torch.device or str, optional
        None takes an accelerator where there is one.
    progress : callable, optional
        Called with (bytes so far, bytes in all) during a download.

    Returns
    -------
    Classifier

    Raises
    ------
    ModelError, DownloadError
        With a sentence that says what to do.

    Examples
    --------
    >>> import xai_core as xai
    >>> model = xai.load_model("digits")
    >>> model.title, len(model.class_names)
    ('Textured digits, honest', 10)
    """
    from xai_core.models.prepare import prepare

    names, wnids = class_names, None
    if class_names == "imagenet":
        names, wnids = imagenet.class_names(), imagenet.wnids()
    elif isinstance(class_names, str):
        raise ModelError(f'class_names takes a list of names or "imagenet", not {class_names!r}.')
    named = named_models().get(model) if isinstance(model, str) and architecture is None else None
    if named is not None:
        network = _open(named, progress)
    else:
        network = source_of(model).open(model, architecture, None if names is None else len(names))
    given = {
        "architecture": architecture,
        "class_names": class_names,
        "input_size": input_size,
        "mean": mean,
        "std": std,
    }
    first = repr(str(model)) if isinstance(model, (str, Path)) else "network"
    words = [f"{name}={value!r}" for name, value in given.items() if value is not None]
    return prepare(
        network.net,
        code=f"xai.load_model({', '.join([first, *words])})",
        key=network.key,
        title=network.title,
        preprocessing=_adapt(network.preprocessing, input_size, mean, std),
        class_names=network.class_names if names is None else names,
        wnids=network.wnids if names is None else wnids,
        device=device,
    )
