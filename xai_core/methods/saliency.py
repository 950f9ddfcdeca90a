"""Saliency (Simonyan et al., arXiv 1312.6034): the gradient of a class's logit with respect to the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from xai_core.methods.registry import register
from xai_core.types import Classifier, Heatmaps, IntArray, Setting

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures, Progress, Targets

Reduce = Literal["max", "mean", "sum"]
INPUT = "input"  # the name of the one map, in place of a layer's
_PAPER = "Simonyan et al., arXiv 1312.6034"
REDUCE = Setting(
    "reduce",
    "Colour channels",
    "max",
    ("max", "mean", "sum"),
    {"max": "Largest", "mean": "Mean", "sum": "Sum"},
    help="How the gradients of red, green and blue become one value for each pixel.",
)


def over_channels(gradient: torch.Tensor, signed: bool, reduce: Reduce) -> torch.Tensor:
    """(n, 3, H, W) -> (n, H, W). Signed and "max" is the value of the channel with the largest magnitude."""
    values = gradient if signed else gradient.abs()
    if reduce != "max":
        return values.mean(1) if reduce == "mean" else values.sum(1)
    return values.gather(1, values.abs().argmax(1, keepdim=True))[:, 0]


def _one_batch(
    model: Classifier, inputs: torch.Tensor, targets: IntArray, signed: bool, reduce: Reduce
) -> tuple[np.ndarray, torch.Tensor, IntArray]:
    """Maps (n, H, W), logits (n, K) and classes (n,) of one batch (n, 3, H, W)."""
    import torch

    from xai_core.inference.batches import PREDICTION, gradients

    with gradients(model):
        inputs = inputs.clone().requires_grad_()  # a copy made here may ask for a gradient, whatever the mode outside
        logits = model.scores(inputs.clone())  # a net may overwrite its input
        wanted = torch.from_numpy(targets).to(logits.device)
        chosen = torch.where(wanted == PREDICTION, logits.argmax(1), wanted)
        score = logits.gather(1, chosen[:, None]).sum()  # pictures do not mix, so one sum serves them all
        (gradient,) = torch.autograd.grad(score, inputs)
        return over_channels(gradient, signed, reduce).float().cpu().numpy(), logits.detach(), chosen.cpu().numpy()


@register(
    title="Saliency",
    paper=_PAPER,
    reference="Captum's Saliency",
    unit="logit per input unit",
    signed=False,
    place="input",
    drawing="magnitude",
    legend="how strongly the class's score reacts to the pixel, bright is more",
    caution="The gradient says what a small change of a pixel would do, not what the score is made of, and it depends "
    "on how the input is scaled.",
    settings=(REDUCE,),
)
def saliency(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets = None,
    signed: bool = False,
    reduce: Reduce = "max",
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Heatmaps:
    """Gradient of a class's logit with respect to the network's input, for N pictures.

    Parameters
    ----------
    model : Classifier
    images : Sequence of Sample, PIL.Image.Image or uint8 (H, W, 3), or float (N, 3, H, W)
        Pictures; a float tensor is taken as preprocessed.
    targets : int, str, None or a sequence of them
        A class by index or name, or None for the prediction; one for all, or one a picture.
    signed : bool
        Keep the sign; else the magnitude, as Captum's `Saliency`.
    reduce : "max", "mean" or "sum"
        Over the colour channels; "max" of the magnitude.
    batch_size : int, optional
        None takes what memory allows.
    progress : callable, optional
        Called with (pictures done, pictures in all) after each batch; what it raises ends the run.

    Returns
    -------
    Heatmaps
        One map called "input", float32 (N, H, W), in logits per unit of the normalised input.

    Raises
    ------
    TargetError, PictureError
        With a sentence that gives the choices.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> xai.saliency(model, digits)["input"].shape
    (2, 64, 64)
    """
    from xai_core.inference.batches import Batches, resolve_targets
    from xai_core.inference.prediction import to_predictions

    if reduce not in ("max", "mean", "sum"):
        raise ValueError(f'reduce is "max", "mean" or "sum"; got {reduce!r}.')
    batches = Batches(model, images, batch_size)
    wanted = resolve_targets(model, targets, len(batches))

    def explain(inputs: torch.Tensor, start: int, stop: int) -> Heatmaps:
        maps, logits, chosen = _one_batch(model, inputs, wanted[start:stop], signed, reduce)
        side = (inputs.shape[2], inputs.shape[3])
        said = to_predictions(model, logits)
        return Heatmaps({INPUT: maps}, chosen, said, side, "Saliency", "logit per input unit", view=batches.view)

    return Heatmaps.concatenate(list(batches.run(explain, progress)))


@register(
    title="Saliency, signed",
    paper=_PAPER,
    reference="Captum's Saliency",
    unit="logit per input unit",
    signed=True,
    place="input",
    drawing="signed",
    legend="red: a brighter pixel raises the score; blue: lowers it",
    caution="The sign says brighter or darker, not for or against: a dark object has blue evidence.",
    ranks=False,
    settings=(REDUCE,),
)
def saliency_signed(model: Classifier, images: Pictures, **options: Any) -> Heatmaps:
    """`saliency` with its sign."""
    return saliency(model, images, signed=True, **options)
