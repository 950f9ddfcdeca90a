"""What a model says of a whole labelled set: the table that everything about its mistakes is read from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core.errors import DataError, ModelError
from xai_core.inference.batches import Progress, batch_size
from xai_core.inference.prediction import predict
from xai_core.inference.readable import read_places
from xai_core.models.labels import true_classes, true_labels
from xai_core.types import Classifier, Predictions, Sample

TOP = 5


def evaluation_rows(
    predictions: Predictions, samples: Sequence[Sample], truth: Sequence[int | None], names: Sequence[str]
) -> pd.DataFrame:
    """A row a picture from what a model said of it; see `evaluate`."""
    p = predictions.probabilities.astype(np.float64)
    n, k = p.shape
    everyone = np.arange(n)
    true = np.array([-1 if index is None else index for index in truth], dtype=np.int64)
    known = true >= 0
    ranked = p.copy()
    ranked[everyone, predictions.classes] += 1  # the predicted class comes first, also where rounding makes a tie
    order = np.argsort(-ranked, axis=1, kind="stable")[:, : max(2, min(TOP, k))]
    p_true = np.where(known, p[everyone, np.maximum(true, 0)], np.nan)
    usable = np.isfinite(p).all(axis=1)
    second = p[everyone, order[:, 1]] if k > 1 else np.zeros(n)
    with np.errstate(divide="ignore"):
        loss = np.abs(np.log(np.where(usable, p_true, np.nan)))  # and not -0.0 for a certain one
    words = np.array([*names, ""], dtype=object)
    return pd.DataFrame(
        {
            "picture": [sample.name for sample in samples],
            "id": [sample.id for sample in samples],
            "label": [sample.label for sample in samples],
            "true": true,
            "true_class": words[true],
            "predicted": predictions.classes,
            "predicted_class": words[predictions.classes],
            "confidence": p[everyone, predictions.classes],
            "p_true": p_true,
            "margin": p[everyone, order[:, 0]] - second,
            "loss": loss,
            "correct": (predictions.classes == true) & usable,
            "in_top5": (order[:, :TOP] == true[:, None]).any(axis=1) & usable,
            "usable": usable,
        }
    )


def _require_one_class(model: Classifier) -> None:
    if model.outputs.independent:
        raise ModelError(
            f"The labels of {model.title} do not exclude each other, so a picture has no one right class: use "
            "evaluate_labels instead of evaluate."
        )


def _one_of_several(model: Classifier, samples: Sequence[Sample], said: Predictions) -> list[int | None]:
    """The true class; of a picture with several labels that which was predicted, where it is one of them."""
    truth = true_classes(model, samples)
    several = [index for index, sample in enumerate(samples) if len(sample.labels or ()) > 1]
    if several:
        there = true_labels(model, [samples[index] for index in several])
        for index, row in zip(several, there, strict=True):
            predicted = int(said.classes[index])
            known = np.flatnonzero(row == 1)
            truth[index] = predicted if predicted in known else int(known[0]) if len(known) else None
    return truth


class BatchEvaluation(NamedTuple):
    """What a model says of some pictures of a labelled set.

    Attributes
    ----------
    table : DataFrame
        A row for each picture that can be read, as `evaluate` gives it.
    problems : list of str
        A sentence for each picture that cannot be read.
    """

    table: pd.DataFrame
    problems: list[str]


def evaluate_batch(model: Classifier, pictures: Sequence[Sample], *, batch: int | None = None) -> BatchEvaluation:
    """The rows of some pictures of a labelled set, and why others have none; see `evaluate`.

    Parameters
    ----------
    model : Classifier
    pictures : sequence of Sample
        Labelled or not.
    batch : int, optional
        Pictures at a time; None takes what memory allows.

    Returns
    -------
    BatchEvaluation
        Its `table` counts pictures from the first of these, and `correct` is False where nothing can be judged;
        `problems` has the others.

    Raises
    ------
    ModelError
        If the model's labels do not exclude each other; see `evaluate_labels`.

    Examples
    --------
    >>> import xai_core as xai
    >>> found = xai.evaluate_batch(xai.load_model("digits"), xai.load_dataset("textured_digits")[:2])
    >>> len(found.table), found.problems
    (2, [])
    """
    _require_one_class(model)
    there = read_places(model, pictures, range(len(pictures)))
    samples = there.samples
    if samples:
        said = predict(model, samples, batch_size=batch)
    else:
        k = len(model.class_names)
        said = Predictions(np.zeros(0, np.int64), np.zeros((0, k), np.float32))
    table = evaluation_rows(said, samples, _one_of_several(model, samples, said), model.class_names)
    table.insert(0, "index", there.places)
    return BatchEvaluation(table, there.problems)


def evaluate(
    model: Classifier, dataset: Sequence[Sample], *, batch: int | None = None, progress: Progress | None = None
) -> pd.DataFrame:
    """Run a model over a labelled set.

    Parameters
    ----------
    model : Classifier
    dataset : Dataset or sequence of Sample
        Pictures that cannot be read are left out and named in ``table.attrs["problems"]``. Of a picture with several
        labels, that which is predicted counts as its class, where it is one of them.
    batch : int, optional
        Pictures at a time; None takes what memory allows.
    progress : callable, optional
        Called with (pictures done, pictures in all) after each batch; what it raises ends the run.

    Returns
    -------
    DataFrame
        A row a picture: index (its place in the data set), picture, id, label; true and predicted (class numbers,
        true -1 where the label is none of the model's classes) and their names true_class, predicted_class;
        confidence, p_true and margin (between the two likeliest classes) in [0, 1]; loss (-ln p_true, nats);
        usable (False where the model answered NaN); correct and in_top5, missing (`pandas.NA`) where there is no true
        class or no usable answer, so that their means are over the pictures that can be judged. `attrs` holds
        "problems" and "classes".

    Raises
    ------
    ModelError
        If the model's labels do not exclude each other; see `evaluate_labels`.
    DataError
        If there is no picture, or none can be read.

    Examples
    --------
    >>> import xai_core as xai
    >>> table = xai.evaluate(xai.load_model("digits"), xai.load_dataset("textured_digits")[:4])
    >>> len(table), table["correct"].tolist()
    (4, [True, True, True, True])
    """
    _require_one_class(model)
    if not len(dataset):
        raise DataError("There are no pictures to evaluate.")
    size = batch_size(model) if batch is None else batch
    if size < 1:
        raise ValueError(f"batch must be at least 1, got {batch}.")
    parts: list[pd.DataFrame] = []
    problems: list[str] = []
    for start in range(0, len(dataset), size):
        stop = min(start + size, len(dataset))
        part = evaluate_batch(model, dataset[start:stop], batch=size)
        parts.append(part.table.assign(index=part.table["index"] + start))
        problems += part.problems
        if progress:
            progress(stop, len(dataset))
    if not any(len(part) for part in parts):
        raise DataError(f"None of the pictures can be read. {problems[0]}")
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    judged = (table["true"] >= 0) & table["usable"]
    table = table.assign(**{name: table[name].astype("boolean").where(judged) for name in ("correct", "in_top5")})
    table.attrs |= {"problems": problems, "classes": list(model.class_names)}
    return table
