"""Integrated Gradients (Sundararajan et al., arXiv 1703.01365): the gradient along the way from a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xai_core.errors import MethodError
from xai_core.methods.registry import register
from xai_core.methods.saliency import INPUT
from xai_core.types import Classifier, Heatmaps, Setting

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures, Progress, Targets
    from xai_core.inference.input_gradients import Attributed, Baseline

_STEPS = Setting(
    "steps",
    "Steps",
    50,
    (20, 50, 100, 200),
    help="Points on the way from the baseline. More of them bring the completeness error down.",
)
_BASELINE = Setting(
    "baseline",
    "Baseline",
    "black",
    ("black", "grey", "white", "blur"),
    {"black": "Black", "grey": "Grey", "white": "White", "blur": "The picture, blurred"},
    help="What stands for no evidence. Where the picture has the baseline's own colour, nothing is ever found.",
)
COMPLETENESS = "completeness error"


@register(
    title="Integrated Gradients",
    paper="Sundararajan et al., arXiv 1703.01365",
    reference="Captum's IntegratedGradients",
    unit="logit",
    signed=True,
    place="input",
    cost="passes",
    drawing="signed",
    legend="red: the pixel raises the class's score against the baseline; blue: lowers it",
    caution="It depends on the baseline: pixels of its colour get nothing (Sturmfels et al., doi "
    "10.23915/distill.00022). Multiplied by the picture it shows edges even where the weights are random (Adebayo et "
    "al., arXiv 1810.03292).",
    settings=(_STEPS, _BASELINE),
    usual=False,
)
def integrated_gradients(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets = None,
    steps: int = 50,
    baseline: Baseline = "black",
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Heatmaps:
    """Integrated Gradients of N pictures, by Gauss-Legendre quadrature as Captum has it.

    Parameters
    ----------
    model, images, targets, batch_size, progress
        As `xai.explain` takes them.
    steps : int
        Points on the way.
    baseline : {"black", "grey", "white", "blur"} or ndarray
        What the way begins with; an array is a picture uint8 (H, W, 3) of the input's size.

    Returns
    -------
    Heatmaps
        One map called "input", float32 (N, H, W), in logits, summed over channels. Its sum is the score's difference
        to the baseline's, up to `quality`'s completeness error, as a share of that difference.

    Raises
    ------
    MethodError, PictureError
        If there are no steps, or the baseline is none.
    """
    import torch

    from xai_core.inference.input_gradients import Attributed, PathSum, baseline_of, input_logits, input_maps

    if steps < 1:
        raise MethodError(f"Integrated Gradients need at least one step, got {steps}.")
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    alphas = torch.from_numpy((nodes + 1) / 2)

    def compute(inputs: torch.Tensor, chosen: torch.Tensor, logits: torch.Tensor, size: int) -> Attributed:
        start = baseline_of(model, inputs, baseline)
        blank = start[:1] if not isinstance(baseline, str) or baseline != "blur" else None

        def points(owners: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
            share = alphas.to(owners)[rows][:, None, None, None]
            begin = blank if blank is not None else baseline_of(model, owners, baseline)
            return begin + share * (owners - begin)

        total = PathSum(torch.from_numpy(weights / 2), points).of(model, inputs, chosen, size)
        maps = ((inputs - start) * total).sum(1)  # (n, H, W)
        began = input_logits(model, start)
        difference = (logits - began).gather(1, chosen[:, None])[:, 0]
        error = (maps.sum((1, 2)) - difference).abs() / difference.abs()
        return Attributed(maps, {COMPLETENESS: error.float().cpu().numpy()})

    return input_maps(model, images, INPUT, compute, targets=targets, batch_size=batch_size, progress=progress)
