"""Workers that are processes, some of which are really killed: the same bytes of parts and tables whatever happens."""

import json
import os
import re
import signal

import psutil

from tests.support.command import process, study, summary
from tests.support.workers import begun, below, first_part, same
from xai_core.batch.progress import PROGRESS
from xai_core.batch.store import StudyFolder

LIMIT = ("--limit", "120")
FEW = ("--limit", "40")
TWO = ("--workers", "2")


def test_two_workers_make_the_bytes_of_one(by_one, tmp_path):
    """Of four stages, which need all parts of those before them."""
    kind, more = "foreground", ("--limit", "24", "--untrained")
    out = tmp_path / "out"
    done = process(kind, out, *more, *TWO, "--json")
    assert done.returncode == 0, done.stderr
    same(out, by_one(kind, *more))
    told = json.loads((out / PROGRESS).read_text())
    assert (told["state"], told["done"]) == ("done", told["parts"])
    assert set(told["workers"]) <= {"worker 1", "worker 2"}
    assert json.loads(done.stdout)["workers"] == told["workers"]
    assert sum(one["parts"] for one in told["workers"].values()) == len(list((out / "parts").glob("*.npz")))


def test_a_worker_that_is_killed_costs_nothing_but_time(by_one, tmp_path):
    out = tmp_path / "out"
    running = begun("layers", out, *LIMIT, *TWO)
    first_part(out)
    below(running.pid, "spawn_main")[0].kill()
    done = running.wait()
    assert done.returncode == 0, done.stderr
    assert re.search(r"Worker [12]: The process \d+ ended \(SIGKILL\) before it was done\.", done.stderr)
    same(out, by_one("layers", *LIMIT))


def test_one_that_hands_out_is_killed_its_workers_end_and_another_goes_on_without_any(by_one, tmp_path):
    out = tmp_path / "out"
    running = begun("layers", out, *LIMIT, *TWO)
    first_part(out)
    left = below(running.pid, "spawn_main")
    running.send_signal(signal.SIGKILL)
    assert running.wait().returncode == -signal.SIGKILL
    assert psutil.wait_procs(left, timeout=20)[1] == []
    before = {path: path.stat().st_mtime_ns for path in (out / "parts").glob("*.npz")}
    assert 0 < len(before) < 15
    assert study("layers", out, *LIMIT) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before  # nothing whole was made again
    same(out, by_one("layers", *LIMIT))


def test_a_second_one_that_would_hand_out_the_same_study_is_refused(by_one, tmp_path):
    out = tmp_path / "out"
    running = begun("layers", out, *FEW, *TWO)
    first_part(out)
    running.send_signal(signal.SIGSTOP)  # so that it cannot be done before the second one looks
    refused = process("layers", out, *FEW, *TWO)
    running.send_signal(signal.SIGCONT)
    assert refused.returncode == 4, refused.stderr
    assert "Another process works in" in refused.stderr
    done = running.wait()
    assert done.returncode == 0, done.stderr
    same(out, by_one("layers", *FEW))


def test_ctrl_c_ends_all_and_keeps_what_is_whole(tmp_path):
    out = tmp_path / "out"
    running = begun("layers", out, *LIMIT, *TWO)
    first_part(out)
    left = below(running.pid, "spawn_main")
    running.send_signal(signal.SIGINT)
    done = running.wait()
    assert done.returncode == 130
    assert "the same command goes on with them" in done.stderr
    assert psutil.wait_procs(left, timeout=20)[1] == []
    there = StudyFolder.open(out)
    assert "" in {there.problem(number) for number in range(15)}
    assert not list(out.rglob("*.draft"))


CRASHES = """
import os, sys
if any("spawn_main" in one for one in sys.orig_argv):
    import xai_core.questions.layers.study as study
    read_some = study.read_some
    def read(data, model, places):
        if 17 in places:
            os.kill(os.getpid(), 11)
        return read_some(data, model, places)
    study.read_some = read
"""


def test_a_picture_that_ends_every_process_is_named_and_the_rest_is_made(by_one, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(CRASHES)
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        done = process("layers", out, *FEW, *TWO)
    assert done.returncode == 1, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert re.fullmatch(
        r"1 of 5 parts could not be made\. Part 00002: The process \d+ ended \(SIGSEGV\) before it was done\. "
        rf"All others are kept in {out}, and the same command tries these again\.",
        last,
    )
    assert sorted(path.name for path in (out / "parts").glob("*.npz")) == [f"0000{one}.npz" for one in (0, 1, 3, 4)]
    assert json.loads((out / PROGRESS).read_text())["state"] == "ended"
    assert study("layers", out, *FEW) == 0  # where the picture can be read, it goes on
    same(out, by_one("layers", *FEW))


def test_a_study_keeps_the_threads_that_it_was_begun_with(tmp_path, capsys):
    out = tmp_path / "out"
    assert study("misclassified", out, "--limit", "140", "--threads", "2") == 0
    assert StudyFolder.open(out).head["made_with"]["threads"] == 2
    (out / "parts" / "00001.npz").unlink()
    assert study("misclassified", out, "--limit", "140") == 0
    assert "different settings" not in capsys.readouterr().err
    (out / "parts" / "00001.npz").unlink()
    assert study("misclassified", out, "--limit", "140", "--threads", "1") == 0
    assert "made with different settings (threads: 1 and 2)" in capsys.readouterr().err
    (said,) = [one for one in summary(out)["findings"] if "different settings" in one]
    assert "(threads: 1 and 2)" in said
