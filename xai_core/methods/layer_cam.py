"""LayerCAM (Jiang et al., IEEE TIP 2021): the activation times the positive part of the gradient, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_core.methods.precision import FAST
from xai_core.methods.registry import register
from xai_core.types import Classifier, Heatmaps

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures


def _positive_product(activation: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Sum over channels of activation times positive gradient: (N, C, h, w) twice -> (N, h, w)."""
    import torch

    return torch.einsum("nchw,nchw->nhw", activation, gradient.relu())


@register(
    title="LayerCAM",
    paper="Jiang et al., doi 10.1109/TIP.2021.3089943",
    reference="torchcam's LayerCAM",
    unit="logit",
    signed=True,
    place="layer",
    drawing="evidence",
    legend="evidence for the class, bright is more",
    caution="Negative gradients are left out, so what speaks against the class cannot be seen, and a map's sum is no "
    "share of the logit. At early layers it follows edges, whatever the class.",
    settings=(FAST,),
    usual=False,
    combine=_positive_product,
)
def layer_cam(model: Classifier, images: Pictures, **options: Any) -> Heatmaps:
    """LayerCAM of N pictures at L layers, raw; `options` as `grad_cam` takes them."""
    from xai_core.inference.layer_maps import layer_maps

    return layer_maps(model, images, _positive_product, **options)
