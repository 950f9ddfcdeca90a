"""Training runs: drawn at random, or spelled out by letters."""

import numpy as np
import pandas as pd

from xai_core import studies
from xai_core.records import LOG, TrainingRun

CLASSES = ("ant", "bee", "cat")
FIRST = {"p": "a aba", "q": "b bbb", "r": "c acc", "s": "a aaa", "u": "b aac"}  # epochs 1, 2, 3
SECOND = {"t": "a aaa", "u": "b aab", "r": "c ccb", "q": "b aab", "p": "a aaa"}  # epochs 2, 3, 4


def log(epochs, **columns):
    """A log in which only the columns given are known."""
    return pd.DataFrame(np.nan, index=range(epochs), columns=list(LOG)).assign(**columns)


def draw(seed, epochs, n, k, probabilities=True):
    """A random run in which a picture often stays as it was; labels in no order, epochs with gaps."""
    rng = np.random.default_rng(seed)
    predictions = rng.integers(0, k, (epochs, n))
    for row in range(1, epochs):
        stays = rng.random(n) < 0.7
        predictions[row, stays] = predictions[row - 1, stays]
    return TrainingRun(
        name=f"seed {seed}",
        class_names=tuple(f"class {i}" for i in range(k)),
        pictures=tuple(f"{i:05d}" for i in range(n)),
        labels=rng.integers(0, k, n),
        epochs=np.cumsum(rng.integers(1, 4, epochs)),
        predictions=predictions,
        p_predicted=rng.random((epochs, n), dtype=np.float32) if probabilities else None,
        p_true=rng.random((epochs, n), dtype=np.float32) if probabilities else None,
        log=log(epochs, **{name: rng.random(epochs) for name in LOG}) if probabilities else log(epochs),
    )


def spelled(pictures, classes=CLASSES, **changes):
    """A run of pictures such as "b aab": true class, then the class predicted at each epoch, by initial letters."""
    number = {name[0]: i for i, name in enumerate(classes)}
    said = [[number[letter] for letter in line[2:]] for line in pictures.values()]
    values = {
        "name": "demo",
        "class_names": tuple(classes),
        "pictures": tuple(pictures),
        "labels": np.array([number[line[0]] for line in pictures.values()]),
        "epochs": np.arange(1, len(said[0]) + 1),
        "predictions": np.array(said).T,
    }
    return TrainingRun(**(values | changes))


def rows_of(run, order=None, **settings):
    measures = run.measures()
    if order is None:
        order = studies.choose_rows(run, measures, by_class=settings.get("by_class", True))
    return studies.evolution_rows(run, order, measures, **settings)


def two():
    first = spelled(FIRST, name="one")
    second = spelled(SECOND, ("cat", "ant", "bee"), name="two", epochs=np.array([2, 3, 4]))
    return first, second
