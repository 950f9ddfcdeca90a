"""How many trainings there may be, and what they may hold on the disk."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from xai_core.errors import TrainingError
from xai_core.quotas import ACCOUNT_TRAININGS, RUNS, TRAININGS, shortage
from xai_core.training.jobs.files import is_job
from xai_core.training.jobs.job import Job
from xai_core.training.jobs.state import read_job
from xai_core.types.counts import number_of

_MB = 1_000_000  # bytes


def held(folder: Path) -> int:
    """Bytes of all files in a folder and below it; links count as themselves.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    int
        What goes while it is counted is not.
    """
    total, level = 0, [folder]
    while level:
        try:
            with os.scandir(level.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        level.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total


def _alive(root: Path) -> list[Job]:
    """Trainings in a folder that are under way or wait."""
    found = []
    for path in root.iterdir() if root.is_dir() else ():
        with contextlib.suppress(TrainingError):  # a damaged description
            if is_job(path) and (job := read_job(path)).alive:
                found.append(job)
    return found


def refusal_to_begin(root: Path, owner: str = "", *, again: bool = False) -> str:
    """Why no training begins, or nothing.

    Parameters
    ----------
    root : pathlib.Path
        Folder of trainings.
    owner : str
        Stands for the account that asks; empty where there are none.
    again : bool
        Whether one is taken up that is there already, and takes little more.

    Returns
    -------
    str
        A sentence.
    """
    alive = _alive(root)
    own = sum(job.owner == owner for job in alive) if owner else 0
    if owner and own >= ACCOUNT_TRAININGS.value:
        return (
            f"Your account has {number_of(own, 'training')} under way or waiting, as many as one account may have "
            f"({ACCOUNT_TRAININGS.variable}). Stop one, or wait until one has ended."
        )
    if len(alive) >= TRAININGS.value:
        return (
            f"{len(alive):,} trainings are under way or wait for their turn, as many as there may be "
            f"({TRAININGS.variable}). Stop one, or wait until one has ended."
        )
    if not again and (size := held(root)) >= RUNS.value * _MB:
        return (
            f"The trainings in {root} hold {size / _MB:,.0f} MB; {RUNS.value:,} may be held ({RUNS.variable}). "
            "Delete one first."
        )
    return shortage(root, 0)


@dataclass
class Weights:
    """Whether weights of epochs are kept, and which were not.

    Attributes
    ----------
    folder : pathlib.Path
        Of the training.
    left_out : list of int
        Epochs whose weights were not kept, since there was no room.
    """

    folder: Path
    left_out: list[int] = field(default_factory=list)

    def may_keep(self, epoch: int, size: int) -> bool:
        """Whether there is room for the weights of an epoch, of so many bytes.

        Parameters
        ----------
        epoch, size : int

        Returns
        -------
        bool
        """
        full = held(self.folder.parent) + size > RUNS.value * _MB or bool(shortage(self.folder, size))
        if full:
            self.left_out.append(epoch)
        return not full

    @property
    def notice(self) -> str:
        """Which weights were not kept, in a sentence, or nothing."""
        if not self.left_out:
            return ""
        count, first = len(self.left_out), self.left_out[0]
        which = f"epoch {first} were" if count == 1 else f"{count:,} epochs, the first of them {first}, were"
        return (
            f"The weights of {which} not kept: trainings may hold {RUNS.value:,} MB ({RUNS.variable}), and the disk "
            "keeps some room. There are no maps for them."
        )
