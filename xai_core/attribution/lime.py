"""LIME for pictures (Ribeiro et al., arXiv 1602.04938): a linear model of what hiding superpixels does.

Sampling, kernel and surrogate are those of the package `lime`; the forwards are batched, and all targets share one set
of perturbations.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
import torch

from xai_core.attribution.inputs import Picture, Progress, Target, halving, resolve_several, seen
from xai_core.attribution.prediction import to_predictions
from xai_core.errors import ModelError, PictureError
from xai_core.types import ByteArray, Classifier, IntArray, Predictions

Segments = Literal["quickshift", "slic"] | np.ndarray
Hide = Literal["mean"] | tuple[int, int, int]
Precision = Literal["auto", "float32", "bfloat16"]
KERNEL_WIDTH = 0.25
_RIDGE = 1.0  # lime's own
_BATCH = {"cpu": 16}
_BATCH_ACCELERATOR = 128
_FEWEST = 4  # samples in which two halves can be compared
_FASTER = 1.2  # how much faster bfloat16 must be to be taken
_ROUNDS = 3  # in which both are timed; a busy machine slows single ones
_chosen: WeakKeyDictionary[Classifier, str] = WeakKeyDictionary()  # what was measured


@dataclass(frozen=True, eq=False)
class LimeExplanation:
    """What hiding superpixels does to the probabilities of T classes.

    Attributes
    ----------
    segments : int64 (H, W), 0 to S - 1, on the network's view of the picture
    targets : int64 (T,)
    weights : float64 (T, S), change of the class's probability if a superpixel is there, in the linear model
    errors : float64 (T, S), their standard errors
    r2 : float64 (T,), weighted R2 of the linear model
    stability : float64 (T,), rank correlation of the weights from two halves of the samples; NaN where undefined
    samples, planned : perturbations used, and asked for
    prediction : of the picture itself
    precision : of the forwards, "float32" or "bfloat16"
    seconds : so far
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


def superpixels(pixels: ByteArray, how: Segments = "quickshift") -> IntArray:
    """Superpixels of a picture, numbered from 0 without gaps: uint8 (H, W, 3) -> int64 (H, W).

    Parameters
    ----------
    how : "quickshift" with lime's settings, "slic" with about fifty, or an array (H, W) of one's own

    Raises
    ------
    PictureError
        If an array has another shape than the picture.
    """
    if isinstance(how, np.ndarray):
        if how.shape != pixels.shape[:2]:
            raise PictureError(f"The segments have the shape {how.shape}, the network's view {pixels.shape[:2]}.")
        found = how
    else:
        from skimage import segmentation

        if how not in ("quickshift", "slic"):
            raise PictureError(f'Superpixels are "quickshift", "slic" or an array (H, W); got {how!r}.')
        if how == "quickshift":
            found = segmentation.quickshift(pixels, kernel_size=4, max_dist=200, ratio=0.2)
        else:
            found = segmentation.slic(pixels, n_segments=50, compactness=10, start_label=0)
    return np.unique(found, return_inverse=True)[1].reshape(pixels.shape[:2]).astype(np.int64)


def hidden(pixels: ByteArray, segments: IntArray, hide: Hide) -> ByteArray:
    """The picture with all superpixels hidden: each in its mean colour, or all in one colour."""
    if hide != "mean":
        return np.broadcast_to(np.array(hide, np.uint8), pixels.shape).copy()
    counts = np.bincount(segments.ravel())
    means = [np.bincount(segments.ravel(), pixels[..., c].ravel().astype(float)) / counts for c in range(3)]
    return np.stack(means, axis=1).astype(np.uint8)[segments]  # cut, not rounded, as lime does


