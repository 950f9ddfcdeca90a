"""Finer-CAM (Zhang et al., arXiv 2501.11309): Grad-CAM of a class's score less that of the classes most like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_core.errors import MethodError
from xai_core.methods.grad_cam import weighted_sum
from xai_core.methods.precision import FAST
from xai_core.methods.registry import register
from xai_core.types import Classifier, Heatmaps, Setting

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures

_GAMMA = Setting(
    "gamma",
    "Weight of the rivals",
    0.6,
    low=0.0,
    high=1.0,
    step=0.1,
    help="How much of the rivals' mean score is taken off: 0 gives Grad-CAM.",
)
_RIVALS = Setting(
    "rivals", "Rivals", 3, low=1, high=20, step=1, help="Classes whose scores for this picture lie closest to its own."
)


class _Contrast:
    """The score that is explained: the target's logit less gamma times the mean of its rivals'."""

    def __init__(self, gamma: float, rivals: int) -> None:
        self._gamma, self._rivals = gamma, rivals

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """(n, K) and (n,) -> (n,)."""
        own = logits.gather(1, targets[:, None])  # (n, 1)
        distances = (logits - own).detach().abs().scatter(1, targets[:, None], float("inf"))
        closest = distances.topk(min(self._rivals, logits.shape[1] - 1), largest=False).indices
        return own[:, 0] - self._gamma * logits.gather(1, closest).mean(1)


def _contrast(gamma: float = 0.6, rivals: int = 3) -> _Contrast:
    return _Contrast(gamma, rivals)


@register(
    title="Finer-CAM",
    paper="Zhang et al., arXiv 2501.11309",
    reference="torchcam's FinerCAM",
    unit="logit",
    signed=True,
    place="layer",
    drawing="evidence",
    legend="evidence for the class against those most like it, bright is more",
    caution="It explains a difference of classes: what they share, such as the body of any bird, goes dark though the "
    "class depends on it. Which classes are the rivals depends on the picture.",
    settings=(_GAMMA, _RIVALS, FAST),
    usual=False,
    combine=weighted_sum,
    score=_contrast,
)
def finer_cam(model: Classifier, images: Pictures, *, gamma: float = 0.6, rivals: int = 3, **options: Any) -> Heatmaps:
    """Finer-CAM of N pictures at L layers, raw and signed, from Grad-CAM's maps.

    Parameters
    ----------
    model, images
        As `grad_cam` takes them.
    gamma : float
        Weight of the rivals' mean score.
    rivals : int
        How many classes with the scores closest to the target's.
    **options
        As `grad_cam` takes them.

    Raises
    ------
    MethodError
        If the model has one class, or there is to be no rival.
    """
    from xai_core.inference.layer_maps import layer_maps

    if len(model.class_names) < 2:
        raise MethodError(f"{model.title} has one class: there is no rival that Finer-CAM could set against it.")
    if rivals < 1:
        raise MethodError(f"Finer-CAM needs at least one rival, got {rivals}.")
    return layer_maps(model, images, weighted_sum, score=_contrast(gamma, rivals), **options)
