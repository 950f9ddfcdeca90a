"""Studies as the command line makes them."""

import json
import shutil
import time
from pathlib import Path

from PIL import Image

import xai_core as xai
from tests.support.processes import Forked
from xai_core.__main__ import main

COMMON = {
    "layers": ("--data", "textured_digits", "--split", "val", "--model", "digits"),
    "foreground": ("--data", "textured_digits_shortcut", "--split", "val", "--model", "digits_shortcut"),
    "misclassified": ("--data", "textured_digits", "--model", "digits"),
}


def study(kind, out, *more, common=None):
    """The exit code of a study in this process."""
    arguments = ["study", kind, *(COMMON[kind] if common is None else common), "--out", out, "--quiet", *more]
    return main([str(one) for one in arguments])


def process(kind, out, *more, common=None):
    """A study as a process of its own, run to its end."""
    return together(kind, [out], *more, common=common)[0]


def together(kind, outs, *more, common=None):
    """Processes at the same time, a folder each, run to their ends."""
    given = COMMON[kind] if common is None else common
    running = [Forked("xai_core", ["study", kind, *given, "--out", out, *more]) for out in outs]
    return [one.wait() for one in running]


def ended_at(kind, out, sign, when, *more, common=None):
    """A study that gets a signal as soon as a file appears; its exit code and what it said."""
    given = COMMON[kind] if common is None else common
    running = Forked("xai_core", ["study", kind, *given, "--out", out, *more])
    deadline = time.monotonic() + 200
    while not (out / when).exists():
        assert running.alive, running.wait().stderr
        assert time.monotonic() < deadline
        time.sleep(0.0005)
    running.send_signal(sign)
    done = running.wait()
    return done.returncode, done.stderr


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
