"""SmoothGrad (Smilkov et al., arXiv 1706.03825): the mean of the gradients of noisy copies of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.errors import MethodError
from xai_core.methods.registry import register
from xai_core.methods.saliency import INPUT, REDUCE, Reduce, over_channels
from xai_core.types import Classifier, Heatmaps, Setting

if TYPE_CHECKING:
    import torch

    from xai_core.inference.batches import Pictures, Progress, Targets
    from xai_core.inference.input_gradients import Attributed

_SAMPLES = Setting(
    "samples", "Noisy copies", 25, (10, 25, 50, 100), help="Their gradients are averaged; more of them smooth more."
)
_SIGMA = Setting(
    "sigma",
    "Noise",
    0.15,
    low=0.01,
    high=0.5,
    step=0.01,
    help="Standard deviation, as a share of the range of the network's input values for the picture.",
)
_SEED = Setting("seed", "Seed", 0, low=0, high=9999, step=1, help="Of the noise, the same for each picture.")


def noise_like(inputs: torch.Tensor, samples: int, seed: int) -> torch.Tensor:
    """Standard normal noise (samples, C, H, W), the same for each picture whatever batch it is in."""
    import torch

    made = torch.randn((samples, *inputs.shape[1:]), generator=torch.Generator().manual_seed(seed))
    return made.to(inputs)


@register(
    title="SmoothGrad",
    paper="Smilkov et al., arXiv 1706.03825",
    reference="Captum's NoiseTunnel over Saliency, from the same noise",
    unit="logit per input unit",
    signed=False,
    place="input",
    cost="passes",
    drawing="magnitude",
    legend="how strongly the class's score reacts to the pixel on average over noisy copies, bright is more",
    caution="It explains noisy copies, which the network was not trained on, and the width of the noise decides what "
    "is seen. Smooth is not true: it says of the picture itself no more than the gradient does (Adebayo et al., arXiv "
    "1810.03292).",
    settings=(_SAMPLES, _SIGMA, _SEED, REDUCE),
    usual=False,
)
def smooth_grad(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets = None,
    samples: int = 25,
    sigma: float = 0.15,
    seed: int = 0,
    reduce: Reduce = "max",
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Heatmaps:
    """SmoothGrad of N pictures.

    Parameters
    ----------
    model, images, targets, batch_size, progress
        As `xai.explain` takes them.
    samples : int
        Noisy copies of each picture.
    sigma : float
        Standard deviation of the noise, as a share of the range of the picture's input values.
    seed : int
        Of the noise.
    reduce : "max", "mean" or "sum"
        Over the colour channels, of the magnitude of the mean gradient.

    Returns
    -------
    Heatmaps
        One map called "input", float32 (N, H, W), in logits per unit of the normalised input.

    Raises
    ------
    MethodError
        If there are no samples, or sigma is negative.
    """
    import torch

    from xai_core.inference.input_gradients import Attributed, PathSum, input_maps

    if samples < 1 or sigma < 0:
        raise MethodError(f"SmoothGrad needs at least one copy and no negative noise; got {samples} and {sigma:g}.")

    def compute(inputs: torch.Tensor, chosen: torch.Tensor, logits: torch.Tensor, size: int) -> Attributed:
        noise = noise_like(inputs, samples, seed)

        def points(owners: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
            spread = owners.amax((1, 2, 3), keepdim=True) - owners.amin((1, 2, 3), keepdim=True)
            return owners + sigma * spread * noise[rows]

        mean = PathSum(torch.full((samples,), 1 / samples), points).of(model, inputs, chosen, size)
        return Attributed(over_channels(mean, False, reduce), {})

    return input_maps(model, images, INPUT, compute, targets=targets, batch_size=batch_size, progress=progress)
