"""Tries a network out on noise pictures: what it answers, what that means, and whether it can be differentiated."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from xai_core.errors import ModelError, Unanswered
from xai_core.models.forward import Ran, answer_of, is_random, run_once
from xai_core.models.kinds import MAX_CLASSES, Network
from xai_core.models.locality import noise
from xai_core.models.outputs import Entry, Reading, computes, contradicts, detect, find_entry, rows_of
from xai_core.types import OUTPUTS, Outputs, Preprocessing

TRIED = 2  # pictures of a trial: two tell the batch from other axes
_IN_WORDS = {1: "one channel", 3: "three channels"}


@dataclass(frozen=True)
class Tried:
    """What a trial shows.

    Attributes
    ----------
    reading : Reading
        What is read of the network's answer.
    classes : int
        K.
    needs_graph : bool
        Whether it runs only where gradients are recorded.
    why : str
        Why no gradients can be taken; empty where they can.
    relu : bool
        Whether a ReLU stands between picture and output.
    notes : tuple of str
        What was found or assumed, a sentence each.
    """

    reading: Reading
    classes: int
    needs_graph: bool
    why: str
    relu: bool
    notes: tuple[str, ...]


def example(preprocessing: Preprocessing, n: int) -> torch.Tensor:
    """Preprocessed noise, float32 (n, C, H, W): like pictures as far as the network can tell."""
    high, wide = preprocessing.size
    if not preprocessing.takes_pictures:
        return noise((n, len(preprocessing.channels), high, wide), seed=1)
    pixels = noise((n, 3, high, wide), seed=1).mul(64).add(128).clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    return torch.from_numpy(np.stack([preprocessing.scale(picture) for picture in pixels]))


def _takes(net: nn.Module, preprocessing: Preprocessing) -> bool:
    tensor = next((one for one in net.parameters() if one.is_floating_point()), torch.zeros(()))
    try:
        run_once(net.eval(), example(preprocessing, TRIED).to(tensor.device, tensor.dtype))
    except Exception:  # whatever a network raises
        return False
    return True


def fitting_channels(net: nn.Module, preprocessing: Preprocessing) -> Preprocessing:
    """The preprocessing of a network of one's own, with as many channels as its first convolution takes.

    Parameters
    ----------
    net : torch.nn.Module
        The network.
    preprocessing : Preprocessing
        Of three channels, whose mean and std are those of all others where their number differs.
    """
    first = next((module for module in net.modules() if isinstance(module, nn.Conv2d)), None)
    if first is None or first.in_channels == len(preprocessing.channels) or _takes(net, preprocessing):
        return preprocessing
    n = first.in_channels
    mean, std = (round(float(np.mean(values)), 3) for values in (preprocessing.mean, preprocessing.std))
    return replace(preprocessing, channels="L" if n == 1 else "?" * n, mean=(mean,) * n, std=(std,) * n)


def _ran(net: nn.Module, inputs: torch.Tensor, title: str) -> Ran:
    try:
        return run_once(net, inputs)
    except Unanswered:
        raise
    except MemoryError as error:
        raise ModelError(f"{title} {error}.") from error
    except Exception as error:  # a network may raise anything; ViT asserts its size
        high, wide = inputs.shape[2:]
        channels = _IN_WORDS.get(inputs.shape[1], f"{inputs.shape[1]} channels")
        raise ModelError(
            f"{title} does not take pictures of {high} x {wide} pixels in {channels}: {error or type(error).__name__}"
        ) from error


def _outputs(given: str | None, raw: torch.Tensor, title: str) -> tuple[Outputs, str]:
    if given is None:
        return detect(raw)
    if given not in OUTPUTS:
        raise ModelError(
            f"The outputs of a classifier are one of {', '.join(OUTPUTS)}; got {given!r}. Numbers that are no "
            "scores of classes, as a regression gives them, cannot be explained here."
        )
    if OUTPUTS[given].single != (raw.shape[1] == 1):
        raise ModelError(f"{title} has {raw.shape[1]} outputs, so they cannot be {OUTPUTS[given].title.lower()!r}.")
    if why := contradicts(raw, given):
        raise ModelError(f"The outputs of {title} cannot be {OUTPUTS[given].title.lower()}: {why}.")
    return OUTPUTS[given], ""


def _of_behaviour(first: torch.Tensor, second: torch.Tensor, title: str) -> str:
    """What has to be said of two answers (N, K) to the same pictures; empty where they are numbers, and the same."""
    if bool(torch.isnan(first).any()):
        return f"{title} answers NaN to noise pictures. Where it does so to a picture, nothing is explained."
    if is_random(first, second):
        return (
            f"{title} draws random numbers at each call: it answers the same picture differently every time, and "
            "so do maps of it differ. Look for dropout that is always on, such as F.dropout without training=."
        )
    return ""


def _is_quantised(net: nn.Module) -> bool:
    """Whether a module computes in whole numbers, which have no gradient; torch only warns of that."""
    return any("quantized" in type(module).__module__ for module in net.modules())


def _with_gradients(network: Network, inputs: torch.Tensor, entry: Entry) -> tuple[torch.Tensor | None, str]:
    """The rows of outputs with their graph, or why there is none."""
    if not network.differentiable:
        return None, "it is a black box."
    if _is_quantised(network.net):
        return None, "its weights are quantised. Load the network from before the quantisation."
    try:
        with torch.enable_grad():
            raw = rows_of(answer_of(network.net, inputs, True), entry, network.title)
    except Exception as error:  # a network may raise anything
        return None, str(error) or type(error).__name__
    return (raw, "") if raw.requires_grad else (None, "no operation on the way from picture to output has one.")


def try_out(network: Network, inputs: torch.Tensor, entry: Entry = None) -> Tried:
    """Run a network, in eval mode and frozen, on pictures.

    Parameters
    ----------
    network : Network
        With what its source knows of it.
    inputs : (N, C, H, W)
        At least two preprocessed pictures, in the network's precision.
    entry : str or int, optional
        Which part of an answer with several holds the outputs; None finds it.

    Raises
    ------
    ModelError
        If it does not run, or gives no rows of outputs.
    """
    net, title = network.net, network.title
    ran = _ran(net, inputs, title)
    answer, needs_graph = ran.answer, ran.needs_graph
    entry = find_entry(answer, len(inputs), title) if entry is None else entry
    plain = rows_of(answer, entry, title)
    if len(plain) != len(inputs):
        raise ModelError(
            f"{title} gives {len(plain)} rows for {len(inputs):,} pictures; a classifier gives one row of outputs a "
            "picture, (N, classes)."
        )
    if plain.shape[1] > MAX_CLASSES:
        raise ModelError(f"{title} gives {plain.shape[1]:,} outputs a picture; at most {MAX_CLASSES:,} are taken.")
    raw, why = _with_gradients(network, inputs, entry)
    outputs, assumed = _outputs(network.outputs, plain if raw is None else raw, title)
    reading = Reading(outputs, entry, title)
    again = rows_of(run_once(net, inputs).answer, entry, title) if raw is None else raw.detach()
    notes = [assumed, _of_behaviour(plain.detach(), again, title)]
    classes = 2 if outputs.single else plain.shape[1]
    relu = raw is not None and computes(raw, "ReluBackward")
    return Tried(reading, classes, needs_graph, why, relu, tuple(note for note in notes if note))
