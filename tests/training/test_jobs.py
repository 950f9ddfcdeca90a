"""Trainings as processes: watched, queued, stopped, killed and taken up again; and the command line."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch
from filelock import FileLock

import xai_core as xai
from tests.support.trainings import (
    PATIENCE,
    cli,
    command,
    content,
    described,
    ended,
    files,
    kill,
    processes,
    running,
    settings,
    until,
    zoo,
)
from xai_core.training import (
    PRESETS,
    Settings,
    jobs,
    list_jobs,
    loop,
    read_job,
    resume,
    runs_folder,
    start,
    stop,
    train,
)
from xai_core.training.__main__ import _parser, main
from xai_core.types.exit_codes import ExitCode


@pytest.fixture(scope="module", autouse=True)
def _one_thread(one_thread):
    """For all that is tested here."""


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The folder of runs; processes that are left when a test ends are killed."""
    monkeypatch.setenv("XAI_RUNS", str(tmp_path / "runs"))
    yield tmp_path / "runs"
    kill(tmp_path)
    for child in jobs.control._children:
        child.poll()  # or Python warns, when it ends, of those that ended after the last start


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return zoo(tmp_path_factory.mktemp("data") / "small", 4)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """A training of three epochs of 36 batches in this process, not interrupted: its settings and its folder."""
    root = tmp_path_factory.mktemp("straight")
    chosen = settings(zoo(root / "zoo", 30))
    assert train(chosen, root / "run")
    return SimpleNamespace(settings=chosen, folder=root / "run")


# in a process of its own


def test_a_killed_training_goes_on_to_the_same_numbers(straight, runs):
    folder = start(straight.settings)
    assert folder == runs / "zoo-1"
    assert read_job(folder).alive
    resume(folder)
    job = running(folder, done=1)
    assert len(processes(folder)) == 1
    assert (job.name, job.settings, job.folder, job.ahead) == ("Zoo", straight.settings, folder, 0)
    for process in processes(folder):  # in its second epoch: the first has just been recorded
        process.kill()  # and nobody asks for its end
    job = ended(folder)
    assert (job.state, job.alive, job.batch, job.batches) == ("interrupted", False, 0, 0)
    assert job.done in (1, 2)
    resume(folder)
    assert read_job(folder).alive
    job = ended(folder)
    assert (job.state, job.done, job.share) == ("finished", 3, 1.0)
    assert content(folder) == content(straight.folder)
    before = files(folder)
    resume(folder)
    stop(folder)
    assert read_job(folder).state == "finished"
    psutil.wait_procs(processes(folder), PATIENCE)
    assert read_job(folder).state == "finished"
    assert files(folder) == before | {"stop": b""}


def test_a_stopped_training_goes_on_to_the_same_numbers(straight, runs):
    folder = start(straight.settings)
    seen = set()

    def under_way(job):
        seen.add(job.state)
        return job.batch > 0 and job.done >= 1

    job = until(under_way, folder, "it did not begin its second epoch")
    assert seen <= {"starting", "queued", "running"}
    assert (job.batches, job.epoch in (1, 2, 3)) == (36, True)
    assert 0 < job.accuracy <= 1
    assert job.loss > 0
    assert job.seconds > 0
    stop(folder)
    assert read_job(folder).state in ("stopping", "stopped")
    job = ended(folder)
    assert (job.state, job.message) == ("stopped", "")
    assert job.done in (1, 2)
    assert not (folder / "stop").exists()
    assert jobs.work(folder) == 0
    assert read_job(folder).state == "finished"
    assert content(folder) == content(straight.folder)


def test_one_trains_at_a_time_and_the_others_wait_for_it(small, runs):
    first = start(settings(small, epochs=10_000))
    running(first)
    second, third = (start(settings(small, epochs=1)) for _ in range(2))
    assert (second, third) == (runs / "zoo-2", runs / "zoo-3")
    assert until(lambda job: job.state == "queued", second, "it does not wait").ahead == 1
    assert until(lambda job: job.state == "queued", third, "it does not wait").ahead == 2
    assert [(job.folder, job.state) for job in list_jobs()] == [
        (third, "queued"),
        (second, "queued"),
        (first, "running"),
    ]
    stop(second)
    job = ended(second)
    assert (job.state, job.done, (second / "run.json").exists()) == ("stopped", 0, False)
    resume(second)
    assert until(lambda job: job.state == "queued", second, "it does not wait").ahead == 1
    assert until(lambda job: job.ahead == 2, third, "it does not let it pass").state == "queued"
    assert read_job(first).state == "running"
    kill(first)
    until(lambda job: job.state == "interrupted", first, "it is not known to be dead")
    assert ended(second).state == "finished"
    assert ended(third).state == "finished"
    (was, _), (began, _) = (
        (path.stat().st_mtime_ns, path) for path in (second / "epochs" / "0001.parquet", third / "run.json")
    )
    assert was < began
    assert content(second)["predictions"] == content(third)["predictions"]


