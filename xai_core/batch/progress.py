"""How far a study is, in `progress.json` beside its parts: for whoever looks while it runs."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

from xai_core import regular
from xai_core.batch.computing import Made
from xai_core.batch.head import to_json
from xai_core.batch.store import StudyFolder
from xai_core.batch.writing import write_file
from xai_core.errors import RecordError
from xai_core.types.counts import number_of

PROGRESS = "progress.json"
EVERY_S = 1.0  # between two writes


class Progress:
    """How far a study is; the file is written now and then.

    Parameters
    ----------
    study : StudyFolder
        Where it runs.
    """

    def __init__(self, study: StudyFolder) -> None:
        self._study, self._written = study, 0.0
        self._before = float((read_progress(study.folder, study.identity) or {}).get("seconds", 0.0))
        self.workers: dict[str, dict[str, float]] = {}
        self._stage: dict[str, Any] = {}
        self._began, self._fresh = time.monotonic(), 0

    @property
    def seconds(self) -> float:
        """Of computing and writing, by all who worked on it, now and before."""
        own = sum(one["computed"] + one["written"] for one in self.workers.values())
        return round(self._before + own, 3)

    def begin(self, word: str, parts: int, done: int, pictures: int, looked_at: int) -> None:
        """A stage begins.

        Parameters
        ----------
        word : str
            What is done.
        parts, done : int
            Parts of the stage, and how many there are already.
        pictures, looked_at : int
            Pictures of the stage, and how many have been looked at already.
        """
        self._stage = {"stage": word, "parts": parts, "done": done, "pictures": pictures, "looked_at": looked_at}
        self._began, self._fresh = time.monotonic(), 0
        self.write()

    def made(self, one: Made, pictures: int) -> None:
        """A part came.

        Parameters
        ----------
        one : Made
        pictures : int
            In it.
        """
        nothing = {"parts": 0, "pictures": 0, "computed": 0.0, "written": 0.0}
        told = self.workers.setdefault(one.worker, nothing)
        told["parts"] += 1
        told["pictures"] += pictures
        told["computed"] = round(told["computed"] + one.computed, 4)
        told["written"] = round(told["written"] + one.written, 4)
        self._stage["done"] += 1
        self._stage["looked_at"] += pictures
        self._fresh += pictures
        if time.monotonic() - self._written >= EVERY_S:
            self.write()

    def write(self, state: str = "running") -> None:
        """Write the file.

        Parameters
        ----------
        state : str
            "running", or "ended".

        Raises
        ------
        StudyWriteError
            If it cannot be written.
        """
        self._written = time.monotonic()
        rate = self._fresh / max(self._written - self._began, 1e-9) if self._fresh else None
        left = self._stage["pictures"] - self._stage["looked_at"] if self._stage else 0
        said = {
            "study": self._study.identity,
            "state": state,
            "at": round(time.time(), 1),
            "process": os.getpid(),
            "host": socket.gethostname(),
            **self._stage,
            "pictures_per_second": None if rate is None else round(rate, 3),
            "seconds_left": None if rate is None else round(left / rate, 1),
            "seconds": self.seconds,
            "workers": self.workers,
        }
        write_file(self._study.folder / PROGRESS, to_json(said))


def read_progress(folder: Path, identity: str) -> dict[str, Any] | None:
    """How far a study is, or was when it was last worked on; None where that is not known.

    Parameters
    ----------
    folder : pathlib.Path
        Of the study.
    identity : str
        What stands for the study.

    Returns
    -------
    dict of str to object, or None
        As docs/scale.md has it.
    """
    try:
        found = json.loads(regular.read_bytes(folder / PROGRESS, 1 << 24))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("study") == identity else None


def workers_of(folder: Path) -> dict[str, dict[str, float]]:
    """What each worker did when a study was last worked on, as `Progress.workers`.

    Parameters
    ----------
    folder : pathlib.Path
        Of the study.
    """
    try:
        identity = StudyFolder.open(folder).identity
    except RecordError:
        return {}
    return dict((read_progress(folder, identity) or {}).get("workers", {}))


def by_worker(workers: dict[str, dict[str, float]]) -> list[str]:
    """What each worker did, a sentence each.

    Parameters
    ----------
    workers : dict of str to dict
        As `Progress.workers`.

    Returns
    -------
    list of str
    """
    return [
        f"{name}: {number_of(int(one['parts']), 'part')} of {number_of(int(one['pictures']), 'picture')}, "
        f"{one['computed']:.1f} s reading and computing, {one['written']:.1f} s writing."
        for name, one in sorted(workers.items())
    ]
