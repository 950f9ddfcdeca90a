"""Adversarial pictures: FGSM (arXiv 1412.6572) and PGD (arXiv 1706.06083) by Captum, in pixel units."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import torch

from xai_core.inference.batches import Progress, Targets, batch_size, gradients, halving, resolve_targets
from xai_core.types import ByteArray, Classifier, Sample, content_id

Attack = Literal["fgsm", "pgd"]
ATTACKS: tuple[Attack, ...] = ("fgsm", "pgd")
STEPS = 10


class _FromPixels(torch.nn.Module):
    """The network with its scaling in front: what it takes are pixels in [0, 1], (N, 3, H, W); it gives scores."""

    def __init__(self, model: Classifier, passed: Callable[[], object]) -> None:
        super().__init__()
        self._passed = passed
        self._model = [model]  # in a list, so that the shared network is not registered as a part
        self._mixing = torch.from_numpy(model.preprocessing.mixing).to(model.device)  # (C, 3)
        self._white = model.preprocessing.white
        self._mean = torch.tensor(model.preprocessing.mean, device=model.device)[:, None, None]
        self._std = torch.tensor(model.preprocessing.std, device=model.device)[:, None, None]

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        self._passed()
        (model,) = self._model
        mixed = pixels if model.preprocessing.channels == "RGB" else torch.einsum("ck,nkhw->nchw", self._mixing, pixels)
        scaled = ((mixed * self._white - self._mean) / self._std).contiguous(memory_format=torch.channels_last)
        return model.scores(scaled)


def _loss(model: Classifier) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """What grows as the class is lost: scores (N, K) and classes (N,) -> (N,)."""
    if model.outputs.independent:  # a label is lost for itself, whatever becomes of the others
        return lambda scores, classes: torch.nn.functional.softplus(-scores.gather(1, classes[:, None])[:, 0])
    return torch.nn.CrossEntropyLoss(reduction="none")


def _require(attack: str, epsilon: float, steps: int) -> None:
    if attack not in ATTACKS:
        raise ValueError(f"The attack is one of {', '.join(ATTACKS)}; got {attack!r}.")
    if not 0 <= epsilon <= 255 or steps < 1:
        raise ValueError(f"epsilon lies in 0 to 255 and there is at least one step; got {epsilon} and {steps}.")


def perturb(
    model: Classifier,
    samples: Sequence[Sample],
    epsilon: float,
    *,
    attack: Attack = "pgd",
    targets: Targets = None,
    steps: int = STEPS,
    progress: Progress | None = None,
) -> list[Sample]:
    """Pictures changed by at most epsilon a channel so that the model loses their class.

    Parameters
    ----------
    model : Classifier
    samples : sequence of Sample
        N; they come back as the network sees them.
    epsilon : float
        Largest change of a pixel's channel, of 255 (0 to 255); the result is rounded to whole values.
    attack : {"fgsm", "pgd"}
        One step by the gradient's sign, or several of 2.5 epsilon / steps with projection.
    targets : int, str, None or a sequence of them
        The class to be lost, None for the prediction; one for all, or one a picture.
    steps : int
        Of "pgd".
    progress : callable, optional
        Called with (passes done, passes in all) before each pass of a batch; what it raises ends the run.

    Returns
    -------
    list of Sample
        N samples with other pixels, the same mask and label, and the id of their content.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> changed = xai.perturb(model, digits, 8, attack="fgsm")
    >>> int(np.abs(changed[0].pixels.astype(int) - digits[0].pixels).max())
    8
    """
    from captum.robust import FGSM, PGD

    _require(attack, epsilon, steps)
    prepared = [model.preprocessing.prepare(sample) for sample in samples]
    wanted = resolve_targets(model, targets, len(prepared))
    size, radius = batch_size(model), epsilon / 255
    passes, each = 0, 1 + (1 if attack == "fgsm" else steps)  # the first finds the prediction
    in_all = each * -(-len(prepared) // size)

    def passed() -> None:
        nonlocal passes
        passes += 1
        if progress:
            progress(min(passes, in_all), in_all)

    with torch.inference_mode(False):
        net = _FromPixels(model, passed)

    def attacked(start: int, stop: int) -> list[Sample]:
        part = prepared[start:stop]
        pixels = torch.from_numpy(np.stack([sample.pixels for sample in part])).to(model.device)
        inputs = pixels.permute(0, 3, 1, 2).float() / 255
        labels = torch.from_numpy(wanted[start:stop]).to(model.device)
        if radius > 0:
            with gradients(model), warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Input Tensor 0 did not already require gradients")
                inputs = inputs.clone()
                with torch.no_grad():
                    labels = torch.where(labels < 0, net(inputs).argmax(1), labels)
                loss = _loss(model)
                # Captum would drop the tiny gradients of predictions that are sure: its threshold goes.
                if attack == "fgsm":
                    step = FGSM(net, loss, 0.0, 1.0)
                    step.zero_thresh = 0
                    changed = step.perturb(inputs, radius, labels)
                else:
                    steep = PGD(net, loss, 0.0, 1.0)
                    steep.fgsm.zero_thresh = 0
                    changed = steep.perturb(inputs, radius, 2.5 * radius / steps, steps, labels)
        else:
            changed = inputs
        views = (changed.detach() * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
        kept = [np.ascontiguousarray(_within(view, one.pixels, epsilon)) for one, view in zip(part, views, strict=True)]
        return [
            replace(one, id=content_id(pixels, one.mask), pixels=pixels) for one, pixels in zip(part, kept, strict=True)
        ]

    return [sample for _, part in halving(model, len(prepared), size, attacked) for sample in part]


def _within(view: ByteArray, original: ByteArray, epsilon: float) -> ByteArray:
    """Rounding must not carry a pixel beyond epsilon."""
    limit = int(epsilon)
    low = np.maximum(original.astype(np.int16) - limit, 0)
    high = np.minimum(original.astype(np.int16) + limit, 255)
    return np.clip(view.astype(np.int16), low, high).astype(np.uint8)
