"""Which class a map explains that is to explain its picture's label."""

from __future__ import annotations

from collections.abc import Sequence

from xai_core.inference.prediction import predict
from xai_core.models.labels import explained_classes
from xai_core.types import Classifier, Sample


def explained_labels(
    model: Classifier, samples: Sequence[Sample], *, batch_size: int | None = None
) -> list[int | None]:
    """The class of each picture's label; of several labels, or kinds of an everyday word, the likeliest by the model.

    Parameters
    ----------
    model : Classifier
    samples : sequence of Sample
        N, as the network sees them.
    batch_size : int, optional
        Pictures at a time; None takes what memory allows.

    Returns
    -------
    list of int or None
        N classes, each in [0, K); None where the model knows none of the labels, not even as a word for several of its
        classes (`models.possible_classes`).
    """
    return explained_classes(model, samples, lambda some: predict(model, some, batch_size=batch_size).probabilities)
