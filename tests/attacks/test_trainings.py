"""Trainings that are begun without end or in the same instant, and clocks that are set while they run."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import psutil
import pytest

import xai_core as xai
from tests.support.pages import open_page, text
from tests.support.trainings import described, settings, zoo
from xai_core import quotas
from xai_core.download import download
from xai_core.records.files import write_whole
from xai_core.result_cache import ResultCache
from xai_core.training import jobs, list_jobs, read_job, resume, start
from xai_core.training.jobs.room import Weights, held


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("XAI_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def nothing_begins(monkeypatch):
    """Names of the folders of trainings that would have got a process."""
    begun = []
    monkeypatch.setattr(jobs.control, "spawn", lambda folder: begun.append(folder.name))
    return begun


# Clocks


@pytest.mark.parametrize("hours", [-1e5, -24, 24, 1e5])
def test_a_training_lives_however_the_clock_is_set(hours, runs, monkeypatch):
    folder, asked_for = described(runs / "run", done=1, state="running"), described(runs / "new", state="starting")
    jobs.files.write_progress(asked_for, state="starting", since_boot=jobs.clock.since_boot())
    with jobs.queue.at_work(folder):
        shift, clock, created = 3600 * hours, time.time, psutil.Process.create_time
        monkeypatch.setattr(time, "time", lambda: clock() + shift)
        monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) + shift)
        assert read_job(folder).state == "running"
        assert read_job(asked_for).state == "starting"
        with pytest.raises(xai.TrainingError, match="Zoo is under way: stop it first"):
            jobs.delete(folder)
        # Who comes later waits longer.
        assert jobs.queue.asked_at(jobs.prepare(settings())) > jobs.queue.asked_at(folder)
    assert read_job(folder).state == "interrupted"


def test_a_process_is_known_by_when_it_began():
    mine = jobs.clock.birth(os.getpid())
    code = "import os, sys; from xai_core.training.jobs.clock import birth; "
    code += "print(birth(int(sys.argv[1]))); print(birth(os.getpid()))"
    done = subprocess.run([sys.executable, "-c", code, str(os.getpid())], capture_output=True, text=True, check=True)
    seen, own = done.stdout.splitlines()
    assert seen == mine
    assert own != mine
    with pytest.raises(psutil.Error):
        jobs.clock.birth(2**22 + 1)


def test_one_that_an_older_version_began_is_still_known(runs):
    folder = described(runs / "run", done=1, state="running")
    me = {"pid": os.getpid(), "created": psutil.Process().create_time()}
    (folder / "process.json").write_text(json.dumps(me))
    assert read_job(folder).state == "running"


def test_what_a_process_works_on_is_not_deleted_whatever_its_files_say(runs):
    folder = described(runs / "run", done=1, state="running")
    with jobs.queue.at_work(folder):
        (folder / "process.json").unlink()
        assert not read_job(folder).alive
        with pytest.raises(xai.TrainingError, match="is being trained already"):
            jobs.delete(folder)
    assert (folder / "epochs" / "0001.parquet").exists()
    jobs.delete(folder)
    assert not folder.exists()


# The same instant


def at_once(count, act):
    """What so many threads get that act in the same instant: results, or the errors."""
    ready, found = threading.Barrier(count), [None] * count

    def run(number):
        ready.wait()
        try:
            found[number] = act(number)
        except xai.XaiError as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_trainings_of_the_same_instant_get_folders_of_their_own(runs):
    folders = at_once(12, lambda number: jobs.prepare(settings(seed=number)))
    assert sorted(path.name for path in folders) == sorted(f"zoo-{number}" for number in range(1, 13))
    assert [read_job(folder).settings.seed for folder in folders] == list(range(12))


def test_one_of_those_who_want_the_same_folder_gets_it(runs):
    found = at_once(12, lambda number: jobs.prepare(settings(seed=number), runs / "mine"))
    (winner,) = (number for number, one in enumerate(found) if one == runs / "mine")
    assert all("holds a training already" in str(one) for number, one in enumerate(found) if number != winner)
    assert read_job(runs / "mine").settings.seed == winner
    assert [path.name for path in (runs / "mine").iterdir()] == ["job.json"]


def test_a_file_that_several_write_is_always_one_of_theirs(tmp_path):
    path = tmp_path / "a.json"

    def write(number):
        for _ in range(20):
            write_whole(path, str(number).encode() * 5_000)
        return path.read_bytes()

    for seen in at_once(8, write):
        assert len(seen) == 5_000
        assert len(set(seen)) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_drafts_of_processes_that_ended_go_and_those_of_others_stay(tmp_path):
    gone, alive = tmp_path / f".a.{2**22 + 1}-0.draft", tmp_path / f".a.{os.getppid()}-0.draft"
    for left in (gone, alive, tmp_path / ".a.draft", tmp_path / ".ab.draft"):
        left.write_bytes(b"half")
    write_whole(tmp_path / "a", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive.name, ".ab.draft", "a"])


# Without end


def test_so_many_trainings_wait_and_no_more(runs, nothing_begins, monkeypatch):
    monkeypatch.setenv("XAI_TRAININGS", "2")
    held_one, ended = described(runs / "held", state="queued"), described(runs / "ended", state="stopped")
    with jobs.queue.at_work(held_one):
        begun = start(settings())
        jobs.files.write_progress(begun, state="starting", since_boot=jobs.clock.since_boot())
        for act in (lambda: start(settings()), lambda: resume(ended)):
            with pytest.raises(xai.TrainingError) as caught:
                act()
            assert str(caught.value) == (
                "2 trainings are under way or wait for their turn, as many as there may be (XAI_TRAININGS). Stop one, "
                "or wait until one has ended."
            )
        resume(held_one)  # which is one of them
    assert nothing_begins == ["zoo-1"]
    assert len(list_jobs()) == 3


def test_of_many_that_are_begun_at_once_as_many_begin_as_may(runs, monkeypatch):
    monkeypatch.setenv("XAI_TRAININGS", "3")
    starting = {"state": "starting", "since_boot": jobs.clock.since_boot()}
    monkeypatch.setattr(jobs.control, "spawn", lambda folder: jobs.files.write_progress(folder, **starting))
    found = at_once(8, lambda number: start(settings(seed=number)))
    assert sum(isinstance(one, xai.XaiError) for one in found) == 5


def test_where_trainings_hold_as_much_as_they_may_none_begins(runs, nothing_begins, monkeypatch):
    monkeypatch.setenv("XAI_RUNS_MB", "1")
    old = described(runs / "old", state="stopped")
    (old / "weights").write_bytes(bytes(1_000_000))
    with pytest.raises(xai.TrainingError, match=r"hold 1 MB; 1 may be held \(XAI_RUNS_MB\)\. Delete one first\.$"):
        start(settings())
    assert [path.name for path in runs.iterdir() if path.is_dir()] == ["old"]
    resume(old)  # it takes little more
    assert nothing_begins == ["old"]


def full(monkeypatch, free):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))


def test_some_of_the_disk_stays_free(runs, nothing_begins, monkeypatch):
    full(monkeypatch, 499_000_000)
    with pytest.raises(xai.TrainingError, match=r"has 499 MB free, and 500 MB of it stay free \(XAI_DISK_FREE_MB\)"):
        start(settings())
    full(monkeypatch, 501_000_000)
    start(settings())
    assert nothing_begins == ["zoo-1"]
    assert quotas.shortage(runs, 2_000_000).endswith("there is no room for 2 MB more.")
    monkeypatch.setenv("XAI_DISK_FREE_MB", "0")
    full(monkeypatch, 0)
    assert not quotas.shortage(runs, 2_000_000)  # the disk itself says when it is full


def test_downloads_and_kept_results_leave_some_of_the_disk_free(tmp_path, monkeypatch):
    (tmp_path / "source").write_bytes(b"abc")
    url = (tmp_path / "source").as_uri()
    full(monkeypatch, 500_000_002)
    with pytest.raises(xai.DownloadError, match=r"^copy was not fetched\. The disk of .* has 500 MB free"):
        download(url, tmp_path / "copy", sha256_prefix="ba7816bf")
    cache = ResultCache(tmp_path / "results", 10**9, (), "v")
    cache.put("a", 1, "a text")
    assert cache.find("a", 1, "absent") == "absent"
    assert cache.take_news()[0].endswith("Results are not kept there; they stay in memory.")
    full(monkeypatch, 10**12)
    cache.put("a", 1, "a text")
    assert cache.find("a", 1) == "a text"
    assert download(url, tmp_path / "copy", sha256_prefix="ba7816bf").read_bytes() == b"abc"


def test_a_training_ends_before_it_fills_the_disk_and_goes_on_with_more_room(runs, tmp_path, monkeypatch, capsys):
    folder = jobs.prepare(settings(zoo(tmp_path / "zoo", 4), epochs=2))
    with monkeypatch.context() as patch:
        full(patch, 500_100_000)
        assert jobs.work(folder) == 1
    assert "What was recorded is kept; with more room the training goes on." in capsys.readouterr().err
    assert (read_job(folder).state, list((folder / "state").glob("*"))) == ("failed", [])
    # No room for weights: it trains on, and says which were not kept.
    monkeypatch.setenv("XAI_RUNS_MB", "0")
    assert jobs.work(folder) == 0
    job = read_job(folder)
    assert (job.state, job.done, list(folder.glob("checkpoints/*"))) == ("finished", 2, [])
    assert job.notice == (
        "The weights of 2 epochs, the first of them 1, were not kept: trainings may hold 0 MB (XAI_RUNS_MB), and the "
        "disk keeps some room. There are no maps for them."
    )
    said = text(open_page("training_evolution", run=f"Zoo ({folder.name})")).replace("\\", "")
    assert job.notice in said


def test_weights_are_kept_as_long_as_there_is_room(runs, monkeypatch):
    folder = described(runs / "run", state="running")
    monkeypatch.setenv("XAI_RUNS_MB", "1")
    weights = Weights(folder)
    assert weights.may_keep(1, 1_000_000 - held(runs))
    assert not weights.may_keep(2, 1_000_001 - held(runs))
    assert weights.left_out == [2]
    assert "The weights of epoch 2 were not kept" in weights.notice
