"""Grad-CAM++ (Chattopadhyay et al., arXiv 1710.11063): channels weighted by their positive gradients, place by place.

The package torchcam (0.5) leaves out the denominator of alpha, so its maps are others. The score's exponential, of
which the paper takes derivatives, is left out as in every package: it scales the map of a picture by one number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_core.methods.precision import FAST
from xai_core.methods.registry import register
from xai_core.types import Classifier, Heatmaps

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures


def _weighted_positive(activation: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Channels weighted by alpha times their positive gradient: (N, C, h, w) twice -> (N, h, w)."""
    import torch

    # The paper's alpha is g^2 / (2 g^2 + g^3 sum A). Divided by g^2 nothing underflows, and no small number is added,
    # which would weigh more than the gradients of a deep network. In place, since memory is what this waits for.
    total = activation.sum((2, 3), keepdim=True)  # (N, C, 1, 1)
    below = torch.addcmul(gradient.new_tensor(2.0), gradient, total)
    shares = gradient.relu().div_(below).nan_to_num_(0, 0, 0)  # (N, C, h, w), nothing where the denominator is zero
    weights = shares.sum((2, 3))  # (N, C)
    return torch.einsum("nc,nchw->nhw", weights, activation)


@register(
    title="Grad-CAM++",
    paper="Chattopadhyay et al., arXiv 1710.11063",
    reference="the paper's definition, written out in double precision",
    unit="weighted activation",
    signed=True,
    place="layer",
    drawing="evidence",
    legend="evidence for the class, bright is more",
    caution="It says little more than the mean of the positive gradients does (Lerma and Lucas, arXiv 2205.10838), and "
    "has no unit: its weights do not scale with the score. Negative gradients are left out.",
    settings=(FAST,),
    usual=False,
    combine=_weighted_positive,
)
def grad_cam_pp(model: Classifier, images: Pictures, **options: Any) -> Heatmaps:
    """Grad-CAM++ of N pictures at L layers, raw; `options` as `grad_cam` takes them."""
    from xai_core.inference.layer_maps import layer_maps

    return layer_maps(model, images, _weighted_positive, **options)