def test_a_training_that_cannot_begin_says_why_and_can_be_tried_again(runs, tmp_path):
    data = zoo(tmp_path / "zoo", 4, names=("ant",))
    folder = start(settings(data, epochs=1))
    job = ended(folder)
    sentence = f"A classifier needs pictures of two classes or more; in {data} there is only 'ant'."
    assert (job.state, job.message, job.done) == ("failed", sentence, 0)
    assert (folder / "log.txt").read_text() == sentence + "\n"
    assert [found.state for found in list_jobs()] == ["failed"]
    zoo(tmp_path / "more", 4)
    (tmp_path / "more" / "bee").rename(data / "bee")
    assert jobs.work(folder) == 0
    assert (read_job(folder).state, read_job(folder).message) == ("finished", "")


def test_processes_that_ended_are_let_go(runs):
    """Each start looks after those before it, and nothing warns of processes that nobody asked for their end."""
    for number in range(3):
        folder = start(settings("/nowhere"), runs / str(number))
        kill(folder)
        assert read_job(folder).state in ("starting", "interrupted")


# in this process


def test_work_does_it_here(small, runs, capsys):
    folder = jobs.prepare(settings(small, epochs=2))
    assert jobs.work(folder, verbose=True) == 0
    job = read_job(folder)
    assert (job.state, job.done, job.share, job.alive) == ("finished", 2, 1.0, False)
    lines = re.split(r"[\r\n]+", capsys.readouterr().out.strip())
    assert [
        line
        for line in lines
        if re.fullmatch(r"epoch [12]/2  batch 4/4  loss \d\.\d{3}  accuracy [01]\.\d{3}  \d+ s", line)
    ] == [line for line in lines if "batch 4/4" in line]
    assert [line[:9] for line in lines if "batch 4/4" in line] == ["epoch 1/2", "epoch 2/2"]
    before = files(folder)
    assert jobs.work(folder, verbose=True) == 0
    assert capsys.readouterr().out == ""
    assert files(folder) == before


def test_work_that_is_asked_to_stop(small, runs):
    folder = jobs.prepare(settings(small, epochs=2))
    stop(folder)
    assert jobs.work(folder) == 3
    assert (read_job(folder).state, read_job(folder).done) == ("stopped", 0)
    assert jobs.work(folder) == 0


def test_work_that_fails(runs, capsys):
    folder = jobs.prepare(settings("/nowhere"))
    assert jobs.work(folder) == 1
    sentence = read_job(folder).message
    assert sentence.startswith("There is no folder or file '/nowhere'")
    assert capsys.readouterr().err == sentence + "\n"
    assert read_job(folder).state == "failed"


def test_work_that_ends_with_an_error_that_nobody_foresaw(small, runs, monkeypatch):
    def fail(*_, **__):
        raise KeyError("what")

    monkeypatch.setattr(loop, "train", fail)
    folder = jobs.prepare(settings(small))
    with pytest.raises(KeyError):
        jobs.work(folder)
    job = read_job(folder)
    assert (job.state, job.message) == (
        "failed",
        "The training ended with an error that was not foreseen: KeyError('what').",
    )


def test_one_process_for_one_training(small, runs):
    folder = jobs.prepare(settings(small))
    with jobs.queue.at_work(folder):
        before = files(folder)
        with pytest.raises(xai.TrainingError, match=rf"^{re.escape(str(folder))} is being trained already\.$"):
            jobs.work(folder)
        assert files(folder) == before


