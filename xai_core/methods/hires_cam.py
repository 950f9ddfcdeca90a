"""HiResCAM (Draelos and Carin, arXiv 2011.08891): the gradient times the activation, summed over channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_core.methods.precision import FAST
from xai_core.methods.registry import register
from xai_core.types import Classifier, Heatmaps

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures


def _product(activation: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Sum over channels of activation times gradient: (N, C, h, w) twice -> (N, h, w)."""
    import torch

    return torch.einsum("nchw,nchw->nhw", activation, gradient)


@register(
    title="HiResCAM",
    paper="Draelos and Carin, arXiv 2011.08891",
    reference="Captum's LayerGradientXActivation, summed over channels",
    unit="logit",
    signed=True,
    place="layer",
    drawing="evidence",
    legend="evidence for the class, bright is more",
    caution="Where only a mean and a linear layer follow, its sum is the logit up to the bias. At earlier layers it "
    "holds for small changes alone and grows noisy, and right before a layer norm over the channels it is nothing but "
    "rounding, since the norm undoes any scaling.",
    settings=(FAST,),
    usual=False,
    combine=_product,
)
def hires_cam(model: Classifier, images: Pictures, **options: Any) -> Heatmaps:
    """HiResCAM of N pictures at L layers, raw and signed; `options` as `grad_cam` takes them."""
    from xai_core.inference.layer_maps import layer_maps

    return layer_maps(model, images, _product, **options)
