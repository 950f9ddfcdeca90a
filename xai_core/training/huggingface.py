"""Records a training with Hugging Face's Trainer: `Trainer(..., callbacks=[RecorderCallback(recorder)])`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from statistics import fmean
from typing import Any

from xai_core.errors import install
from xai_core.training.recorder import Recorder


def _base() -> Any:
    try:
        return import_module("transformers").TrainerCallback
    except ModuleNotFoundError as error:
        if error.name != "transformers":
            raise
        raise ImportError(
            "Recording a training with Hugging Face's Trainer needs its package: "
            + install("transformers", "accelerate")
        ) from error


class RecorderCallback(_base()):  # type: ignore[misc]
    """Writes every training epoch into a record.

    The training loss is the mean of what the Trainer logs in an epoch: exact with `logging_strategy="epoch"`, absent
    where it logs none. The learning rate is that of the epoch's last step. With `eval_strategy="epoch"` the
    validation figures are the Trainer's "eval_loss" and "eval_accuracy", else they are measured on the test
    pictures. With several processes the first one records.

    Parameters
    ----------
    recorder : Recorder
        What is recorded, and where; its batches are pairs (pixel values, classes).
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder
        self._begin()

    def _begin(self) -> None:
        self._due = False  # an epoch has ended, and figures of it are still to come
        self._losses: list[float] = []
        self._rate: float | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Forget a training before."""
        self._begin()

    def on_step_begin(self, args: Any, state: Any, control: Any, optimizer: Any = None, **kwargs: Any) -> None:
        """Look up the learning rate that this step gets."""
        if optimizer is not None:
            self._rate = float(optimizer.param_groups[0]["lr"])

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Record the epoch, or wait for what is logged and evaluated right after it."""
        self._due = True
        if not control.should_log and not control.should_evaluate:
            self._record(state, **kwargs)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Keep the training loss; record the epoch if nothing more is to come."""
        if logs and "loss" in logs:
            self._losses.append(float(logs["loss"]))
        if not control.should_evaluate:
            self._record(state, **kwargs)

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any) -> None:
        """Record the epoch with the validation figures."""
        self._record(state, metrics or {}, **kwargs)

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Record the epoch before, if what was announced did not come."""
        self._record(state, **kwargs)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Record the last epoch, if what was announced did not come."""
        self._record(state, **kwargs)

    def _record(self, state: Any, metrics: Mapping[str, Any] | None = None, model: Any = None, **kwargs: Any) -> None:
        if not self._due:
            return
        self._due = False
        found = metrics or {}
        figures = {
            "train_loss": fmean(self._losses) if self._losses else None,
            "learning_rate": self._rate,
            "val_loss": found.get("eval_loss"),
            "val_accuracy": found.get("eval_accuracy", found.get("eval_acc")),
        }
        self._losses = []
        if state.is_world_process_zero:
            self._recorder.epoch(model, **{name: value for name, value in figures.items() if value is not None})
