"""Which recorded pictures belong together: cards of trainings count pictures, and have to say so."""

from __future__ import annotations

from xai_core.data import load_dataset
from xai_core.errors import XaiError
from xai_core.records import TrainingRun
from xai_core.studies import Hypothesis, counting_pictures


def marked(card: Hypothesis, run: TrainingRun) -> Hypothesis:
    """A card that counts pictures of a run; where these are frames or patients it says so, and its answer is marked.

    Parameters
    ----------
    card : Hypothesis
    run : TrainingRun
        Of these pictures.
    """
    return counting_pictures(card, _groups(run))


def _groups(run: TrainingRun) -> tuple[str | None, ...]:
    """What each picture belongs to; empty where the record does not say, or its data set is not there any more."""
    where = run.source
    if where is None or where.stored or not where.data:
        return ()
    try:
        known = {item.name: item.group for item in load_dataset(where.data, split=where.split).items}
    except XaiError:
        return ()
    return tuple(known.get(name) for name in run.pictures)
