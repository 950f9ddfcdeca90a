"""LIME's linear model of the log-odds, with little of chance in it: from pairs of perturbations and a smooth model.

A Gaussian process over sets of superpixels, fitted to the log-odds of what was asked, says what any perturbation would
give, and LIME's regression is fitted to it on thousands of sets that cost no forward pass. It aims at the weights that
ever more perturbations would give; what the smooth model misses, such as one rare set that changes everything, it
misses, too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xai_core.inference.surrogate import (
    FEWEST,
    RIDGE,
    Surrogate,
    alike_halves,
    log_odds,
    regression,
    regression_weights,
    surrogate_errors,
)

_NOISE = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # what the smooth model leaves unexplained; the best one is taken
_EVEN = 0.3  # of how far a superpixel sets two perturbations apart: this much for each, the rest by its weight
_TRIED = 500  # perturbations on which this is chosen, one left out at a time: a cost that grows with their cube
_ASKED = 16_000  # perturbations that it is asked about, in pairs that complement each other
_AT_ONCE = 2000


def drawn_in_pairs(number: int, count: int, seed: int) -> np.ndarray:
    """Perturbations, bool (number, count): the whole picture, then each one drawn is followed by its complement.

    What two superpixels do together cancels in such a pair.
    """
    half = np.random.RandomState(seed).randint(0, 2, (number // 2, count)).astype(bool)
    pairs = np.stack([half, ~half], axis=1).reshape(-1, count)
    return np.concatenate([np.ones((1, count), dtype=bool), pairs])[:number]


class _Smooth(NamedTuple):
    """How a class's smooth model tells perturbations apart, and what it says of each one tried without it: (n,)."""

    shares: np.ndarray  # (S,), of how far apart two perturbations are, each superpixel's; they sum to 1
    noise: float
    without: np.ndarray


def _alike(rows: np.ndarray, others: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """How alike the smooth model takes perturbations to be: bool (n, S), (m, S) -> float32 (n, m) in (0, 1]."""
    signs = [2 * part.astype(np.float32) - 1 for part in (rows, others)]
    return np.exp((signs[0] * shares.astype(np.float32)) @ signs[1].T - 1)


def _chosen(rows: np.ndarray, values: np.ndarray, weights: np.ndarray) -> _Smooth:
    """What predicts perturbations best that were left out: bool (n, S), (n,) and the linear model's weights (S,).

    Either all superpixels set two of them apart alike, or those with larger weights do so more.
    """
    even = np.full(len(weights), 1 / len(weights))
    sizes = np.abs(weights)
    by_weight = _EVEN * even + (1 - _EVEN) * sizes / sizes.sum() if sizes.any() else even
    best, least = _Smooth(even, 1.0, np.zeros(0)), np.inf
    for shares in (even, by_weight):
        spectrum, vectors = np.linalg.eigh(_alike(rows, rows, shares).astype(float))
        there, squares = vectors.T @ values, vectors**2
        for noise in _NOISE:
            inverse = 1 / (np.maximum(spectrum, 0) + noise)
            left = vectors @ (there * inverse) / (squares @ inverse)  # leaving one out, in closed form
            error = float((left**2).mean())
            if error < least:
                best, least = _Smooth(shares, noise, values - left), error
    return best


def _asked(count: int) -> np.ndarray:
    """Perturbations, bool (n, S), each with its complement."""
    half = np.random.RandomState(0).randint(0, 2, (_ASKED // 2, count)).astype(bool)
    return np.concatenate([half, ~half])


def _predicted(rows: np.ndarray, values: np.ndarray, smooth: _Smooth, wanted: np.ndarray) -> np.ndarray:
    """What the smooth model says of other perturbations: bool (n, S), (n,) and bool (m, S) -> (m,)."""
    matrix = _alike(rows, rows, smooth.shares) + smooth.noise * np.eye(len(rows))
    solved = np.linalg.solve(matrix, values)
    starts = range(0, len(wanted), _AT_ONCE)
    return np.concatenate([_alike(wanted[at : at + _AT_ONCE], rows, smooth.shares) @ solved for at in starts])


def _weights(rows: np.ndarray, values: np.ndarray, models: list[_Smooth]) -> np.ndarray:
    """LIME's weights (T, S) of the smooth models of log-odds (n, T)."""
    wanted, centre = _asked(rows.shape[1]), values.mean(0)
    said = [_predicted(rows, values[:, turn] - centre[turn], one, wanted) for turn, one in enumerate(models)]
    penalty = RIDGE * len(wanted) / len(rows)  # the shrinkage is that of the samples
    return regression(wanted, np.stack(said, axis=1), penalty)


def smoothed_surrogates(rows: np.ndarray, values: np.ndarray) -> list[Surrogate]:
    """The linear model of each of T classes' log-odds, from perturbations bool (n, S) and probabilities (n, T).

    Behind the first one, which is the whole picture, they are taken as pairs. The standard errors are those of what the
    smooth model leaves unexplained where it had not seen the perturbation.

    Raises
    ------
    ValueError
        If there are too few perturbations for two halves of them.
    """
    if len(rows) < FEWEST:
        raise ValueError(f"The smoothed fit needs at least {FEWEST} perturbations, got {len(rows)}.")
    odds = log_odds(values)
    tried, centred = rows[:_TRIED], (odds - odds.mean(0))[:_TRIED]
    linear = regression(rows, odds, RIDGE)
    models = [_chosen(tried, centred[:, turn], one) for turn, one in enumerate(linear)]
    weights = _weights(rows, odds, models)
    left = centred - np.stack([one.without for one in models], axis=1)
    unexplained = regression(tried, left, RIDGE)
    fewer = np.sqrt(len(tried) / len(rows))  # errors shrink with the root of the perturbations
    second = (np.arange(len(rows)) + 1) // 2 % 2 == 1  # every other pair, so that complements stay together
    halves = [_weights(rows[part], odds[part], models) for part in (~second, second)]
    near = regression_weights(rows)
    there = rows - np.average(rows, axis=0, weights=near)
    found = []
    for turn, own in enumerate(weights):
        target = odds[:, turn] - np.average(odds[:, turn], weights=near)
        spread = float((near * target**2).sum())
        r2 = 1 - float((near * (target - there @ own) ** 2).sum()) / spread if spread > 0 else 1.0
        errors = fewer * surrogate_errors(tried, left[:, turn], unexplained[turn])
        alike = alike_halves(halves[0][turn], halves[1][turn])
        found.append(Surrogate(own, errors, r2, alike.stability, alike.top_shared))
    return found
