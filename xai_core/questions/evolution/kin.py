"""Which recorded pictures belong together."""

from __future__ import annotations

from xai_core.data import load_dataset
from xai_core.errors import XaiError
from xai_core.records import TrainingRun


def groups_of_run(run: TrainingRun) -> tuple[str | None, ...]:
    """What each picture belongs to; empty where the record does not say, or its data set is not there any more.

    Parameters
    ----------
    run : TrainingRun
    """
    where = run.source
    if where is None or where.stored or not where.data:
        return ()
    try:
        known = {item.name: item.group for item in load_dataset(where.data, split=where.split).items}
    except XaiError:
        return ()
    return tuple(known.get(name) for name in run.pictures)
