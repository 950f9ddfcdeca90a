"""Trainings as processes of their own: begun, watched, stopped and taken up again from anywhere, one at a time.

In the folder of a run, beside its record:

    job.json        the settings, and when it was asked for
    progress.json   how far it is; rewritten while it runs
    stop            there while it is asked to stop
    log.txt         what the process printed
    process.json    which process works on it, so that a killed one is known as such
    work.lock       held by that process

The one that trains holds `training.lock` in the folder above; the others wait for it, the oldest first. Locks end
with their process, however it ends; only those who work take them, so looking disturbs nobody. No torch in here: what
only watches need not load it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import psutil
from filelock import FileLock, Timeout

from xai_core.data import load_dataset, locate
from xai_core.errors import TrainingError, XaiError, refusal
from xai_core.records import RunWriter, is_run
from xai_core.records.files import write_whole
from xai_core.training.settings import Settings, require_classes

State = Literal["starting", "queued", "running", "stopping", "stopped", "interrupted", "failed", "finished"]
_JOB, _PROCESS, _PROGRESS, _STOP, _LOG = "job.json", "process.json", "progress.json", "stop", "log.txt"
_STARTING = 60  # seconds that a process may take until it holds its lock
_POLL = 0.5
_TELLING = 10  # seconds of training before its speed says how long it will take
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Job:
    """A training and how it stands.

    Attributes
    ----------
    folder, name, settings : of the run
    state : "starting", "queued", "running", "stopping"; or ended: "stopped", "interrupted" (its process was killed),
        "failed", "finished"
    ahead : trainings before it in the queue
    done : whole epochs
    epoch, batch, batches : under way; 0 where it does not run
    before : whole epochs when it began or went on
    loss, accuracy : so far in the epoch under way
    seconds : since it began or went on
    message : why it failed, or empty
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


def runs_folder() -> Path:
    """Where trainings are kept: XAI_RUNS, or the folder `runs` where the program was started."""
    return Path(os.environ.get("XAI_RUNS") or "runs").expanduser().absolute()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _alive(folder: Path) -> bool:
    """Whether the process that last worked on a training still lives: the same one, not another with its number."""
    said = _read(folder / _PROCESS)
    pid, created = said.get("pid"), said.get("created")
    if type(pid) is not int or not isinstance(created, int | float):
        return False
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - created) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError, OverflowError):
        return False


@contextmanager
def _at_work(folder: Path) -> Iterator[None]:
    """Be the process that works on a training.

    Raises
    ------
    TrainingError
        If another one does.
    """
    lock = FileLock(folder / "work.lock", timeout=0)
    try:
        with _writing(folder):
            lock.acquire()
    except Timeout:
        raise TrainingError(f"{folder} is being trained already.") from None
    try:
        me = {"pid": os.getpid(), "created": psutil.Process().create_time()}
        write_whole(folder / _PROCESS, json.dumps(me).encode())
        yield
    finally:
        (folder / _PROCESS).unlink(missing_ok=True)
        lock.release()


def _is_job(folder: Path) -> bool:
    try:
        return (folder / _JOB).is_file()
    except OSError:  # a folder that may not be looked into
        return False


def _number(value: Any) -> float:
    """A number from JSON; 0 for anything else."""
    try:
        return float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0


def _asked(folder: Path) -> float:
    return _number(_read(folder / _JOB).get("asked"))


def _folders() -> list[Path]:
    root = runs_folder()
    found = [path for path in root.iterdir() if _is_job(path)] if root.is_dir() else []
    return sorted(found, key=_order)


def _siblings(folder: Path) -> list[Path]:
    """The other trainings beside a folder whose processes live."""
    return [path for path in folder.parent.iterdir() if path != folder and _is_job(path) and _alive(path)]


def _order(folder: Path) -> tuple[float, str]:
    return _asked(folder), folder.name


def _waits(folder: Path) -> bool:
    return _read(folder / _PROGRESS).get("state") in ("queued", "starting")


def _ahead(folder: Path) -> int:
    """Trainings that come before this one: the one that trains, and those that wait and were asked for earlier."""
    return sum(not _waits(path) or _order(path) < _order(folder) for path in _siblings(folder))


def read_job(folder: str | Path) -> Job:
    """How the training in a folder stands.

    Raises
    ------
    TrainingError
        If there is none.
    """
    folder = Path(folder)
    # Before and after its progress: neither one that ends in between was killed, nor one that begins.
    alive = _alive(folder)
    said, progress = _read(folder / _JOB), _read(folder / _PROGRESS)
    alive = alive or _alive(folder)
    if not said:
        raise TrainingError(f"{folder} holds no training that was begun here.")
    settings = Settings.from_dict(said.get("settings", {}))
    done, state = RunWriter(folder).last_epoch, str(progress.get("state", ""))
    found: State
    if alive:
        found = "stopping" if (folder / _STOP).exists() else "queued" if state in ("queued", "starting") else "running"
    elif done >= settings.epochs:
        found = "finished"
    elif state == "starting" and time.time() - _number(progress.get("at")) < _STARTING:
        found = "starting"
    elif state in ("failed", "stopped"):
        found = state  # type: ignore[assignment]
    else:
        found = "interrupted"
    numbers = {
        key: progress[key]
        for key in ("epoch", "batch", "batches", "before", "loss", "accuracy", "seconds")
        if isinstance(progress.get(key), int | float)
    }
    return Job(
        folder,
        settings.name,
        settings,
        found,
        _ahead(folder) if found == "queued" else 0,
        done,
        **(numbers if alive else {}),
        message=str(progress.get("message", "")) if found == "failed" else "",
    )


