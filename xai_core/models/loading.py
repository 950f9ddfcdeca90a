"""`load_model`, which takes a model's name, a checkpoint or a network, and what else is asked of named models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_core.errors import ModelError
from xai_core.models import imagenet
from xai_core.models.class_names import IMAGENET, Names, listed
from xai_core.models.kinds import MAX_STATED, Network, Weights, check_size
from xai_core.models.registry import choices, named_models, open_named, source_of
from xai_core.remote import canonical, local
from xai_core.types import Preprocessing
from xai_core.types.geometry import Size

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


def _adapted(
    network: Network,
    preprocessing: Preprocessing | Mapping[str, Any] | None,
    input_size: Size | Sequence[int] | None,
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
) -> Network:
    """The network with its pictures prepared as the user says; what is left open stays as its source has it."""
    from xai_core.models.trial import fitting_channels

    before = network.preprocessing
    changes: dict[str, Any] = {}
    if isinstance(preprocessing, Preprocessing):
        before = preprocessing
    elif preprocessing is not None:
        changes |= preprocessing
    elif network.guessed:
        before = fitting_channels(network.net, before)
    if input_size is not None:
        changes |= {"resize": input_size, "crop": input_size}
    changes |= {name: values for name, values in (("mean", mean), ("std", std)) if values is not None}
    if len(changes.get("channels", before.channels)) != len(before.channels):
        n = len(changes["channels"])
        changes = {name: (float(np.mean(getattr(before, name))),) * n for name in ("mean", "std")} | changes
    try:
        after = replace(before, **changes)
    except (ValueError, TypeError) as error:
        raise ModelError(str(error).replace("Preprocessing.__init__() got", "The preprocessing has")) from error
    if after != network.preprocessing:
        check_size(after, "The stated preparation", MAX_STATED)
    notes = network.notes
    if network.guessed and preprocessing is None and (said := _assumed(after, frozenset(changes))):
        notes = (*notes, said)
    assumed = network.guessed and not isinstance(preprocessing, Preprocessing) and "crop" not in changes
    return replace(network, preprocessing=after, notes=notes, size_assumed=assumed)


def _assumed(preprocessing: Preprocessing, stated: frozenset[str]) -> str:
    """The sentence that says which preprocessing was assumed; empty where all of it was stated."""
    usual = Preprocessing()
    titles = {name: title for name, title in (("mean", "mean"), ("std", "standard deviation")) if name not in stated}
    values = {name: getattr(preprocessing, name) for name in titles}
    numbers = [f"{titles[name]} {', '.join(f'{value:.4g}' for value in values[name])}" for name in titles]
    whose = " (ImageNet's)" if all(values[name] == getattr(usual, name) for name in titles) else ""
    size = [] if "crop" in stated else [f"{' x '.join(map(str, preprocessing.size))} pixels"]
    assumed = [*size, *([f"{' and '.join(numbers)}{whose}"] if numbers else [])]
    return f"How its pictures were prepared is not known. Assumed: {', '.join(assumed)}." if assumed else ""


def load_model(
    model: str | Path | nn.Module,
    *,
    architecture: str | None = None,
    class_names: Names | None = None,
    input_size: Size | Sequence[int] | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    preprocessing: Preprocessing | Mapping[str, Any] | None = None,
    outputs: str | None = None,
    entry: str | int | None = None,
    layers: Mapping[str, str] | None = None,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
) -> Classifier:
    """A classifier, ready to be asked.

    Parameters
    ----------
    model : str, pathlib.Path or torch.nn.Module
        A key of `list_models()`; or the path or address of a state dict or safetensors file, with `architecture`; or
        a network, of which a frozen copy is taken, so that yours stays as it is.
    architecture : str, optional
        For a checkpoint: a key of `xai_core.models.ARCHITECTURES`. One written here says its own.
    class_names : Sequence[str], Mapping, "imagenet" or path, optional
        The K names in the order of the outputs; a mapping from the number of an output (`id2label`); "imagenet" for
        ImageNet-1k's; a file with one name a line or JSON. None keeps a registered model's own and numbers the
        classes of others. Of a network with one output, two names, or one: that of the class it speaks for.
    input_size : int or (int, int), optional
        Pixels of a side of the square input, or (height, width): pictures are scaled to cover it and cropped from the
        middle. None keeps the model's own, for a network of your own 256 and 224.
    mean, std : Sequence[float], optional
        Of each channel in [0, 1]; None keeps the model's own, for a network ImageNet's.
    preprocessing : Preprocessing or Mapping, optional
        All of it, or a mapping of what differs from the model's own, such as ``{"fit": "stretch", "channels": "BGR"}``.
    outputs : str, optional
        What the numbers mean that it gives, a key of `xai_core.types.OUTPUTS`: "logits", "probabilities",
        "log_probabilities", "one_logit", "one_probability", "label_logits" or "label_probabilities". None finds it out.
    entry : str or int, optional
        Of a network that answers with several tensors, the name or place of the one that holds the outputs.
    layers : Mapping of str to str, optional
        Layers whose axes you state: a module's name to "NCHW", "NHWC", "NTC" (tokens), "NTC+1" (one token in front),
        or "NTC+1 14x16" with the tokens' grid.
    device : torch.device or str, optional
        None takes an accelerator where there is one.
    progress : callable, optional
        Called with (bytes so far, bytes in all) during a download.

    Returns
    -------
    Classifier

    Raises
    ------
    ModelError, LayerError, DownloadError
        With a sentence that says what to do.

    Examples
    --------
    >>> import xai_core as xai
    >>> model = xai.load_model("digits")
    >>> model.title, len(model.class_names)
    ('Digits (honest)', 10)
    """
    from xai_core.models.prepare import prepare

    names, wnids = listed(class_names), imagenet.wnids() if class_names == IMAGENET else None
    named = named_models().get(model) if isinstance(model, str) and architecture is None else None
    if named is not None:
        network = open_named(named, progress)
    else:
        where = local(model)
        network = source_of(where).open(where, architecture, None if names is None else len(names))
    network = _adapted(network, preprocessing, input_size, mean, std)
    if outputs is not None:
        network = replace(network, outputs=outputs)
    if wnids is not None:
        network = replace(network, wnids=wnids)
    given = {
        "architecture": architecture,
        "class_names": class_names,
        "input_size": input_size,
        "mean": mean,
        "std": std,
        "preprocessing": preprocessing,
        "outputs": outputs,
        "entry": entry,
        "layers": layers,
    }
    first = repr(canonical(str(model))) if isinstance(model, (str, Path)) else "network"
    words = [f"{name}={value!r}" for name, value in given.items() if value is not None]
    return prepare(
        network,
        code=f"xai.load_model({', '.join([first, *words])})",
        class_names=listed(network.class_names) if names is None else names,
        device=device,
        entry=entry,
        layers=layers,
    )
