"""Explains a zoo of networks with seeded weights, and works out each map a second time by hand: `make zoo`.

For every layer that is offered the Grad-CAM of the library is compared with one from a plain hook and one gradient.
Where the library's documentation says how a stage's output is laid out, so must what was found. The table goes to
`docs/zoo.md`; the exit status is 1 if a map differs.
"""

from __future__ import annotations

import itertools
import multiprocessing
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from zoo_networks import Entry, entries

import xai_core as xai

TABLE = Path(__file__).parent.parent / "docs" / "zoo.md"
TOLERANCE = 1e-5  # of a map's largest value; maps are given in single precision, all else is in double
LAYERS = 40  # compared at most, spread evenly over those that are offered
HEAD = """# Networks that were tried

Layers that are offered for a network are explained by the library's Grad-CAM and a second time by hand, with one hook
and one gradient. The weights are seeded and untrained: what is tried is where a layer's axes stand, not what it shows.
"Worst difference" is relative to a map's largest value. Written by `make zoo`.

| network | from | parameters | stages found | layers | worst difference | notes |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    entry: Entry
    parameters: int
    stages: str
    layers: int
    worst: float
    note: str

    @property
    def good(self) -> bool:
        """Whether all maps agree and the stages are laid out as documented."""
        return self.worst <= TOLERANCE and not self.note

    def __str__(self) -> str:
        million = f"{self.parameters / 1e6:.2f} M"
        worst = f"{self.worst:.0e}" if np.isfinite(self.worst) else "–"
        cells = (self.entry.name, self.entry.library, million, self.stages, str(self.layers), worst, self.note)
        return f"| {' | '.join(cells)} |"


def built(entry: Entry) -> nn.Module:
    """The network, its weights seeded and none of them zero, as the last layer's often are at first."""
    torch.manual_seed(0)
    net = entry.build().eval().double()  # so that what differs is no rounding
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.ndim <= 1 or not parameter.any():
                parameter.add_(0.02 * torch.randn(parameter.shape))
    return net


def _first(output: object) -> torch.Tensor:
    """The first tensor of a layer's answer."""
    while not isinstance(output, torch.Tensor):
        output = next(iter(output.values())) if hasattr(output, "values") else output[0]
    return output


def by_hand(net: nn.Module, layers: Sequence[xai.Layer], inputs: torch.Tensor) -> dict[str, np.ndarray]:
    """Grad-CAM (h, w) of the first class at some modules: a hook each, one gradient, and the axes as a word says."""
    kept: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Callable[..., object]:
        def hook(_module: nn.Module, _inputs: object, output: object) -> object:
            kept[name] = _first(output)
            # What follows may overwrite it in place.
            return output.clone() if isinstance(output, torch.Tensor) else output

        return hook

    handles = [net.get_submodule(layer.name).register_forward_hook(keep(layer.name)) for layer in layers]
    try:
        answer = net(inputs.clone().requires_grad_())
    finally:
        for handle in handles:
            handle.remove()
    logits = answer if isinstance(answer, torch.Tensor) else answer.logits
    gradients = torch.autograd.grad(logits[0, 0], [kept[layer.name] for layer in layers])
    return {
        layer.name: _map(kept[layer.name][0].detach(), gradient[0], str(layer.axes), layer.size)
        for layer, gradient in zip(layers, gradients, strict=True)
    }


def _map(activation: torch.Tensor, gradient: torch.Tensor, axes: str, grid: tuple[int, int]) -> np.ndarray:
    """Grad-CAM (h, w) of one picture's activation and gradient."""
    order, _, front = axes.partition("+")
    if order == "NCHW":
        return (activation * gradient.mean((1, 2), keepdim=True)).sum(0).numpy()
    if order == "NHWC":
        return (activation * gradient.mean((0, 1), keepdim=True)).sum(2).numpy()
    if order == "NCT":
        activation, gradient = activation.T, gradient.T
    high, wide = grid
    rows = slice(int(front or 0), int(front or 0) + high * wide)
    return (activation[rows] * gradient[rows].mean(0)).sum(1).reshape(high, wide).numpy()


def tried(entry: Entry) -> Row:
    """Load a network and compare its maps."""
    net = built(entry)
    parameters = sum(parameter.numel() for parameter in net.parameters())
    try:
        model = xai.load_model(net, input_size=entry.size, device="cpu")
        stages = model.select("stages")
    except xai.XaiError as error:
        return Row(entry, parameters, "refused", 0, float("nan"), str(error).replace("|", "/"))
    inputs = torch.randn(1, 3, entry.size, entry.size, generator=torch.Generator().manual_seed(1))
    inputs = inputs.double().contiguous(memory_format=torch.channels_last)
    step = -(-len(model.layers) // LAYERS)
    chosen = dict.fromkeys([*(layer.name for layer in stages), *(layer.name for layer in model.layers[::step])])
    maps = xai.grad_cam(model, inputs, layers=list(chosen), targets=0)
    right = by_hand(model.net, model.select(list(chosen)), inputs)
    worst = max(
        float(np.abs(maps[name][0] - right[name]).max() / max(float(np.abs(right[name]).max()), 1e-30))
        for name in right
    )
    sizes = ", ".join(f"{layer.size[0]} × {layer.size[1]}" for layer in stages)
    last = str(stages[-1].axes)
    note = f"laid out as {last}, documented {entry.axes}" if last != entry.axes else ""
    return Row(entry, parameters, f"{sizes} ({stages[-1].axes})", len(model.layers), worst, note)


def row_of(number: int) -> Row:
    """The row of a network by its place among the entries."""
    warnings.simplefilter("ignore")
    entry = next(itertools.islice(entries(), number, None))
    try:
        return replace(tried(entry), entry=entry.plain())
    except Exception as error:  # a version of a library that builds this network in another way
        note = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        return Row(entry.plain(), 0, "not built", 0, float("nan"), note)


def main(names: list[str]) -> int:
    """Try those whose name holds one of the words, or all, and write the table of all.

    Each network has a process of its own, since dozens of them in double precision in one leave no memory.
    """
    wanted = [
        number
        for number, entry in enumerate(entries())
        if not names or any(word in (entry.library, entry.name) for word in names)
    ]
    rows = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        for number in wanted:
            started = time.perf_counter()
            row = pool.submit(row_of, number).result()
            rows.append(row)
            print(f"{time.perf_counter() - started:6.1f} s  {'good' if row.good else 'LOOK'}  {row}", flush=True)
    if not names:
        good = sum(row.good for row in rows)
        lines = "\n".join(str(row) for row in rows)
        TABLE.write_text(f"{HEAD}{lines}\n\n{good} of {len(rows)} agree.\n", encoding="utf-8")
    return int(any(row.worst > TOLERANCE for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
