"""Attention rollout (Abnar and Zuidema, arXiv 2005.00928): attention multiplied through the blocks of a transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_core.errors import LayerError
from xai_core.methods.registry import register
from xai_core.types import Classifier, Heatmaps

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures


def _rolled_out(attention: dict[str, torch.Tensor], name: str, front: int) -> torch.Tensor:
    """How much of each token is in the class token, or in the mean of all where there is none: (n, T)."""
    import torch

    rolled: torch.Tensor | None = None
    for block, matrix in attention.items():
        mean = matrix.mean(1)  # (n, T, T), over heads
        step = (mean + torch.eye(mean.shape[1], device=mean.device)) / 2  # half of a block's output is its input
        if rolled is not None and rolled.shape != step.shape:
            raise LayerError(f"The number of tokens changes at {block!r}, so attention cannot be rolled out.")
        rolled = step if rolled is None else step @ rolled
        if block == name:
            break
    assert rolled is not None
    return rolled[:, 0] if front else rolled.mean(1)


@register(
    title="Attention rollout",
    paper="Abnar and Zuidema, arXiv 2005.00928",
    reference="the paper's product of attention matrices, written out",
    unit="share of attention",
    signed=False,
    place="layer",
    drawing="evidence",
    legend="share of the place in what the class token attends to, bright is more",
    caution="It is blind to the class: every class has the same map, so it is no evidence for one (Chefer et al., "
    "arXiv 2012.09838). It leaves out everything but attention.",
    no_evidence="Attention rollout has the same map for every class, so it is no evidence for one (arXiv 2012.09838).",
    needs=("gradients", "layers", "attention"),
    usual=False,
)
def attention_rollout(model: Classifier, images: Pictures, **options: Any) -> Heatmaps:
    """Attention rollout of N pictures up to each of L blocks of a transformer; `options` as `grad_cam` takes them."""
    from xai_core.inference.attention import attention_maps

    return attention_maps(model, images, _rolled_out, differentiated=False, **options)
