"""The evaluation pass: what a network says of pictures, without leaving a trace in its training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from xai_core.types import FloatArray, IntArray

Batch = tuple[torch.Tensor, torch.Tensor]
Batches = Iterable[Batch]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a network says of N pictures.

    Attributes
    ----------
    labels, predictions : ndarray
        int64 (N,).
    p_predicted, p_true : ndarray
        float32 (N,).
    loss : float
        Mean cross-entropy in nats.
    accuracy : float
        In [0, 1].
    """

    labels: IntArray
    predictions: IntArray
    p_predicted: FloatArray
    p_true: FloatArray
    loss: float
    accuracy: float


def of_logits(logits: torch.Tensor, labels: torch.Tensor) -> Evaluation:
    """An evaluation from outputs (N, K) and classes (N,).

    Parameters
    ----------
    logits : torch.Tensor
        (N, K).
    labels : torch.Tensor
        (N,), the true classes.

    Returns
    -------
    Evaluation
    """
    outputs, wanted = logits.detach().float().cpu(), labels.detach().long().cpu()
    p = outputs.softmax(1)
    predictions = outputs.argmax(1)
    return Evaluation(
        wanted.numpy(),
        predictions.numpy(),
        p.gather(1, predictions[:, None])[:, 0].numpy(),
        p.gather(1, wanted[:, None])[:, 0].numpy(),
        float(F.cross_entropy(outputs, wanted)),
        float(np.mean((predictions == wanted).numpy())),
    )


@contextmanager
def untouched(net: nn.Module) -> Iterator[None]:
    """Eval mode inside; every module's mode and the random numbers to come are as before after it."""
    modes = {module: module.training for module in net.modules()}
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices):
        net.eval()
        try:
            yield
        finally:
            for module, mode in modes.items():
                module.training = mode


@contextmanager
def same_order(batches: object) -> Iterator[None]:
    """A loader's own generator, which may be shared with the training's loader, is as before after it."""
    generator = getattr(batches, "generator", None)
    state = generator.get_state() if isinstance(generator, torch.Generator) else None
    try:
        yield
    finally:
        if isinstance(generator, torch.Generator) and state is not None:
            generator.set_state(state)


def outputs(net: nn.Module, batches: Batches) -> Batch:
    """Outputs (N, K) and classes (N,) of batches of (inputs, classes) that are ready for the network, apart from
    their device and precision.

    Of a network that gives an object with `logits`, as those of Hugging Face do, these are taken.

    Parameters
    ----------
    net : torch.nn.Module
        Its mode is as before afterwards.
    batches : Batches
        Of (inputs, classes).

    Returns
    -------
    tuple of torch.Tensor
        Outputs float32 (N, K), classes int64 (N,).
    """
    like = next((p for p in net.parameters() if p.is_floating_point()), torch.zeros(1))
    logits, labels = [], []
    with same_order(batches), untouched(net), torch.no_grad():
        for inputs, wanted in batches:
            found = net(inputs.to(like.device, like.dtype if inputs.is_floating_point() else None))
            logits.append(getattr(found, "logits", found).detach().float().cpu())
            labels.append(wanted.detach().long().cpu())
    return torch.cat(logits), torch.cat(labels)


def evaluate(net: nn.Module, batches: Batches) -> Evaluation:
    """`outputs`, judged.

    Parameters
    ----------
    net : torch.nn.Module
        Its mode is as before afterwards.
    batches : Batches
        Of (inputs, classes).

    Returns
    -------
    Evaluation
    """
    return of_logits(*outputs(net, batches))
