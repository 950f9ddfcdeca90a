"""How often the product's 95% intervals hold the truth: `make truth`.

Pictures are drawn from distributions whose truth is known, from five on: normal, skewed (exponential, both ways) and
tied (five values). An interval should hold the truth in 93 to 97% of repetitions. The table goes to docs/coverage.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import share_coverage

from xai_core import stats, studies
from xai_core.stats.roc_area import area_interval, placements
from xai_core.studies.calibration_test import gap_interval

TABLE = Path(__file__).parent.parent / "docs" / "coverage.md"
NUMBERS = (5, 8, 16, 64)
REPEATS = 2000
LEAST, MOST = 0.93, 0.97
SHIFT = 0.5  # of the differences, in standard deviations: a medium effect
LAYERS = 5
GAIN, LOSS, WINDOW = 0.1, 0.3, 4  # accuracy gained, share of a probability lost, epochs in a window
_TRUTH = 400_000  # values from which a truth is computed that has no formula
RESAMPLES = 400  # a bootstrap of fewer covers as often, and is quicker than the product's
HEAD = """# Coverage: how often 95% intervals hold the truth

Each cell is the share of cases, in per cent, in which an interval of n pictures held the true value; a dash is an
interval that the product does not give, since so few pictures cannot tell. The aim is 93 to 97%: less is **bold**,
more (wider than needed) is *in italics*. Written by `make truth`.

Where no interval can be right at every truth:

- **Shares jump.** Of n pictures, 0 to n are right: n + 1 intervals, and what they hold goes up and down with the true
  share. So these are made to fall short nowhere: an accuracy's holds its truth in 95% of cases or more whatever it is
  (Wilson's, though right on average, falls to 84%), a difference's in 91% or more with five pictures and in 93% from
  sixteen on. They are too wide at some truths, by what that costs.
- **Few pictures, skewed.** Means get no interval below six pictures, effects in standard deviations (d_z, d_av) none
  below eight. Divided by the spread of few pictures such an effect is too large on average, most where the tail that
  they miss points against it; around the effect itself, intervals of twelve to 24 pictures held 92 to 93% there. So
  they lie around Hedges' estimate, smaller by 3 / (4n - 5) of it ([1981](https://doi.org/10.3102/10769986006002107)).
  That makes those of eight pictures a little too wide, and of d_z also those of sixteen where the tail points the way
  of the effect (99%) or values are tied. Where the effect is twice as large, 92 to 94% hold it if the tail points
  against it, from twelve to 32 pictures. Their standard errors allow for the skewness and kurtosis that few pictures do
  not show (k-statistics). Of those tried besides (noncentral t, BCa, equal-tailed and transformed bootstrap-t, the
  plain delta method, score intervals, a correction of the bias by estimated cumulants) none does better on both sides.
- **Many ties.** A median that many pictures have is held in 98% or more, since an end of the interval falls on it.
- **Few pictures, bounded.** Kendall's W of five and eight pictures and the calibration gap of five and eight (an exact
  interval of a share) are a little too wide.
- **Windows of epochs.** What pictures and epochs share is counted twice in their standard error, which errs on the safe
  side: these intervals hold in 98% or more.
- **Loss on another background.** It is a mean, and has no interval below six pictures either. Losses that are all or
  nothing are a share, and held as shares are; Student's interval and the bootstrap's, of which the wider is taken
  otherwise, hold 81 to 90% of those where one or two losers are to be expected. Where none is seen, it is made as wide
  as what may be unseen; and "the object" is said only where enough pictures show it that a fifth of them losing all
  would have been seen.

## Means, ranks and effects

*Skewed* differences are exponential, shifted by half a standard deviation in the direction of their long tail, *skewed
against* in the other; *tied* ones take five values. Areas under the ROC curve have n pictures of either kind.

"""
SHARES_HEAD = """
## Shares

Counted over every outcome, so that no chance is in them. *Least of all* is the truth, of a grid, at which the interval
holds least often.

"""
Rng = np.random.Generator
Draw = Callable[[Rng, tuple[int, ...]], np.ndarray]
Interval = tuple[float, float]

# Mean 0, standard deviation 1.
DATA: dict[str, Draw] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "skewed": lambda rng, size: rng.exponential(size=size) - 1,
    "skewed against": lambda rng, size: 1 - rng.exponential(size=size),
    "tied": lambda rng, size: rng.integers(-2, 3, size) / np.sqrt(2),
}


@dataclass(frozen=True)
class Kind:
    """An interval of the product.

    Attributes
    ----------
    title : str
        Its effect.
    find : callable
        ``find(rng, draw, n)`` gives the interval of n pictures.
    truth : callable
        ``truth(rng, draw)`` gives what it should hold.
    data : Mapping
        What it is tried on.
    least : float
        How often it holds at least, beyond chance; less than `LEAST` where the text above the table says so.
    """

    title: str
    find: Callable[[Rng, Draw, int], Interval]
    truth: Callable[[Rng, Draw], float]
    data: Mapping[str, Draw] = field(default_factory=lambda: DATA)
    least: float = LEAST


def _differences(rng: Rng, draw: Draw, n: int) -> np.ndarray:
    return draw(rng, (n,)) + SHIFT


def _seed(rng: Rng) -> int:
    """Of an interval's own draws: with the same ones in each repetition, their chance would not average out."""
    return int(rng.integers(2**31))


