"""Studies as the command line makes them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

import xai_core as xai
from xai_core.__main__ import main

ROOT = Path(__file__).parents[2]
COMMON = {
    "layers": ("--data", "textured_digits", "--split", "val", "--model", "digits"),
    "foreground": ("--data", "textured_digits_shortcut", "--split", "val", "--model", "digits_shortcut"),
    "misclassified": ("--data", "textured_digits", "--model", "digits"),
}


def study(kind, out, *more, common=None):
    """The exit code of a study in this process."""
    arguments = ["study", kind, *(COMMON[kind] if common is None else common), "--out", out, "--quiet", *more]
    return main([str(one) for one in arguments])


def command(kind, out, *more, common=None):
    """A study as a process of its own."""
    given = [kind, *(COMMON[kind] if common is None else common), "--out", out, *more]
    return [sys.executable, "-m", "xai_core", "study", *map(str, given)]


def process(kind, out, *more, common=None):
    """A study as a process of its own, run to its end."""
    return subprocess.run(
        command(kind, out, *more, common=common), cwd=ROOT, capture_output=True, text=True, check=False
    )


def together(kind, outs, *more, common=None):
    """Processes at the same time, a folder each."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda out: process(kind, out, *more, common=common), outs))


def _interruptible():
    """What a process started in the background ignores, it hears in a test: otherwise its children ignore it, too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ended_at(kind, out, sign, when, *more, common=None):
    """A study that gets a signal as soon as a file appears; its exit code and what it said."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command(kind, out, *more, common=common),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=_interruptible,
    ) as running:
        deadline = time.monotonic() + 200
        while not (out / when).exists():
            assert running.poll() is None, running.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.0005)
        running.send_signal(sign)
        said = running.stderr.read()
    return running.returncode, said


def summary(out):
    return json.loads((out / "summary.json").read_text())


def zoo(folder, count=3, labels=("0", "1", "2")):
    """Some digits as files in class folders."""
    digits = xai.load_dataset("textured_digits", split="val", labels=list(labels), limit=count * len(labels))
    for sample in digits:
        (folder / sample.label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(sample.pixels).save(folder / sample.label / f"{sample.name}.png")
    return folder


def kept(out, to):
    """A copy of a study, to be spoilt."""
    return Path(shutil.copytree(out, to))


TABLES = ("table.csv", "tests.csv")


def stamps(out):
    """When each part was written."""
    return {path.name: path.stat().st_mtime_ns for path in (out / "parts").glob("*.npz")}
