"""Claims: a grid reads its pictures once, so that its second study saves what reading takes.

For a small network on large pictures that is most of its seconds.

Both sides of each ratio come from one run, in turn, so that a busy machine slows them alike.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from harness import Row, report
from workers_speed import ASKED, pictures

from xai_core.batch.kept_pictures import MOST, pictures_kept
from xai_core.batch.run import run_study
from xai_core.models import BUNDLED
from xai_core.questions import get_question

REPEATS = 3


def seconds_of_second(kind: str, data: Path, model: str, out: Path, most: int) -> float:
    """Of computing, in the second study of the same pictures."""
    question = get_question(kind)
    given = {choice.key: choice.default for choice in question.choices} | ASKED
    with pictures_kept(most):
        for name in ("first", "second"):
            done = run_study(question, out / name, quiet=True, spoken=False, data=str(data), model=model, **given)
    return float(done["seconds"])


def speedup(kind: str, data: Path, model: str, out: Path) -> float:
    """Seconds of a second study that reads anew over those of one that does not, the least of each."""
    least: dict[int, list[float]] = {0: [], MOST: []}
    for turn in range(REPEATS):
        for most, seconds in least.items():
            seconds.append(seconds_of_second(kind, data, model, out / f"{turn}-{most}", most))
    return min(least[0]) / min(least[MOST])


def main() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        many, few = pictures(folder / "many", 240, 640), pictures(folder / "few", 16, 640)
        small = pictures(folder / "small", 16, 224)
        return [
            Row(f"{said}: read anew / read once", speedup(kind, data, model, folder / said), at_least=at_least)
            for said, kind, data, model, at_least in (
                ("640 pixels, answers of a small network", "misclassified", many, "digits", 2.0),
                ("640 pixels, maps of EfficientNet-Lite0", "layers", few, BUNDLED, None),
                ("224 pixels, maps of EfficientNet-Lite0", "layers", small, BUNDLED, None),
            )
        ]


if __name__ == "__main__":
    report("reading of a grid's pictures", main())
