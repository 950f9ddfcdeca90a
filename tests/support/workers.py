"""Studies that are handed out, and the processes that work for them."""

import time

import psutil

from tests.support.command import COMMON, TABLES
from tests.support.processes import Forked
from xai_core.batch.store import StudyFolder


def begun(kind, out, *more, module="xai_core", environment=None):
    """A study in a process of its own, which has just begun."""
    return Forked(module, ["study", kind, *COMMON[kind], "--out", out, *more], environment)


def waited(what, seconds=100):
    """What a call gives as soon as it gives anything."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if found := what():
            return found
        looked = time.monotonic()
        assert looked < deadline
        # A look at all processes takes a while: most of the time the processor is theirs who are waited for.
        time.sleep(max(0.005, 4 * (looked - began)))


def first_part(out):
    """Wait until a part is there."""
    return waited(lambda: list((out / "parts").glob("*.npz")))


def below(pid, word):
    """The processes below one, at any depth, whose command holds a word."""
    found = []
    for one in psutil.Process(pid).children(recursive=True):
        try:
            if any(word in said for said in one.cmdline()):
                found.append(one)
        except psutil.Error:  # it has just ended
            continue
    return found


def same(out, other):
    """The bytes of every part and table are those of another study, and both are complete."""
    for folder in (out, other):
        assert StudyFolder.open(folder).complete
    parts = sorted(path.name for path in (other / "parts").glob("*.npz"))
    assert parts == sorted(path.name for path in (out / "parts").glob("*.npz"))
    for name in [*(f"parts/{part}" for part in parts), *TABLES]:
        assert (out / name).read_bytes() == (other / name).read_bytes(), name
