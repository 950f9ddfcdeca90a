"""Grad-CAM (Selvaraju et al., arXiv 1610.02391) of all asked layers in one forward and one backward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from xai_core.attribution.inputs import PREDICTION, Batches, Pictures, Targets, resolve_targets
from xai_core.attribution.prediction import to_predictions
from xai_core.errors import LayerError
from xai_core.models.layers import as_maps
from xai_core.types import Classifier, Heatmaps, IntArray

Progress = Callable[[int, int], None]


@contextmanager
def _captured(net: torch.nn.Module, names: Sequence[str]) -> Iterator[dict[str, torch.Tensor]]:
    """The outputs of layers during a forward pass, each a node of the graph that gradients can be asked of.

    With parameters and input frozen, the graph begins at the first of the layers, so nothing before it is
    differentiated. What follows works on a copy: an in-place operation would else overwrite the activation.
    """
    outputs: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Callable[..., torch.Tensor]:
        def hook(_module: torch.nn.Module, _inputs: Any, output: Any) -> torch.Tensor:
            if not isinstance(output, torch.Tensor):
                raise LayerError(f"The layer {name!r} gives {type(output).__name__}, not one tensor.")
            if not output.requires_grad:
                output = output.detach().requires_grad_()
            outputs[name] = output
            return output.clone()

        return hook

    handles = []
    try:
        for name in names:
            handles.append(net.get_submodule(name).register_forward_hook(keep(name)))
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def _weighted_sum(activation: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Sum over channels of activation times the gradient's spatial mean: (N, C, h, w) twice -> (N, h, w)."""
    weights = gradient.mean((2, 3))  # (N, C)
    return torch.einsum("nc,nchw->nhw", weights, activation)


def _one_batch(
    model: Classifier, names: Sequence[str], inputs: torch.Tensor, targets: IntArray
) -> tuple[dict[str, np.ndarray], torch.Tensor, IntArray]:
    """Maps (n, h, w) of each layer, logits (n, K) and targets (n,) of one batch (n, 3, H, W)."""
    with (
        model.lock,
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False),
        _captured(model.net, names) as outputs,
    ):
        logits = model.net(inputs)
        wanted = torch.from_numpy(targets).to(logits.device)
        chosen = torch.where(wanted == PREDICTION, logits.argmax(1), wanted)
        score = logits.gather(1, chosen[:, None]).sum()  # pictures do not mix, so one sum serves them all
        gradients = torch.autograd.grad(score, [outputs[name] for name in names])
        maps = {}
        for name, gradient in zip(names, gradients, strict=True):
            module = model.net.get_submodule(name)
            activation = as_maps(outputs[name].detach(), module, model.layout)
            maps[name] = _weighted_sum(activation, as_maps(gradient, module, model.layout)).cpu().numpy()
        return maps, logits.detach(), chosen.cpu().numpy()


def grad_cam(
    model: Classifier,
    images: Pictures,
    *,
    layers: str | Sequence[str] = "stages",
    targets: Targets = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Heatmaps:
    """Grad-CAM of N pictures at L layers, raw and signed, at each layer's own resolution.

    A map is the sum over channels of the activation times the mean over the map of the gradient of the
    target's logit. It is neither rectified nor normalised: `xai.normalize` and `xai.upsample` do that.
    The same pictures give the same maps, bit for bit, on the same machine and batch size.

    Parameters
    ----------
    images : samples, PIL images, uint8 arrays (H, W, 3), or a preprocessed tensor (N, 3, H, W)
    layers : "stages", "blocks", a module's name or several
    targets : a class by index or name, or None for the prediction; one for all, or one a picture
    batch_size : None takes what memory allows
    progress : called with (pictures done, pictures in all) after each batch; what it raises ends the run

    Returns
    -------
    Heatmaps
        Layer name -> float32 (N, h, w), in logits per unit of activation-weighted evidence, with the
        predictions of the same forward pass.

    Raises
    ------
    LayerError, TargetError, PictureError
        With a sentence that gives the choices.
    """
    names = [layer.name for layer in model.select(layers)]
    batches = Batches(model, images, batch_size)
    wanted = resolve_targets(model, targets, len(batches))
    parts: list[Heatmaps] = []
    start, size = 0, batches.size
    while start < len(batches):
        stop = min(start + size, len(batches))
        inputs = batches.tensor(start, stop)
        try:
            maps, logits, chosen = _one_batch(model, names, inputs, wanted[start:stop])
        except torch.OutOfMemoryError:
            if size == 1:
                raise
            size //= 2
            continue
        parts.append(
            Heatmaps(maps, chosen, to_predictions(logits), tuple(inputs.shape[2:]), "Grad-CAM", "logit")  # type: ignore[arg-type]
        )
        start = stop
        if progress:
            progress(stop, len(batches))
    return Heatmaps.concatenate(parts)
