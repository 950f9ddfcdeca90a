from .jobs import Job, check_data, delete, list_jobs, read_job, resume, runs_folder, start, stop
from .loop import Progress, train
from .pictures import run_pictures
from .recorder import Recorder
from .settings import AUGMENTATIONS, PRESETS, Preset, Settings

__all__ = [
    "AUGMENTATIONS",
    "PRESETS",
    "Job",
    "Preset",
    "Progress",
    "Recorder",
    "Settings",
    "check_data",
    "delete",
    "list_jobs",
    "read_job",
    "resume",
    "run_pictures",
    "runs_folder",
    "start",
    "stop",
    "train",
]