def test_a_folder_without_a_training(runs):
    for action in (read_job, resume, jobs.work):
        with pytest.raises(xai.TrainingError, match="holds no training that was begun here"):
            action(runs / "gone")
    assert list_jobs() == []
    assert not (runs / "gone").exists()


# folders


def test_folders_are_named_after_the_run_and_numbered(runs):
    names = [jobs.prepare(settings(name=name)).name for name in ("My Zoo, 2!", "My zoo 2", "../Ünïx", "..", "CIFAR-10")]
    assert names == ["my-zoo-2-1", "my-zoo-2-2", "n-x-1", "run-1", "cifar-10-1"]
    assert sorted(path.name for path in runs.iterdir()) == sorted(names)
    assert read_job(runs / "my-zoo-2-2").name == "My zoo 2"


def test_the_folder_of_runs(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XAI_RUNS", raising=False)
    assert runs_folder() == tmp_path / "runs"
    monkeypatch.setenv("XAI_RUNS", "")
    assert runs_folder() == tmp_path / "runs"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XAI_RUNS", "~/mine")
    assert runs_folder() == tmp_path / "home" / "mine"


def test_a_taken_folder_is_refused(small, runs):
    folder = jobs.prepare(settings(small), runs / "mine")
    before = files(folder)
    message = rf"^{re.escape(str(folder))} holds a training already\. Choose another folder, or resume that one\.$"
    for action in (jobs.prepare, start):
        with pytest.raises(xai.TrainingError, match=message):
            action(settings(small, seed=1), folder)
    assert files(folder) == before
    assert not processes(runs)


def test_a_folder_with_a_record_of_another_training_is_refused(runs):
    """Else its epochs would count as those of the new training, which would be called finished at once."""
    xai.Recorder(runs / "mine", (torch.zeros(2, 3, 8, 8), torch.tensor([0, 1]))).logits(torch.eye(2))
    with pytest.raises(xai.TrainingError, match=r"holds a (training|record|run)"):
        jobs.prepare(settings(epochs=1), runs / "mine")


def test_a_folder_that_cannot_be_written_is_refused(runs):
    runs.write_text("a file")
    with pytest.raises(xai.RecordError, match=r"^job\.json could not be written"):
        start(settings())


# how they stand, without any process


@pytest.mark.parametrize(
    ("progress", "done", "expected"),
    [
        ({}, 0, "interrupted"),
        ({"state": "queued"}, 0, "interrupted"),
        ({"state": "running"}, 2, "interrupted"),
        ({"state": "running"}, 3, "finished"),
        ({"state": "stopped", "message": "Not asked for."}, 1, "stopped"),
        ({"state": "stopped"}, 3, "finished"),
        ({"state": "failed", "message": "Why."}, 1, "failed"),
        ({"state": "finished"}, 1, "interrupted"),
        ({"state": "starting", "since_boot": 0}, 0, "starting"),
        ({"state": "starting", "since_boot": -600}, 1, "interrupted"),
        ({"state": "starting", "since_boot": 600}, 1, "interrupted"),  # before the system was started again
    ],
)
def test_the_state_of_one_without_a_process(progress, done, expected, tmp_path):
    if "since_boot" in progress:
        progress = progress | {"since_boot": jobs.clock.since_boot() + progress["since_boot"]}
    job = read_job(described(tmp_path / "run", done=done, **progress))
    assert (job.state, job.done, job.alive) == (expected, done, expected == "starting")
    assert job.message == ("Why." if expected == "failed" else "")
    assert (job.epoch, job.batch, job.batches) == (0, 0, 0)
    assert job.share == done / 3


@pytest.mark.parametrize(
    ("progress", "asked_to_stop", "expected"),
    [
        ({"state": "starting"}, False, "queued"),
        ({"state": "queued"}, False, "queued"),
        ({"state": "queued"}, True, "stopping"),
        ({"state": "running", "epoch": 2, "batch": 3, "batches": 4}, False, "running"),
        ({"state": "running", "epoch": 2, "batch": 3, "batches": 4}, True, "stopping"),
    ],
)
def test_the_state_of_one_with_a_process(progress, asked_to_stop, expected, tmp_path):
    folder = described(tmp_path / "run", done=1, **progress)
    if asked_to_stop:
        stop(folder)
    with jobs.queue.at_work(folder):
        job = read_job(folder)
    assert (job.state, job.alive, job.done) == (expected, True, 1)
    assert job.share == pytest.approx((1 + 3 / 4) / 3 if "epoch" in progress else 1 / 3)
    assert job.epoch == progress.get("epoch", 0)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff",
        b'{"pid": null, "created": 1}',
        b'{"pid": "1", "created": 1}',
        b'{"pid": -1, "created": 1}',
        b'{"pid": 1e300, "created": 1}',
        b'{"pid": 4194305, "created": 1}',
        f'{{"pid": {10**30}, "created": 1}}'.encode(),
        f'{{"pid": {os.getpid()}}}'.encode(),
        f'{{"pid": {os.getpid()}, "created": null}}'.encode(),
        f'{{"pid": {os.getpid()}, "created": 1.5}}'.encode(),
        f'{{"pid": {os.getpid()}, "created": {10**400}}}'.encode(),
        f'{{"pid": {os.getpid()}, "born": ""}}'.encode(),
        f'{{"pid": {os.getpid()}, "born": [1]}}'.encode(),
        f'{{"pid": {2**40}, "born": "1 a"}}'.encode(),
    ],
    ids=range(18),  # the number of this process is no name: others would have another
)
def test_a_process_that_is_another_or_none_does_not_work_on_it(text, runs):
    """Its number may be that of another process by now."""
    folder = described(runs / "run", done=1, state="running")
    (folder / "process.json").write_bytes(text)
    assert [(job.folder, job.state) for job in list_jobs()] == [(folder, "interrupted")]


