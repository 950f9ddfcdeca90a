"""Whose turn it is: processes that live, those that wait, and the locks that they hold."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from xai_core.errors import TrainingError
from xai_core.records.files import write_whole
from xai_core.training.jobs.clock import birth
from xai_core.training.jobs.files import (
    JOB,
    PROCESS,
    PROGRESS,
    STOP,
    WORK,
    as_number,
    is_job,
    read_json,
    runs_folder,
    writing,
)

_LETS_GO = 1.0  # seconds for one that says that it has ended to let go of its lock
POLL = 0.5  # seconds between two looks at whose turn it is
_LATER = 1e-3  # seconds by which a training is asked for after those before it


def is_alive(folder: Path) -> bool:
    """Whether the process that last worked on a training still lives: the same one, not another with its number."""
    said = read_json(folder / PROCESS)
    pid, born, created = said.get("pid"), said.get("born"), said.get("created")
    if type(pid) is not int:
        return False
    try:
        process = psutil.Process(pid)
        if isinstance(born, str):
            same = birth(pid) == born
        else:  # one that was begun by an older version
            same = isinstance(created, int | float) and abs(process.create_time() - created) < 1
        return same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError, OverflowError):
        return False


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a training, which the system lets go of when its process ends.

    Raises
    ------
    TrainingError
        If another one holds it.
    """
    lock = FileLock(folder / WORK, timeout=_LETS_GO)
    try:
        with writing(folder):
            lock.acquire()
    except Timeout:
        raise TrainingError(f"{folder} is being trained already.") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Be the process that works on a training.

    Raises
    ------
    TrainingError
        If another one does, or the training was deleted meanwhile.
    """
    with alone(folder):
        if not is_job(folder):
            raise TrainingError(f"{folder} holds no training that was begun here.")
        try:
            me = {"pid": os.getpid(), "born": birth(os.getpid())}
            write_whole(folder / PROCESS, json.dumps(me).encode())
            yield
        finally:
            (folder / PROCESS).unlink(missing_ok=True)


def asked_at(folder: Path) -> float:
    """When a training was asked for, in seconds; it orders those that wait.

    Parameters
    ----------
    folder : pathlib.Path
        Of a training.

    Returns
    -------
    float
    """
    return as_number(read_json(folder / JOB).get("asked"))


def next_turn(folder: Path) -> float:
    """When a training counts as asked for that is asked for now: after those that wait, however the clock was set.

    Parameters
    ----------
    folder : pathlib.Path
        Of the training; it need not be there yet.

    Returns
    -------
    float
        In seconds.
    """
    others = siblings(folder) if folder.parent.is_dir() else []
    return max([time.time(), *(asked_at(path) + _LATER for path in others)])


def job_folders() -> list[Path]:
    root = runs_folder()
    found = [path for path in root.iterdir() if is_job(path)] if root.is_dir() else []
    return sorted(found, key=queue_order)


def siblings(folder: Path) -> list[Path]:
    """The other trainings beside a folder whose processes live.

    Parameters
    ----------
    folder : pathlib.Path
        Of a training.

    Returns
    -------
    list of pathlib.Path
    """
    return [path for path in folder.parent.iterdir() if path != folder and is_job(path) and is_alive(path)]


def queue_order(folder: Path) -> tuple[float, str]:
    return asked_at(folder), folder.name


def is_waiting(folder: Path) -> bool:
    return read_json(folder / PROGRESS).get("state") in ("queued", "starting")


def count_ahead(folder: Path) -> int:
    """Trainings that come before this one: the one that trains, and those that wait and were asked for earlier.

    Parameters
    ----------
    folder : pathlib.Path
        Of a training.

    Returns
    -------
    int
    """
    return sum(not is_waiting(path) or queue_order(path) < queue_order(folder) for path in siblings(folder))


@contextmanager
def wait_for_turn(folder: Path) -> Iterator[bool]:
    """Wait until no other trains and none waits for longer; False if it is to stop before."""
    lock = FileLock(folder.parent / "training.lock", timeout=0)
    while True:
        if (folder / STOP).exists():
            yield False
            return
        if not any(is_waiting(path) and queue_order(path) < queue_order(folder) for path in siblings(folder)):
            try:
                lock.acquire()
                break
            except Timeout:
                pass
        time.sleep(POLL)
    try:
        yield True
    finally:
        lock.release()