def list_jobs() -> list[Job]:
    """All trainings in the folder of runs, the newest first; those whose description is damaged are left out."""
    found = []
    for folder in reversed(_folders()):
        try:
            found.append(read_job(folder))
        except TrainingError:
            continue
    return found


def _say(folder: Path, **values: Any) -> None:
    write_whole(folder / _PROGRESS, json.dumps(values).encode())


def _say_at_last(folder: Path, **values: Any) -> None:
    """As `_say`, and on a disk without a free byte over the file that is there."""
    try:
        _say(folder, **values)
    except XaiError:
        with contextlib.suppress(OSError), (folder / _PROGRESS).open("r+b") as file:
            file.write(json.dumps(values).encode())
            file.truncate()


def _spawn(folder: Path) -> None:
    _say(folder, state="starting", at=time.time())
    _children[:] = [child for child in _children if child.poll() is None]  # those that ended are let go
    with _writing(folder), (folder / _LOG).open("ab") as log:
        (folder / _STOP).unlink(missing_ok=True)
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
    if (folder / _JOB).exists() or is_run(folder):
        raise TrainingError(f"{folder} holds a training already. Choose another folder, or resume that one.")
    settings = replace(settings, data=locate(settings.data))
    write_whole(folder / _JOB, json.dumps({"settings": settings.to_dict(), "asked": time.time()}, indent=1).encode())
    return folder


def start(settings: Settings, folder: str | Path | None = None) -> Path:
    """Begin a training in a process of its own; it waits while another one trains.

    Returns
    -------
    The folder of the run.

    Raises
    ------
    TrainingError, RecordError
        If the folder is taken or cannot be written.
    """
    where = prepare(settings, folder)
    _spawn(where)
    return where


def check_data(settings: Settings) -> None:
    """Look, before a training is begun, whether there is something to learn from.

    Raises
    ------
    TrainingError, DataError
        If its pictures are not there, or are of fewer than two classes.
    """
    require_classes(load_dataset(settings.data).labels, settings.data)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """What the system refuses becomes a sentence."""
    try:
        yield
    except Timeout:  # of a lock, which is no refusal
        raise
    except OSError as error:
        raise TrainingError(f"{folder} cannot be written: {refusal(error)}.") from error


def delete(folder: str | Path) -> None:
    """Remove a training that is not under way, with its record and weights, for good.

    Raises
    ------
    TrainingError
        If it is under way, or the folder holds no training.
    """
    found = read_job(folder)
    if found.alive:
        raise TrainingError(f"{found.name} is under way: stop it first.")
    with _writing(found.folder):
        shutil.rmtree(found.folder)


def resume(folder: str | Path) -> None:
    """Take up a training that ended early, in a process of its own; nothing happens if it is under way or done."""
    if not (found := read_job(folder)).alive and found.state != "finished":
        _spawn(found.folder)


def forget_stop(folder: Path) -> None:
    """Let a training that was asked to end before begin again; one that is starting may have been asked since."""
    if read_job(folder).state != "starting":
        with _writing(folder):
            (folder / _STOP).unlink(missing_ok=True)


def stop(folder: str | Path) -> None:
    """Ask a training to end after the batch under way; the epoch under way is begun again when it is taken up."""
    if _is_job(Path(folder)):
        with _writing(Path(folder)):
            (Path(folder) / _STOP).touch()


@contextmanager
def _turn(folder: Path) -> Iterator[bool]:
    """Wait until no other trains and none waits for longer; False if it is to stop before."""
    lock = FileLock(folder.parent / "training.lock", timeout=0)
    while True:
        if (folder / _STOP).exists():
            yield False
            return
        if not any(_waits(path) and _order(path) < _order(folder) for path in _siblings(folder)):
            try:
                lock.acquire()
                break
            except Timeout:
                pass
        time.sleep(_POLL)
    try:
        yield True
    finally:
        lock.release()


def work(folder: str | Path, *, verbose: bool = False) -> int:
    """Do the training of a folder in this process; the exit status.

    0: finished; 1: failed, with the sentence in progress.json; 3: stopped.
    """
    folder = Path(folder).absolute()
    found = read_job(folder)
    if found.state == "finished":
        return 0
    with _at_work(folder):
        try:
            _say(folder, state="queued")
            with _turn(folder) as go:
                outcome = "stopped"
                if go:
                    _say(folder, state="running")
                    outcome = "finished" if _train(folder, found.settings, verbose) else "stopped"
            _say(folder, state=outcome)
            return 0 if outcome == "finished" else 3
        except Exception as error:
            known = isinstance(error, XaiError)
            message = str(error) if known else f"The training ended with an error that was not foreseen: {error!r}."
            _say_at_last(folder, state="failed", message=message)
            if known:
                print(message, file=sys.stderr)
                return 1
            raise
        finally:
            (folder / _STOP).unlink(missing_ok=True)


def _train(folder: Path, settings: Settings, verbose: bool) -> bool:
    from xai_core.training.loop import Progress, train

    said = 0.0

    def report(progress: Progress) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said > _POLL or progress.batch == progress.batches:
            said = now
            with contextlib.suppress(XaiError):  # a full disk ends it where an epoch cannot be written
                _say(folder, state="running", **vars(progress))
            if verbose:
                print(
                    f"\repoch {progress.epoch}/{progress.epochs}  batch {progress.batch}/{progress.batches}  "
                    f"loss {progress.loss:.3f}  accuracy {progress.accuracy:.3f}  {progress.seconds:.0f} s",
                    end="\n" if progress.batch == progress.batches else "",
                    flush=True,
                )

    return train(settings, folder, stop=(folder / _STOP).exists, report=report)
