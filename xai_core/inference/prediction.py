"""What a model says of pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from xai_core.inference.batches import Batches, Pictures, Progress
from xai_core.models.outputs import probabilities
from xai_core.types import ByteArray, Classifier, Predictions


def to_predictions(model: Classifier, scores: torch.Tensor) -> Predictions:
    """Scores (N, K) of a network as classes and probabilities; NaN scores stay NaN."""
    values = scores.detach().float().cpu()
    return Predictions(values.argmax(1).numpy(), probabilities(values, model.outputs).numpy())


def predict(
    model: Classifier, images: Pictures, *, batch_size: int | None = None, progress: Progress | None = None
) -> Predictions:
    """Classes and probabilities of pictures.

    Parameters
    ----------
    model : Classifier
    images : sequence of Sample, PIL.Image.Image or uint8 (H, W, 3), or float (N, 3, H, W)
        Pictures; a float tensor is taken as preprocessed.
    batch_size : int, optional
        None takes what memory allows.
    progress : callable, optional
        Called with (pictures done, pictures in all) after each batch; what it raises ends the run.

    Returns
    -------
    Predictions
        Classes (N,) and probabilities (N, K).

    Raises
    ------
    PictureError
        If something is no picture.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:2]
    >>> [model.class_names[index] for index in xai.predict(model, digits).classes] == [digit.label for digit in digits]
    True
    """

    def judge(inputs: torch.Tensor, _start: int, _stop: int) -> Predictions:
        with model.lock, torch.no_grad():
            return to_predictions(model, model.scores(inputs))

    return Predictions.concatenate(list(Batches(model, images, batch_size).run(judge, progress)))


def predict_views(model: Classifier, views: Sequence[ByteArray]) -> Predictions:
    """Classes and probabilities of what the network sees, at least one uint8 (S, S, 3), which is not cut again."""
    return predict(model, torch.from_numpy(np.stack([model.preprocessing.scale(view) for view in views])))
