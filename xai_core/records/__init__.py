"""Recorded training runs: the record, its arithmetic, and how it lies on disk. No torch in here."""

from xai_core.records.fields import LOG, PictureSource
from xai_core.records.run import TrainingRun
from xai_core.records.store import RunWriter, is_run

__all__ = ["LOG", "PictureSource", "RunWriter", "TrainingRun", "is_run"]
