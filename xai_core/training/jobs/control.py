"""Begin, stop, take up again and delete trainings."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from xai_core.data import load_dataset, locate
from xai_core.errors import TrainingError
from xai_core.records import is_run
from xai_core.records.files import write_whole
from xai_core.training.jobs.files import JOB, LOG, STOP, is_job, runs_folder, write_progress, writing
from xai_core.training.jobs.state import read_job
from xai_core.training.settings import Settings, require_classes

_children: list[subprocess.Popen[bytes]] = []


def spawn(folder: Path) -> None:
    write_progress(folder, state="starting", at=time.time())
    _children[:] = [child for child in _children if child.poll() is None]  # those that ended are let go
    with writing(folder), (folder / LOG).open("ab") as log:
        (folder / STOP).unlink(missing_ok=True)
        _children.append(
            subprocess.Popen(
                [sys.executable, "-m", "xai_core.training", "resume", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        )


def prepare(settings: Settings, folder: str | Path | None = None) -> Path:
    """A folder for a training, described but not begun.

    Parameters
    ----------
    settings : Settings
    folder : str or pathlib.Path, optional
        Of its record; None names one after the settings.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    TrainingError
        If the folder is taken.
    """
    if folder is None:
        stem = re.sub(r"[^a-z0-9]+", "-", settings.name.lower()).strip("-") or "run"
        root, taken = runs_folder(), 1
        while (root / f"{stem}-{taken}").exists():
            taken += 1
        folder = root / f"{stem}-{taken}"
    folder = Path(folder).absolute()
    if (folder / JOB).exists() or is_run(folder):
        raise TrainingError(f"{folder} holds a training already. Choose another folder, or resume that one.")
    settings = replace(settings, data=locate(settings.data))
    write_whole(folder / JOB, json.dumps({"settings": settings.to_dict(), "asked": time.time()}, indent=1).encode())
    return folder


def start(settings: Settings, folder: str | Path | None = None) -> Path:
    """Begin a training in a process of its own; it waits while another one trains.

    Parameters
    ----------
    settings : Settings
    folder : str or pathlib.Path, optional
        Of its record; None names one after the settings.

    Returns
    -------
    pathlib.Path
        The folder of the run.

    Raises
    ------
    TrainingError, RecordError
        If the folder is taken or cannot be written.
    """
    where = prepare(settings, folder)
    spawn(where)
    return where


def check_data(settings: Settings) -> None:
    """Look, before a training is begun, whether there is something to learn from.

    Parameters
    ----------
    settings : Settings

    Raises
    ------
    TrainingError, DataError
        If its pictures are not there, or are of fewer than two classes.
    """
    require_classes(load_dataset(settings.data).labels, settings.data)


def delete(folder: str | Path) -> None:
    """Remove a training that is not under way, with its record and weights, for good.

    Parameters
    ----------
    folder : str or pathlib.Path
        Of a training.

    Raises
    ------
    TrainingError
        If it is under way, or the folder holds no training.
    """
    found = read_job(folder)
    if found.alive:
        raise TrainingError(f"{found.name} is under way: stop it first.")
    with writing(found.folder):
        shutil.rmtree(found.folder)


def resume(folder: str | Path) -> None:
    """Take up a training that ended early, in a process of its own; nothing happens if it is under way or done.

    Parameters
    ----------
    folder : str or pathlib.Path
        Of a training.
    """
    if not (found := read_job(folder)).alive and found.state != "finished":
        spawn(found.folder)


def forget_stop(folder: Path) -> None:
    """Let a training that was asked to end before begin again; one that is starting may have been asked since."""
    if read_job(folder).state != "starting":
        with writing(folder):
            (folder / STOP).unlink(missing_ok=True)


def stop(folder: str | Path) -> None:
    """Ask a training to end after the batch under way; the epoch under way is begun again when it is taken up.

    Parameters
    ----------
    folder : str or pathlib.Path
        Of a training; nothing happens where there is none.
    """
    if is_job(Path(folder)):
        with writing(Path(folder)):
            (Path(folder) / STOP).touch()
