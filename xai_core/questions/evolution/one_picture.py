"""One picture's way through a training, in words."""

from __future__ import annotations

import pandas as pd

from xai_core.types.counts import number_of


def picture_sentences(name: str, row: pd.Series) -> str:
    """A picture's way through the epochs, in two sentences.

    Parameters
    ----------
    name : str
        Of the picture.
    row : Series
        Its row of `TrainingRun.measures`.

    Returns
    -------
    str
    """
    changed = f", its prediction changed in {row['frequency']:.0%} of the steps between epochs"
    changes = "" if pd.isna(row["frequency"]) else changed
    times = row["forgetting"]
    forgotten = f"was forgotten {number_of(times, 'time')}" if times else "was never forgotten"
    learned = "" if pd.isna(row["learned"]) else f", and has been right since epoch {row['learned']:.0f}"
    forgotten = f", it {forgotten}" if learned else f", and it {forgotten}"
    wrong = f"wrong at {row['misclassification']:.0%} of epochs"
    if row["misclassification"] == 1:  # what was never right cannot be forgotten
        wrong, forgotten, changes = "never right", "", changes.replace(", its", ", and its", 1)
    return (
        f"{name}, a picture of {row['label']}, is predicted as {row['final']} at the end. It was "
        f"{wrong}{changes}{forgotten}{learned}."
    )
