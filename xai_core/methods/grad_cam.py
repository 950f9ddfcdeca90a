"""Grad-CAM (Selvaraju et al., arXiv 1610.02391) of all asked layers in one forward and one backward pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xai_core.methods.precision import FAST
from xai_core.methods.registry import register
from xai_core.types import Classifier, Heatmaps

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures, Progress, Targets


def weighted_sum(activation: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Sum over channels of activation times the gradient's spatial mean: (N, C, h, w) twice -> (N, h, w)."""
    import torch

    weights = gradient.mean((2, 3))  # (N, C)
    return torch.einsum("nc,nchw->nhw", weights, activation)


@register(
    title="Grad-CAM",
    paper="Selvaraju et al., arXiv 1610.02391",
    reference="Captum's LayerGradCam",
    unit="logit",
    signed=True,
    place="layer",
    drawing="evidence",
    legend="evidence for the class, bright is more",
    caution="The mean of the gradient can light up places that the model did not use, most of all at early layers "
    "(HiResCAM, arXiv 2011.08891).",
    settings=(FAST,),
    combine=weighted_sum,
    exact="hires_cam",
)
def grad_cam(
    model: Classifier,
    images: Pictures,
    *,
    layers: str | Sequence[str] = "stages",
    targets: Targets = None,
    batch_size: int | None = None,
    fast: bool = False,
    progress: Progress | None = None,
) -> Heatmaps:
    """Grad-CAM of N pictures at L layers, raw and signed, at each layer's own resolution.

    A map is the sum over channels of the activation times the mean over the map of the gradient of the
    target's logit. It is neither rectified nor normalised: `xai.normalize` and `xai.upsample` do that.
    The same pictures give the same maps, bit for bit, on the same machine and batch size.

    Parameters
    ----------
    model : Classifier
    images : Sequence of Sample, PIL.Image.Image or uint8 (H, W, 3), or float (N, 3, H, W)
        Pictures; a float tensor is taken as preprocessed.
    layers : str or Sequence[str]
        "stages", "blocks", a module's name or several.
    targets : int, str, None or a sequence of them
        A class by index or name, or None for the prediction; one for all, or one a picture.
    batch_size : int, optional
        None takes what memory allows.
    fast : bool
        Whether the passes are in bfloat16, where the machine computes in it; see `xai.layer_maps`.
    progress : callable, optional
        Called with (pictures done, pictures in all) after each batch; what it raises ends the run.

    Returns
    -------
    Heatmaps
        Layer name -> float32 (N, h, w), in logits per unit of activation-weighted evidence, with the
        predictions of the same forward pass.

    Raises
    ------
    LayerError, TargetError, PictureError
        With a sentence that gives the choices.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> maps = xai.grad_cam(model, digits, layers="stages")
    >>> maps.n_pictures, len(maps) == len(model.select("stages"))
    (2, True)
    """
    from xai_core.inference.layer_maps import layer_maps

    return layer_maps(
        model, images, weighted_sum, layers=layers, targets=targets, batch_size=batch_size, fast=fast, progress=progress
    )
