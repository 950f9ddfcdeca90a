"""What one server gives to all who use it: bounds that whoever runs it can set, by variables of the environment."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

_LOG = logging.getLogger(__name__)
_MB = 1_000_000  # bytes
_DIGITS = 9  # of a bound: more of them, in bytes, would go beyond what a system counts


@dataclass(frozen=True)
class Quota:
    """A bound that can be set.

    Attributes
    ----------
    variable : str
        Of the environment, which holds a number that is not negative.
    default : int
        What holds where it is not set, or is no such number.
    bounds : str
        What it bounds, and in which unit.
    """

    variable: str
    default: int
    bounds: str

    @property
    def value(self) -> int:
        """The bound that holds now."""
        said = os.environ.get(self.variable, "").strip()
        if not said:
            return self.default
        if not said.isascii() or not said.isdecimal() or len(said) > _DIGITS:
            _LOG.warning(
                "%s is no whole number of at most %d digits; %d is taken.", self.variable, _DIGITS, self.default
            )
            return self.default
        return int(said)


UPLOADS = Quota("XAI_UPLOADS_MB", 200, "uploads that a session may hold, or an account where people log in, in MB")
ALL_UPLOADS = Quota("XAI_ALL_UPLOADS_MB", 2_000, "uploads of all sessions together, in MB")
SESSIONS = Quota("XAI_SESSIONS", 200, "browser tabs that are connected at a time")
TRAININGS = Quota("XAI_TRAININGS", 20, "trainings under way or waiting for their turn, begun from pages or Python")
ACCOUNT_TRAININGS = Quota("XAI_ACCOUNT_TRAININGS", 5, "trainings under way or waiting that one account began")
ACCOUNT_WAITING = Quota("XAI_ACCOUNT_WAITING", 8, "computations that one account waits for, short and long ones apart")
ACCESS_LOG = Quota("XAI_ACCESS_LOG_MB", 50, "the access log (`XAI_ACCESS_LOG`) and the one before it, in MB")
RUNS = Quota("XAI_RUNS_MB", 20_000, "records, weights and states of all trainings in `XAI_RUNS`, in MB")
DISK_FREE = Quota("XAI_DISK_FREE_MB", 500, "what trainings, downloads and kept results leave free on a disk, in MB")
DECODING_MB = Quota("XAI_DECODING_MB", 600, "memory of a process that decodes an upload, in MB")
DECODING_SECONDS = Quota("XAI_DECODING_SECONDS", 4, "processor time to decode an upload, in seconds")
ONNX_SECONDS = Quota("XAI_ONNX_SECONDS", 20, "opening an ONNX file, and asking it about a picture, in seconds")
PLUGIN_SECONDS = Quota("XAI_PLUGIN_SECONDS", 60, "import of a plug-in, beyond which pages go on without it, in seconds")
MIRROR = Quota("XAI_MIRROR_MB", 20_000, "what is copied from one address, such as `s3://…`, in MB")
CACHE = Quota("XAI_CACHE_MB", 4096, "results kept in `XAI_CACHE_DIR`, in MB")
CLASSES = Quota("XAI_CLASSES", 200, "classes that were begun on *Ask a class* within a day")
VOTERS = Quota("XAI_VOTERS", 500, "browsers that may answer in one class")
QUOTAS = (
    UPLOADS,
    ALL_UPLOADS,
    SESSIONS,
    CLASSES,
    VOTERS,
    TRAININGS,
    ACCOUNT_TRAININGS,
    ACCOUNT_WAITING,
    RUNS,
    DISK_FREE,
    MIRROR,
    DECODING_MB,
    DECODING_SECONDS,
    ONNX_SECONDS,
    PLUGIN_SECONDS,
    ACCESS_LOG,
    CACHE,
)


def nearest(folder: Path) -> Path:
    """A folder that is there: this one, or the nearest one above it."""
    return next((one for one in (folder, *folder.parents) if one.exists()), folder)


def shortage(folder: Path, size: int) -> str:
    """Why so many bytes are not written to a disk, or nothing.

    Parameters
    ----------
    folder : pathlib.Path
        In which they are to lie; it need not be there yet.
    size : int
        Bytes.

    Returns
    -------
    str
        A sentence; empty where the disk keeps `DISK_FREE` beyond them, or does not say what it has.
    """
    bound = DISK_FREE.value * _MB
    try:
        free = shutil.disk_usage(nearest(folder)).free
    except OSError:
        return ""
    if not bound or free - size >= bound:
        return ""
    return (
        f"The disk of {folder} has {free / _MB:,.0f} MB free, and {DISK_FREE.value:,} MB of it stay free "
        f"({DISK_FREE.variable}): there is no room for {max(1, size // _MB):,} MB more."
    )
