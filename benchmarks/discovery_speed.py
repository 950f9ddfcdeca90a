"""Claims: Discovery's pass over pictures costs at most 1.5 times Grad-CAM's, and the rest is quick and small.

1,000 pictures of 224 pixels of one class and 200 of others, with the model that comes along: the pass against Grad-CAM
over the same pictures, and what comes after it, tests of every group included. 50,000 pictures of 32 pixels in memory,
in processes of their own: of 10 classes, of each of which 1,000 are looked at, and of 50, which are all looked at; the
most memory that such a process ever has. Pictures are crops of the sample photos, so what is found means nothing.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
import torch
from harness import Row, report
from planted_shapes import SIDE, Small

import xai_core as xai
from xai_core.models import BUNDLED
from xai_core.types import ByteArray, Sample, content_id

ONE, OTHERS, SMALL = 1000, 200, 50_000
CLASSES = (10, 50)
GIB = 2**30


def crops(count: int, side: int, seed: int) -> list[ByteArray]:
    """Crops of the sample photos at random places and sizes: uint8 (side, side, 3) each."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    photos = [Image.fromarray(one.pixels) for one in xai.load_dataset("photos")]
    found = []
    for turn in range(count):
        photo = photos[turn % len(photos)]
        length = int(rng.uniform(0.5, 1.0) * min(photo.size))
        left, top = (int(rng.integers(0, size - length + 1)) for size in photo.size)
        box = (left, top, left + length, top + length)
        found.append(np.asarray(photo.resize((side, side), Image.Resampling.BILINEAR, box)))
    return found


def large() -> list[Row]:
    """The pass and the rest, with the model that comes along."""
    model = xai.load_model(BUNDLED)
    names = [model.class_names[at] for at in (404, 130)]
    samples = [
        Sample(content_id(pixels), pixels, names[at >= ONE], name=str(at))
        for at, pixels in enumerate(crops(ONE + OTHERS, 224, 0))
    ]
    layer = model.select("stages")[-1].name
    seconds = {"maps": 0.0, "pass": 0.0}
    for start in range(0, len(samples), 64):  # in turn, so that a busy machine slows both alike
        some = samples[start : start + 64]
        labels = [one.label for one in some]
        seconds["maps"] += _timed(lambda: xai.grad_cam(model, some, layers=[layer], targets=labels))  # noqa: B023
        seconds["pass"] += _timed(lambda: _look(model, some, layer))  # noqa: B023
    began = time.perf_counter()
    passed: list[float] = []

    def progress(done: int, _all: int) -> None:
        passed.append(time.perf_counter() - began)

    found = xai.discover(model, samples, label=names[0], progress=progress)
    rest = time.perf_counter() - began - passed[-1]
    print(f"{len(found.strategies)} groups, {len(found.table)} tests; maps took {seconds['maps']:.1f} s")
    return [
        Row("1,000 pictures of a class: the pass / Grad-CAM's", seconds["pass"] / seconds["maps"], at_most=1.5),
        Row("seconds after the pass: groups, tests, data", rest, at_most=10),
    ]


def _timed(call) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _look(model: xai.Classifier, samples: list[Sample], layer: str) -> None:
    from xai_core.discovery.planning import look_at

    look_at(model, samples, range(len(samples)), "grad_cam", layer)


def small(classes: int) -> None:
    """Look at SMALL pictures, and print the most memory that this process had."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    names = [f"class {at}" for at in range(classes)]
    net = Small()
    net.head = torch.nn.Linear(net.head.in_features, classes)
    model = xai.load_model(net.eval(), input_size=SIDE, class_names=names, mean=(0.5,) * 3, std=(1.0,) * 3)
    samples = [
        Sample(content_id(pixels), pixels, names[at % classes], name=str(at))
        for at, pixels in enumerate(crops(SMALL, SIDE, 1))
    ]
    began = time.perf_counter()
    found = xai.discover(model, samples)
    print(found.sentences[0][:200])
    print(f"{len(found.pictures)} looked at, {time.perf_counter() - began:.0f} s")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def main() -> None:
    if len(sys.argv) > 1:
        small(int(sys.argv[1]))
        return
    rows = large()
    for classes in CLASSES:
        said = subprocess.run([sys.executable, __file__, str(classes)], capture_output=True, text=True, check=True)
        *words, peak = said.stdout.split("\n")[:-1]
        print("\n".join(words))
        rows.append(Row(f"GiB at most, {SMALL:,} pictures of {classes} classes", int(peak) / GIB, at_most=4))
    report("discovery", rows)


if __name__ == "__main__":
    main()
