"""Forward passes of a picture with some of its superpixels hidden, in the precision that is faster here."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
import torch

from xai_core.inference.batches import halving, lacks_memory
from xai_core.inference.folded import folded
from xai_core.inference.prediction import to_predictions
from xai_core.inference.surrogate import log_odds
from xai_core.types import ByteArray, Classifier, IntArray, Predictions

Precision = Literal["auto", "float32", "bfloat16"]
_BATCH = {"cpu": 16}
_BATCH_ACCELERATOR = 128
_FASTER = 1.2  # how much faster bfloat16 must be to be taken
_AGREES = 0.99  # correlation of log-odds in both precisions from which on bfloat16 is taken
_ROUNDS = 3  # in which both are timed; a busy machine slows single ones
_chosen: WeakKeyDictionary[Classifier, str] = WeakKeyDictionary()  # what was measured


class PerturbedPicture:
    """Probabilities of perturbed pictures."""

    def __init__(self, model: Classifier, view: ByteArray, dark: ByteArray, segments: IntArray) -> None:
        self._model, self._segments = model, torch.from_numpy(segments).to(model.device)
        self._on, self._off = (self._normal(pixels) for pixels in (view, dark))
        self.sooner = False  # whether it is left to us how the network is asked
        self.size = _BATCH.get(model.device.type, _BATCH_ACCELERATOR)

    def _normal(self, pixels: ByteArray) -> torch.Tensor:
        """float32 (1, 3, H, W): a view is not cut again, only scaled."""
        return torch.from_numpy(self._model.preprocessing.scale(pixels))[None].to(self._model.device)

    def __call__(self, rows: np.ndarray, precision: str) -> Predictions:
        """rows : bool (n, S), which superpixels are there; a batch at a time, or as many as fit into memory."""
        parts = halving(
            self._model, len(rows), self.size, lambda start, stop: self._forward(rows[start:stop], precision)
        )
        return Predictions.concatenate([part for _, part in parts])

    def inputs(self, rows: np.ndarray) -> torch.Tensor:
        """The network's inputs (n, C, H, W) of some perturbations."""
        shown = torch.from_numpy(rows).to(self._model.device)[:, self._segments][:, None]  # (n, 1, H, W)
        return torch.where(shown, self._on, self._off)

    def _forward(self, rows: np.ndarray, precision: str) -> Predictions:
        inputs = self.inputs(rows).contiguous(memory_format=torch.channels_last)
        half = torch.autocast(self._model.device.type, torch.bfloat16, enabled=precision == "bfloat16")
        asked = self._folded if self.sooner or precision == "bfloat16" else self._model
        with self._model.lock, torch.no_grad(), half:
            return to_predictions(self._model, asked.scores(inputs))

    @cached_property
    def _folded(self) -> Classifier:
        return folded(self._model, torch.cat([self._on, self._off])).model

    def _runs_in_half(self, rows: np.ndarray) -> bool:
        """Whether the network has no operation that bfloat16 lacks."""
        try:
            said = self(rows[:1], "bfloat16")
        except RuntimeError as error:
            if lacks_memory(error):
                raise
            return False
        return bool(np.isfinite(said.probabilities).all())

    def choose(self, rows: np.ndarray, targets: IntArray) -> str:
        """The faster precision, by running a batch in each a few times; measured once for a model.

        That is bfloat16 only where the classes' log-odds agree with float32 over these perturbations. From then on the
        network is asked with its normalisations folded, whatever the precision.
        """
        self.sooner = True
        if self._model not in _chosen:
            seconds: dict[str, list[float]] = {"float32": [], "bfloat16": []}
            if self._model.forward.dtype == torch.float64 or not self._runs_in_half(rows):
                _chosen[self._model] = "float32"
                return "float32"
            for turn in range(1 + _ROUNDS):
                for precision, times in seconds.items():
                    started = time.perf_counter()
                    self(rows, precision)
                    if turn:  # the first only warms up
                        times.append(time.perf_counter() - started)
            half, full = min(seconds["bfloat16"]), min(seconds["float32"])
            _chosen[self._model] = "bfloat16" if half * _FASTER < full else "float32"
        faster = _chosen[self._model]
        return faster if faster == "float32" or self._agrees(rows, targets) else "float32"

    def _agrees(self, rows: np.ndarray, targets: IntArray) -> bool:
        full, half = (log_odds(self(rows, one).probabilities[:, targets]) for one in ("float32", "bfloat16"))
        with np.errstate(invalid="ignore", divide="ignore"):  # a class that no perturbation moves says nothing
            return not any(np.corrcoef(one, other)[0, 1] < _AGREES for one, other in zip(full.T, half.T, strict=True))
