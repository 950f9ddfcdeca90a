"""Which label of a picture its map explains."""

from __future__ import annotations

from collections.abc import Sequence

from xai_core.inference.prediction import predict
from xai_core.models.labels import best_classes, possible_classes, true_classes
from xai_core.types import Classifier, Sample


def explained_labels(
    model: Classifier, samples: Sequence[Sample], *, batch_size: int | None = None
) -> list[int | None]:
    """The class of each picture's label; of several labels, the one that the model finds likeliest.

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
        N classes, each in [0, K); None where the model knows none of the labels.
    """
    found = true_classes(model, samples)
    several = [place for place, sample in enumerate(samples) if len(sample.every_label) > 1]
    if several:
        some = [samples[place] for place in several]
        p = predict(model, some, batch_size=batch_size).probabilities
        for place, best in zip(several, best_classes(possible_classes(model, some), p), strict=True):
            found[place] = best
    return found