def _mean(rng: Rng, draw: Draw, n: int) -> Interval:
    return stats.mean_interval(_differences(rng, draw, n), resamples=RESAMPLES, seed=_seed(rng))


def _d_z(rng: Rng, draw: Draw, n: int) -> Interval:
    found = stats.paired_t(_differences(rng, draw, n), np.zeros(n), resamples=RESAMPLES, seed=_seed(rng))
    return found.interval


def _rank_biserial(rng: Rng, draw: Draw, n: int) -> Interval:
    return stats.shift_interval(_differences(rng, draw, n))


def _true_rank_biserial(rng: Rng, draw: Draw) -> float:
    drawn = _differences(rng, draw, _TRUTH)
    there = drawn[drawn != 0]  # zeros are left out
    half = len(there) // 2
    sums = there[:half] + there[half : 2 * half]
    return float(2 * ((sums > 0).mean() + (sums == 0).mean() / 2) - 1)


def _area(rng: Rng, draw: Draw, n: int) -> Interval:
    first, second = draw(rng, (n,)) + 2 * SHIFT, draw(rng, (n,))
    placed = placements(first, second)
    return area_interval(float(placed.first.mean()), placed, 0.95)  # the tests have it, and permutations that take long


def _true_area(rng: Rng, draw: Draw) -> float:
    first, second = draw(rng, (_TRUTH,)) + 2 * SHIFT, draw(rng, (_TRUTH,))
    return float((first > second).mean() + (first == second).mean() / 2)


def _layers(rng: Rng, draw: Draw, n: int) -> np.ndarray:
    return draw(rng, (n, LAYERS)) + SHIFT * np.arange(LAYERS) / 2


def _trend(rng: Rng, draw: Draw, n: int) -> Interval:
    return stats.page_trend(_layers(rng, draw, n), resamples=RESAMPLES, seed=_seed(rng)).interval