def test_the_time_that_is_left_goes_by_the_speed_since_it_went_on(tmp_path):
    progress = {"state": "running", "epoch": 2, "batch": 3, "batches": 4, "before": 1, "seconds": 30}
    folder = described(tmp_path / "run", done=1, **progress)
    with jobs.queue.at_work(folder):
        assert read_job(folder).seconds_left == pytest.approx(30 / 0.75 * 1.25)  # seconds an epoch, epochs left
        (folder / "progress.json").write_text(json.dumps(progress | {"batch": 0}))
        assert np.isnan(read_job(folder).seconds_left)
        (folder / "progress.json").write_text(json.dumps(progress | {"before": 0}))
        assert read_job(folder).seconds_left == pytest.approx(30 / 1.75 * 1.25)
    assert np.isnan(read_job(folder).seconds_left)


def test_an_older_one_that_is_taken_up_again_waits_for_the_one_that_trains(tmp_path):
    older = described(tmp_path / "older", asked=1.0, state="queued")
    newer = described(tmp_path / "newer", asked=2.0, state="running")
    with jobs.queue.at_work(older), jobs.queue.at_work(newer), FileLock(tmp_path / "training.lock"):
        job = read_job(older)
    assert (job.state, job.ahead) == ("queued", 1)


def test_looking_from_several_pages_does_not_change_what_is_seen(tmp_path):
    """Each looks whether the lock is held; none may take another's look for a process at work."""
    folder = described(tmp_path / "run", done=1, state="stopped")
    seen = set()

    def look():
        deadline = time.monotonic() + 0.7
        while time.monotonic() < deadline:
            seen.add(read_job(folder).state)

    pages = [threading.Thread(target=look) for _ in range(4)]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    assert seen == {"stopped"}


def test_looking_does_not_keep_a_training_from_beginning(tmp_path):
    folder = described(tmp_path / "run", state="stopped")
    over = threading.Event()

    def look():
        while not over.is_set():
            read_job(folder)

    page = threading.Thread(target=look)
    page.start()
    try:
        for _ in range(150):
            stop(folder)
            assert jobs.work(folder) == 3
    finally:
        over.set()
        page.join()


GOOD = settings().to_dict()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"settings": null}',
        b'{"settings": 5}',
        b'{"settings": [1]}',
        b'{"settings": {}}',
        b'{"settings": {"epochs": 3}}',
        json.dumps({"settings": GOOD | {"epochs": "many"}}).encode(),
        json.dumps({"settings": GOOD | {"epochs": 10**400}}).encode(),
        json.dumps({"settings": GOOD | {"augment": [[1]]}}).encode(),
        json.dumps({"settings": GOOD | {"augment": 5}}).encode(),
        json.dumps({"settings": GOOD | {"more": 5}}).encode(),
    ],
    ids=[
        "empty",
        "cut off",
        "list",
        "nothing in it",
        "null",
        "no text",
        "deep",
        "settings null",
        "settings 5",
        "settings list",
        "settings empty",
        "settings missing",
        "text for a number",
        "a huge number",
        "list in a list",
        "number for a list",
        "unknown setting",
    ],
)
def test_a_damaged_description_is_left_out_of_the_list(text, runs):
    good = described(runs / "good")
    bad = described(runs / "bad")
    (bad / "job.json").write_bytes(text)
    assert [job.folder for job in list_jobs()] == [good]
    with pytest.raises(xai.TrainingError):
        read_job(bad)


