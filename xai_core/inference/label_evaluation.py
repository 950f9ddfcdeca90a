"""What a model of independent labels says of a whole labelled set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xai_core.errors import DataError, ModelError
from xai_core.inference.batches import Progress, batch_size
from xai_core.inference.prediction import predict
from xai_core.inference.readable import read_places
from xai_core.models.labels import true_labels
from xai_core.types import Classifier, LabelEvaluation, Sample
from xai_core.types.label_evaluation import THRESHOLD, Threshold, label_thresholds


def prepared_labels(
    model: Classifier, samples: Sequence[Sample], places: Sequence[int], *, batch: int | None = None
) -> LabelEvaluation:
    """The evaluation of pictures that are prepared; see `evaluate_labels`.

    Parameters
    ----------
    model : Classifier
        Of independent labels.
    samples : sequence of Sample
        As the network sees them.
    places : sequence of int
        Theirs in the data set.
    batch : int, optional
        Pictures at a time; None takes what memory allows.

    Returns
    -------
    LabelEvaluation
    """
    k = len(model.class_names)
    p = predict(model, samples, batch_size=batch).probabilities if samples else np.zeros((0, k), np.float32)
    return LabelEvaluation(
        label_names=tuple(model.class_names),
        index=np.asarray(places, np.int64),
        pictures=tuple(sample.name for sample in samples),
        ids=tuple(sample.id for sample in samples),
        labels=tuple(sample.every_label for sample in samples),
        truth=true_labels(model, samples),
        probabilities=p,
        thresholds=label_thresholds(model.class_names),
    )


def evaluate_labels_batch(
    model: Classifier, pictures: Sequence[Sample], *, batch: int | None = None
) -> LabelEvaluation:
    """The evaluation of some pictures, those that cannot be read among its problems; see `evaluate_labels`.

    Parameters
    ----------
    model : Classifier
        Of independent labels.
    pictures : sequence of Sample
        Labelled or not; there may be none.
    batch : int, optional
        Pictures at a time; None takes what memory allows.

    Returns
    -------
    LabelEvaluation
    """
    there = read_places(model, pictures, range(len(pictures)))
    evaluation = prepared_labels(model, there.samples, there.places, batch=batch)
    return replace(evaluation, problems=tuple(there.problems))


def evaluate_labels(
    model: Classifier,
    dataset: Sequence[Sample],
    *,
    threshold: Threshold = THRESHOLD,
    batch: int | None = None,
    progress: Progress | None = None,
) -> LabelEvaluation:
    """Run a model of independent labels over a labelled set.

    A label is neither right nor wrong of a picture whose data do not say whether it has it (`Sample.annotated`), so it
    is left out of all numbers there. `studies.summarise_labels` and `studies.label_report` give the numbers.

    Parameters
    ----------
    model : Classifier
        Whose `outputs` are independent labels.
    dataset : Dataset or sequence of Sample
        Pictures that cannot be read are left out and named in `problems`.
    threshold : float or Mapping of str to float
        From which probability on a label counts as predicted: one for all, or those of some labels, the others having
        0.5. `LabelEvaluation.at` gives the same evaluation with another one.
    batch : int, optional
        Pictures at a time; None takes what memory allows.
    progress : callable, optional
        Called with (pictures done, pictures in all) after each batch; what it raises ends the run.

    Returns
    -------
    LabelEvaluation

    Raises
    ------
    ModelError
        If the model's classes exclude each other.
    DataError
        If there is no picture, or none can be read.
    TargetError
        If there is no label that is to have a threshold.
    ValueError
        If a threshold does not lie between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> import xai_core as xai
    >>> net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2))
    >>> model = xai.load_model(net, input_size=2, class_names=["cat", "dog"], outputs="label_logits")
    >>> pixels = np.zeros((2, 2, 3), np.uint8)
    >>> sample = xai.Sample("id", pixels, "dog", labels=("dog",), annotated=("cat", "dog"))
    >>> xai.evaluate_labels(model, [sample]).truth.tolist()
    [[0, 1]]
    """
    if not model.outputs.independent:
        raise ModelError(f"The classes of {model.title} exclude each other: use evaluate instead of evaluate_labels.")
    label_thresholds(model.class_names, threshold)  # before the long run
    if not len(dataset):
        raise DataError("There are no pictures to evaluate.")
    size = batch_size(model) if batch is None else batch
    if size < 1:
        raise ValueError(f"batch must be at least 1, got {batch}.")
    parts: list[LabelEvaluation] = []
    for start in range(0, len(dataset), size):
        stop = min(start + size, len(dataset))
        part = evaluate_labels_batch(model, dataset[start:stop], batch=size)
        parts.append(replace(part, index=part.index + start))
        if progress:
            progress(stop, len(dataset))
    whole = LabelEvaluation.concatenate(parts)
    if not len(whole):
        raise DataError(f"None of the pictures can be read. {whole.problems[0]}")
    return whole.at(threshold)
