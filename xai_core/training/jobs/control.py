"""Begin, stop, take up again and delete trainings."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from xai_core.data import load_dataset, locate
from xai_core.errors import RecordError, TrainingError
from xai_core.records import is_run
from xai_core.records.files import write_whole
from xai_core.regular import named_path
from xai_core.training.jobs.clock import since_boot
from xai_core.training.jobs.files import JOB, LOG, STOP, WORK, is_job, runs_folder, write_progress, writing
from xai_core.training.jobs.queue import alone, next_turn
from xai_core.training.jobs.room import refusal_to_begin
from xai_core.training.jobs.state import read_job
from xai_core.training.settings import Settings, require_classes

_PATIENCE = 10.0  # seconds for another one that is being begun
_children: list[subprocess.Popen[bytes]] = []


def spawn(folder: Path) -> None:
    write_progress(folder, state="starting", since_boot=since_boot())
    _children[:] = [child for child in _children if child.poll() is None]  # those that ended are dropped
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


def prepare(settings: Settings, folder: str | Path | None = None, owner: str = "") -> Path:
    """A folder for a training, described but not begun.

    Parameters
    ----------
    settings : Settings
    folder : str or pathlib.Path, optional
        Of its record; None names one after the settings.
    owner : str
        Stands for the account that begins it; empty where there are none.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    TrainingError
        If the folder is taken.
    """
    settings = replace(settings, data=locate(settings.data))
    where = _new_folder(settings.name) if folder is None else named_path(folder).absolute()
    taken = TrainingError(f"{where} holds a training already. Choose another folder, or resume that one.")
    if is_run(where):
        raise taken
    try:
        content = json.dumps({"settings": settings.to_dict(), "asked": next_turn(where), "owner": owner}, indent=1)
        write_whole(where / JOB, content.encode(), new=True)
    except FileExistsError:
        raise taken from None
    except RecordError:
        with contextlib.suppress(OSError):
            where.rmdir()  # its name is free again
        raise
    return where


def _new_folder(name: str) -> Path:
    """A folder named after a training and numbered, which nobody else gets."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "run"
    for number in itertools.count(1):
        folder = runs_folder() / f"{stem}-{number}"
        try:
            folder.mkdir(parents=True)
        except OSError:
            if folder.exists():
                continue  # somebody else's; what else is wrong, writing into it will say
        return folder
    raise AssertionError  # there are always more numbers


def start(settings: Settings, folder: str | Path | None = None, owner: str = "") -> Path:
    """Begin a training in a process of its own; it waits while another one trains.

    Parameters
    ----------
    settings : Settings
    folder : str or pathlib.Path, optional
        Of its record; None names one after the settings.
    owner : str
        Stands for the account that begins it, whose trainings are counted; empty where there are none.

    Returns
    -------
    pathlib.Path
        The folder of the run.

    Raises
    ------
    TrainingError, RecordError
        If the folder is taken or cannot be written, or there is no room for one more (`xai_core.quotas`).
    """
    root = runs_folder() if folder is None else Path(folder).absolute().parent
    with contextlib.suppress(OSError):  # writing the training says what is wrong
        root.mkdir(parents=True, exist_ok=True)
    with _one_by_one(root):
        if sentence := refusal_to_begin(root, owner):
            raise TrainingError(sentence)
        where = prepare(settings, folder, owner)
        spawn(where)
    return where


@contextlib.contextmanager
def _one_by_one(root: Path) -> Iterator[None]:
    """Begin trainings one after the other, so that each counts those before it."""
    lock = FileLock(root / "begin.lock", timeout=_PATIENCE)
    with contextlib.suppress(OSError, Timeout):  # where nothing can be written, writing the training says so
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


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
    with alone(found.folder), writing(found.folder):  # so that nothing begins there meanwhile
        for entry in found.folder.iterdir():
            if entry.name == WORK:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    with writing(found.folder):
        shutil.rmtree(found.folder)


def resume(folder: str | Path) -> None:
    """Take up a training that ended early, in a process of its own; nothing happens if it is under way or done.

    Parameters
    ----------
    folder : str or pathlib.Path
        Of a training.

    Raises
    ------
    TrainingError
        If it cannot be written, or as many are under way as may be.
    """
    with _one_by_one(Path(folder).parent):
        if (found := read_job(folder)).alive or found.state == "finished":
            return
        if sentence := refusal_to_begin(found.folder.parent, found.owner, again=True):
            raise TrainingError(sentence)
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
