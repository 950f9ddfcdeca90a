"""Some epochs of a run, for figures that thousands would not make clearer."""

from __future__ import annotations

import numpy as np

from xai_core.records.run import TrainingRun


def spread(run: TrainingRun, most: int) -> TrainingRun:
    """The epochs of a run that are drawn: all, or so many evenly spread ones, the first and the last among them.

    Parameters
    ----------
    run : TrainingRun
    most : int
        At least 2.

    Returns
    -------
    TrainingRun
        The run itself where it has no more.
    """
    count = len(run.epochs)
    if count <= most:
        return run
    return run.at(run.epochs[np.linspace(0, count - 1, most).round().astype(np.int64)])
