"""Saliency (Simonyan et al., arXiv 1312.6034): the gradient of a class's logit with respect to the picture."""

from __future__ import annotations

from typing import Literal, overload

import numpy as np
import torch

from xai_core.attribution.inputs import PREDICTION, Batches, Pictures, Progress, Targets, gradients, resolve_targets
from xai_core.attribution.prediction import to_predictions
from xai_core.errors import TargetError
from xai_core.types import Classifier, Heatmaps, IntArray

Reduce = Literal["max", "mean", "sum"]
INPUT = "input"  # the name of the one map, in place of a layer's


def _over_channels(gradient: torch.Tensor, signed: bool, reduce: Reduce) -> torch.Tensor:
    """(n, 3, H, W) -> (n, H, W). Signed and "max" is the value of the channel with the largest magnitude."""
    values = gradient if signed else gradient.abs()
    if reduce != "max":
        return values.mean(1) if reduce == "mean" else values.sum(1)
    return values.gather(1, values.abs().argmax(1, keepdim=True))[:, 0]


def _one_batch(
    model: Classifier, inputs: torch.Tensor, targets: IntArray, signed: bool, reduce: Reduce
) -> tuple[list[np.ndarray], torch.Tensor, IntArray]:
    """Maps (n, H, W) for each of T targets, logits (n, K) and classes (n, T), from one forward pass."""
    with gradients(model):
        inputs = inputs.clone().requires_grad_()  # a copy made here may ask for a gradient, whatever the mode outside
        logits = model.net(inputs.clone())  # a net may overwrite its input
        wanted = torch.from_numpy(targets).to(logits.device)
        chosen = torch.where(wanted == PREDICTION, logits.argmax(1, keepdim=True), wanted)  # (n, T)
        maps = []
        for turn in range(chosen.shape[1]):
            score = logits.gather(1, chosen[:, turn : turn + 1]).sum()
            (gradient,) = torch.autograd.grad(score, inputs, retain_graph=turn + 1 < chosen.shape[1])
            maps.append(_over_channels(gradient, signed, reduce).cpu().numpy())
        return maps, logits.detach(), chosen.cpu().numpy()


@overload
def saliency(  # type: ignore[overload-overlap]  # a tuple is several targets, any other sequence is one a picture
    model: Classifier,
    images: Pictures,
    *,
    targets: tuple[Targets, ...],
    signed: bool = ...,
    reduce: Reduce = ...,
    batch_size: int | None = ...,
    progress: Progress | None = ...,
) -> tuple[Heatmaps, ...]: ...
@overload
def saliency(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets = ...,
    signed: bool = ...,
    reduce: Reduce = ...,
    batch_size: int | None = ...,
    progress: Progress | None = ...,
) -> Heatmaps: ...
def saliency(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets | tuple[Targets, ...] = None,
    signed: bool = False,
    reduce: Reduce = "max",
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Heatmaps | tuple[Heatmaps, ...]:
    """Gradient of a class's logit with respect to the network's input, for N pictures.

    Parameters
    ----------
    images : samples, PIL images, uint8 arrays (H, W, 3), or a preprocessed tensor (N, 3, H, W)
    targets
        A class by index or name, or None for the prediction; one for all, or a list with one a picture. A tuple of
        those gives a tuple of results, which share the forward pass.
    signed : keep the sign; else the magnitude, as Captum's `Saliency`
    reduce : over the colour channels: "max" (of the magnitude), "mean" or "sum"
    batch_size : None takes what memory allows
    progress : called with (pictures done, pictures in all) after each batch; what it raises ends the run

    Returns
    -------
    Heatmaps
        One map called "input", float32 (N, H, W), in logits per unit of the normalised input.

    Raises
    ------
    TargetError, PictureError
        With a sentence that gives the choices.
    """
    if reduce not in ("max", "mean", "sum"):
        raise ValueError(f'reduce is "max", "mean" or "sum"; got {reduce!r}.')
    batches = Batches(model, images, batch_size)
    several = isinstance(targets, tuple)
    asked = targets if isinstance(targets, tuple) else (targets,)
    if not asked:
        raise TargetError("There is no target: give one, or None for the prediction.")
    wanted = np.stack([resolve_targets(model, one, len(batches)) for one in asked], axis=1)  # (N, T)

    def explain(inputs: torch.Tensor, start: int, stop: int) -> list[Heatmaps]:
        maps, logits, chosen = _one_batch(model, inputs, wanted[start:stop], signed, reduce)
        predictions, side = to_predictions(logits), (inputs.shape[2], inputs.shape[3])
        return [
            Heatmaps({INPUT: found}, chosen[:, turn], predictions, side, "Saliency", "logit per input unit")
            for turn, found in enumerate(maps)
        ]

    parts = list(batches.run(explain, progress))
    results = tuple(Heatmaps.concatenate([part[turn] for part in parts]) for turn in range(len(asked)))
    return results if several else results[0]
