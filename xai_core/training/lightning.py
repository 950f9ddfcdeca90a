"""Records a training with Lightning: `Trainer(callbacks=[RecorderCallback(recorder)])`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import torch

from xai_core.errors import install
from xai_core.training.recorder import Recorder

_TRAIN, _VAL = ("train", "training"), ("val", "valid", "validation", "eval")
_LOSS, _ACCURACY = ("loss",), ("accuracy", "acc")


def _base() -> Any:
    for package in ("lightning.pytorch", "pytorch_lightning"):
        try:
            return import_module(package).Callback
        except ModuleNotFoundError as error:
            if error.name not in (package, package.partition(".")[0]):  # what the package itself needs
                raise
    raise ImportError(f"Recording a training with Lightning needs its package: {install('lightning')}")


def _names(parts: Sequence[str], kinds: Sequence[str]) -> list[str]:
    return [part + between + kind for between in "_/" for part in parts for kind in kinds]


def _size(batch: Any) -> int:
    """How many pictures a batch has: the length of its first tensor, as Lightning counts them."""
    while isinstance(batch, Mapping | list | tuple) and len(batch):
        batch = next(iter(batch.values() if isinstance(batch, Mapping) else batch))
    return len(batch) if isinstance(batch, torch.Tensor) and batch.ndim else 1


class RecorderCallback(_base()):  # type: ignore[misc]
    """Writes every training epoch into a record.

    The training loss is what the module logs for an epoch ("train_loss"), else the mean of what `training_step`
    gives; the learning rate that of the epoch's last batch. Validation figures are taken where they are logged under
    a usual name ("val_loss", "val_acc", "valid/accuracy", ...) by a validation after the epoch's last batch, else
    measured on the test pictures. With several processes the first one records.

    Parameters
    ----------
    recorder : Recorder
        What is recorded, and where.
    network
        Name of the attribute that holds the network, e.g. "model", so that its weights can be loaded without
        Lightning; empty for the module itself.
    """

    def __init__(self, recorder: Recorder, network: str = "") -> None:
        super().__init__()
        self._recorder, self._network = recorder, network
        # Names logged for a step: the last value is no figure of the epoch. None until a batch is done.
        self._of_a_step: set[str] | None = None
        self._begin()

    def _begin(self) -> None:
        self._loss, self._seen = torch.zeros(()), 0
        self._rate: float | None = None
        self._validated = False

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Start again from nothing."""
        self._of_a_step = None

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Forget the epoch before."""
        self._begin()

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Look up the learning rate that this batch gets."""
        self._validated = False
        if trainer.optimizers:
            self._rate = float(trainer.optimizers[0].param_groups[0]["lr"])

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Add the batch to the training loss."""
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if isinstance(loss, torch.Tensor) and loss.numel() == 1:
            n = _size(batch)
            self._loss, self._seen = self._loss.to(loss.device) + loss.detach().reshape(()) * n, self._seen + n
        if self._of_a_step is None:
            self._of_a_step = set(trainer.callback_metrics)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Remember that there are new figures; the first batch of an epoch forgets those of the sanity check."""
        self._validated = True

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Record the epoch."""
        logged = trainer.callback_metrics  # in every process: reading it may wait for the others
        of_a_step = self._of_a_step or ()
        if not trainer.is_global_zero or trainer.fast_dev_run:
            return

        def find(parts: Sequence[str], kinds: Sequence[str]) -> float | None:
            names = _names(parts, kinds)
            whole = [f"{name}_epoch" for name in names] + [name for name in names if name not in of_a_step]
            found = next((float(logged[name]) for name in whole if name in logged), None)
            # An accuracy in per cent is not guessed at.
            return None if found is not None and kinds is _ACCURACY and found > 1 else found

        figures = {"learning_rate": self._rate, "train_loss": find(_TRAIN, _LOSS)}
        figures["train_accuracy"] = find(_TRAIN, _ACCURACY)
        if figures["train_loss"] is None and self._seen:
            figures["train_loss"] = float(self._loss) / self._seen
        if self._validated:
            figures |= {"val_loss": find(_VAL, _LOSS), "val_accuracy": find(_VAL, _ACCURACY)}
        net = pl_module.get_submodule(self._network)
        self._recorder.epoch(net, **{name: value for name, value in figures.items() if value is not None})
