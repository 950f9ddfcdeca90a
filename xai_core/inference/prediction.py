"""What a model says of pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from xai_core.inference.batches import Batches, Pictures, Progress
from xai_core.types import ByteArray, Classifier, Predictions


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

    def judge(inputs: torch.Tensor, _start: int, _stop: int) -> Predictions:
        with model.lock, torch.no_grad():
            return to_predictions(model.net(inputs))

    return Predictions.concatenate(list(Batches(model, images, batch_size).run(judge, progress)))


def predict_views(model: Classifier, views: Sequence[ByteArray]) -> Predictions:
    """Classes and probabilities of what the network sees, at least one uint8 (S, S, 3), which is not cut again."""
    return predict(model, torch.from_numpy(np.stack([model.preprocessing.scale(view) for view in views])))
