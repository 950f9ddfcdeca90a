"""Trainings as processes: begun, looked at, killed, and what they leave."""

import json
import sys
import time

import numpy as np
import psutil
import pytest
from PIL import Image

import xai_core as xai
from tests.support.processes import Forked
from xai_core.records import RunWriter
from xai_core.training import PRESETS, read_job

PATIENCE = 120  # seconds; the machine may be busy


def zoo(root, count, names=("ant", "bee", "cat")):
    """A folder of classes of noise that differ in their colour."""
    rng = np.random.default_rng(0)
    for index, name in enumerate(names):
        (root / name).mkdir(parents=True)
        for number in range(count):
            pixels = rng.integers(0, 160, (64, 64, 3), dtype=np.uint8)
            pixels[..., index] += 60
            Image.fromarray(pixels).save(root / name / f"{number:02d}.png")
    return root


def settings(data="textured_digits", **changes):
    given = {"name": "Zoo", "data": str(data), "epochs": 3, "batch_size": 2, "learning_rate": 0.05, "redraws": 1}
    return PRESETS["digits"].settings(**given | changes)


def content(folder):
    """All that a training's numbers are, bit for bit."""
    run = xai.TrainingRun.open(folder)
    assert not run.problems
    numbers = {key: getattr(run, key).tobytes() for key in ("epochs", "predictions", "p_predicted", "p_true")}
    figures = run.log.drop(columns="seconds").to_numpy().tobytes()
    about = {path: (folder / path).read_bytes() for path in ("run.json", "pictures.parquet")}
    return numbers | about | {"log": figures} | {path.name: path.read_bytes() for path in run.checkpoints.values()}


def files(folder):
    """Every file below a folder with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def processes(folder):
    """Those of this test that work on a folder or below it."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if any(str(folder) in word for word in process.cmdline()):
                found.append(process)
        except psutil.Error:  # it has just ended
            continue
    return found


def kill(folder):
    """kill -9."""
    for process in processes(folder):
        process.kill()
        process.wait()


def until(condition, folder, what):
    """Look at a training until it is as it should be."""
    deadline = time.monotonic() + PATIENCE
    while not condition(job := read_job(folder)):
        if time.monotonic() > deadline:
            log = folder / "log.txt"
            pytest.fail(f"{what}: {job}\n{log.read_text() if log.exists() else 'no log'}")
        time.sleep(0.01)
    return job


def ended(folder):
    return until(lambda job: not job.alive, folder, "it did not end")


def running(folder, done=0):
    return until(lambda job: job.state == "running" and job.done >= done, folder, f"it did not get to epoch {done}")


def described(folder, asked=1.0, done=0, **progress):
    """A training of three epochs that says this of itself."""
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps({"settings": settings().to_dict(), "asked": asked}))
    if progress:
        (folder / "progress.json").write_text(json.dumps(progress))
    for epoch in range(1, done + 1):
        RunWriter(folder).epoch(epoch, np.zeros(1), np.ones(1), np.ones(1))
    return folder


def cli(*words):
    """How `python -m xai_core.training` ended with these words, and what it said."""
    return Forked("xai_core.training", words).wait()


def command(*words):
    return [sys.executable, "-m", "xai_core.training", *map(str, words)]
