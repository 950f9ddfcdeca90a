"""What a model of independent labels says of a whole labelled set: a row for each picture and label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core.errors import DataError, ModelError, PictureError
from xai_core.inference.batches import Progress, batch_size
from xai_core.inference.prediction import predict
from xai_core.models.labels import true_labels
from xai_core.types import Classifier, Sample

COLUMNS = ("index", "picture", "id", "labels", "class", "label", "true", "p", "usable")


class LabelRows(NamedTuple):
    """The rows of some pictures, as `evaluate_labels` gives them, and a sentence for each that cannot be read."""

    table: pd.DataFrame
    problems: list[str]


def label_rows(model: Classifier, samples: Sequence[Sample], places: Sequence[int], batch: int | None) -> pd.DataFrame:
    """The rows of pictures that are prepared; see `evaluate_labels`."""
    n, k = len(samples), len(model.class_names)
    if not n:
        return pd.DataFrame({name: [] for name in COLUMNS})
    p = predict(model, samples, batch_size=batch).probabilities.astype(np.float64)
    said = [sample.labels if sample.labels is not None else (sample.label,) for sample in samples]
    return pd.DataFrame(
        {
            "index": np.repeat(np.asarray(places, np.int64), k),
            "picture": np.repeat(np.array([sample.name for sample in samples], object), k),
            "id": np.repeat(np.array([sample.id for sample in samples], object), k),
            "labels": np.repeat(np.array([", ".join(filter(None, one)) for one in said], object), k),
            "class": np.tile(np.arange(k), n),
            "label": np.tile(np.array(model.class_names, object), n),
            "true": true_labels(model, samples).ravel(),
            "p": p.ravel(),
            "usable": np.repeat(np.isfinite(p).all(axis=1), k),
        }
    )


def evaluate_labels_batch(model: Classifier, pictures: Sequence[Sample], *, batch: int | None = None) -> LabelRows:
    """The rows of some pictures, and why others have none; see `evaluate_labels`.

    Parameters
    ----------
    model : Classifier
        Of independent labels.
    pictures : sequence of Sample
        Labelled or not.
    batch : int, optional
        Pictures at a time; None takes what memory allows.
    """
    samples, where, problems = [], [], []
    for index in range(len(pictures)):
        try:
            samples.append(model.preprocessing.prepare(pictures[index]))
            where.append(index)
        except PictureError as error:
            problems.append(str(error))
    return LabelRows(label_rows(model, samples, where, batch), problems)


def evaluate_labels(
    model: Classifier, dataset: Sequence[Sample], *, batch: int | None = None, progress: Progress | None = None
) -> pd.DataFrame:
    """Run a model of independent labels over a labelled set.

    Parameters
    ----------
    model : Classifier
        Whose `outputs` are independent labels.
    dataset : Dataset or sequence of Sample
        Pictures that cannot be read are left out and named in ``table.attrs["problems"]``.
    batch : int, optional
        Pictures at a time; None takes what memory allows.
    progress : callable, optional
        Called with (pictures done, pictures in all) after each batch; what it raises ends the run.

    Returns
    -------
    DataFrame
        A row for each picture and label, picture by picture in the model's order of labels: index (the picture's place
        in the data set), picture, id, labels (all that the data give, as text); class (the label's number) and label;
        true (1 true, 0 not, -1 not known); p, the label's probability in [0, 1]; usable (False where the model
        answered NaN). `attrs` holds "problems" and "classes".

    Raises
    ------
    ModelError
        If the model's classes exclude each other.
    DataError
        If there is no picture, or none can be read.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> import xai_core as xai
    >>> net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2))
    >>> model = xai.load_model(net, input_size=2, class_names=["cat", "dog"], outputs="label_logits")
    >>> pixels = np.zeros((2, 2, 3), np.uint8)
    >>> sample = xai.Sample("id", pixels, "dog", labels=("dog",), annotated=("cat", "dog"))
    >>> xai.evaluate_labels(model, [sample])["true"].tolist()
    [0, 1]
    """
    if not model.outputs.independent:
        raise ModelError(f"The classes of {model.title} exclude each other: use evaluate instead of evaluate_labels.")
    if not len(dataset):
        raise DataError("There are no pictures to evaluate.")
    size = batch_size(model) if batch is None else batch
    if size < 1:
        raise ValueError(f"batch must be at least 1, got {batch}.")
    parts: list[pd.DataFrame] = []
    problems: list[str] = []
    for start in range(0, len(dataset), size):
        stop = min(start + size, len(dataset))
        rows, failed = evaluate_labels_batch(model, dataset[start:stop], batch=size)
        parts.append(rows.assign(index=rows["index"] + start))
        problems += failed
        if progress:
            progress(stop, len(dataset))
    if not any(len(part) for part in parts):
        raise DataError(f"None of the pictures can be read. {problems[0]}")
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    table.attrs |= {"problems": problems, "classes": list(model.class_names)}
    return table
