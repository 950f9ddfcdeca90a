"""The linear model of what hiding superpixels does: the package lime's ridge regression, with standard errors.

Perturbations are rows of bool (S,), whether each of S superpixels is there; the first one is the whole picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from xai_core.inference.superpixels import Cover
from xai_core.types import IntArray, Predictions
from xai_core.types.display import Plotted
from xai_core.types.superpixels import shared_top

KERNEL_WIDTH = 0.25  # lime's own, of a cosine distance
RIDGE = 1.0  # lime's own
_EDGE = 1e-6  # probabilities are kept this far from 0 and 1, about float32's rounding
FEWEST = 4  # samples in which two halves can be compared


@dataclass(frozen=True, eq=False)
class LimeExplanation(Plotted):
    """What hiding superpixels does to the probabilities of T classes, or to their log-odds with the smoothed fit.

    Attributes
    ----------
    segments : ndarray
        int64 (H, W), 0 to S - 1, on the network's view of the picture.
    targets : ndarray
        int64 (T,), the classes.
    weights : ndarray
        float64 (T, S), change of the class's probability if a superpixel is there, in the linear model; of its log-odds
        with the smoothed fit.
    errors : ndarray
        float64 (T, S), their standard errors.
    r2 : ndarray
        float64 (T,), weighted R2 of the linear model.
    stability : ndarray
        float64 (T,), rank correlation of the weights from two halves of the samples; NaN where undefined.
    samples, planned : int
        Perturbations used, and asked for.
    prediction : Predictions
        Of the picture itself.
    precision : str
        Of the forwards, "float32" or "bfloat16".
    seconds : float
        So far.
    cover : "mean" or tuple of int
        What hidden superpixels became: their mean colour, or a colour.
    remark : str
        Why, where two covers were tried; else empty.
    top_shared : ndarray, optional
        float64 (T,), of the most important superpixels the share that both halves have, in [0, 1]; NaN where undefined.

    Examples
    --------
    >>> import xai_core as xai
    >>> digit = xai.load_dataset("textured_digits")[0]
    >>> found = xai.lime(xai.load_model("digits"), digit, num_samples=30, segments="slic", precision="float32")
    >>> found.weights.shape == (1, found.segments.max() + 1), found.samples
    (True, 30)
    """

    segments: IntArray
    targets: IntArray
    weights: np.ndarray
    errors: np.ndarray
    r2: np.ndarray
    stability: np.ndarray
    samples: int
    planned: int
    prediction: Predictions
    precision: str
    seconds: float
    cover: Cover = "mean"
    remark: str = ""
    top_shared: np.ndarray | None = None


def drawn(number: int, count: int, seed: int) -> np.ndarray:
    """Perturbations, bool (number, count), as the package draws them: the whole picture first."""
    rows = np.random.RandomState(seed).randint(0, 2, number * count).reshape(number, count).astype(bool)
    rows[0] = True
    return rows


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Of probabilities, float64 of the same shape."""
    inside = np.clip(probabilities.astype(float), _EDGE, 1 - _EDGE)
    return np.log(inside) - np.log1p(-inside)


def kernel(distances: np.ndarray) -> np.ndarray:
    """Weights of perturbations by their distance to the whole picture, the same shape."""
    return np.sqrt(np.exp(-(distances**2) / KERNEL_WIDTH**2))


def _distances(rows: np.ndarray) -> np.ndarray:
    """Cosine distance of each row to the whole picture: float (n,)."""
    share = rows.mean(axis=1)
    return 1 - np.sqrt(share)  # <row, 1> / (|row| |1|) is the root of the share of ones; 1 for an empty row


def regression_weights(rows: np.ndarray) -> np.ndarray:
    """How much each perturbation counts, by how near it is to the whole picture: (n,)."""
    return kernel(_distances(rows))


def regression(rows: np.ndarray, values: np.ndarray, penalty: float) -> np.ndarray:
    """Weighted ridge regression with an intercept, from its normal equations: bool (n, S) and (n, T) -> (T, S)."""
    w = regression_weights(rows)
    centred = rows - np.average(rows, axis=0, weights=w)
    weighted = (centred * w[:, None]).T
    gram = weighted @ centred + penalty * np.eye(rows.shape[1])
    return np.linalg.solve(gram, weighted @ (values - np.average(values, axis=0, weights=w))).T


class Fit(NamedTuple):
    """Weights (S,) of superpixels, and R2, the share of the probabilities' variance that they explain."""

    weights: np.ndarray
    r2: float


def fit_surrogate(rows: np.ndarray, values: np.ndarray) -> Fit:
    """Weights (S,) and R2 of lime's surrogate for one class's probabilities (n,)."""
    from lime.lime_base import LimeBase

    base = LimeBase(kernel, random_state=np.random.RandomState(0))
    distances = _distances(rows)
    _, pairs, r2, _ = base.explain_instance_with_data(
        rows.astype(int), values[:, None], distances, 0, rows.shape[1], feature_selection="none"
    )
    weights = np.zeros(rows.shape[1])
    for index, weight in pairs:
        weights[index] = weight
    return Fit(weights, float(r2))


def surrogate_errors(rows: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Standard errors (S,) of weighted ridge regression's coefficients."""
    w = regression_weights(rows)
    centred = rows - np.average(rows, axis=0, weights=w)
    residuals = (values - np.average(values, weights=w)) - centred @ weights
    gram = (centred * w[:, None]).T @ centred
    inverse = np.linalg.inv(gram + RIDGE * np.eye(len(gram)))
    freedom = max(1.0, len(rows) - 1 - float(np.trace(gram @ inverse)))
    # The sandwich form: the kernel's weights say what is near, not how precisely it was measured.
    scores = centred * (w * residuals)[:, None]
    spread = inverse @ (scores.T @ scores) @ inverse * (len(rows) / freedom)
    return np.sqrt(np.maximum(np.diag(spread), 0))


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    from scipy.stats import spearmanr

    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)


class Alike(NamedTuple):
    """How alike the weights from two halves of the samples are: see `LimeExplanation`."""

    stability: float
    top_shared: float


def alike_halves(first: np.ndarray, second: np.ndarray) -> Alike:
    """How alike the weights (S,) of two halves are; NaN where all are the same or they are few."""
    stability = rank_correlation(first, second)
    return Alike(stability, shared_top(first, second) if np.isfinite(stability) else float("nan"))


class Surrogate(NamedTuple):
    """The linear model of one class's probabilities; see `LimeExplanation`."""

    weights: np.ndarray
    errors: np.ndarray
    r2: float
    stability: float
    top_shared: float


def surrogate(rows: np.ndarray, values: np.ndarray) -> Surrogate:
    """The linear model of one class's probabilities (n,), from perturbations bool (n, S)."""
    weights, r2 = fit_surrogate(rows, values)
    errors, alike = surrogate_errors(rows, values, weights), Alike(float("nan"), float("nan"))
    if len(rows) >= FEWEST:
        alike = alike_halves(*(fit_surrogate(rows[part::2], values[part::2])[0] for part in (0, 1)))
    return Surrogate(weights, errors, r2, alike.stability, alike.top_shared)


def package_surrogates(rows: np.ndarray, values: np.ndarray) -> list[Surrogate]:
    """The linear model of each of T classes as the package fits it, from bool (n, S) and probabilities (n, T)."""
    return [surrogate(rows, values[:, turn]) for turn in range(values.shape[1])]
