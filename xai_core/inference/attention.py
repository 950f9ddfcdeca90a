"""The attention of a transformer's blocks, post-softmax, as part of the graph that its scores come from.

Fused attention never makes the matrix. Where it is read, the plain form is computed in its place, under the model's
lock, and the fused one is back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from xai_core.errors import LayerError
from xai_core.inference.batches import Batches, Pictures, Progress, Targets, gradients, resolve_targets
from xai_core.inference.input_gradients import chosen_classes
from xai_core.inference.prediction import to_predictions
from xai_core.models.attention import is_timms, is_torchs
from xai_core.models.axes import scaled_grid
from xai_core.types import Classifier, Heatmaps, Layer

Keep = Callable[[torch.Tensor], torch.Tensor]


def _replayed(keep: Keep) -> Callable[..., Any]:
    """A hook that computes torch's attention in its plain form."""

    def hook(module: nn.MultiheadAttention, args: Any, kwargs: Any, output: Any) -> Any:
        query = args[0] if args else kwargs["query"]
        masks = [*args[3:4], *args[5:6], kwargs.get("key_padding_mask"), kwargs.get("attn_mask")]
        if any(mask is not None for mask in masks):
            raise LayerError("Attention behind a mask cannot be read as a map of the picture.")
        tokens = query if module.batch_first else query.transpose(0, 1)  # (N, T, C)
        projected = nn.functional.linear(tokens, module.in_proj_weight, module.in_proj_bias)
        q, k, v = (part.unflatten(2, (module.num_heads, -1)).transpose(1, 2) for part in projected.chunk(3, 2))
        attention = keep((q @ k.transpose(2, 3) * q.shape[-1] ** -0.5).softmax(3))  # (N, heads, T, T)
        mixed = module.out_proj((attention @ v).transpose(1, 2).flatten(2))
        return (mixed if module.batch_first else mixed.transpose(0, 1), *output[1:])

    return hook


@contextmanager
def _changed(thing: Any, name: str, value: object) -> Iterator[None]:
    before = getattr(thing, name)
    setattr(thing, name, value)
    try:
        yield
    finally:
        setattr(thing, name, before)


@contextmanager
def _reading(model: Classifier, found: dict[str, torch.Tensor]) -> Iterator[None]:
    """Where a forward pass leaves the attention (N, heads, T, T) of each module in `found`, in the order they run."""

    def keeper(name: str) -> Keep:
        def keep(attention: torch.Tensor) -> torch.Tensor:
            found[name] = attention
            return attention

        return keep

    with ExitStack() as stack:
        for name in model.attention:
            module: Any = model.net.get_submodule(name)
            keep = keeper(name)
            if is_torchs(module):
                handle = module.register_forward_hook(_replayed(keep), with_kwargs=True)
            elif is_timms(module):
                stack.enter_context(_changed(module, "fused_attn", False))
                handle = module.attn_drop.register_forward_hook(lambda _m, _i, output, keep=keep: keep(output))
            else:
                stack.enter_context(_changed(module.config, "_attn_implementation", "eager"))
                handle = module.register_forward_hook(lambda _m, _i, output, keep=keep: (output[0], keep(output[1])))
            stack.callback(handle.remove)
        yield


def _inside(layer: Layer, names: Sequence[str], title: str) -> str:
    """The module with attention inside a layer, the last one, or the only one in the block that the layer is a part of.

    Raises
    ------
    LayerError
        If there is none, or the layer gives no tokens.
    """
    there = [name for name in names if name == layer.name or name.startswith(layer.name + ".")]
    if not there:
        beside = [name for name in names if name.startswith(layer.name.rpartition(".")[0] + ".")]
        there = beside if len(beside) == 1 else []
    if not there or not layer.axes.tokens:
        blocks = ", ".join(name.rpartition(".")[0] for name in names[-2:])
        raise LayerError(
            f"The layer {layer.name!r} of {title} has no attention inside. Choose blocks, such as {blocks}."
        )
    return there[-1]


Combine = Callable[[dict[str, torch.Tensor], str, int], torch.Tensor]


def attention_maps(
    model: Classifier,
    images: Pictures,
    combine: Combine,
    *,
    differentiated: bool,
    layers: str | Sequence[str] = "stages",
    targets: Targets = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Heatmaps:
    """Maps of N pictures at layers, made of attention or of its gradient.

    Parameters
    ----------
    model, images, layers, targets, batch_size, progress
        As `layer_maps` takes them.
    combine : callable
        ``combine(found, name, front)`` gives (n, T) for the layer whose attention module is `name`, from the matrices
        (n, heads, T, T) of all modules, by name, or their gradients; `front` tokens stand before the picture's.
    differentiated : bool
        Whether `combine` takes the gradients of the target's logit in place of the attention.
    """
    chosen_layers = model.select(layers)
    inside = {layer.name: _inside(layer, model.attention, model.title) for layer in chosen_layers}
    batches = Batches(model, images, batch_size)
    wanted = resolve_targets(model, targets, len(batches))

    def explain(inputs: torch.Tensor, start: int, stop: int) -> Heatmaps:
        found: dict[str, torch.Tensor] = {}
        with gradients(model), _reading(model, found):
            logits = model.scores(inputs.clone().requires_grad_(differentiated))
            chosen = chosen_classes(logits.detach(), wanted[start:stop])
            if differentiated:
                score = logits.gather(1, chosen[:, None]).sum()
                found = dict(zip(found, torch.autograd.grad(score, list(found.values())), strict=True))
        side = (inputs.shape[2], inputs.shape[3])
        maps = {}
        for layer in chosen_layers:
            grid = scaled_grid(layer.size, model.preprocessing.size, side)
            values = combine({k: v.detach() for k, v in found.items()}, inside[layer.name], layer.axes.front)
            maps[layer.name] = _placed(values, layer, grid)
        said = to_predictions(model, logits.detach())
        return Heatmaps(maps, chosen.cpu().numpy(), said, side, "", "", view=batches.view)

    return Heatmaps.concatenate(list(batches.run(explain, progress)))


def _placed(values: torch.Tensor, layer: Layer, grid: tuple[int, int]) -> np.ndarray:
    """Values of tokens as maps: (n, T) -> (n, h, w)."""
    high, wide = grid
    if values.shape[1] < layer.axes.front + high * wide:
        raise LayerError(f"Attention over {values.shape[1]} tokens is no map of {high} x {wide} at {layer.name!r}.")
    patches = values[:, layer.axes.front : layer.axes.front + high * wide]
    return patches.unflatten(1, grid).float().cpu().numpy()
