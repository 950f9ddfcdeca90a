"""The files of a training: where they lie, read and written."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import Timeout

from xai_core import bounded_json, regular
from xai_core.errors import TrainingError, XaiError, refusal
from xai_core.records.files import write_whole

JOB, PROCESS, PROGRESS, STOP, LOG = "job.json", "process.json", "progress.json", "stop", "log.txt"
WORK = "work.lock"
_MOST = 1 << 20  # bytes of a file of settings or progress: more is none


def runs_folder() -> Path:
    """Where trainings are kept: XAI_RUNS, or the folder `runs` where the program was started."""
    return regular.named_path(os.environ.get("XAI_RUNS") or "runs").absolute()


def read_json(path: Path) -> dict[str, Any]:
    try:
        found = bounded_json.loads(regular.read_bytes(path, _MOST))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_job(folder: Path) -> bool:
    try:
        return (folder / JOB).is_file()
    except OSError:  # a folder that may not be looked into
        return False


def as_number(value: Any) -> float:
    """A number from JSON; 0 for anything else."""
    try:
        return float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0


def write_progress(folder: Path, **values: Any) -> None:
    write_whole(folder / PROGRESS, json.dumps(values).encode())


def write_last_progress(folder: Path, **values: Any) -> None:
    """As `write_progress`, and on a disk without a free byte over the file that is there."""
    try:
        write_progress(folder, **values)
    except XaiError:
        with contextlib.suppress(OSError), (folder / PROGRESS).open("r+b") as file:
            file.write(json.dumps(values).encode())
            file.truncate()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What the system refuses becomes a sentence."""
    try:
        yield
    except Timeout:  # of a lock, which is no refusal
        raise
    except OSError as error:
        raise TrainingError(f"{folder} cannot be written: {refusal(error)}.") from error
