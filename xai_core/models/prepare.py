"""Makes a `Classifier` of a network: checks it, freezes it, moves it, finds its layers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import torch
from torch import nn

from xai_core.errors import ModelError
from xai_core.models.layers import probe
from xai_core.types import Classifier, Preprocessing


def best_device() -> torch.device:
    """The accelerator where there is one, else the CPU."""
    if torch.accelerator.is_available():
        device = torch.accelerator.current_accelerator()
        if device is not None:
            return device
    return torch.device("cpu")


def content_id(net: nn.Module, preprocessing: Preprocessing) -> str:
    """16 hex digits of the SHA-256 of the preprocessing, the modules and every tensor of the state, by name."""
    digest = hashlib.sha256(f"{preprocessing!r}\n{net!r}".encode())
    for name, tensor in _tensors(net):
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()[:16]


def _tensors(net: nn.Module) -> list[tuple[str, torch.Tensor]]:
    """The tensors of the state, by name; a module may keep other things in it."""
    return sorted((k, v) for k, v in net.state_dict().items() if isinstance(v, torch.Tensor))


def _check_finite(net: nn.Module, title: str) -> None:
    for name, tensor in _tensors(net):
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise ModelError(
                f"{title} cannot be used: its tensor {name!r} holds NaN or infinite values, so every answer "
                "would be NaN. The training probably diverged; take a checkpoint from before it did."
            )


def prepare(
    net: nn.Module,
    *,
    key: str,
    title: str,
    preprocessing: Preprocessing,
    class_names: Sequence[str] | None = None,
    wnids: Sequence[str] | None = None,
    device: torch.device | str | None = None,
    code: str = "",
) -> Classifier:
    """Freeze `net` (which is changed) and describe it; `code` is the expression that gives it again.

    Parameters
    ----------
    net : torch.nn.Module
        Pictures float32 (N, 3, S, S) -> logits (N, K); it is changed.
    key : str
        Its name in code.
    title : str
        Its name for people.
    preprocessing : Preprocessing
        Of its pictures.
    class_names : Sequence[str], optional
        K names; None numbers them.
    wnids : Sequence[str], optional
        K WordNet ids.
    device : torch.device or str, optional
        None takes an accelerator where there is one.
    code : str
        The expression that gives it again.

    Returns
    -------
    Classifier

    Raises
    ------
    ModelError
        If its weights are not finite, if it does not take (1, 3, S, S) or give (1, K), or if the number of
        class names is not K.
    """
    _check_finite(net, title)
    try:
        where = torch.device(device) if device is not None else best_device()
    except RuntimeError as error:
        raise ModelError(f'There is no device {device!r}: try "cpu" or "cuda".') from error
    net = net.eval().requires_grad_(False).to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    size = preprocessing.crop
    inputs = torch.zeros(1, 3, size, size, device=where).to(memory_format=torch.channels_last)
    try:
        found = probe(net, inputs)
    except Exception as error:  # a network may raise anything; ViT asserts its size
        raise ModelError(
            f"{title} does not take pictures of {size} x {size} pixels in three channels: {error}"
        ) from error
    logits = found.logits
    if not isinstance(logits, torch.Tensor) or logits.ndim != 2 or len(logits) != 1:
        shape = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
        raise ModelError(f"{title} gives {shape} for one picture; a classifier gives one row of outputs, (1, classes).")
    count = logits.shape[1]
    names = tuple(class_names) if class_names is not None else tuple(f"class {i}" for i in range(count))
    if len(names) != count:
        raise ModelError(f"{title} has {count} outputs, but {len(names)} class names were given.")
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if repeated:
        raise ModelError(f"The class name {repeated[0]!r} is given twice; every class needs a name of its own.")
    return Classifier(
        key=key,
        title=title,
        net=net,
        class_names=names,
        wnids=tuple(wnids) if wnids is not None else None,
        preprocessing=preprocessing,
        layers=found.layers,
        groups=found.groups,
        layout=found.layout,
        device=where,
        id=content_id(net, preprocessing),
        bytes_per_picture=found.bytes_per_picture,
        code=code,
    )
