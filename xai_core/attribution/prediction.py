"""What a model says of pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from xai_core.attribution.inputs import Batches, Pictures
from xai_core.types import Classifier, Predictions

Progress = Callable[[int, int], None]


def to_predictions(logits: torch.Tensor) -> Predictions:
    """Outputs (N, K) of a network as classes and probabilities; NaN outputs stay NaN."""
    values = logits.detach().float().cpu()
    return Predictions(values.argmax(1).numpy(), values.softmax(1).numpy())


def predict(
    model: Classifier, images: Pictures, *, batch_size: int | None = None, progress: Progress | None = None
) -> Predictions:
    """Classes (N,) and probabilities (N, K) of pictures.

    Parameters
    ----------
    images : samples, PIL images, uint8 arrays (H, W, 3), or a preprocessed tensor (N, 3, H, W)
    batch_size : None takes what memory allows
    progress : called with (pictures done, pictures in all) after each batch; what it raises ends the run
    """
    batches = Batches(model, images, batch_size)
    parts = []
    for start in range(0, len(batches), batches.size):
        stop = min(start + batches.size, len(batches))
        inputs = batches.tensor(start, stop)
        with model.lock, torch.no_grad():
            parts.append(to_predictions(model.net(inputs)))
        if progress:
            progress(stop, len(batches))
    return Predictions(
        np.concatenate([part.classes for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
    )
