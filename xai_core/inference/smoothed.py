"""LIME's linear model with less of chance in it, from as many perturbations, drawn in complementary pairs.

A smooth model of the log-odds, a Gaussian process over sets of superpixels, says what any perturbation would give, and
LIME's regression is fitted to it on thousands of sets that cost no forward pass. It aims at the weights that ever more
perturbations would give; what the smooth model misses, such as one rare set that changes everything, it misses, too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xai_core.inference.surrogate import (
    FEWEST,
    RIDGE,
    Surrogate,
    alike_halves,
    regression,
    regression_weights,
    surrogate_errors,
)

_WIDTHS = (1.0, 3.0)  # how fast perturbations that share fewer superpixels become unlike; the better one is taken
_NOISE = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # likewise, what the smooth model leaves unexplained
_TRIED = 500  # perturbations on which these two are chosen, one left out at a time: a cost that grows with their cube
_ASKED = 16_000  # perturbations that it is asked about, in pairs that complement each other
_AT_ONCE = 2000
_EDGE = 1e-6  # probabilities are kept this far from 0 and 1, about float32's rounding


def drawn_in_pairs(number: int, count: int, seed: int) -> np.ndarray:
    """Perturbations, bool (number, count): the whole picture, then each one drawn is followed by its complement.

    What two superpixels do together cancels in such a pair.
    """
    half = np.random.RandomState(seed).randint(0, 2, (number // 2, count)).astype(bool)
    pairs = np.stack([half, ~half], axis=1).reshape(-1, count)
    return np.concatenate([np.ones((1, count), dtype=bool), pairs])[:number]


class _Choice(NamedTuple):
    """Width and noise of a class's smooth model, what it says of each perturbation tried without it, and its error."""

    width: float
    noise: float
    without: np.ndarray
    error: float


def _log_odds(values: np.ndarray) -> np.ndarray:
    inside = np.clip(values, _EDGE, 1 - _EDGE)
    return np.log(inside) - np.log1p(-inside)


def _probability(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-log_odds))


def _alike(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of superpixels that two perturbations have in common, less the others': float32 (n, m) in [-1, 1]."""
    signs = [2 * part.astype(np.float32) - 1 for part in (rows, others)]
    return signs[0] @ signs[1].T / rows.shape[1]


def _chosen(rows: np.ndarray, log_odds: np.ndarray) -> list[_Choice]:
    """For each of T classes what predicts perturbations best that were left out: bool (n, S), (n, T)."""
    alike, best = _alike(rows, rows).astype(float), [_Choice(1.0, 1.0, np.zeros(0), np.inf)] * log_odds.shape[1]
    for width in _WIDTHS:
        values, vectors = np.linalg.eigh(np.exp((alike - 1) * width))
        there, squares = vectors.T @ log_odds, vectors**2
        for noise in _NOISE:
            inverse = 1 / (np.maximum(values, 0) + noise)
            left = (
                vectors @ (there * inverse[:, None]) / (squares @ inverse)[:, None]
            )  # leaving one out, in closed form
            for turn, error in enumerate((left**2).mean(0)):
                if error < best[turn].error:
                    best[turn] = _Choice(width, noise, log_odds[:, turn] - left[:, turn], error)
    return best


def _asked(count: int) -> np.ndarray:
    """Perturbations, bool (n, S), each with its complement."""
    half = np.random.RandomState(0).randint(0, 2, (_ASKED // 2, count)).astype(bool)
    return np.concatenate([half, ~half])


def _of_smooth(rows: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """LIME's weights (T, S) of the smooth models, and what these miss of the perturbations tried: (n, T)."""
    log_odds = _log_odds(values)
    centre = log_odds.mean(0)
    choices = _chosen(rows[:_TRIED], (log_odds - centre)[:_TRIED])
    alike = _alike(rows, rows).astype(float)
    solved = []
    for turn, one in enumerate(choices):
        matrix = np.exp((alike - 1) * one.width) + one.noise * np.eye(len(rows))
        solved.append(np.linalg.solve(matrix, log_odds[:, turn] - centre[turn]))
    wanted = _asked(rows.shape[1])
    predicted = np.empty((len(wanted), len(choices)))
    for start in range(0, len(wanted), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        near = _alike(wanted[part], rows)
        for turn, (one, weights) in enumerate(zip(choices, solved, strict=True)):
            predicted[part, turn] = np.exp((near - 1) * one.width) @ weights
    without = _probability(np.stack([one.without for one in choices], axis=1) + centre)
    penalty = RIDGE * len(wanted) / len(rows)  # the shrinkage is that of the samples
    return regression(wanted, _probability(predicted + centre), penalty), values[:_TRIED] - without


def smoothed_surrogates(rows: np.ndarray, values: np.ndarray) -> list[Surrogate]:
    """The linear model of each of T classes, from perturbations bool (n, S) and probabilities (n, T).

    Behind the first one, which is the whole picture, they are taken as pairs. The standard errors are those of what the
    smooth model leaves unexplained where it had not seen the perturbation.

    Raises
    ------
    ValueError
        If there are too few perturbations for two halves of them.
    """
    if len(rows) < FEWEST:
        raise ValueError(f"The smoothed fit needs at least {FEWEST} perturbations, got {len(rows)}.")
    weights, left = _of_smooth(rows, values)
    tried = rows[: len(left)]
    unexplained = regression(tried, left, RIDGE)
    fewer = np.sqrt(len(tried) / len(rows))  # errors shrink with the root of the perturbations
    second = (np.arange(len(rows)) + 1) // 2 % 2 == 1  # every other pair, so that complements stay together
    halves = [_of_smooth(rows[part], values[part])[0] for part in (~second, second)]
    near = regression_weights(rows)
    centred = rows - np.average(rows, axis=0, weights=near)
    found = []
    for turn, own in enumerate(weights):
        target = values[:, turn] - np.average(values[:, turn], weights=near)
        spread = float((near * target**2).sum())
        r2 = 1 - float((near * (target - centred @ own) ** 2).sum()) / spread if spread > 0 else 1.0
        errors = fewer * surrogate_errors(tried, left[:, turn], unexplained[turn])
        alike = alike_halves(halves[0][turn], halves[1][turn])
        found.append(Surrogate(own, errors, r2, alike.stability, alike.top_shared))
    return found
