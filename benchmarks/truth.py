"""How often each page's headline says yes or no where nothing is to be found, and finds what is planted: `make truth`.

Maps, masks, answers and trainings are made up, so that the truth is known, and go through what the pages ask. At most
5% of the first may get a yes or a no, at least 90% of the second the right one with 64 pictures. The table goes to
docs/truth.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import foreground_truth
import held_claims
import numpy as np
import pandas as pd
import untrained_truth

from xai_core import TrainingRun, studies
from xai_core.questions.layers.findings import answer
from xai_core.types import Heatmaps, Layer, Predictions, Sample

TABLE = Path(__file__).parent.parent / "docs" / "truth.md"
NULL_NUMBERS, PLANTED_NUMBERS = (8, 32, 128), (64,)
REPEATS = 200
LEVEL, POWER = 0.05, 0.9
SIDE, STAGES = 56, (28, 14, 7, 7)  # pixels of a picture, cells of a map at each stage
LIMITS = (0.7, 0.85, 0.9)  # thresholds of the share
EPOCHS = 24
_SAME = f"the same {untrained_truth.NETS} networks and {untrained_truth.PICTURES} pictures"
HEAD = f"""# Planted truths

Made-up maps, masks, answers and trainings go through what the pages ask, and what the headline says is counted. Where
nothing is to be found at most 5% may be a yes or a no; what is planted has to be found in at least 90% of cases with
64 pictures. A row is wrong where its shares are further off than two standard errors of its repetitions: where nothing
is to be found, above 8% of 200. That error is of the repetitions alone. Rows of real networks draw all of theirs from
{_SAME}, so they hold for these, and say less of other networks than the number of
repetitions suggests. Made-up maps on Foreground vs Background are held against those of random weights, for which blobs
in the middle stand in. Written by `make truth`.

