"""A server that is killed while the training that it began goes on."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.pages import open_page, text
from tests.support.servers import end_trainings
from tests.support.trainings import ended, until
from xai_core.training import jobs, list_jobs, read_job, stop

ROOT = Path(__file__).parents[2]
PATIENCE = 120
# A page that begins a training, and stays.
SERVER = """
import time
from tests.support.pages import open_page, press_labelled
at = open_page("training_evolution")
press_labelled(at, "Train a model")
at.text_input(key="train-name-digits").set_value("Mine")
at.number_input(key="train-epochs-digits").set_value(1000)
press_labelled(at, "Train a model", "Train")
print(at.selectbox(key="run").value, flush=True)
time.sleep(600)
"""


@pytest.fixture
def runs(tmp_path, monkeypatch):
    folder = tmp_path / "runs"
    monkeypatch.setenv("XAI_RUNS", str(folder))
    yield folder
    end_trainings(folder)
    for child in jobs.control._children:
        child.kill()
        child.wait()


@pytest.fixture
def left(runs):
    """The folder of a training whose server was killed, and that process's children gone with nobody."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as server:
        try:
            name = server.stdout.readline().strip()
            assert name == "mine-1"
            folder = runs / name
            until(lambda job: job.state == "running" and job.batch > 0, folder, "it did not begin")
        finally:
            os.killpg(server.pid, signal.SIGKILL)  # all that a terminal that closes would end
    assert server.returncode == -signal.SIGKILL
    return folder


def kill(folder):
    """kill -9 of the process that trains."""
    process = psutil.Process(json.loads((folder / "process.json").read_text())["pid"])
    process.kill()
    deadline = time.monotonic() + PATIENCE
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:  # nobody may ask for its end
        assert time.monotonic() < deadline
        time.sleep(0.01)


def place(job):
    return job.epoch, job.batch


@pytest.mark.timeout(600)
def test_a_training_outlives_its_server_and_a_new_one_shows_it(left):
    before = read_job(left)
    assert before.state == "running"
    job = until(lambda job: place(job) > place(before), left, "it did not go on")
    assert job.alive
    at = open_page("training_evolution", run="Mine (mine-1)")
    assert re.search(r"^Epoch \d+ of 1000 · batch \d+ of 61 · loss ", at.get("progress")[0].proto.text)
    assert "was killed" not in text(at)
    next(button for button in at.button if button.label == "Stop").click()
    at.run()
    assert not at.exception
    ended(left)
    job = read_job(left)
    assert (job.state, job.message) == ("stopped", "")


@pytest.mark.timeout(600)
def test_when_both_were_killed_a_new_server_says_so_and_takes_it_up(left):
    kill(left)
    assert read_job(left).state == "interrupted"
    at = open_page("training_evolution", run="Mine (mine-1)")
    done = read_job(left).done
    said = f"its process was killed, or the computer was turned off. {done} of 1000 epochs "
    assert said in text(at)
    assert not at.get("progress")
    next(button for button in at.button if button.label == "Resume").click()
    at.run()
    assert not at.exception
    until(lambda job: job.state == "running" and job.batch > 0, left, "it was not taken up again")
    assert re.search(
        r"^Epoch \d+ of 1000 ", open_page("training_evolution", run="Mine (mine-1)").get("progress")[0].proto.text
    )
    assert [(job.folder, job.state) for job in list_jobs()] == [(left, "running")]
    stop(left)
    ended(left)
    assert read_job(left).state == "stopped"
