"""Results on disk while processes are killed and the disk is full or read-only."""

import os
import signal
import subprocess
import sys
import time

import numpy as np

from xai_core import result_cache
from xai_core.errors import refusal
from xai_core.result_cache import ResultCache

WRITER = """
import sys
from pathlib import Path
import numpy as np
from xai_core.result_cache import ResultCache
cache = ResultCache(Path(sys.argv[1]), 1 << 34, (), "1")
print("ready", flush=True)
for number in range(100_000):
    cache.put("one", number, np.full(2_000_000, number))
"""
HOLDER = """
import sys, time
from pathlib import Path
from xai_core.result_cache import ResultCache
cache = ResultCache(Path(sys.argv[1]), 1 << 34, (), "1")
def compute():
    print("holds", flush=True)
    time.sleep(600)
cache.get("one", 1, compute)
"""


def opened(folder, limit=1 << 34):
    return ResultCache(folder, limit, (), "1")


def begun(code, folder, word):
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == f"{word}\n"
    return process


def kill_in_the_middle_of_a_write(process, folder):
    """Stopped before it is killed, so that the draft that was seen cannot be finished meanwhile."""
    drafts = set(folder.glob("??/*.new"))
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if not set(folder.glob("??/*.new")) - drafts:
            continue
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        if set(folder.glob("??/*.new")) - drafts:
            break
        process.send_signal(signal.SIGCONT)
    process.kill()
    process.communicate()


def test_killed_while_it_writes(tmp_path, caplog):
    for attempt in range(3):  # at any moment
        process = begun(WRITER, tmp_path, "ready")
        while len(list(tmp_path.glob("??/*.npz"))) < 2:
            time.sleep(0.01)
        time.sleep(0.03 * attempt)
        process.kill()
        process.communicate()
    kill_in_the_middle_of_a_write(begun(WRITER, tmp_path, "ready"), tmp_path)
    unfinished = len(list(tmp_path.glob("??/*.new")))
    assert unfinished, "No kill came in the middle of a write."
    cache = opened(tmp_path)
    there = [number for number in range(2000) if cache._place("one", number).exists()]
    assert there
    assert len(there) == len(list(tmp_path.glob("??/*.npz")))
    for number in there:  # whole, each of them
        np.testing.assert_array_equal(cache.find("one", number), np.full(2_000_000, number))
    assert cache.take_news() == []
    for draft in tmp_path.glob("??/*.new"):
        os.utime(draft, (1, 1))
    opened(tmp_path)
    assert not list(tmp_path.glob("??/*.new"))
    assert f"{unfinished} unfinished" in caplog.text


def test_a_lock_ends_with_its_process(tmp_path, monkeypatch):
    monkeypatch.setattr(result_cache, "PATIENCE_S", 3600.0)  # a lock that stayed would outlast the test
    process = begun(HOLDER, tmp_path, "holds")
    other = opened(tmp_path)
    with other._turn(other._place("one", 2)) as waited:
        assert not waited  # another result
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert other.get("one", 1, lambda: 5) == 5


def test_a_full_disk(small_disk, caplog):
    disk = small_disk(4)
    cache = opened(disk.folder / "cache")
    assert cache.get("one", 0, lambda: np.arange(1000)).sum() == 499_500
    disk.leave(200_000)
    for number in (1, 2):
        np.testing.assert_array_equal(cache.get("one", number, lambda: np.zeros(100_000)), np.zeros(100_000))
    (said,) = cache.take_news()
    assert said.endswith("(the disk is full); they stay in memory.")
    assert caplog.text.count("the disk is full") == 1
    assert not list(disk.folder.rglob("*.new"))
    assert cache.find("one", 0).sum() == 499_500  # what was whole before
    disk.clear()
    cache.put("one", 3, np.ones(100_000))
    assert cache.find("one", 3).sum() == 100_000


def test_a_disk_that_cannot_be_written(read_only_disk, caplog):
    before = opened(read_only_disk.folder / "cache")
    before.put("one", 0, np.arange(1000))
    read_only_disk.freeze()
    cache = opened(read_only_disk.folder / "cache")
    assert cache.find("one", 0).sum() == 499_500
    for number in (1, 2):
        assert cache.get("one", number, lambda: 5) == 5
    (said,) = cache.take_news()
    assert "cannot be kept" in said
    assert "read-only" in said or "permission denied" in said
    assert caplog.text.count("cannot be kept") == 1


def test_damaged_on_a_disk_that_cannot_be_written(read_only_disk):
    cache = opened(read_only_disk.folder / "cache")
    cache.put("one", 0, np.arange(1000))
    place = cache._place("one", 0)
    place.write_bytes(place.read_bytes()[:-100])
    read_only_disk.freeze()
    for _ in range(2):
        assert cache.get("one", 0, lambda: 5) == 5
    assert sum(said.startswith("A result on") for said in cache.take_news()) == 1


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    cache = opened(tmp_path / "file" / "cache")
    assert cache.get("one", 0, lambda: 5) == 5
    assert len(cache.take_news()) >= 1
    assert refusal(OSError(28, "No space left on device")) == "the disk is full"