@pytest.mark.parametrize("asked", ["now", None, [1], {}, True, 1e308])
def test_a_damaged_time_puts_a_training_somewhere_in_the_list(asked, runs):
    expected = {described(runs / "good"), described(runs / "bad", asked=asked)}
    assert {job.folder for job in list_jobs()} == expected


@pytest.mark.parametrize("alive", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b"\xff\xfe\x00",
        b'{"state": 5}',
        b'{"state": "what"}',
        b'{"state": null}',
        b'{"state": "starting"}',
        b'{"state": "starting", "since_boot": null}',
        b'{"state": "starting", "since_boot": "now"}',
        b'{"state": "starting", "since_boot": [1]}',
        b'{"state": "starting", "since_boot": NaN}',
        b'{"state": "running", "epoch": "two", "batch": null, "batches": [], "loss": {}}',
        b'{"state": "running", "epoch": 2, "batch": 1, "batches": 0, "loss": NaN}',
        b'{"state": "failed"}',
        b'{"state": "failed", "message": 5}',
    ],
)
def test_damaged_progress_does_not_break_the_list(text, alive, runs):
    good, bad = described(runs / "good", asked=1), described(runs / "bad", asked=2, done=1)
    (bad / "progress.json").write_bytes(text)
    with jobs.queue.at_work(bad) if alive else contextlib.nullcontext():
        found = list_jobs()
    assert [job.folder for job in found] == [bad, good]
    assert found[0].alive is alive
    assert found[0].share == 1 / 3
    assert isinstance(found[0].message, str)


def test_other_things_among_the_runs_are_passed_over(runs):
    good = described(runs / "good")
    (runs / "notes.txt").write_text("text")
    (runs / "empty").mkdir()
    (runs / "odd" / "job.json").mkdir(parents=True)
    xai.Recorder(runs / "record", (torch.zeros(2, 3, 8, 8), torch.tensor([0, 1]))).logits(torch.eye(2))
    assert [job.folder for job in list_jobs()] == [good]


def test_the_newest_comes_first(runs):
    for name, asked in (("b", 2.0), ("c", 1), ("a", 3)):
        described(runs / name, asked=asked)
    assert [job.folder.name for job in list_jobs()] == ["a", "b", "c"]


# the command line


