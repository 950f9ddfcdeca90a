"""How trainings stand, read from their files and processes."""

from __future__ import annotations

from pathlib import Path

from xai_core.errors import TrainingError
from xai_core.records import RunWriter
from xai_core.training.jobs.clock import since_boot
from xai_core.training.jobs.files import JOB, PROGRESS, STOP, as_number, read_json
from xai_core.training.jobs.job import Job, State
from xai_core.training.jobs.queue import count_ahead, is_alive, job_folders
from xai_core.training.settings import Settings

_STARTING = 60  # seconds that a process may take until it holds its lock
_UNDER_WAY = ("epoch", "batch", "batches", "before", "loss", "accuracy", "seconds")  # of progress.json


def read_job(folder: str | Path) -> Job:
    """How the training in a folder stands.

    Parameters
    ----------
    folder : str or pathlib.Path
        Of a training.

    Returns
    -------
    Job

    Raises
    ------
    TrainingError
        If there is none.
    """
    folder = Path(folder)
    # Before and after its progress: neither one that ends in between was killed, nor one that begins.
    alive = is_alive(folder)
    said, progress = read_json(folder / JOB), read_json(folder / PROGRESS)
    alive = alive or is_alive(folder)
    if not said:
        raise TrainingError(f"{folder} holds no training that was begun here.")
    settings = Settings.from_dict(said.get("settings", {}))
    done, state = RunWriter(folder).last_epoch, str(progress.get("state", ""))
    found: State
    if alive:
        found = "stopping" if (folder / STOP).exists() else "queued" if state in ("queued", "starting") else "running"
    elif done >= settings.epochs:
        found = "finished"
    elif state == "starting" and 0 <= since_boot() - as_number(progress.get("since_boot", -1)) < _STARTING:
        found = "starting"
    elif state in ("failed", "stopped"):
        found = state  # type: ignore[assignment]
    else:
        found = "interrupted"
    numbers = {key: progress[key] for key in _UNDER_WAY if isinstance(progress.get(key), int | float)}
    return Job(
        folder,
        settings.name,
        settings,
        found,
        count_ahead(folder) if found == "queued" else 0,
        done,
        **(numbers if alive else {}),
        message=str(progress.get("message", "")) if found == "failed" else "",
        notice=str(progress.get("notice", "")),
        owner=str(said.get("owner", "")),
    )


def list_jobs() -> list[Job]:
    """All trainings in the folder of runs, the newest first; those whose description is damaged are left out."""
    found = []
    for folder in reversed(job_folders()):
        try:
            found.append(read_job(folder))
        except TrainingError:
            continue
    return found
