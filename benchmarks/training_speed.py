"""What recording costs a training, and how fast a large run is read and drawn."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from harness import Row, paired_times, report
from torch.nn import functional as F

import xai_core as xai
from xai_core import figures, studies
from xai_core.models import ARCHITECTURES
from xai_core.records import PictureSource, RunWriter
from xai_core.training.evaluation import evaluate

PICTURES, EPOCHS, CLASSES = 10_000, 100, 10


def recording() -> list[Row]:
    """An epoch of ResNet-20 on 2,000 made pictures, 2,000 recorded: bare, with its evaluation, and recorded."""
    torch.manual_seed(0)
    net = ARCHITECTURES["resnet20_cifar"].build(CLASSES).to(memory_format=torch.channels_last)
    inputs = torch.randn(2000, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, CLASSES, (2000,))
    pairs = [(inputs[i : i + 64], labels[i : i + 64]) for i in range(0, len(inputs), 64)]
    optimizer = torch.optim.SGD(net.parameters(), 0.01)

    def epoch() -> None:
        net.train()
        for x, y in pairs:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

    with tempfile.TemporaryDirectory() as folder:
        recorder = xai.Recorder(Path(folder) / "run", pairs, architecture="resnet20_cifar")
        seconds: dict[str, list[float]] = {"train": [], "evaluate": [], "record": []}
        for _ in range(5):
            for name, call in (
                ("train", epoch),
                ("evaluate", lambda: evaluate(net, pairs)),
                ("record", lambda: recorder.epoch(net)),
            ):
                start = time.perf_counter()
                call()
                seconds[name].append(time.perf_counter() - start)
    train, evaluation, recorded = (float(np.median(values)) for values in seconds.values())
    beyond = (recorded - evaluation) / train
    return [
        Row("recording beyond the evaluation pass / epoch", beyond, at_most=0.05),
        Row("evaluation pass / epoch", evaluation / train),
    ]


def drawing() -> list[Row]:
    """Opening and drawing 10,000 pictures x 100 epochs."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, PICTURES)
    names = [f"class {i}" for i in range(CLASSES)]
    with tempfile.TemporaryDirectory() as folder:
        writer = RunWriter(Path(folder) / "run")
        writer.begin(
            name="large",
            class_names=names,
            pictures=[f"{i:05d}" for i in range(PICTURES)],
            labels=labels,
            source=PictureSource(),
        )
        for number in range(1, EPOCHS + 1):
            right = rng.random(PICTURES) < 1 - np.exp(-number / 20)
            predictions = np.where(right, labels, rng.integers(0, CLASSES, PICTURES))
            p = rng.random(PICTURES, dtype=np.float32)
            writer.epoch(number, predictions, p, p)
        start = time.perf_counter()
        run = xai.TrainingRun.open(Path(folder) / "run")
        opened = time.perf_counter() - start
        sizes = {}

        def draw(view: str) -> None:
            measures = run.measures()
            rows = studies.evolution_rows(run, studies.choose_rows(run, measures), measures)
            figure = figures.evolution_figure(run, rows, view=view)  # type: ignore[arg-type]
            sizes[view] = len(figure.to_json()) / 1e6

        times = paired_times({view: lambda view=view: draw(view) for view in ("class", "correct", "p_true")}, 5)
    rows = [Row(f"10,000 x 100, {view}: drawn, s", value, at_most=2) for view, value in times.items()]
    rows += [Row(f"10,000 x 100, {view}: sent, MB", value, at_most=4) for view, value in sizes.items()]
    return [*rows, Row("10,000 x 100: record opened, s", opened)]


if __name__ == "__main__":
    report("training", recording() + drawing())
