"""Makes a `Classifier` of a network: checks it, freezes it, moves it, tries it out, finds its layers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import torch
from torch import nn

from xai_core.errors import LayerError, ModelError
from xai_core.models.attention import attention_modules
from xai_core.models.class_names import complete
from xai_core.models.forward import Asking, seeded
from xai_core.models.kinds import Network
from xai_core.models.layers import Probe, probe
from xai_core.models.trial import TRIED, example, try_out
from xai_core.types import Classifier, Preprocessing
from xai_core.types.layers import StatedAxes, parse_axes

_SHOWN = 80  # letters of a device that messages repeat
_LOW = (torch.float16, torch.bfloat16)


def best_device() -> torch.device:
    """The accelerator where there is one, else the CPU."""
    if torch.accelerator.is_available():
        device = torch.accelerator.current_accelerator()
        if device is not None:
            return device
    return torch.device("cpu")


def content_id(net: nn.Module, preprocessing: Preprocessing, besides: str = "") -> str:
    """16 hex digits of the SHA-256 of the preprocessing, the modules and every tensor of the state, by name.

    Parameters
    ----------
    net : torch.nn.Module
        The network.
    preprocessing : Preprocessing
        Of its pictures.
    besides : str
        What else its answers and maps depend on.
    """
    digest = hashlib.sha256(f"{preprocessing!r}\n{net!r}{besides}".encode())
    for name, tensor in _tensors(net):
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        plain = tensor.dequantize() if tensor.is_quantized else tensor
        digest.update(plain.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data)
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


def device_of(asked: torch.device | str | None) -> torch.device:
    """The device that was asked for, on which numbers can be kept; the best one where none was.

    Parameters
    ----------
    asked : torch.device or str, optional

    Returns
    -------
    torch.device

    Raises
    ------
    ModelError
        If there is no such device here; the message names those that there are.
    """
    if asked is None:
        return best_device()
    try:
        found = torch.device(asked)
        torch.zeros(1, device=found).cpu()  # "meta" keeps none
    except Exception as error:  # no such kind, not in this build of torch, no driver, no such number: a dozen kinds
        there = " or ".join(dict.fromkeys(["cpu", best_device().type]))
        raise ModelError(f"There is no device {str(asked)[:_SHOWN]!r} on this computer. Choose {there}.") from error
    return found


def _precision(net: nn.Module) -> tuple[torch.dtype, str]:
    """What a network computes in here, and a sentence where that is not what its weights are stored in."""
    stored = {tensor.dtype for _, tensor in _tensors(net) if tensor.is_floating_point()}
    low = [dtype for dtype in _LOW if dtype in stored]
    if torch.float64 in stored:
        return torch.float64, ""
    if low:
        name = str(low[0]).removeprefix("torch.")
        return torch.float32, f"Its weights are stored in {name}. They are computed with in single precision here."
    return torch.float32, ""


def prepare(
    network: Network,
    *,
    class_names: Sequence[str] | None = None,
    device: torch.device | str | None = None,
    entry: str | int | None = None,
    layers: Mapping[str, str] | None = None,
    code: str = "",
) -> Classifier:
    """Freeze a network (which is changed), try it out, and describe it.

    Parameters
    ----------
    network : Network
        With what its source knows of it; `network.net` is changed.
    class_names : Sequence[str], optional
        K names; None numbers them.
    device : torch.device or str, optional
        None takes an accelerator where there is one.
    entry : str or int, optional
        Which part of an answer with several holds the outputs; None finds it.
    layers : Mapping of str to str, optional
        Axes of layers, as `parse_axes` reads them, that go before what is found.
    code : str
        The expression that gives it again.

    Returns
    -------
    Classifier

    Raises
    ------
    ModelError
        If its weights are not finite, if it does not take (N, C, H, W) or give (N, K), or if the number of
        class names is not K.
    LayerError
        If a layer in `layers` is not there, or its output has not these axes.
    """
    net, title, preprocessing = network.net, network.title, network.preprocessing
    _check_finite(net, title)
    stated = {name: parse_axes(text) for name, text in (layers or {}).items()}
    where = device_of(device)
    dtype, said = _precision(net)
    for parameter in net.parameters():  # one by one: compiled modules have no requires_grad_
        parameter.requires_grad_(False)
    net = net.eval().to(where, dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
    inputs = example(preprocessing, TRIED).to(where, dtype, memory_format=torch.channels_last)
    tried = try_out(network, inputs, entry)
    reading, found, why = tried.reading, Probe((), {"stages": (), "blocks": ()}, 4 * inputs[0].numel()), tried.why
    names = complete(class_names, reading.outputs, tried.classes, title)
    if not why:
        try:
            found = probe(net, inputs, read=reading, ask=seeded(net, tried.needs_graph), stated=stated)
        except Exception as error:  # of a backward pass, or of a network that minds being watched
            why = str(error) or type(error).__name__
    _require_layers(found, stated, title)
    blind = f"No gradients can be taken of {title}, so only methods that need none explain it: {why}" if why else ""
    notes = [*network.notes, said, *tried.notes, blind, *found.notes]
    besides = f"{reading.outputs.key}{reading.entry or ''}{sorted((layers or {}).items())}"
    return Classifier(
        key=network.key,
        title=title,
        net=net,
        class_names=names,
        wnids=tuple(network.wnids) if network.wnids is not None else None,
        preprocessing=preprocessing,
        layers=found.layers,
        groups=found.groups,
        device=where,
        id=content_id(net, preprocessing, "" if besides == "logits[]" else besides),
        bytes_per_picture=found.bytes_per_picture,
        forward=Asking(reading, dtype, tried.needs_graph),
        code=code,
        differentiable=not why,
        notes=tuple(note for note in notes if note),
        attention=attention_modules(net),
        relu=tried.relu,
        size_assumed=network.size_assumed,
    )


def _require_layers(found: Probe, stated: Mapping[str, StatedAxes], title: str) -> None:
    there = {layer.name: layer for layer in found.layers}
    for name, one in stated.items():
        if name not in there or there[name].axes != one.axes:
            raise LayerError(f"The layer {name!r} of {title} gives no map with the axes {one.axes}.")
