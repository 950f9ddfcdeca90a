"""What a grid would gain by reading pictures once: the share of reading in the seconds of a study.

More than this share cannot be saved in the second study of the same pictures and each one after it. Both sides of
the ratio come from one run, so that a busy machine slows them alike.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness import Row, report
from workers_speed import ASKED, pictures

from xai_core.batch.reading import Read, read_some
from xai_core.batch.run import run_study
from xai_core.models import BUNDLED
from xai_core.questions import get_question
from xai_core.questions.layers import study as layers
from xai_core.questions.misclassified import study as misclassified


class Reading:
    """Reads pictures and counts the seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, data: Any, model: Any, places: Sequence[int]) -> Read:
        began = time.perf_counter()
        found = read_some(data, model, places)
        self.seconds += time.perf_counter() - began
        return found


def share_of_reading(kind: str, data: Path, model: str, out: Path) -> float:
    """Seconds of reading over those of all parts of a study, in the second of two."""
    question, reading = get_question(kind), Reading()
    layers.read_some = misclassified.read_some = reading
    given = {choice.key: choice.default for choice in question.choices} | ASKED
    for name in ("warm", "measured"):
        reading.seconds = 0.0
        done = run_study(question, out / name, quiet=True, spoken=False, data=str(data), model=model, **given)
    return reading.seconds / float(done["seconds"])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        many, few = pictures(folder / "many", 240, 640), pictures(folder / "few", 48, 640)
        small = pictures(folder / "small", 48, 224)
        rows = [
            Row(f"{said}: reading, share of all seconds", share_of_reading(kind, data, model, folder / said))
            for said, kind, data, model in (
                ("640 pixels, answers of a small network", "misclassified", many, "digits"),
                ("640 pixels, maps of EfficientNet-Lite0", "layers", few, BUNDLED),
                ("224 pixels, maps of EfficientNet-Lite0", "layers", small, BUNDLED),
            )
        ]
    report("reading of a grid's pictures", rows)


if __name__ == "__main__":
    main()
