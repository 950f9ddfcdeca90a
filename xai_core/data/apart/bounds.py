"""What a decoding process may take: memory and processor time, where the system can bound them.

Linux bounds both. macOS bounds the processor time, Windows neither; there the time on the clock is bounded.
"""

from __future__ import annotations

import os
import sys

CLOCK_S = 120  # on the clock, for a picture, on any system; a busy one takes a multiple of its processor time
LATE = 24  # the signal of a process whose processor time is over, on Linux and macOS
_POLITE = 10  # so much later than others gets the process its turn on a busy machine
_MB = 1 << 20


def _held() -> int:
    """Bytes of data that this process holds, as the bound counts them; 0 where the system does not say."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123
            return next((int(line.split()[1]) << 10 for line in file if line.startswith("VmData:")), 0)
    except OSError:
        return 0


def bound_memory(megabytes: int) -> None:
    """Let this process hold so much more than it does now, and write no file.

    Parameters
    ----------
    megabytes : int
    """
    if sys.platform == "win32":
        return
    import resource

    os.nice(_POLITE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if held := _held():
        most = held + megabytes * _MB
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def bound_seconds(seconds: int) -> None:
    """Let this process compute for so long from now on; beyond it, the system ends it.

    Parameters
    ----------
    seconds : int
        Of processor time.
    """
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))
