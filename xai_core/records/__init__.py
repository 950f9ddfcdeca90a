"""Recorded training runs: the record, its arithmetic, and how it lies on disk. No torch in here."""

from xai_core.records.confused import Confused, confused
from xai_core.records.fields import LOG, ByClass, PictureSource
from xai_core.records.limits import MAX_CLASSES, MAX_EPOCHS
from xai_core.records.opening import NAMELESS, files_read, holds_predictions
from xai_core.records.run import TrainingRun
from xai_core.records.spread import spread
from xai_core.records.store import RunWriter, is_run

__all__ = [
    "LOG",
    "MAX_CLASSES",
    "MAX_EPOCHS",
    "NAMELESS",
    "ByClass",
    "Confused",
    "PictureSource",
    "RunWriter",
    "TrainingRun",
    "confused",
    "files_read",
    "holds_predictions",
    "is_run",
    "spread",
]
