"""Claims: two workers decode 1.7 times as fast as one process, and lose nothing where convolutions fill all cores.

Pictures of 640 pixels for a small network, so that decoding is most of it; and smaller ones for the model that comes
along, whose convolutions fill all cores by themselves. One process has all threads, two workers half each; rates are
those from the first parts to the last, without the seconds in which workers open model and data. Then 1,000 parts of
which nothing is computed: what it costs to hand them out to two processes and to hear of each.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from harness import Row, report
from PIL import Image

from xai_core.batch.computing import Crew, Made, Order
from xai_core.batch.run import run_study
from xai_core.batch.stages import alone
from xai_core.batch.store import StudyFolder
from xai_core.engines.engine import Answer
from xai_core.engines.foreman import Foreman, hired
from xai_core.engines.processes import Processes
from xai_core.models import BUNDLED
from xai_core.questions import get_question

READ, COMPUTED = 960, 64
PARTS = 1_000
CORES = torch.get_num_threads()
ASKED = {"split": None, "labels": (), "limit": None, "architecture": None, "classes": None, "device": "cpu"}


def pictures(folder: Path, count: int, side: int) -> Path:
    """Smoothed noise in two classes, which the model of digits knows; a hundred of them, again and again."""
    rng = np.random.default_rng(0)
    noise = [Image.fromarray(rng.integers(0, 256, (side // 16, side // 16, 3), np.uint8)) for _ in range(100)]
    for at in range(count):
        place = folder / str(at % 2)
        place.mkdir(parents=True, exist_ok=True)
        noise[at % 100].resize((side, side)).save(place / f"{at:06d}.jpg", quality=90 + at // 100 % 10)
    return folder


def rate(data: Path, kind: str, model: str, workers: int, out: Path) -> float:
    """Pictures a second of a study, between the first parts and the last."""
    marks: list[tuple[float, int]] = []
    hiring = alone if workers == 1 else hired(Processes(workers))

    @contextmanager
    def timed(order: Order, study: StudyFolder) -> Iterator[Crew]:
        with hiring(order, study) as crew:
            yield Timed(crew, marks)

    question = get_question(kind)
    given = {choice.key: choice.default for choice in question.choices} | ASKED
    threads = max(1, CORES // workers)
    more = {"hiring": timed, "workers": workers, "threads": threads, "quiet": True, "spoken": False}
    run_study(question, out, data=str(data), model=model, **given, **more)
    skipped = 2 * workers  # until each of the workers is at work
    return sum(size for _, size in marks[skipped:]) / (marks[-1][0] - marks[skipped - 1][0])


class Timed:
    """Notes when each part came, and how many pictures it has."""

    def __init__(self, crew: Crew, marks: list[tuple[float, int]]) -> None:
        self._crew, self._marks = crew, marks

    def parts(self, number, stage, turns):  # type: ignore[no-untyped-def]
        for one in self._crew.parts(number, stage, turns):
            if isinstance(one, Made):
                self._marks.append((time.perf_counter(), stage.sizes[one.turn]))
            yield one


def _echo(pipe: Connection, _order: Order, worker: int) -> None:
    """A worker that says at once that all is done."""
    with suppress(EOFError):
        while True:
            share = pipe.recv()
            for turn in share.turns:
                pipe.send(Answer("made", worker, turn, made=Made(turn, str(worker), 0.0, 0.0), stage=share.stage))


def handing_out() -> float:
    """Milliseconds a part through the pipes of two workers that have nothing to do, but for their beginning."""
    engine = Processes(2, work=_echo)
    study = SimpleNamespace(head={}, folder=Path())
    try:
        foreman = Foreman(engine, study)  # type: ignore[arg-type]
        list(foreman.parts(0, None, range(8)))  # type: ignore[arg-type]
        began = time.perf_counter()
        list(foreman.parts(0, None, range(PARTS)))  # type: ignore[arg-type]
        return (time.perf_counter() - began) / PARTS * 1e3
    finally:
        engine.stop()


def main() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        read, computed = pictures(folder / "read", READ, 640), pictures(folder / "computed", COMPUTED, 224)
        rates: dict[tuple[str, int], float] = {}
        for workers in (1, 2):
            rates["read", workers] = rate(read, "misclassified", "digits", workers, folder / f"read-{workers}")
            rates["computed", workers] = rate(computed, "layers", BUNDLED, workers, folder / f"computed-{workers}")
        began = time.perf_counter()
        for _ in range(100):
            assert StudyFolder.open(folder / "computed-2").identity
        looked = (time.perf_counter() - began) * 10
    return [
        Row("bound by decoding: one process, pictures a second", rates["read", 1]),
        Row("bound by decoding: two workers / one process", rates["read", 2] / rates["read", 1], at_least=1.7),
        Row("bound by convolutions: one process, pictures a second", rates["computed", 1]),
        Row(
            "bound by convolutions: two workers / one process",
            rates["computed", 2] / rates["computed", 1],
            at_least=0.95,
        ),
        Row("1,000 parts: handing out and hearing of each, ms a part", handing_out(), at_most=2),
        Row("... a worker's look whether its study is still this one, ms a part", looked, at_most=10),
    ]


if __name__ == "__main__":
    report("workers", main())
