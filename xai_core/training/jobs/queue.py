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
from xai_core.training.jobs.files import (
    JOB,
    PROCESS,
    PROGRESS,
    STOP,
    as_number,
    is_job,
    read_json,
    runs_folder,
    writing,
)

POLL = 0.5  # seconds between two looks at whose turn it is


def is_alive(folder: Path) -> bool:
    """Whether the process that last worked on a training still lives: the same one, not another with its number."""
    said = read_json(folder / PROCESS)
    pid, created = said.get("pid"), said.get("created")
    if type(pid) is not int or not isinstance(created, int | float):
        return False
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - created) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError, OverflowError):
        return False


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Be the process that works on a training.

    Raises
    ------
    TrainingError
        If another one does.
    """
    lock = FileLock(folder / "work.lock", timeout=0)
    try:
        with writing(folder):
            lock.acquire()
    except Timeout:
        raise TrainingError(f"{folder} is being trained already.") from None
    try:
        me = {"pid": os.getpid(), "created": psutil.Process().create_time()}
        write_whole(folder / PROCESS, json.dumps(me).encode())
        yield
    finally:
        (folder / PROCESS).unlink(missing_ok=True)
        lock.release()


def _asked(folder: Path) -> float:
    return as_number(read_json(folder / JOB).get("asked"))


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
    return _asked(folder), folder.name


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
