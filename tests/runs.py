"""Training runs that several tests draw at random."""

import numpy as np
import pandas as pd

from xai_core.records import LOG, TrainingRun


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
