"""What one forward and one backward pass show of a network's modules: outputs, order, and which lie on the trunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from xai_core.models.axes import first_tensor

Vertex = tuple[Any, int]  # a node of the graph of gradients, and which of its outputs


@dataclass
class Trace:
    """What modules gave in one forward pass.

    Attributes
    ----------
    order : list of str
        Names in the order in which modules finish.
    shapes : dict
        Name -> shape of what it gave, of those that gave a floating-point tensor.
    identities : dict
        Name -> id of that tensor: those that hand on what they were given share it.
    calls : Counter
        How often each ran.
    vertices : dict
        Name -> where its output stands in the graph of gradients.
    gradients : dict
        Name -> gradient of the scores there, once it has been taken.
    elements : int
        Numbers in all outputs.
    """

    order: list[str] = field(default_factory=list)
    shapes: dict[str, torch.Size] = field(default_factory=dict)
    identities: dict[str, int] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    vertices: dict[str, Vertex] = field(default_factory=dict)
    gradients: dict[str, torch.Tensor] = field(default_factory=dict)
    elements: int = 0
    _kept: dict[int, torch.Tensor] = field(default_factory=dict)  # an id is somebody else's once a tensor has gone

    def note(self, name: str, output: Any) -> None:
        """Remember what a module gave."""
        self.calls[name] += 1
        self.order.append(name)
        tensor = first_tensor(output)
        if tensor is None or not tensor.is_floating_point():
            return
        if id(tensor) not in self._kept:
            self.elements += tensor.numel()
            self._kept[id(tensor)] = tensor
        elif tensor is not output:  # a part of several that another module gave
            return
        self.shapes[name], self.identities[name] = tensor.shape, id(tensor)
        if tensor.requires_grad:
            self.vertices[name] = (tensor.grad_fn, tensor.output_nr)
            tensor.register_hook(self._keep_gradient(name))

    def _keep_gradient(self, name: str) -> Callable[[torch.Tensor], None]:
        def keep(gradient: torch.Tensor) -> None:
            self.gradients[name] = gradient

        return keep

    def seen(self, tensor: torch.Tensor) -> None:
        """Let no module that hands on this tensor as one of several count as its maker."""
        self._kept[id(tensor)] = tensor

    def done(self) -> None:
        """Release the tensors."""
        self._kept.clear()


@contextmanager
def watched(net: nn.Module, note: Callable[[str, Any], None]) -> Iterator[None]:
    """Tell of each module's output; the hooks are taken off whatever happens."""

    def remember(name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            note(name, output)

        return hook

    handles = [module.register_forward_hook(remember(name)) for name, module in net.named_modules() if name]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def on_every_path(scores: torch.Tensor, inputs: torch.Tensor, vertices: dict[str, Vertex]) -> set[str]:
    """Names of the modules whose output everything passes through between the inputs and the scores.

    An output lies on the trunk if as many paths run through it as there are in all: paths from the scores down to it,
    times those from it to the inputs.

    Parameters
    ----------
    scores : torch.Tensor
        With a graph.
    inputs : torch.Tensor
        A leaf that requires gradients.
    vertices : dict
        Name -> where its output stands in the graph.
    """
    root = scores.grad_fn
    if root is None:
        return set()
    order = _downward(root)
    leaf = {node: int(getattr(node, "variable", None) is inputs) for node in order}
    below: dict[Any, int] = {}
    for node in reversed(order):
        below[node] = leaf[node] or sum(below[after] for after, _ in node.next_functions if after is not None)
    through: Counter[Any] = Counter({root: 1})  # paths from the scores to a node
    reaching: Counter[Vertex] = Counter({(root, scores.output_nr): 1})  # and to one of its outputs
    for node in order:
        for after, number in node.next_functions:
            if after is not None:
                through[after] += through[node]
                reaching[after, number] += through[node]
    in_all = below[root]
    if not in_all:
        return set()
    return {
        name
        for name, (node, number) in vertices.items()
        if node in below and reaching[node, number] * below[node] == in_all
    }


def _downward(root: Any) -> list[Any]:
    """Nodes of a graph, each before those that it leads to."""
    done: list[Any] = []
    visited: set[Any] = set()
    pending: list[tuple[Any, bool]] = [(root, False)]
    while pending:
        node, left = pending.pop()
        if left:
            done.append(node)
        elif node not in visited:
            visited.add(node)
            pending.append((node, True))
            pending += [
                (after, False) for after, _ in node.next_functions if after is not None and after not in visited
            ]
    return done[::-1]
