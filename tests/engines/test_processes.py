"""Workers that are processes, some of which are really killed: the same bytes of parts and tables whatever happens."""

import json
import multiprocessing
import os
import re
import signal
from threading import Thread

import psutil
import pytest

import xai_core
from tests.support import crashing
from tests.support.command import study, summary
from tests.support.workers import begun, first_part, same, waited
from xai_core.batch.progress import PROGRESS
from xai_core.batch.store import StudyFolder

LIMIT = ("--limit", "80")
TWO = ("--workers", "2")


def meanwhile(what):
    """Something that is done while this process hands parts out."""
    thread = Thread(target=what)
    thread.start()
    return thread


def test_two_workers_make_the_bytes_of_one(by_one, tmp_path, capfd):
    """Of four stages, which need all parts of those before them."""
    kind, more = "foreground", ("--limit", "16", "--untrained")
    other, out = by_one(kind, *more), tmp_path / "out"
    capfd.readouterr()
    assert study(kind, out, *more, *TWO, "--json") == 0
    same(out, other)
    told = json.loads((out / PROGRESS).read_text())
    assert (told["state"], told["done"]) == ("done", told["parts"])
    assert set(told["workers"]) <= {"worker 1", "worker 2"}
    assert repr(json.loads(capfd.readouterr().out)["workers"]) == repr(told["workers"])  # counts are whole numbers
    assert sum(one["parts"] for one in told["workers"].values()) == len(list((out / "parts").glob("*.npz")))


def test_a_worker_that_is_killed_costs_nothing_but_time_and_a_second_command_is_refused(by_one, tmp_path, capsys):
    out, refused = tmp_path / "out", []

    def disturb():
        first_part(out)
        workers = [psutil.Process(one.pid) for one in multiprocessing.active_children()]
        for one in workers[1:]:  # so that it cannot be done before the second command looks
            one.suspend()
        refused.append(study("layers", out, *LIMIT, *TWO))
        workers[0].kill()
        for one in workers[1:]:
            one.resume()

    other, disturbing = by_one("layers", *LIMIT), meanwhile(disturb)
    code = study("layers", out, *LIMIT, *TWO)
    disturbing.join()
    said = capsys.readouterr().err
    assert (code, refused) == (0, [4]), said
    assert "Another process works in" in said
    assert re.search(r"Worker [12]: The process \d+ ended \(SIGKILL\) before it was done\.", said)
    same(out, other)


@pytest.fixture
def interruptible():
    """A process that was begun in the background ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_one_that_hands_out_is_interrupted_then_killed_and_another_goes_on_without_workers(by_one, tmp_path, capsys):
    out, every, left = tmp_path / "out", range(10), []

    def interrupt():
        first_part(out)
        left.extend(psutil.Process(one.pid) for one in multiprocessing.active_children())
        for one in left:  # so that the study cannot be done before it is interrupted
            one.suspend()
        os.kill(os.getpid(), signal.SIGINT)
        for one in left:
            one.resume()

    interrupting = meanwhile(interrupt)
    code = study("layers", out, *LIMIT, *TWO)
    interrupting.join()
    assert code == 130
    assert "the same command goes on with them" in capsys.readouterr().err
    assert len(left) == 2
    assert psutil.wait_procs(left, timeout=20)[1] == []
    there = StudyFolder.open(out)
    kept = {there.place_of(number) for number in every if there.problem(number) == ""}
    assert 0 < len(kept) < len(every)
    assert not list(out.rglob("*.draft"))

    running = begun("layers", out, *LIMIT, *TWO)
    waited(lambda: set((out / "parts").glob("*.npz")) - kept)
    left = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGKILL)
    assert running.wait().returncode == -signal.SIGKILL
    assert psutil.wait_procs(left, timeout=20)[1] == []
    before = {path: path.stat().st_mtime_ns for path in (out / "parts").glob("*.npz")}
    assert len(kept) < len(before) < len(every)
    assert study("layers", out, *LIMIT) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before  # nothing whole was made again
    same(out, by_one("layers", *LIMIT))


def test_a_worker_of_another_version_is_left_out_and_a_picture_that_ends_every_process_is_named(
    by_one, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("xai_core.engines.processes._work", crashing.work)
        assert study("layers", out, *LIMIT, *TWO) == 1
    *told, last = capsys.readouterr().err.strip().splitlines()
    assert (
        f"Worker 1: worker 1 would make another study: it was made by xai_core {xai_core.__version__!r}, this is '0.1'."
    ) in told
    assert re.fullmatch(
        r"1 of 10 parts could not be made\. Part 00002: The process \d+ ended \(SIGSEGV\) before it was done\. "
        rf"All others are kept in {out}, and the same command tries these again\.",
        last,
    )
    assert sorted(path.name for path in (out / "parts").glob("*.npz")) == [
        f"{one:05d}.npz" for one in range(10) if one != 2
    ]
    assert json.loads((out / PROGRESS).read_text())["state"] == "ended"
    assert study("layers", out, *LIMIT) == 0  # where the picture can be read, it goes on
    same(out, by_one("layers", *LIMIT))


def test_a_study_keeps_the_threads_that_it_was_begun_with(tmp_path, capsys):
    out = tmp_path / "out"
    few = ("--limit", "70")
    assert study("misclassified", out, *few, "--threads", "2") == 0
    assert StudyFolder.open(out).head["made_with"]["threads"] == 2
    (out / "parts" / "00001.npz").unlink()
    assert study("misclassified", out, *few) == 0
    assert "different settings" not in capsys.readouterr().err
    (out / "parts" / "00001.npz").unlink()
    assert study("misclassified", out, *few, "--threads", "1") == 0
    assert "made with different settings (threads: 1 and 2)" in capsys.readouterr().err
    (said,) = [one for one in summary(out)["findings"] if "different settings" in one]
    assert "(threads: 1 and 2)" in said