def _true_trend(rng: Rng, draw: Draw) -> float:
    return float(stats.trend_correlations(_layers(rng, draw, _TRUTH // 4)).mean())


def _agreement(rng: Rng, draw: Draw, n: int) -> Interval:
    return stats.friedman(_layers(rng, draw, n)).interval


def _true_agreement(rng: Rng, draw: Draw) -> float:
    n = _TRUTH // 4
    w = stats.kendalls_w(_layers(rng, draw, n))
    return (n * w - 1) / (n - 1)


def _d_av(rng: Rng, draw: Draw, n: int) -> Interval:
    common = rng.normal(size=n)
    first = common + _differences(rng, draw, n)
    return stats.d_av(first, common, resamples=RESAMPLES, seed=_seed(rng)).interval


def _true_d_av(rng: Rng, draw: Draw) -> float:
    common = rng.normal(size=_TRUTH)
    first = common + _differences(rng, draw, _TRUTH)
    return float((first.mean() - common.mean()) / ((first.std() + common.std()) / 2))


def _median(rng: Rng, draw: Draw, n: int) -> Interval:
    return stats.median_interval(_differences(rng, draw, n))


def _chances(rng: Rng, draw: Draw, n: int) -> np.ndarray:
    """Of each picture to be right, before a gain of GAIN."""
    return np.clip(0.5 + 0.15 * draw(rng, (n,)), 0.02, 0.88)


def _windows(rng: Rng, draw: Draw, n: int) -> Interval:
    """Of a gain between two windows of epochs, each of which is better or worse on all pictures."""
    chance, wobble = _chances(rng, draw, n), rng.normal(0, 0.02, (2 * WINDOW, 1))
    course = np.repeat([0.0, GAIN], WINDOW)[:, None] + wobble
    right = rng.random((2 * WINDOW, n)) < chance + course
    return stats.window_change(right, WINDOW).interval


def _gap(rng: Rng, draw: Draw, n: int) -> Interval:
    """Of mean confidence minus accuracy; each picture is right with a probability of its confidence less GAIN."""
    sure = np.clip(0.7 + 0.1 * draw(rng, (n,)), 0.2, 1)
    return gap_interval(sure, rng.random(n) < sure - GAIN)


def _lose_all(rng: Rng, size: tuple[int, ...], share: float) -> np.ndarray:
    """Losses of a network that some pictures lose altogether, and others not at all."""
    return (rng.random(size) < share).astype(float)


def _reliance(rng: Rng, draw: Draw, n: int) -> Interval:
    """Of the share of the probability that another background costs."""
    return _cost(LOSS + 0.15 * draw(rng, (n,)))


def _cost(lost: np.ndarray) -> Interval:
    n = len(lost)
    rows = [{"picture": i, "kind": "whole", "p": 0.8, "other": -1} for i in range(n)]
    rows += [{"picture": i, "kind": "swapped", "p": 0.8 * (1 - one), "other": 0} for i, one in enumerate(lost)]
    found = studies.rests_on(pd.DataFrame(rows))
    return found.low, found.high


KINDS = (
    Kind("mean difference", _mean, lambda rng, draw: SHIFT),
    Kind("d_z", _d_z, lambda rng, draw: SHIFT),
    Kind("rank-biserial correlation", _rank_biserial, _true_rank_biserial),
    Kind("area under the ROC curve", _area, _true_area),
    Kind("rank correlation with depth", _trend, _true_trend),
    Kind("Kendall's W, bias-corrected", _agreement, _true_agreement),
    Kind("d_av", _d_av, _true_d_av),
    Kind("median by layer", _median, lambda rng, draw: float(np.median(_differences(rng, draw, _TRUTH + 1)))),
    Kind("windows of epochs", _windows, lambda rng, draw: GAIN),
    Kind("calibration gap", _gap, lambda rng, draw: GAIN),
    Kind("loss on another background", _reliance, lambda rng, draw: LOSS),
    Kind(
        "the same, all or nothing",
        lambda rng, draw, n: _cost(draw(rng, (n,))),
        lambda rng, draw: draw.keywords["share"],  # type: ignore[attr-defined]
        {f"{share:.0%} lose all": partial(_lose_all, share=share) for share in (0.05, 0.1, 0.2, 0.4)},
        least=0.84,
    ),
)


def coverage(kind: Kind, draw: Draw, n: int, repeats: int) -> float:
    """Share of repetitions in which an interval holds its truth.

    Parameters
    ----------
    kind : Kind
        Which interval.
    draw : callable
        One of DATA.
    n : int
        Pictures.
    repeats : int
        Repetitions.

    Returns
    -------
    float
        NaN where none is given.
    """
    rng = np.random.default_rng(n)
    truth, held = kind.truth(rng, draw), []
    for _ in range(repeats):
        low, high = kind.find(rng, draw, n)
        if np.isfinite(low):
            held.append(low - 1e-9 <= truth <= high + 1e-9)
    return float(np.mean(held)) if len(held) > repeats / 2 else float("nan")


def cell(share: float) -> str:
    """A share of repetitions as the table shows it."""
    if not np.isfinite(share):
        return "–"
    said = f"{100 * share:.1f}"
    return f"**{said}**" if share < LEAST else f"*{said}*" if share > MOST else said


def _table(first: str, second: str) -> list[str]:
    return [f"| {first} | {second} | {' | '.join(f'n = {n}' for n in NUMBERS)} |", "|---|---|" + "---|" * len(NUMBERS)]


def _line(first: str, second: str, shares: list[float]) -> str:
    line = f"| {first} | {second} | {' | '.join(map(cell, shares))} |"
    print(line, flush=True)
    return line


def _shares(task: tuple[int, str, int]) -> list[float]:
    """How often one interval holds the truth of one kind of data, for each of NUMBERS."""
    place, data, repeats = task
    return [coverage(KINDS[place], KINDS[place].data[data], n, repeats) for n in NUMBERS]


def main(repeats: int = REPEATS, processes_at_most: int | None = None) -> int:
    """Write the tables; the exit status is 1 where an interval covers too rarely by more than chance."""
    slack = 3 * np.sqrt(LEAST * (1 - LEAST) / repeats)  # of 160 cells
    lines, wrong = _table("interval", "data"), 0
    tasks = [(place, data, repeats) for place, kind in enumerate(KINDS) for data in kind.data]
    with ProcessPoolExecutor(processes_at_most) as processes:
        for (place, data, _), shares in zip(tasks, processes.map(_shares, tasks), strict=True):
            wrong += sum(share < KINDS[place].least - slack for share in shares)
            lines.append(_line(KINDS[place].title, data, shares))
    counted = _table("interval", "truth")
    for row in share_coverage.ROWS:
        shares = [row.share(n) for n in NUMBERS]
        wrong += sum(share < row.least for share in shares)
        counted.append(_line(row.interval, row.truth, shares))
    noise = 100 * np.sqrt(0.95 * 0.05 / repeats)
    note = f"\n\n{repeats:,} repetitions of each cell, ± {noise:.1f} points.\n"
    TABLE.write_text(HEAD + "\n".join(lines) + note + SHARES_HEAD + "\n".join(counted) + "\n", encoding="utf-8")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
