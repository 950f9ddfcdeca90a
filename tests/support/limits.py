"""What a bad input may cost: processor time, which does not grow with what else the machine does, and memory."""

import time
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS = 2.0
MEGABYTES = 900  # 50 million pixels decoded, turned upright and in RGB are 600

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _status(key):
    return next(int(line.split()[1]) for line in _STATUS.read_text().splitlines() if line.startswith(f"{key}:")) >> 10


def can_measure_memory():
    """Whether this system tells the most memory that was held since it was asked to forget the past."""
    try:
        _RESET.write_text("5")
        return _status("VmHWM") > 0
    except (OSError, StopIteration, ValueError):
        return False


MEASURED = can_measure_memory()


@contextmanager
def bounded(seconds=SECONDS, megabytes=MEGABYTES):
    """Fails where the block takes longer or ever holds more than that beyond what was held before."""
    if MEASURED:
        _RESET.write_text("5")
        before = _status("VmRSS")
    started = time.process_time()
    yield
    took = time.process_time() - started
    if took > seconds:
        pytest.fail(f"It took {took:.1f} s, more than {seconds}.")
    if MEASURED and (held := _status("VmHWM") - before) > megabytes:
        pytest.fail(f"It held {held} MB, more than {megabytes}.")