| page | what goes in | truth | n | repetitions | yes | no |
|---|---|---|---|---|---|---|
"""
Rng = np.random.Generator


@dataclass(frozen=True)
class Case:
    """One kind of data, and what a page says of it.

    Attributes
    ----------
    page, title : str
        The page, and what goes in.
    truth : {"nothing", "yes", "no"}
        What it should say.
    say : callable
        ``say(rng, n)`` gives "yes", "no" or "".
    """

    page: str
    title: str
    truth: str
    say: Callable[[Rng, int], str]


def _headline(text: str) -> str:
    return "yes" if text.startswith("Yes") else "no" if text.startswith("No:") else ""


def _layers(make: Callable[[Rng, int, int, int], np.ndarray], measure: str) -> Callable[[Rng, int], str]:
    """What Layer Explorer says of maps; ``make(rng, n, stage, size)`` gives those of one layer."""

    def say(rng: Rng, n: int) -> str:
        maps = {f"{stage}": make(rng, n, stage, size).astype(np.float32) for stage, size in enumerate(STAGES)}
        seen = Predictions(np.zeros(n, int), np.ones((n, 1), np.float32))
        heatmaps = Heatmaps(maps, np.zeros(n, int), seen, (SIDE, SIDE), "", "")
        grids = {grid: studies.measure_maps(heatmaps, LIMITS, grid=grid) for grid in ("own", "common", "sampled")}
        layers = [Layer(name, f"stage {name}", one.shape[1:], 1) for name, one in maps.items()]
        return _headline(answer(grids, layers, [str(i) for i in range(n)], measure, 0.85).card.headline)

    return say


def _even(rng: Rng, n: int, stage: int, size: int) -> np.ndarray:
    return rng.normal(size=(n, size, size))


def _skewed(rng: Rng, n: int, stage: int, size: int) -> np.ndarray:
    return rng.exponential(size=(n, size, size))


def _blobs(rng: Rng, n: int, size: int, width: float) -> np.ndarray:
    y, x = (np.mgrid[0:size, 0:size] + 0.5) / size
    middle, widths = rng.normal(0.5, 0.05, (n, 2, 1, 1)), np.maximum(width + rng.normal(0, 0.03, (n, 1, 1)), 0.03)
    return np.exp(-((y - middle[:, 0]) ** 2 + (x - middle[:, 1]) ** 2) / (2 * widths**2))


def _centred(rng: Rng, n: int, stage: int, size: int) -> np.ndarray:
    return _blobs(rng, n, size, 0.22)


def _narrowing(rng: Rng, n: int, stage: int, size: int) -> np.ndarray:
    return _blobs(rng, n, size, 0.30 - 0.04 * stage)


def _widening(rng: Rng, n: int, stage: int, size: int) -> np.ndarray:
    return _blobs(rng, n, size, 0.16 + 0.04 * stage)


def _foreground(make: Callable[[Rng, list[np.ndarray]], np.ndarray]) -> Callable[[Rng, int], str]:
    def say(rng: Rng, n: int) -> str:
        own = foreground_truth.masks(rng, n)
        said = foreground_truth.answer(rng, make(rng, own), own)
        return said if said in ("yes", "no") else ""

    return say


def _answers(sure: np.ndarray, right: np.ndarray) -> pd.DataFrame:
    """Answers as sure and as right as given, of two classes."""
    known = {"true": 0, "usable": True, "confidence": sure, "correct": right, "margin": 2 * sure - 1}
    return pd.DataFrame(known)


def _confidence(surer: float) -> Callable[[Rng, int], str]:
    """About 30% are wrong; right ones are surer by so many standard deviations."""

    def say(rng: Rng, n: int) -> str:
        right = rng.random(n) < 0.7
        sure = np.clip(rng.normal(0.7, 0.1, n) + 0.1 * surer * right, 0.4, 0.995)
        return _headline(studies.confidence_hypothesis(_answers(sure, right)).headline)

    return say


def _calibration(over: float) -> Callable[[Rng, int], str]:
    """ "yes" stands for any doubt in the confidences."""

    def say(rng: Rng, n: int) -> str:
        sure = rng.uniform(0.5, 0.95, n)
        test = studies.calibration_test(_answers(sure, rng.random(n) < sure - over))
        return "yes" if min(test.p_gap, test.p_ece) < LEVEL else ""

    return say


def _run(rng: Rng, n: int, gain: float) -> TrainingRun:
    """Accuracy rises to 0.6 in the first half and by `gain` in the second; every epoch is better or worse on all."""
    half = EPOCHS // 2
    course = np.r_[np.linspace(0.2, 0.6, half), 0.6 + np.linspace(0, gain, EPOCHS - half)]
    wobble, pictures = rng.normal(0, 0.02, EPOCHS), rng.normal(0, 0.15, n)
    chance = np.clip(course[:, None] + wobble[:, None] + pictures, 0.02, 0.98)
    right = rng.random((EPOCHS, n)) < chance
    names = tuple(map(str, range(n)))
    return TrainingRun("one", ("a", "b"), names, np.zeros(n, int), np.arange(1, EPOCHS + 1), (~right).astype(int))


def _second_half(gain: float) -> Callable[[Rng, int], str]:
    def say(rng: Rng, n: int) -> str:
        card = studies.training_hypothesis(_run(rng, n, gain))
        return _headline(card.headline) if card is not None else ""

    return say


def _two_runs(gain: float) -> Callable[[Rng, int], str]:
    """Two runs of which the second is better by so much at every epoch."""

    def say(rng: Rng, n: int) -> str:
        pictures, names = rng.normal(0, 0.15, n), tuple(map(str, range(n)))
        runs = []
        for name, more in (("one", 0.0), ("two", gain)):
            chance = np.clip(0.55 + more + pictures, 0.02, 0.98)
            wrong_there = (rng.random((EPOCHS, n)) >= chance).astype(int)
            runs.append(TrainingRun(name, ("a", "b"), names, np.zeros(n, int), np.arange(1, EPOCHS + 1), wrong_there))
        tone = studies.comparison_hypothesis(studies.compare_runs(*runs)).tone
        return tone if tone in ("yes", "no") else ""

    return say


def _looks(found: studies.AttentionAnswer) -> str:
    return {"on": "yes", "off": "no"}.get(found.claim, "")


def _attention(more: float, built_in: float = 0.0, between: float = 0.0) -> Callable[[Rng, int], str]:
    """Share of the evidence on the object at nine epochs, each picture about what lies where objects usually lie.

    An architecture puts more there by itself, random weights by themselves as much more or less; `more` is learned.
    """

    def say(rng: Rng, n: int) -> str:
        usual = rng.uniform(0.1, 0.4, n)

        def looked(about: float) -> studies.ObjectAttention:
            energy = np.clip(usual + about + rng.normal(0, 0.1, n), 0, 1)
            return studies.ObjectAttention(energy, usual, usual)

        of_run, *of_draws = rng.normal(built_in, between, 11)
        found = {epoch: looked(of_run + more) for epoch in range(1, 10)}
        draws = [looked(one) for one in of_draws]
        return _looks(studies.attention_answer(studies.attention_table(found, draws=draws)))

    return say


def _centred_film(rng: Rng, n: int) -> str:
    """One blob in the middle of every picture, at each of nine epochs: objects lie there, too."""
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    blob = np.exp(-(y**2 + x**2) / (2 * (SIDE / 5) ** 2)).astype(np.float32)
    blank, seen = np.zeros((SIDE, SIDE, 3), np.uint8), Predictions(np.zeros(n, int), np.ones((n, 1), np.float32))
    masks = [mask.repeat(2, axis=0).repeat(2, axis=1) for mask in foreground_truth.masks(rng, n)]
    pictures = [Sample(str(place), blank, mask=mask) for place, mask in enumerate(masks)]
    maps = Heatmaps({"l": np.stack([blob] * n)}, np.zeros(n, int), seen, (SIDE, SIDE), "", "")
    one = studies.object_attention(maps, pictures)
    found = dict.fromkeys(range(1, 10), one)
    other = one._replace(energy=one.energy * rng.uniform(0.9, 1.0, n))  # random weights have another map
    return _looks(studies.attention_answer(studies.attention_table(found, draws=[other, one, other])))


LAYERS, FOREGROUND, MISTAKES, TRAINING = "Layers", "Foreground", "Misclassifications", "Training"
CASES = (
    *(
        Case(LAYERS, f"{title}, {measure}", truth, _layers(make, measure))
        for measure in ("share", "gini")
        for title, truth, make in (
            ("normal noise", "nothing", _even),
            ("skewed noise", "nothing", _skewed),
            ("the same centred blobs at each layer", "nothing", _centred),
            ("blobs that get narrower with depth", "yes", _narrowing),
            ("blobs that get wider with depth", "no", _widening),
        )
    ),
    *(
        Case(FOREGROUND, title, {"on": "yes", "off": "no"}.get(truth, truth), _foreground(make))
        for title, truth, make in foreground_truth.KINDS
    ),
    Case(LAYERS, "real networks with random weights, share", "nothing", untrained_truth.layers),
    Case(FOREGROUND, "real networks with random weights", "nothing", untrained_truth.foreground),
    Case(MISTAKES, "less sure where wrong? labels at random", "nothing", _confidence(0.0)),
    Case(MISTAKES, "less sure where wrong? by 1.2 standard deviations", "yes", _confidence(1.2)),
    Case(MISTAKES, "confidences in doubt? calibrated", "nothing", _calibration(0.0)),
    Case(MISTAKES, "confidences in doubt? 25 points too sure", "yes", _calibration(0.25)),
    Case(TRAINING, "second half, level", "nothing", _second_half(0.0)),
    Case(TRAINING, "second half, 30 points better", "yes", _second_half(0.3)),
    Case(TRAINING, "two runs, as good as each other", "nothing", _two_runs(0.0)),
    Case(TRAINING, "two runs, the second 30 points better", "yes", _two_runs(0.3)),
    Case(TRAINING, "looks at the object? as where objects usually lie", "nothing", _attention(0.0)),
    Case(TRAINING, "looks at the object? one blob in the middle of all", "nothing", _centred_film),
    Case(TRAINING, "looks at the object? 5 points more by its architecture", "nothing", _attention(0.0, 0.05, 0.03)),
    Case(TRAINING, "looks at the object? 10 points more", "yes", _attention(0.1)),
)


def rates(case: Case, n: int, repeats: int) -> tuple[float, float]:
    """Shares of repetitions in which the headline is a yes, and a no."""
    rng = np.random.default_rng((n, len(case.title)))
    said = [case.say(rng, n) for _ in range(repeats)]
    return said.count("yes") / repeats, said.count("no") / repeats


def wrong(case: Case, yes: float, no: float, repeats: int) -> bool:
    """Whether shares are not as they should be, by more than chance."""
    if case.truth == "nothing":
        return yes + no > LEVEL + 2 * np.sqrt(LEVEL * (1 - LEVEL) / repeats)
    return {"yes": yes, "no": no}[case.truth] < POWER


@dataclass(frozen=True)
class Task:
    """A row of the table: a case by its place, and how often it is tried with how many pictures."""

    place: int
    n: int
    repeats: int

    @property
    def case(self) -> Case:
        return CASES[self.place]


def _tasks(repeats: int) -> list[Task]:
    """Every row."""
    numbers = {"nothing": NULL_NUMBERS, "yes": PLANTED_NUMBERS, "no": PLANTED_NUMBERS}
    return [Task(place, n, repeats) for place, case in enumerate(CASES) for n in numbers[case.truth]]


def _tried(task: Task) -> tuple[float, float]:
    return rates(task.case, task.n, task.repeats)


def main(repeats: int = REPEATS, processes_at_most: int | None = None) -> int:
    """Write the table; the exit status is 1 where a share is not as it should be."""
    lines, bad, tasks = [], 0, _tasks(repeats)
    with ProcessPoolExecutor(processes_at_most) as processes:
        for task, (yes, no) in zip(tasks, processes.map(_tried, tasks), strict=True):
            case, off = task.case, wrong(task.case, yes, no, task.repeats)
            bad += off
            shares = f"{100 * yes:.1f}% | {100 * no:.1f}%"
            lines.append(f"| {case.page} | {case.title} | {case.truth} | {task.n} | {task.repeats} | {shares} |")
            print(lines[-1], "LOOK" if off else "", flush=True)
    TABLE.write_text(HEAD + "\n".join(lines) + "\n" + held_claims.table(), encoding="utf-8")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
