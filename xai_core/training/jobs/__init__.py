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

from xai_core.training.jobs.control import check_data, delete, forget_stop, prepare, resume, start, stop
from xai_core.training.jobs.files import runs_folder
from xai_core.training.jobs.job import Job, State
from xai_core.training.jobs.state import list_jobs, read_job
from xai_core.training.jobs.work import work

__all__ = [
    "Job",
    "State",
    "check_data",
    "delete",
    "forget_stop",
    "list_jobs",
    "prepare",
    "read_job",
    "resume",
    "runs_folder",
    "start",
    "stop",
    "work",
]
