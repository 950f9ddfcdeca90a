"""How a network is asked: in its own precision, with the graph that it may need, its answer read as scores."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from xai_core.models.outputs import Reading
from xai_core.types import Outputs


@dataclass(frozen=True)
class Asking:
    """From inputs to scores.

    Attributes
    ----------
    reading : Reading
        What is read of the network's answer.
    dtype : torch.dtype
        What the network computes in.
    needs_graph : bool
        Whether it runs only where gradients are recorded, as one does that sets hooks on gradients in its forward pass.
    """

    reading: Reading
    dtype: torch.dtype = torch.float32
    needs_graph: bool = False

    @property
    def outputs(self) -> Outputs:
        """What the network's outputs are."""
        return self.reading.outputs

    def __call__(self, net: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs (N, C, H, W) -> scores (N, K)."""
        return self.reading(answer_of(net, inputs.to(self.dtype), self.needs_graph))


def answer_of(net: nn.Module, inputs: torch.Tensor, needs_graph: bool) -> Any:
    """What a network answers, with gradients recorded where it would else fail."""
    with torch.enable_grad() if needs_graph else nullcontext():
        if needs_graph and not inputs.requires_grad:
            inputs = inputs.detach().requires_grad_().clone()  # a network may overwrite its input
        return net(inputs)


def seeded(net: nn.Module, needs_graph: bool, seed: int = 0) -> Callable[[torch.Tensor], Any]:
    """Runs a network with the same chance each time; torch's own generators stay as they were."""

    def ask(inputs: torch.Tensor) -> Any:
        devices = [inputs.device] if inputs.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed)
            return answer_of(net, inputs, needs_graph)

    return ask


@dataclass(frozen=True)
class Ran:
    """What a first forward pass shows.

    Attributes
    ----------
    answer : object
        The network's own.
    needs_graph : bool
        Whether it runs only where gradients are recorded.
    """

    answer: Any
    needs_graph: bool


def run_once(net: nn.Module, inputs: torch.Tensor) -> Ran:
    """Run a network on a batch, with gradients recorded only if it fails without.

    Raises
    ------
    Exception
        Whatever the network raises.
    """
    try:
        with torch.no_grad():
            return Ran(net(inputs.clone()), False)
    except RuntimeError as error:
        if "require" not in str(error):
            raise
        return Ran(answer_of(net, inputs, True), True)


def is_random(first: torch.Tensor, second: torch.Tensor) -> bool:
    """Whether two answers to the same pictures differ by more than sums in another order make."""
    largest = float(first.abs().nan_to_num().max())
    return not torch.allclose(first, second, rtol=1e-4, atol=1e-5 * largest, equal_nan=True)
