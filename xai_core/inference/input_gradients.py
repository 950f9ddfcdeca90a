"""Gradients of a class's logit at many points of the input of each picture, summed as they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from xai_core.errors import PictureError
from xai_core.inference.batches import (
    PREDICTION,
    Batches,
    Pictures,
    Progress,
    Targets,
    gradients,
    halving,
    resolve_targets,
)
from xai_core.inference.prediction import to_predictions
from xai_core.types import ByteArray, Classifier, Heatmaps

_COLOURS = {"black": 0, "grey": 127, "white": 255}
_BLUR = 12  # an input's side by this is the width of the Gaussian that blurs it into a baseline
Points = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Baseline = str | ByteArray


def input_logits(model: Classifier, inputs: torch.Tensor) -> torch.Tensor:
    """Logits (n, K) of inputs (n, C, H, W), without a graph."""
    with model.lock, torch.no_grad():
        return model.scores(inputs.clone())


@dataclass(frozen=True)
class PathSum:
    """Which points of each picture count, and by how much.

    Attributes
    ----------
    weights : torch.Tensor
        (S,), of the gradients at S points.
    points : callable
        ``points(inputs, steps)``, (m, C, H, W) and int (m,), gives the point of each step, (m, C, H, W).
    """

    weights: torch.Tensor
    points: Points

    def of(self, model: Classifier, inputs: torch.Tensor, chosen: torch.Tensor, size: int) -> torch.Tensor:
        """Weighted sum of the gradients of classes (n,) at each input's points: (n, C, H, W)."""
        count, total = len(self.weights), torch.zeros_like(inputs)
        weights = self.weights.to(inputs)

        def part(start: int, stop: int) -> None:
            rows = torch.arange(start, stop, device=inputs.device)
            owners, steps = rows // count, rows % count
            with gradients(model):
                there = self.points(inputs[owners], steps).clone().requires_grad_()
                logits = model.scores(there.clone())  # a net may overwrite its input
                score = logits.gather(1, chosen[owners][:, None]).sum()
                (found,) = torch.autograd.grad(score, there)
            total.index_add_(0, owners, found * weights[steps][:, None, None, None])

        for _ in halving(model, len(inputs) * count, size, part):
            pass
        return total


def chosen_classes(logits: torch.Tensor, targets: np.ndarray) -> torch.Tensor:
    """Targets with predictions filled in: (n, K) and (n,) -> (n,)."""
    wanted = torch.from_numpy(targets).to(logits.device)
    return torch.where(wanted == PREDICTION, logits.argmax(1), wanted)


def baseline_of(model: Classifier, inputs: torch.Tensor, baseline: Baseline) -> torch.Tensor:
    """What a path starts from, as the network's input: (n, C, H, W).

    Parameters
    ----------
    model : Classifier
    inputs : torch.Tensor
        (n, C, H, W).
    baseline : {"black", "grey", "white", "blur"} or ndarray
        A colour, the picture itself blurred beyond recognition, or a picture uint8 (H, W, 3) of the input's size.

    Raises
    ------
    PictureError
        If it is none of these, or an array of another size.
    """
    high, wide = inputs.shape[2], inputs.shape[3]
    if isinstance(baseline, np.ndarray):
        if baseline.shape != (high, wide, 3) or baseline.dtype != np.uint8:
            raise PictureError(
                f"A baseline is a picture uint8 ({high}, {wide}, 3), as the network's input; got {baseline.dtype} "
                f"{baseline.shape}."
            )
        view = baseline
    elif baseline in _COLOURS:
        view = np.full((high, wide, 3), _COLOURS[baseline], np.uint8)
    elif baseline == "blur":
        return _blurred(inputs)
    else:
        choices = ", ".join([*_COLOURS, "blur"])
        raise PictureError(f"{baseline!r} is no baseline. Choose one of: {choices}; or give an array (H, W, 3).")
    return torch.from_numpy(model.preprocessing.scale(view)).to(inputs)[None].expand_as(inputs)


def _blurred(inputs: torch.Tensor) -> torch.Tensor:
    from scipy.ndimage import gaussian_filter

    sigma = (0, 0, inputs.shape[2] / _BLUR, inputs.shape[3] / _BLUR)
    return torch.from_numpy(gaussian_filter(inputs.float().cpu().numpy(), sigma)).to(inputs)


@dataclass(frozen=True)
class Attributed:
    """What one batch gave: a map (n, H, W), and numbers (n,) that tell how good it is, by their name for people."""

    maps: torch.Tensor
    quality: dict[str, np.ndarray]


Compute = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, int], Attributed]


def input_maps(
    model: Classifier,
    images: Pictures,
    place: str,
    compute: Compute,
    *,
    targets: Targets = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Heatmaps:
    """Maps at the input, batch by batch.

    Parameters
    ----------
    model, images, targets, batch_size, progress
        As `layer_maps` takes them.
    place : str
        The name of the one map.
    compute : callable
        ``compute(inputs, chosen, logits, size)``: inputs (n, C, H, W), classes (n,), logits (n, K), and how many
        pictures go through the network at once.
    """
    batches = Batches(model, images, batch_size)
    wanted = resolve_targets(model, targets, len(batches))

    def explain(inputs: torch.Tensor, start: int, stop: int) -> Heatmaps:
        logits = input_logits(model, inputs)
        chosen = chosen_classes(logits, wanted[start:stop])
        found = compute(inputs, chosen, logits, batches.size)
        return Heatmaps(
            {place: found.maps.detach().float().cpu().numpy()},
            chosen.cpu().numpy(),
            to_predictions(model, logits),
            (inputs.shape[2], inputs.shape[3]),
            "",
            "logit",
            view=batches.view,
            quality=found.quality or None,
        )

    return Heatmaps.concatenate(list(batches.run(explain, progress)))
