"""Forward passes of a picture behind many masks: the engine of the methods that hide parts and look at the score.

Masks may be soft. Precision, batches and memory are those of superpixels (`perturbed.PerturbedPicture`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from xai_core.errors import MethodError, ModelError
from xai_core.inference.batches import Picture, Target, resolve_several, seen
from xai_core.inference.perturbed import PerturbedPicture, Precision
from xai_core.inference.superpixels import Cover, hidden
from xai_core.types import ByteArray, Classifier, IntArray, Predictions

_PRECISIONS = ("auto", "float32", "bfloat16")


class MaskedPicture(PerturbedPicture):
    """Probabilities of a picture behind masks float32 (n, H, W): 1 shows it, 0 what hides it."""

    def __init__(self, model: Classifier, view: ByteArray, dark: ByteArray) -> None:
        super().__init__(model, view, dark, np.zeros(view.shape[:2], np.int64))

    def inputs(self, rows: np.ndarray) -> torch.Tensor:
        masks = torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float32)).to(self._on.device)[:, None]
        return self._off + masks * (self._on - self._off)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What was asked so far.

    Attributes
    ----------
    done, planned : int
        Perturbations.
    values : ndarray
        float64 (done, T), probabilities of T classes.
    whole, dark : ndarray
        float64 (T,), of the picture itself, and with everything hidden.
    targets : ndarray
        int64 (T,).
    prediction : Predictions
        Of the picture itself.
    precision : str
        Of the forwards.
    seconds : float
        So far.
    """

    done: int
    planned: int
    values: np.ndarray
    whole: np.ndarray
    dark: np.ndarray
    targets: IntArray
    prediction: Predictions
    precision: str
    seconds: float


@dataclass(frozen=True, eq=False)
class Asked:
    """A picture as a method that perturbs it sees it.

    Attributes
    ----------
    view : ndarray
        uint8 (H, W, 3), what the network sees.
    targets : ndarray
        int64 (T,), the prediction as a negative number.
    dark : ndarray
        uint8 (H, W, 3), what stands for what is hidden.
    """

    model: Classifier
    view: ByteArray
    targets: IntArray
    dark: ByteArray

    @classmethod
    def of(
        cls,
        model: Classifier,
        image: Picture,
        targets: Sequence[Target] | Target,
        hide: Cover,
        segments: IntArray | None = None,
    ) -> Asked:
        """`segments` are those whose mean colours hide them where `hide` is "mean"; None takes the whole picture."""
        view = seen(model, image)
        parts = np.zeros(view.shape[:2], np.int64) if segments is None else segments
        return cls(model, view, resolve_several(model, targets), hidden(view, parts, hide))


def perturbations(
    asked: Asked,
    forwards: PerturbedPicture,
    shown: np.ndarray,
    count: int,
    row: Callable[[int, int], np.ndarray],
    *,
    precision: Precision,
    every: int,
) -> Iterator[Drawn]:
    """Ask the network about perturbations, and tell after every so many what it said.

    Parameters
    ----------
    asked : Asked
    forwards : PerturbedPicture
    shown : ndarray
        (2, ...), the rows that show everything and nothing.
    count : int
        Perturbations in all.
    row : callable
        ``row(start, stop)`` gives the rows from `start` to before `stop`.
    precision : {"auto", "float32", "bfloat16"}
    every : int
        Perturbations between two, at least a batch.

    Raises
    ------
    MethodError, ModelError
        If the precision is none, or the model answers NaN.
    """
    if precision not in _PRECISIONS:
        raise MethodError(f"The precision is one of {', '.join(_PRECISIONS)}; got {precision!r}.")
    started = time.perf_counter()
    ends = forwards(shown, "float32")
    if not np.isfinite(ends.probabilities).all():
        raise ModelError(f"{asked.model.title} answers NaN to this picture, so nothing can be explained.")
    targets = np.where(asked.targets < 0, ends.classes[0], asked.targets)
    first = row(0, min(forwards.size, count))
    chosen = forwards.choose(first, targets) if precision == "auto" else precision
    whole, dark = ends.probabilities[:, targets].astype(float)
    values, done = np.empty((count, len(targets))), 0
    while done < count:
        goal = min(done + max(every, forwards.size), count)
        for start in range(done, goal, forwards.size):
            stop = min(start + forwards.size, goal)
            values[start:stop] = forwards(row(start, stop), chosen).probabilities[:, targets]
        done = goal
        seconds = time.perf_counter() - started
        yield Drawn(done, count, values[:done], whole, dark, targets, ends.take([0]), chosen, seconds)
