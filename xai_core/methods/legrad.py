"""LeGrad (Bousselham et al., arXiv 2404.03214): the positive gradient of a class's score at a block's attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_core.methods.registry import register
from xai_core.types import Classifier, Heatmaps

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures


def _positive_mean(gradients: dict[str, torch.Tensor], name: str, front: int) -> torch.Tensor:
    """Mean over heads and queries of what each key would add: (n, heads, T, T) -> (n, T)."""
    return gradients[name].relu().mean((1, 2))


@register(
    title="LeGrad",
    paper="Bousselham et al., arXiv 2404.03214",
    reference="torchcam's LeGrad",
    unit="logit",
    signed=False,
    place="layer",
    drawing="evidence",
    legend="tokens whose attention raises the class's score, bright is more",
    caution="A block's map is of the network's own score; the paper reads each block through the head and adds them "
    "up. What speaks against the class is left out, and how much a token is attended to plays no part.",
    needs=("gradients", "layers", "attention"),
    usual=False,
)
def legrad(model: Classifier, images: Pictures, **options: Any) -> Heatmaps:
    """LeGrad of N pictures at L blocks of a transformer; `options` as `grad_cam` takes them."""
    from xai_core.inference.attention import attention_maps

    return attention_maps(model, images, _positive_mean, differentiated=True, **options)