class _Forwards:
    """Probabilities of perturbed pictures."""

    def __init__(self, model: Classifier, view: ByteArray, dark: ByteArray, segments: IntArray) -> None:
        self._model, self._segments = model, torch.from_numpy(segments).to(model.device)
        self._on, self._off = (self._normal(pixels) for pixels in (view, dark))
        self.size = _BATCH.get(model.device.type, _BATCH_ACCELERATOR)

    def _normal(self, pixels: ByteArray) -> torch.Tensor:
        """float32 (1, 3, H, W): a view is not cut again, only scaled."""
        return torch.from_numpy(self._model.preprocessing.scale(pixels))[None].to(self._model.device)

    def __call__(self, rows: np.ndarray, precision: str) -> Predictions:
        """rows : bool (n, S), which superpixels are there; more than fit into memory are taken in halves."""
        parts = halving(
            self._model, len(rows), len(rows), lambda start, stop: self._forward(rows[start:stop], precision)
        )
        return Predictions.concatenate([part for _, part in parts])

    def _forward(self, rows: np.ndarray, precision: str) -> Predictions:
        shown = torch.from_numpy(rows).to(self._model.device)[:, self._segments][:, None]  # (n, 1, H, W)
        inputs = torch.where(shown, self._on, self._off).contiguous(memory_format=torch.channels_last)
        half = torch.autocast(self._model.device.type, torch.bfloat16, enabled=precision == "bfloat16")
        with self._model.lock, torch.no_grad(), half:
            return to_predictions(self._model.net(inputs))

    def choose(self, rows: np.ndarray) -> str:
        """The faster precision, by running a batch in each a few times; measured once for a model."""
        if self._model not in _chosen:
            seconds: dict[str, list[float]] = {"float32": [], "bfloat16": []}
            for turn in range(1 + _ROUNDS):
                for precision, times in seconds.items():
                    started = time.perf_counter()
                    self(rows, precision)
                    if turn:  # the first only warms up
                        times.append(time.perf_counter() - started)
            half, full = min(seconds["bfloat16"]), min(seconds["float32"])
            _chosen[self._model] = "bfloat16" if half * _FASTER < full else "float32"
        return _chosen[self._model]


def _kernel(distances: np.ndarray) -> np.ndarray:
    return np.sqrt(np.exp(-(distances**2) / KERNEL_WIDTH**2))


def _distances(rows: np.ndarray) -> np.ndarray:
    """Cosine distance of each row to the whole picture: float (n,)."""
    share = rows.mean(axis=1)
    return 1 - np.sqrt(share)  # <row, 1> / (|row| |1|) is the root of the share of ones; 1 for an empty row


def _fit(rows: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights (S,) and R2 of lime's surrogate for one class's probabilities (n,)."""
    from lime.lime_base import LimeBase

    base = LimeBase(_kernel, random_state=np.random.RandomState(0))
    distances = _distances(rows)
    _, pairs, r2, _ = base.explain_instance_with_data(
        rows.astype(int), values[:, None], distances, 0, rows.shape[1], feature_selection="none"
    )
    weights = np.zeros(rows.shape[1])
    for index, weight in pairs:
        weights[index] = weight
    return weights, float(r2)


def _errors(rows: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Standard errors (S,) of weighted ridge regression's coefficients."""
    w = _kernel(_distances(rows))
    centred = rows - np.average(rows, axis=0, weights=w)
    residuals = (values - np.average(values, weights=w)) - centred @ weights
    gram = (centred * w[:, None]).T @ centred
    inverse = np.linalg.inv(gram + _RIDGE * np.eye(len(gram)))
    freedom = max(1.0, len(rows) - 1 - float(np.trace(gram @ inverse)))
    # The sandwich form: the kernel's weights say what is near, not how precisely it was measured.
    scores = centred * (w * residuals)[:, None]
    spread = inverse @ (scores.T @ scores) @ inverse * (len(rows) / freedom)
    return np.sqrt(np.maximum(np.diag(spread), 0))


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    from scipy.stats import spearmanr

    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)


