"""What stands beside each picture of a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_core.types import Heatmaps, Sample
from xai_core.types.label_evaluation import THRESHOLD, UNKNOWN


@dataclass(frozen=True)
class Caption:
    """What stands beside a picture.

    Attributes
    ----------
    name : str
        Of the picture.
    predicted : str
        The class in words.
    confidence : float
        Its probability, in [0, 1].
    true : str, optional
        The label.
    correct : bool, optional
        None where the label is none of the model's classes.
    target : str
        The class that the maps explain.
    what : str
        What the class in words is of the picture, as the head of the grid says it.
    """

    name: str
    predicted: str
    confidence: float
    true: str | None
    correct: bool | None
    target: str
    what: str = "predicted"


def label_captions(
    samples: Sequence[Sample], heatmaps: Heatmaps, labels: Sequence[str], truth: np.ndarray
) -> list[Caption]:
    """The same of a model of independent labels: a caption says of the label that the maps explain how likely it is.

    Parameters
    ----------
    samples : sequence of Sample
        N pictures.
    heatmaps : Heatmaps
        Of the same pictures.
    labels : sequence of str
        Names of the K labels.
    truth : ndarray
        int8 (N, K): 1 true, 0 not, -1 not known.

    Returns
    -------
    list of Caption
        N captions; `correct` says whether the label is right at a threshold of 0.5.
    """
    found = []
    for row, (sample, target) in enumerate(zip(samples, heatmaps.targets, strict=True)):
        p, true = float(heatmaps.predictions.probabilities[row, target]), int(truth[row, target])
        correct = None if true == UNKNOWN or not np.isfinite(p) else (p >= THRESHOLD) == (true == 1)
        name = labels[int(target)]
        known = ", ".join(sample.every_label) or ("none" if (truth[row] != UNKNOWN).any() else None)
        found.append(Caption(sample.name, name, p, known, correct, name, "label"))
    return found


def captions(
    samples: Sequence[Sample], heatmaps: Heatmaps, classes: Sequence[str], truth: Sequence[int | None]
) -> list[Caption]:
    """One caption a picture, from its sample, its prediction and its true class.

    Parameters
    ----------
    samples : sequence of Sample
        N pictures.
    heatmaps : Heatmaps
        Of the same pictures.
    classes : sequence of str
        Names of the K classes.
    truth : sequence of int or None
        N class numbers; None where the true class is unknown.

    Returns
    -------
    list of Caption
        N captions.
    """
    predictions = heatmaps.predictions
    return [
        Caption(
            sample.name,
            classes[int(predicted)],
            float(confidence),
            sample.label,
            None if true is None else true == int(predicted),
            classes[int(target)],
        )
        for sample, predicted, confidence, true, target in zip(
            samples, predictions.classes, predictions.confidences, truth, heatmaps.targets, strict=True
        )
    ]
