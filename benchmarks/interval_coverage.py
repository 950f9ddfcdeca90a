"""How often the product's 95 % intervals hold the truth: `make truth`.

Pictures are drawn from distributions whose truth is known, from five on: normal, skewed (exponential, both ways) and
tied (five values). An interval should hold the truth in 93 to 97 % of repetitions. The table goes to docs/coverage.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats as scipy_stats

from xai_core import stats

TABLE = Path(__file__).parent.parent / "docs" / "coverage.md"
NUMBERS = (5, 8, 16, 64)
REPEATS = 1000
LEAST, MOST = 0.93, 0.97
SHIFT = 0.5  # of the differences, in standard deviations: a medium effect
LAYERS = 5
_TRUTH = 400_000  # values from which a truth is computed that has no formula
RESAMPLES = 500  # a bootstrap of fewer covers as often, and is quicker than the product's
HEAD = """# Coverage: how often 95 % intervals hold the truth

Each cell is the share of repetitions, in per cent, in which an interval of n pictures held the true value; a dash is an
interval that the product does not give. *Skewed* differences are exponential, shifted by half a standard deviation in
the direction of their long tail, *skewed against* in the other; *tied* ones take five values. Areas under the ROC curve
have n pictures of either kind. The aim is 93 to 97 %: less is **bold**, more (wider than needed) is *in italics*.
Written by `make truth`.

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
    """

    title: str
    find: Callable[[Rng, Draw, int], Interval]
    truth: Callable[[Rng, Draw], float]


def _differences(rng: Rng, draw: Draw, n: int) -> np.ndarray:
    return draw(rng, (n,)) + SHIFT


def _mean(rng: Rng, draw: Draw, n: int) -> Interval:
    return stats.mean_interval(_differences(rng, draw, n), resamples=RESAMPLES)


def _d_z(rng: Rng, draw: Draw, n: int) -> Interval:
    return stats.paired_t(_differences(rng, draw, n), np.zeros(n), resamples=RESAMPLES).interval


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
    return stats.rank_sum(first, second).interval  # that of Brunner and Munzel's test, too


def _true_area(rng: Rng, draw: Draw) -> float:
    first, second = draw(rng, (_TRUTH,)) + 2 * SHIFT, draw(rng, (_TRUTH,))
    return float((first > second).mean() + (first == second).mean() / 2)


def _layers(rng: Rng, draw: Draw, n: int) -> np.ndarray:
    return draw(rng, (n, LAYERS)) + SHIFT * np.arange(LAYERS) / 2


def _trend(rng: Rng, draw: Draw, n: int) -> Interval:
    return stats.page_trend(_layers(rng, draw, n), resamples=RESAMPLES).interval


def _true_trend(rng: Rng, draw: Draw) -> float:
    return float(stats.trend_correlations(_layers(rng, draw, _TRUTH // 4)).mean())


def _agreement(rng: Rng, draw: Draw, n: int) -> Interval:
    return stats.friedman(_layers(rng, draw, n)).interval


def _true_agreement(rng: Rng, draw: Draw) -> float:
    n = _TRUTH // 4
    w = stats.kendalls_w(_layers(rng, draw, n))
    return (n * w - 1) / (n - 1)


def _gained(rng: Rng, draw: Draw, n: int) -> Interval:
    first = draw(rng, (n,))
    return stats.mcnemar(first > 0, first + _differences(rng, draw, n) > 0).interval


def _true_gained(rng: Rng, draw: Draw) -> float:
    first = draw(rng, (_TRUTH,))
    return float((first + _differences(rng, draw, _TRUTH) > 0).mean() - (first > 0).mean())


def _accuracy(rng: Rng, draw: Draw, n: int) -> Interval:
    right = int((_differences(rng, draw, n) > 0).sum())
    bounds = scipy_stats.binomtest(right, n).proportion_ci(method="wilson")
    return float(bounds.low), float(bounds.high)


KINDS = (
    Kind("mean difference", _mean, lambda rng, draw: SHIFT),
    Kind("d_z", _d_z, lambda rng, draw: SHIFT),
    Kind("rank-biserial correlation", _rank_biserial, _true_rank_biserial),
    Kind("area under the ROC curve", _area, _true_area),
    Kind("rank correlation with depth", _trend, _true_trend),
    Kind("Kendall's W, bias-corrected", _agreement, _true_agreement),
    Kind("difference in accuracy", _gained, _true_gained),
    Kind("accuracy", _accuracy, lambda rng, draw: float((_differences(rng, draw, _TRUTH) > 0).mean())),
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


def main(repeats: int = REPEATS) -> int:
    """Write the table; the exit status is 1 where an interval covers too rarely by more than chance."""
    slack = 2 * np.sqrt(LEAST * (1 - LEAST) / repeats)
    lines, wrong = [f"| interval | data | {' | '.join(f'n = {n}' for n in NUMBERS)} |", "|---|---|" + "---|" * 4], 0
    for kind in KINDS:
        for data, draw in DATA.items():
            shares = [coverage(kind, draw, n, repeats) for n in NUMBERS]
            wrong += sum(share < LEAST - slack for share in shares)
            lines.append(f"| {kind.title} | {data} | {' | '.join(map(cell, shares))} |")
            print(lines[-1], flush=True)
    noise = 100 * np.sqrt(0.95 * 0.05 / repeats)
    TABLE.write_text(HEAD + "\n".join(lines) + f"\n\n{repeats} repetitions, ± {noise:.1f} points.\n", encoding="utf-8")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