def lime_growing(
    model: Classifier,
    image: Picture,
    *,
    targets: Sequence[Target] | Target = None,
    num_samples: int = 1000,
    segments: Segments = "quickshift",
    seed: int = 0,
    hide: Hide = "mean",
    precision: Precision = "auto",
    every: int = 100,
) -> Iterator[LimeExplanation]:
    """As `lime`, but gives an estimate after every so many samples; stop asking, and the last one is what you have.

    Parameters
    ----------
    every : samples between two estimates, at least a batch
    """
    if num_samples < 2:
        raise ValueError(f"num_samples must be at least 2, got {num_samples}.")
    if precision not in ("auto", "float32", "bfloat16"):
        raise ValueError(f'precision is "auto", "float32" or "bfloat16"; got {precision!r}.')
    wanted = resolve_several(model, targets)
    started = time.perf_counter()
    view = seen(model, image)
    parts = superpixels(view, segments)
    count = int(parts.max()) + 1
    forwards = _Forwards(model, view, hidden(view, parts, hide), parts)
    rows = np.random.RandomState(seed).randint(0, 2, num_samples * count).reshape(num_samples, count).astype(bool)
    rows[0] = True
    chosen = forwards.choose(rows[: forwards.size]) if precision == "auto" else precision
    whole = forwards(rows[:1], "float32")
    if not np.isfinite(whole.probabilities).all():
        raise ModelError(f"{model.title} answers NaN to this picture, so nothing can be explained.")
    wanted = np.where(wanted < 0, whole.classes[0], wanted)
    values = np.empty((num_samples, len(wanted)))
    done = 0
    while done < num_samples:
        goal = min(done + max(every, forwards.size), num_samples)
        for start in range(done, goal, forwards.size):
            stop = min(start + forwards.size, goal)
            values[start:stop] = forwards(rows[start:stop], chosen).probabilities[:, wanted]
        done = goal
        fits = [_fit(rows[:done], values[:done, turn]) for turn in range(len(wanted))]
        halves = [
            float("nan")
            if done < _FEWEST
            else _rank_correlation(*(_fit(rows[part:done:2], values[part:done:2, turn])[0] for part in (0, 1)))
            for turn in range(len(wanted))
        ]
        weights = np.stack([weight for weight, _ in fits])
        yield LimeExplanation(
            segments=parts,
            targets=wanted,
            weights=weights,
            errors=np.stack([_errors(rows[:done], values[:done, t], weights[t]) for t in range(len(wanted))]),
            r2=np.array([r2 for _, r2 in fits]),
            stability=np.array(halves),
            samples=done,
            planned=num_samples,
            prediction=whole,
            precision=chosen,
            seconds=time.perf_counter() - started,
        )


def lime(
    model: Classifier,
    image: Picture,
    *,
    targets: Sequence[Target] | Target = None,
    num_samples: int = 1000,
    segments: Segments = "quickshift",
    seed: int = 0,
    hide: Hide = "mean",
    precision: Precision = "auto",
    progress: Progress | None = None,
) -> LimeExplanation:
    """LIME of one picture for any number of classes, from one set of perturbations.

    Parameters
    ----------
    targets : classes by index or name, None for the prediction; one or several
    num_samples : perturbations, the picture itself among them
    segments : "quickshift" or "slic", or an array (H, W) on the network's view of the picture
    seed : of the perturbations, drawn as lime draws them
    hide : "mean" for each superpixel's mean colour, or a colour (R, G, B), 0 to 255
    precision : of the forwards; "auto" measures once for each model whether bfloat16 is faster here
    progress : called with (samples done, samples in all); what it raises ends the run

    Returns
    -------
    LimeExplanation

    Raises
    ------
    TargetError, PictureError
        With a sentence that gives the choices.
    """
    found = None
    every = num_samples if progress is None else 100
    for found in lime_growing(
        model,
        image,
        targets=targets,
        num_samples=num_samples,
        segments=segments,
        seed=seed,
        hide=hide,
        precision=precision,
        every=every,
    ):
        if progress:
            progress(found.samples, num_samples)
    assert found is not None
    return found
