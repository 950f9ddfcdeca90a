"""How far a study is, in `progress.json` beside its parts: for whoever looks while it runs."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xai_core import bounded_json, regular
from xai_core.batch.computing import Made
from xai_core.batch.head import to_json
from xai_core.batch.store import StudyFolder
from xai_core.batch.writing import StudyWriteError, write_file
from xai_core.errors import RecordError
from xai_core.studies.words import capitalised
from xai_core.types.counts import number_of, part_of

PROGRESS = "progress.json"
_MOST = 1 << 20  # bytes of it: a few thousand workers
EVERY_S = 1.0  # between two writes
_OF_WORKER = {"parts": int, "pictures": int, "read": float, "computed": float, "written": float}
_LATER = {"read": 0.0}  # which older versions counted as computing


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
        """Of reading, computing and writing, by all who worked on it, now and before."""
        own = sum(one["read"] + one["computed"] + one["written"] for one in self.workers.values())
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
        nothing = {"parts": 0, "pictures": 0, "read": 0.0, "computed": 0.0, "written": 0.0}
        told = self.workers.setdefault(one.worker, nothing)
        told["parts"] += 1
        told["pictures"] += pictures
        told["read"] = round(told["read"] + one.read, 4)
        told["computed"] = round(told["computed"] + one.computed, 4)
        told["written"] = round(told["written"] + one.written, 4)
        self._stage["done"] += 1
        self._stage["looked_at"] += pictures
        self._fresh += pictures
        if time.monotonic() - self._written >= EVERY_S:
            self.write()

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Nobody is told that the study runs when it no longer does, however it comes to its end."""
        try:
            yield
        except BaseException:
            with suppress(StudyWriteError):  # what went wrong before says more
                self.write("ended")
            raise
        self.write("done")

    def write(self, state: str = "running") -> None:
        """Write the file.

        Parameters
        ----------
        state : str
            "running"; "results", while these are written; "done"; or "ended", before it was.

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
        found = bounded_json.loads(regular.read_bytes(folder / PROGRESS, _MOST))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("study") == identity else None


@dataclass(frozen=True)
class HowFar:
    """How far a study is, for whoever looks at its folder.

    Attributes
    ----------
    stage : str
        What is done.
    done, parts : int
        Parts of the stage that are there, and all of them.
    looked_at, pictures : int
        Likewise, of pictures.
    rate : float, optional
        Pictures a second.
    left : float, optional
        Seconds until the stage is done.
    ago : float
        Seconds since this was written.
    running : bool
        Whether it had not come to an end by then.
    workers : dict of str to dict
        As `Progress.workers`.
    """

    stage: str
    done: int
    parts: int
    looked_at: int
    pictures: int
    rate: float | None
    left: float | None
    ago: float
    running: bool
    workers: dict[str, dict[str, float]]

    @property
    def share(self) -> float:
        """Of the stage that is done, from 0 to 1."""
        return min(1.0, self.looked_at / self.pictures) if self.pictures else 1.0

    @property
    def sentence(self) -> str:
        """All of it but for the workers."""
        said = f"{self.stage}: {part_of(self.looked_at, self.pictures, 'picture')} in "
        said += f"{part_of(self.done, self.parts, 'part')}"
        if self.running and self.rate and self.left is not None:
            said += f", {self.rate:,.3g} pictures a second, about {lasting(self.left)} left"
        return f"{said}. Last change {lasting(self.ago)} ago."


def lasting(seconds: float) -> str:
    """A length of time in the unit that suits it.

    Parameters
    ----------
    seconds : float
        From 0.

    Returns
    -------
    str

    Examples
    --------
    >>> from xai_core.batch.progress import lasting
    >>> lasting(57), lasting(600), lasting(12_600)
    ('57 s', '10 min', '3.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def how_far(study: StudyFolder) -> HowFar | None:
    """How far a study is, or was when it was last worked on; None where that is not known.

    Parameters
    ----------
    study : StudyFolder
    """
    said = read_progress(study.folder, study.identity) or {}
    try:
        done, parts, looked_at, pictures = (int(said[key]) for key in ("done", "parts", "looked_at", "pictures"))
        rate, left = (
            None if said[key] is None else float(said[key]) for key in ("pictures_per_second", "seconds_left")
        )
        workers = {
            str(name): {key: kind({**_LATER, **one}[key]) for key, kind in _OF_WORKER.items()}
            for name, one in said["workers"].items()
        }
        ago = max(0.0, time.time() - float(said["at"]))
        return HowFar(
            str(said["stage"]), done, parts, looked_at, pictures, rate, left, ago, said["state"] == "running", workers
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):  # cut off, or nothing of ours
        return None


def workers_of(folder: Path) -> dict[str, dict[str, float]]:
    """What each worker did when a study was last worked on, as `Progress.workers`.

    Parameters
    ----------
    folder : pathlib.Path
        Of the study.
    """
    try:
        found = how_far(StudyFolder.open(folder))
    except RecordError:
        return {}
    return found.workers if found else {}


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
        f"{capitalised(name)}: {number_of(int(one['parts']), 'part')} of {number_of(int(one['pictures']), 'picture')}, "
        f"{one['read']:.1f} s reading, {one['computed']:.1f} s computing, {one['written']:.1f} s writing."
        for name, one in sorted(workers.items())
    ]
