"""Trainings whose disk fills up or is read-only: what is kept, what they say, and that they go on."""

import json
import re
import shutil
import time
from dataclasses import replace
from types import SimpleNamespace

import psutil
import pytest

import xai_core as xai
from tests.support.pages import open_page, text
from tests.support.trainings import cli, content, described, ended, kill, running, settings, zoo
from xai_core.training import jobs, list_jobs, read_job, start, train

PATIENCE = 120
SPARE = 64 << 10  # bytes of run.json, progress and the like


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """A training of four epochs that nothing came between: its settings, its folder, the sizes of what it writes."""
    root = tmp_path_factory.mktemp("straight")
    chosen = settings(zoo(root / "zoo", 4), epochs=4, checkpoint_every=1)
    assert train(chosen, root / "run")
    (state,) = (root / "run" / "state").iterdir()
    weights = (root / "run" / "checkpoints" / "0001.safetensors").stat().st_size
    return SimpleNamespace(settings=chosen, folder=root / "run", state=state.stat().st_size, weights=weights)


@pytest.fixture
def runs(monkeypatch):
    """Called with a disk: the folder of runs on it; processes that are left when a test ends are killed."""
    used = []

    def on(disk):
        monkeypatch.setenv("XAI_RUNS", str(disk.folder / "runs"))
        used.append(disk.folder)
        return disk.folder / "runs"

    yield on
    for folder in used:
        kill(folder)
    for child in jobs.control._children:
        child.poll()


def press(at, label):
    """Click a button and run, whatever comes of it."""
    next(button for button in at.button if button.label == label).click()
    at.run()
    return at


@pytest.mark.parametrize(("room", "done"), [("state", 1), ("weights", 2)])
def test_a_disk_that_fills_up_ends_it_and_with_space_it_goes_on(room, done, straight, small_disk, runs, capsys):
    disk = small_disk(32)
    runs(disk)
    folder = jobs.prepare(straight.settings)
    sizes = {
        "state": 1.5 * straight.state + straight.weights,  # the second epoch's does not fit beside the first's
        "weights": 2 * straight.state + 2.5 * straight.weights,
    }
    disk.leave(int(sizes[room]) + SPARE)
    assert jobs.work(folder) == 1
    file = {"state": "0002.pt", "weights": "0003.safetensors"}[room]
    sentence = f"{file} could not be written to {folder / {'state': 'state', 'weights': 'checkpoints'}[room]}: "
    sentence += "the disk is full."
    assert capsys.readouterr().err == sentence + "\n"
    job = read_job(folder)
    assert (job.state, job.message, job.done, job.alive) == ("failed", sentence, done, False)
    assert [(found.state, found.message) for found in list_jobs()] == [("failed", sentence)]
    run = xai.TrainingRun.open(folder)
    assert (list(run.epochs), run.problems) == (list(range(1, done + 1)), ())
    assert run.predictions.tobytes() == xai.TrainingRun.open(straight.folder).predictions[:done].tobytes()
    assert not list(folder.rglob("*.draft"))
    said = text(open_page("training_evolution", run=f"Zoo ({folder.name})"))
    assert f"{sentence} {done} of 4 epochs " in said
    disk.clear()
    assert jobs.work(folder) == 0
    assert (read_job(folder).state, read_job(folder).message) == ("finished", "")
    assert content(folder) == content(straight.folder)


def keep_full(disk, folder):
    """Fill a disk to the last byte, again and again, until the training on it has ended."""
    deadline = time.monotonic() + PATIENCE
    while read_job(folder).alive:
        assert time.monotonic() < deadline, "it goes on without a byte to write to"
        disk.fill()
        time.sleep(0.01)


@pytest.fixture
def starved(straight, real_disk, runs):
    """A training of many epochs, in a process of its own, whose disk was filled to the last byte; and the disk."""
    disk = real_disk(32)
    runs(disk)
    folder = start(replace(straight.settings, epochs=1000, checkpoint_every=1000))
    running(folder, done=2)
    keep_full(disk, folder)
    return SimpleNamespace(folder=folder, disk=disk)


def test_a_disk_filled_to_the_last_byte_costs_no_whole_epoch(starved):
    job = read_job(starved.folder)
    run = xai.TrainingRun.open(starved.folder)
    assert list(run.epochs) == list(range(1, job.done + 1))
    assert not run.problems
    starved.disk.clear()
    jobs.resume(starved.folder)
    running(starved.folder, done=job.done + 1)
    jobs.stop(starved.folder)
    ended(starved.folder)
    job = read_job(starved.folder)  # anew: the look that saw it end may call it interrupted, see below
    assert (job.state, job.message) == ("stopped", "")
    assert list(xai.TrainingRun.open(starved.folder).epochs) == list(range(1, job.done + 1))