def test_watching_loads_no_torch(runs):
    described(runs / "zoo", state="stopped")
    code = (
        "import sys; from xai_core.training import list_jobs, read_job, start, stop, resume, PRESETS;"
        "print(list_jobs()[0].state, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "stopped False\n"


def test_digits_on_the_command_line(runs):
    done = cli("digits", "--epochs", 1, "--redraws", 1, "--name", "Mine", "--out", runs / "here")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.split("\n")  # "\r" begins a line as well
    assert lines[0] == str(runs / "here")
    assert re.search(r"^epoch 1/1  batch 21/21  loss \d\.\d{3}  accuracy 0\.\d{3}  \d+ s$", done.stdout, re.MULTILINE)
    job = read_job(runs / "here")
    assert (job.state, job.settings) == ("finished", PRESETS["digits"].settings(epochs=1, redraws=1, name="Mine"))
    run = xai.TrainingRun.open(runs / "here")
    assert (run.name, len(run.pictures), list(run.epochs), run.class_names) == ("Mine", 300, [1], tuple("0123456789"))
    again = cli("digits", "--out", runs / "here")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.endswith("holds a training already. Choose another folder, or resume that one.\n")
    listed = cli("list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout.split() == ["finished", "1/1", "Mine", str(runs / "here")]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["digits", "--epochs", "0"], "epochs is a whole number from 1 to 10000; got 0."),
        (["digits", "--freeze"], "Only a pretrained backbone can be frozen: an untrained one would stay untrained."),
        (["scenes"], "The training needs pictures: a data set's name, or a folder of class folders."),
        (["resume", "/nowhere"], "/nowhere holds no training that was begun here."),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_one_sentence(words, sentence, runs):
    done = cli(*words)
    code = ExitCode.UNUSABLE if words[0] == "resume" else ExitCode.FAILED
    assert (done.returncode, done.stdout, done.stderr) == (code, "", sentence + "\n")
    assert not runs.exists()


def test_every_setting_has_its_option(runs, monkeypatch):
    """Parsed here: what they do is tested above."""
    words = (
        "cifar10 --name n --data d --architecture a --optimizer adamw --epochs 3 --batch-size 4 --seed 5 --redraws 6 "
        "--checkpoint-every 7 --learning-rate 0.5 --weight-decay 0.25 --shortcut 0.75 --pretrained --freeze "
        "--augment flip rotate"
    )
    given = vars(_parser().parse_args(words.split()))
    assert given.pop("command") == "cifar10"
    assert given.pop("out") is None
    assert given.pop("json") is False
    assert set(given) == set(GOOD)
    assert PRESETS["cifar10"].settings(**given) == Settings(
        "n", "d", "a", 3, 4, 0.5, 0.25, "adamw", 5, ("flip", "rotate"), True, True, 0.75, 6, 7
    )
    few = vars(_parser().parse_args(["scenes", "--data", "d", "--augment", "--no-freeze"]))
    assert few == {"command": "scenes", "out": None, "json": False, "data": "d", "augment": [], "freeze": False}


def test_ctrl_c_ends_it_after_the_batch_and_it_can_be_taken_up(straight, runs, capsys):
    folder = runs / "here"
    words = (
        "--name",
        "Zoo",
        "--data",
        straight.settings.data,
        "--epochs",
        3,
        "--batch-size",
        2,
        "--learning-rate",
        0.05,
    )
    with subprocess.Popen(
        command("digits", *words, "--redraws", 1, "--out", folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while not (folder / "epochs" / "0001.parquet").exists():
                assert time.monotonic() < deadline, "it did not finish its first epoch"
                assert process.poll() is None, process.communicate()
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, errors) == (3, b"")
    job = read_job(folder)
    assert (job.state, job.settings) == ("stopped", straight.settings)
    assert job.done in (1, 2)
    assert jobs.work(folder, verbose=True) == 0
    said = capsys.readouterr().out
    assert f"epoch {job.done + 1}/3  batch 36/36" in said
    assert f"epoch {job.done}/3" not in said
    assert content(folder) == content(straight.folder)


def test_list_where_there_is_nothing(runs):
    done = cli("list")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not runs.exists()


def test_the_runs_that_come_along_can_be_made(runs, tmp_path, monkeypatch):
    words = ["xai_core.training", "shipped", "--out", str(tmp_path / "made"), "--epochs", "1", "--redraws", "1"]
    monkeypatch.setattr(sys, "argv", words)
    assert main() == 0
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["dial", "digits", "digits_shortcut"]
    between = sorted((tmp_path / "made" / "dial").iterdir())
    assert [path.stem for path in between] == ["digits_25", "digits_50", "digits_75"]
    assert xai.load_model(between[0], device="cpu").class_names == tuple("0123456789")
    probabilities = []
    for key, title, shortcut in (("digits", "Digits (honest)", 0.0), ("digits_shortcut", "Digits (shortcut)", 0.95)):
        folder = tmp_path / "made" / key
        assert {path.name for path in folder.iterdir()} == {"run.json", "pictures.parquet", "epochs", "checkpoints"}
        run = xai.TrainingRun.open(folder)
        assert (run.name, run.settings["shortcut"], list(run.epochs)) == (title, shortcut, [1])
        model = xai.load_model(run.checkpoints[1], device="cpu")
        assert model.class_names == tuple("0123456789")
        said = xai.predict(model, list(xai.run_pictures(run)))
        assert said.classes.tolist() == run.predictions[0].tolist()
        probabilities.append(said.probabilities)
    assert not np.allclose(*probabilities)
    assert os.environ["XAI_RUNS"] == str(runs)
    assert not Path(runs).exists()
