"""Guided Grad-CAM (Selvaraju et al., arXiv 1610.02391): guided backpropagation times Grad-CAM of the last stage.

It is here as the exhibit: guided backpropagation draws the picture's edges whatever the weights are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_core.errors import MethodError
from xai_core.methods.registry import register
from xai_core.methods.saliency import INPUT, REDUCE, Reduce, over_channels
from xai_core.types import Classifier, Heatmaps

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures, Progress, Targets
    from xai_core.inference.input_gradients import Attributed


def _guiding() -> Any:
    """A mode in which the backward pass lets only positive gradients through each ReLU; `guided` counts them."""
    import torch
    from torch.nn import functional
    from torch.overrides import TorchFunctionMode

    relus = {functional.relu, functional.relu_, torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_}

    class Guiding(TorchFunctionMode):
        guided = 0

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            output = func(*args, **(kwargs or {}))
            if func in relus and output.requires_grad:
                output.register_hook(lambda gradient: gradient.clamp(min=0))
                self.guided += 1
            return output

    return Guiding()


@register(
    title="Guided Grad-CAM",
    paper="Selvaraju et al., arXiv 1610.02391",
    reference="Captum's GuidedGradCam",
    unit="none",
    signed=False,
    place="input",
    drawing="magnitude",
    legend="edges where Grad-CAM is positive, bright is more",
    caution="Guided backpropagation draws the picture's edges whatever the weights are (Nie et al., arXiv 1805.07039), "
    "so on networks for photos it fails the check by randomised weights (Adebayo et al., arXiv 1810.03292). It is "
    "offered as the example of a map that looks right and is no evidence; do not rest anything on it.",
    no_evidence="Guided backpropagation draws the picture's edges whatever the weights are, so its maps are no "
    "evidence for a class (arXiv 1805.07039).",
    needs=("gradients", "layers", "relu"),
    settings=(REDUCE,),
    usual=False,
)
def guided_grad_cam(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets = None,
    reduce: Reduce = "max",
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Heatmaps:
    """Guided Grad-CAM of N pictures, of the last stage, as Captum has it.

    Parameters
    ----------
    model, images, targets, batch_size, progress
        As `xai.explain` takes them.
    reduce : "max", "mean" or "sum"
        Over the colour channels, of the magnitude.

    Returns
    -------
    Heatmaps
        One map called "input", float32 (N, H, W).

    Raises
    ------
    MethodError
        If the network has no ReLU that can be reached, so that there is nothing to guide.
    """
    import torch
    from torch import nn

    from xai_core.inference.batches import gradients
    from xai_core.inference.input_gradients import Attributed, input_maps
    from xai_core.methods.grad_cam import grad_cam

    last = model.select("stages")[-1].name

    def compute(inputs: torch.Tensor, chosen: torch.Tensor, logits: torch.Tensor, size: int) -> Attributed:
        coarse = torch.from_numpy(grad_cam(model, inputs, layers=last, targets=chosen.cpu().numpy())[last])
        fine = nn.functional.interpolate(coarse.relu()[:, None].to(inputs), inputs.shape[2:])  # Captum's nearest
        guide = _guiding()
        with gradients(model), guide:
            there = inputs.clone().requires_grad_()
            score = model.scores(there.clone()).gather(1, chosen[:, None]).sum()
            (gradient,) = torch.autograd.grad(score, there)
        if not guide.guided:
            raise MethodError(
                f"Guided Grad-CAM cannot explain {model.title}: it changes what ReLU does in the backward pass, and "
                "none of the network's can be reached. Grad-CAM and saliency need none."
            )
        return Attributed(over_channels(gradient * fine, False, reduce), {})

    return input_maps(model, images, INPUT, compute, targets=targets, batch_size=batch_size, progress=progress)
