"""Times that nobody can set: since the system was started, and not by the clock on the wall."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil

_PROC = Path("/proc")
_BORN = 19  # of the fields in /proc/<pid>/stat that come after the name, which ends with the last ")"


def since_boot() -> float:
    """Seconds since the system was started, the same in all its processes; they go on while it sleeps.

    Returns
    -------
    float
    """
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def birth(pid: int) -> str:
    """When a process began: no two with the same number have the same, and setting the clock doesn't change it.

    Parameters
    ----------
    pid : int
        The number of a process that is there.

    Returns
    -------
    str

    Raises
    ------
    psutil.Error, ValueError, OverflowError
        If there is none.
    """
    if not sys.platform.startswith("linux"):
        return repr(psutil.Process(pid).create_time())  # which the system wrote down when it began
    # Linux counts from the start of the system; what is given as a time of day is reckoned by the clock of now.
    try:
        ticks = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[_BORN]
    except (OSError, IndexError):
        raise psutil.NoSuchProcess(pid) from None
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = ""  # not shown in some containers
    return f"{ticks} {boot}".strip()
