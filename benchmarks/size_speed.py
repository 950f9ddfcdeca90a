"""Claims: of 100,000 pictures, the process that hands out holds less than 1.5 GiB, and each further one takes 1 ms.

Studies of made-up pictures, each another one, that two workers compute with a thread each. Of the process that hands
out, which also lists the pictures and makes the results: processor seconds, which do not grow with what else the
machine does, and the most memory that it ever held.

Other numbers of pictures, and another question: `python benchmarks/size_speed.py 5000 100000 --kind layers`.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
from harness import Row, report
from PIL import Image

COUNTS = (5_000, 10_000, 20_000)
WORKERS, CLASSES = 2, 10
SIDE = 16  # pixels, so that decoding costs little
MEMORY_MIB = 1_536
FURTHER_MS = 1.0  # of a processor for each further picture, however many there are


def pictures(folder: Path, count: int) -> Path:
    """Noise in a folder for each class of the model."""
    rng = np.random.default_rng(0)
    for at in range(count):
        place = folder / str(at % CLASSES)
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)).save(place / f"{at:06d}.png")
    return folder


def made(kind: str, data: str, out: str) -> dict[str, float]:
    """What a study costs this process, and its largest worker."""
    from xai_core.batch.run import run_study
    from xai_core.engines.foreman import hired
    from xai_core.engines.processes import Processes
    from xai_core.questions import get_question

    question = get_question(kind)
    given = {choice.key: choice.default for choice in question.choices}
    given |= {"split": None, "labels": (), "limit": None, "architecture": None, "classes": None, "device": "cpu"}
    more = {"hiring": hired(Processes(WORKERS)), "workers": WORKERS, "threads": 1, "quiet": True, "spoken": False}
    began = time.perf_counter()
    run_study(question, Path(out), data=data, model="digits", **given, **more)
    took = time.perf_counter() - began
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {"seconds": took, "own": time.process_time(), "peak": peaks[0], "worker": peaks[1]}


def measured(kind: str, count: int) -> dict[str, float]:
    """The same in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        data = pictures(Path(name) / "data", count)
        asked = [sys.executable, __file__, "--kind", kind, "--of", str(data), str(Path(name) / "out")]
        done = subprocess.run(asked, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(kind: str, counts: list[int]) -> list[Row]:
    found = {count: measured(kind, count) for count in counts}
    rows = []
    for count, one in found.items():
        rows += [
            Row(f"{count:,} pictures: processor seconds of the process that hands out", one["own"]),
            Row(f"{count:,} pictures: its most memory, MiB", one["peak"], at_most=MEMORY_MIB),
            Row(f"{count:,} pictures: the most memory of a worker, MiB", one["worker"]),
            Row(f"{count:,} pictures: seconds in all", one["seconds"]),
        ]
    for few, many in pairwise(sorted(found)):
        further = (found[many]["own"] - found[few]["own"]) / (many - few) * 1e3
        rows.append(Row(f"from {few:,} to {many:,}: ms for each further picture", further, at_most=FURTHER_MS))
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("counts", nargs="*", type=int, default=list(COUNTS))
    parser.add_argument("--kind", default="misclassified")
    parser.add_argument("--of", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.of:
        print(json.dumps(made(asked.kind, *asked.of)))
    else:
        report("size", main(asked.kind, asked.counts))
