"""A network with ever more of its weights random, from the output down to the input."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from xai_core.errors import ModelError
from xai_core.turns import Turns
from xai_core.types import Classifier

Randomised = tuple[str, float, Classifier]  # module reached, share of the parameters, the classifier
# Modules draw their first weights from torch's one generator of the CPU, which two threads would else seed in turns.
_drawing = threading.Lock()


@dataclass(frozen=True)
class _Step:
    """Modules that lose what they learned together.

    Attributes
    ----------
    reached : str
        Dotted name of the one nearest to the input.
    modules : tuple of str
        Dotted names, from the output down.
    first : int
        How many modules lost it before.
    share : float
        Of all parameters, how many have lost it after this step, in [0, 1].
    """

    reached: str
    modules: tuple[str, ...]
    first: int
    share: float


def _own(module: nn.Module) -> list[nn.Parameter]:
    return list(module.parameters(recurse=False))


def _reset(module: nn.Module) -> Callable[[], object] | None:
    """The module's own way to its first weights; attention's has an underscore."""
    return getattr(module, "reset_parameters", None) or getattr(module, "_reset_parameters", None)


def _last_calls(model: Classifier, inputs: torch.Tensor) -> dict[str, int]:
    """When each module that runs finished for the last time, by dotted name."""
    calls: dict[str, int] = {}
    turn = 0

    def remember(name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: Any, _output: Any) -> None:
            nonlocal turn
            turn += 1
            calls[name] = turn

        return hook

    handles = [module.register_forward_hook(remember(name)) for name, module in model.net.named_modules() if name]
    try:
        model.scores(inputs)
    finally:
        for handle in handles:
            handle.remove()
    return calls


def _from_the_output(model: Classifier, inputs: torch.Tensor) -> tuple[list[str], list[str]]:
    """Names of the modules that learned something: those with a place in the cascade from the top, and the others.

    What never runs by itself, since another module reads its weights (Swin's attention does), stands where that one
    does. Without a place are parameters of containers (class tokens, positional embeddings) and what the network
    reads from its root or not at all.
    """
    calls = _last_calls(model, inputs)
    placed: dict[str, int] = {}
    others = []
    for name, module in model.net.named_modules():
        reset, leaf = _reset(module), next(module.children(), None) is None
        # Normalisation without weights still has statistics that it learned.
        if not _own(module) and not (leaf and reset and next(module.buffers(recurse=False), None) is not None):
            continue
        parts = name.split(".")
        above = (".".join(parts[:depth]) for depth in range(len(parts), 0, -1))
        turn = next((calls[one] for one in above if one in calls), None)
        if turn is None or not (leaf or reset):
            others.append(name)
        else:
            placed[name] = turn
    return sorted(placed, key=lambda name: -placed[name]), others


def plan_cascade(model: Classifier, net: nn.Module, steps: int) -> list[_Step]:
    """The steps of the cascade, at most as many as asked for."""
    shape = (1, len(model.preprocessing.channels), *model.preprocessing.size)
    inputs = torch.zeros(shape, dtype=model.forward.dtype, device=model.device)
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode(False), torch.no_grad():
        placed, others = _from_the_output(replace(model, net=net), inputs)
    if not placed and not others:
        raise ModelError(f"{model.title} has no weights, so there is nothing to randomise.")
    names = placed or others[-1:]
    others = others if placed else others[:-1]
    count = min(steps, len(names))
    # The first step takes the head alone, where there is more than one.
    cuts = [round(1 + step * (len(names) - 1) / (count - 1)) for step in range(count)] if count > 1 else [len(names)]
    total = sum(parameter.numel() for parameter in net.parameters())
    seen: dict[int, int] = {}  # tied weights count once
    found, start = [], 0
    for cut in cuts:
        last = cut == len(names)
        modules = (*names[start:cut], *(others if last else ()))
        for module in modules:
            seen |= {id(one): one.numel() for one in _own(net.get_submodule(module))}
        reached = names[cut - 1] or type(net).__name__
        found.append(_Step(reached, modules, start, sum(seen.values()) / total if total else float(last)))
        start = cut
    return found


def _randomise(module: nn.Module, device: torch.device, seed: int, place: int) -> None:
    """First weights, drawn from the seed and the module's place in the cascade, whatever the number of steps."""
    state = int(np.random.SeedSequence([seed, place]).generate_state(1, np.uint64)[0] >> 1)
    with _drawing, torch.random.fork_rng(devices=[]), torch.inference_mode(False), torch.no_grad():
        # On the CPU: the same weights on every device, and no other generator is touched.
        torch.default_generator.manual_seed(state)
        module.cpu()
        before = [parameter.clone() for parameter in _own(module)]
        if reset := _reset(module):
            reset()
        for parameter, old in zip(_own(module), before, strict=True):
            if torch.equal(parameter, old):
                parameter.copy_(old.flatten()[torch.randperm(old.numel())].view_as(old))
        module.to(device).eval().requires_grad_(False)


def copied(model: Classifier) -> nn.Module:
    """The trained network, apart from the shared one."""
    with model.lock, torch.inference_mode(False), torch.no_grad():
        return copy.deepcopy(model.net)


def cascade(model: Classifier, net: nn.Module, plan: list[_Step], seed: int) -> Iterator[Randomised]:
    for number, step in enumerate(plan, start=1):
        with torch.inference_mode(False), torch.no_grad():
            net = copy.deepcopy(net)  # those given before stay as they were
        for place, name in enumerate(step.modules, start=step.first):
            _randomise(net.get_submodule(name), model.device, seed, place)
        one = replace(model, net=net, id=f"{model.id}-random-{seed}-{number}", code="", lock=Turns())
        yield step.reached, step.share, one


def require_numbers(steps: int, draws: int, seed: int) -> None:
    if steps < 1 or draws < 1 or seed < 0:
        raise ValueError(
            f"It takes at least one step and one draw, and a seed of 0 or more; got {steps}, {draws} and {seed}."
        )


def randomised(model: Classifier, *, steps: int = 6, seed: int = 0) -> Iterator[Randomised]:
    """The classifier with ever more of its weights random, from the output down to the input.

    The cascading randomisation of Adebayo et al. (arXiv 1810.03292, section 3). The first step takes the last module
    with weights alone (the classifier's head), the last one leaves nothing trained, and those between take even
    numbers of modules, in the order in which they run; one that runs several times stands where it runs last.
    Parameters of containers (class tokens, positional embeddings) go in the last step.

    A module starts anew by its own `reset_parameters`, which is how untrained networks begin; batch normalisation
    forgets its running statistics too. Weights that this leaves as they were, or that have no such method, are
    shuffled. Signals shrink on their way through such a network, but not beyond float32: the bundled models give
    finite maps with contrast at every step.

    Parameters
    ----------
    model : Classifier
        It is copied under its lock and stays as it is.
    steps : int
        At least 1; fewer where the network has fewer modules with weights.
    seed : int
        0 or more; the same one gives the same weights on every device. torch's own generators stay as they were.

    Yields
    ------
    name : dotted name of the module that is reached
    share : of the parameters that are random now, in (0, 1]
    classifier : a copy of its own, with an own lock, and an id that no cache takes for the model's

    Raises
    ------
    ValueError
        If there is no step, or if the seed is negative.
    ModelError
        If the network has no weights.
    """
    require_numbers(steps, 1, seed)
    net = copied(model)
    return cascade(model, net, plan_cascade(model, net, steps), seed)
