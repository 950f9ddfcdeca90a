"""What a record may not be: its parts contradicting each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from xai_core.errors import RecordError
from xai_core.records.limits import require_short, require_size


def require_consistent(run: Any) -> None:
    """That a record can be what it says.

    Parameters
    ----------
    run : TrainingRun
        Which this module does not know, so that the record can look at itself.

    Raises
    ------
    RecordError
        With the first contradiction.
    """
    e, n, k = len(run.epochs), len(run.pictures), len(run.class_names)
    if not e:
        raise RecordError(f"{run.name} has no whole epoch yet.")
    if not n:
        raise RecordError(f"{run.name} has no pictures.")
    if not k:
        raise RecordError(f"{run.name} names no classes.")
    require_size(run.name, classes=k, epochs=e, pictures=n)
    require_short(run.name, run.class_names, "class")
    require_short(run.name, run.pictures, "picture")
    if len(set(run.class_names)) < k:
        raise RecordError(f"{run.name} names a class twice; every class needs a name of its own.")
    if len(set(run.pictures)) < n:
        raise RecordError(f"{run.name} names a picture twice; every picture needs a name of its own.")
    if (np.diff(run.epochs) <= 0).any():
        raise RecordError(f"The epochs of {run.name} are not in ascending order.")
    shapes = {"labels": (run.labels, (n,)), "predictions": (run.predictions, (e, n))}
    shapes |= {key: (getattr(run, key), (e, n)) for key in ("p_predicted", "p_true") if getattr(run, key) is not None}
    for what, (values, shape) in shapes.items():
        if values.shape != shape:
            raise RecordError(f"{run.name}: {what} have the shape {values.shape}, expected {shape}.")
    if ((run.labels < 0) | (run.labels >= k)).any():
        at = int(np.flatnonzero((run.labels < 0) | (run.labels >= k))[0])
        raise RecordError(
            f"{run.name}: the picture {run.pictures[at]!r} has the label {run.labels[at]}, but there are {k} classes, "
            f"0 to {k - 1}."
        )
    if (outside := (run.predictions < 0) | (run.predictions >= k)).any():
        row, at = (int(i) for i in np.argwhere(outside)[0])
        raise RecordError(
            f"{run.name}: at epoch {run.epochs[row]} the picture {run.pictures[at]!r} is predicted as class "
            f"{run.predictions[row, at]}, but there are {k} classes, 0 to {k - 1}."
        )
    if run.files and len(run.files) != n:
        raise RecordError(f"{run.name}: it has {len(run.files):,} file names for {n:,} pictures.")
    if len(run.log) != e:
        raise RecordError(f"{run.name}: the log has {len(run.log)} rows for {e} epochs.")
