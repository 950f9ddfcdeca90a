"""`Job`: a training and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xai_core.training.settings import Settings

State = Literal["starting", "queued", "running", "stopping", "stopped", "interrupted", "failed", "finished"]
_TELLING = 10  # seconds of training before its speed says how long it will take


@dataclass(frozen=True)
class Job:
    """A training and how it stands.

    Attributes
    ----------
    folder : pathlib.Path
        Of the run.
    name : str
        What people call it.
    settings : Settings
        What was asked for.
    state : {"starting", "queued", "running", "stopping", "stopped", "interrupted", "failed", "finished"}
        "starting", "queued", "running", "stopping"; or ended: "stopped", "interrupted" (its process was killed),
        "failed", "finished".
    ahead : int
        Trainings before it in the queue.
    done : int
        Whole epochs.
    epoch, batch, batches : int
        Under way; 0 where it does not run.
    before : int
        Whole epochs when it began or went on.
    loss, accuracy : float
        So far in the epoch under way.
    seconds : float
        Since it began or went on.
    message : str
        Why it failed, or empty.
    notice : str
        What it left out, such as weights for which there was no room, or empty.
    owner : str
        Stands for the account that began it; empty where there are none.
    """

    folder: Path
    name: str
    settings: Settings
    state: State
    ahead: int
    done: int
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    before: int = 0
    loss: float = float("nan")
    accuracy: float = float("nan")
    seconds: float = 0.0
    message: str = ""
    notice: str = ""
    owner: str = ""

    @property
    def alive(self) -> bool:
        """Whether a process works on it or waits to."""
        return self.state in ("starting", "queued", "running", "stopping")

    @property
    def share(self) -> float:
        """Share of the whole training that is done, in [0, 1]."""
        under_way = self.batch / self.batches if self.batches and self.epoch == self.done + 1 else 0.0
        return min(1.0, (self.done + under_way) / self.settings.epochs)

    @property
    def seconds_left(self) -> float:
        """An estimate from the speed since it began or went on; NaN while there is nothing to go by."""
        here = self.share - self.before / self.settings.epochs
        enough = self.seconds > _TELLING and here > 0
        return self.seconds * (1 - self.share) / here if enough else float("nan")