def test_a_disk_filled_to_the_last_byte_is_said_to_be_full(starved):
    job = read_job(starved.folder)
    assert (job.state, job.message[-17:]) == ("failed", "the disk is full.")


def test_resuming_on_a_full_disk_is_a_sentence_on_the_page(starved):
    at = open_page("training_evolution", run=f"Zoo ({starved.folder.name})")
    starved.disk.fill()
    press(at, "Resume")
    assert not at.exception, at.exception[0].message
    assert "the disk is full" in text(at)


def test_starting_on_a_full_disk_is_a_sentence(straight, small_disk, runs):
    disk = small_disk(1)
    folder = runs(disk)
    disk.fill()
    with pytest.raises(xai.RecordError, match=r"^job\.json could not be written to .*zoo-1: the disk is full\.$"):
        start(straight.settings)
    assert list_jobs() == []
    disk.clear()
    assert jobs.prepare(straight.settings) in (folder / "zoo-1", folder / "zoo-2")


@pytest.fixture
def interrupted(straight, read_only_disk, runs):
    """A training on a disk that became read-only after its first epochs."""
    runs(read_only_disk)
    folder = jobs.prepare(straight.settings)
    assert not train(straight.settings, folder, stop=lambda: read_job(folder).done == 2)
    read_only_disk.freeze()
    return folder


def test_a_training_on_a_read_only_disk_is_shown_and_cannot_go_on(interrupted, straight):
    job = read_job(interrupted)
    assert (job.state, job.done) == ("interrupted", 2)
    assert list(xai.TrainingRun.open(interrupted).epochs) == [1, 2]
    why = r"(Read-only file system|Permission denied)\.$"
    for begin in (lambda: jobs.resume(interrupted), lambda: start(straight.settings)):
        with pytest.raises(xai.RecordError, match=rf"could not be written to .*: {why}"):
            begin()
    said = text(open_page("training_evolution", run=f"Zoo ({interrupted.name})"))
    assert "2 of 4 epochs are kept." in said
    assert " pictures · 3 classes · 2 epochs · weights kept at 2 epochs" in said


def test_resuming_on_a_read_only_disk_on_the_command_line_is_one_sentence(interrupted):
    done = cli("resume", interrupted)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert re.search(r"Read-only file system|Permission denied", done.stderr)


@pytest.mark.parametrize("label", ["Resume", "Delete for good"])
def test_what_a_read_only_disk_refuses_is_a_sentence_on_the_page(interrupted, label):
    at = press(open_page("training_evolution", run=f"Zoo ({interrupted.name})"), label)
    assert not at.exception, at.exception[0].message
    assert re.search("Read-only file system|Permission denied|read-only", text(at))
    assert (interrupted / "run.json").exists()


def test_a_run_whose_folder_goes_while_it_trains_costs_the_list_nothing(straight, small_disk, runs):
    disk = small_disk(64)
    runs(disk)
    folder = start(replace(straight.settings, epochs=1000, checkpoint_every=1000))
    running(folder, done=1)
    at = open_page("training_evolution", run=f"Zoo ({folder.name})")
    assert "Stop" in [button.label for button in at.button]
    kill(folder)
    shutil.rmtree(folder)
    at.run()
    assert not at.exception, at.exception[0].message
    assert list_jobs() == []


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_a_training_that_ends_while_it_is_looked_at_is_not_called_killed(looks, tmp_path, monkeypatch):
    folder, real, seen = described(tmp_path / "run", done=1, state="running"), jobs.files.read_json, []
    me = {"pid": psutil.Process().pid, "created": psutil.Process().create_time()}
    (folder / "process.json").write_text(json.dumps(me))

    def read(path):
        found = real(path)
        seen.append(path.name)
        if len(seen) == looks:  # as `work` ends
            jobs.files.write_progress(folder, state="stopped")
            (folder / "process.json").unlink()
        return found

    for module in (jobs.state, jobs.queue):
        monkeypatch.setattr(module, "read_json", read)
    assert read_job(folder).state in ("running", "stopped")
    assert read_job(folder).state == "stopped"
    assert len(seen) >= looks


def test_a_training_that_begins_while_it_is_looked_at_is_not_called_killed(tmp_path, monkeypatch):
    folder, real = described(tmp_path / "run", done=0, state="starting"), jobs.files.read_json
    me = {"pid": psutil.Process().pid, "created": psutil.Process().create_time()}

    def read(path):
        if path.name == "progress.json":  # as `work` begins
            (folder / "process.json").write_text(json.dumps(me))
            jobs.files.write_progress(folder, state="queued")
        return real(path)

    for module in (jobs.state, jobs.queue):
        monkeypatch.setattr(module, "read_json", read)
    assert read_job(folder).state == "queued"
