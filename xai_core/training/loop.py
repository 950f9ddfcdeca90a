"""The training loop. All that an epoch needs follows from the settings and the state after the epoch before."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path

import torch
from torch.nn import functional as F

from xai_core.errors import RecordError, TrainingError
from xai_core.models.architectures import Architecture, architecture
from xai_core.models.checkpoints import Description, to_checkpoint
from xai_core.models.prepare import device_of
from xai_core.records import RunWriter, TrainingRun
from xai_core.records.fields import class_counts
from xai_core.training.augment import augmentation
from xai_core.training.evaluation import Evaluation, evaluate
from xai_core.training.pictures import Material, Normalise, Tensors, batches, material
from xai_core.training.settings import Settings
from xai_core.training.state import TrainingState
from xai_core.types import IntArray, Preprocessing

_STATE = "state"


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes
    ----------
    epoch, epochs : int
        The one under way, from 1, and all.
    batch, batches : int
        Done of this epoch, and all of it.
    before : int
        Whole epochs when the training began or went on.
    loss, accuracy : float
        So far in this epoch.
    seconds : float
        Since the training began or went on.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    before: int
    loss: float
    accuracy: float
    seconds: float


def versions() -> dict[str, str]:
    """Versions of what a training's numbers depend on."""
    found = {}
    for name in ("xai-core", "torch", "torchvision", "numpy", "pillow"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _view(settings: Settings, kind: Architecture) -> Preprocessing:
    if settings.data == "textured_digits" and kind.preprocessing.size != (64, 64):
        raise TrainingError(
            f"Textured digits are 64 x 64; {kind.title} sees {' x '.join(map(str, kind.preprocessing.size))}. "
            "Choose small_resnet."
        )
    return kind.preprocessing


def train(
    settings: Settings,
    folder: str | Path,
    *,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[Progress], None] = lambda progress: None,
    may_keep: Callable[[int, int], bool] = lambda epoch, size: True,
    device: torch.device | str | None = None,
) -> bool:
    """Train, recording every epoch in a folder; where it holds epochs of this training already, go on from there.

    The numbers do not depend on whether it was interrupted: random numbers are seeded for each epoch, and the
    state after the last whole epoch is kept. An epoch under way when it ends is begun again.

    Parameters
    ----------
    settings : Settings
    folder : str or pathlib.Path
        Of the run's record; made where it is not there.
    stop : callable
        Asked after every batch; True ends the training.
    report : callable
        Called after every batch.
    may_keep : callable
        Asked, with the epoch and their bytes, before weights are kept; False keeps none of it.
    device : torch.device or str, optional
        None takes an accelerator where there is one.

    Returns
    -------
    Whether all epochs are done; False if it was stopped.

    Raises
    ------
    TrainingError
        If it cannot begin, the loss becomes NaN, or the disk has no room; what was recorded before is kept.
    RecordError
        If the folder holds another run, or cannot be written.
    """
    began = time.perf_counter()
    kind = architecture(settings.architecture)
    view = _view(settings, kind)
    found = material(settings, view)
    where = device_of(device)
    writer = RunWriter(folder)
    done = _begin(writer, settings, found)
    if done >= settings.epochs:
        return True
    training = TrainingState(settings, kind, found, where)
    if done:
        training.restore(_state_file(writer, done))
    course = _Course(settings, training, view, done, began, stop, report)
    description = Description(kind.key, found.class_names, view)
    for epoch in range(done + 1, settings.epochs + 1):
        started = time.perf_counter()
        learned = course.learn(found.training(epoch), epoch)
        if learned is None:
            return False
        recorded = course.judge(found.recorded)
        if not isfinite(recorded.loss):
            raise _diverged(settings, recorded.loss, epoch, f"after its {learned.batches} batches")
        apart = course.judge(found.validation) if found.validation else None
        validation = apart or recorded
        # The state and the weights first: the epoch counts once its record is there.
        training.save(_state_file(writer, epoch))
        weights = to_checkpoint(training.net, description) if settings.keeps(epoch) else b""
        if weights and may_keep(epoch, len(weights)):
            writer.checkpoint(epoch, weights)
        by_class = None
        if apart is not None:
            by_class = class_counts(apart.labels, apart.predictions == apart.labels, len(found.class_names))
        seconds = time.perf_counter() - started
        _record(writer, epoch, learned, recorded, validation, by_class, seconds)
        for old in (writer.folder / _STATE).glob("*.pt"):
            if old != _state_file(writer, epoch):
                old.unlink()
    return True


@dataclass(frozen=True)
class _Learned:
    """What an epoch of training gave.

    Attributes
    ----------
    batches : int
        How many there were.
    loss, accuracy : float
        Means over its pictures, in nats and in [0, 1].
    rate : float
        The learning rate of the last batch.
    """

    batches: int
    loss: float
    accuracy: float
    rate: float


@dataclass(frozen=True)
class _Course:
    """A training under way: what stays the same from epoch to epoch, and whom to tell and to ask."""

    settings: Settings
    training: TrainingState
    view: Preprocessing
    before: int
    began: float
    stop: Callable[[], bool]
    report: Callable[[Progress], None]

    def judge(self, tensors: Tensors) -> Evaluation:
        """What the network says of pictures that it does not learn from."""
        normalise = Normalise(self.view, self.training.device)
        return evaluate(self.training.net, ((normalise(pixels), y) for pixels, y in batches(tensors, 64)))

    def learn(self, tensors: Tensors, epoch: int) -> _Learned | None:
        """One epoch; None if it was to stop before its end."""
        settings, training = self.settings, self.training
        cuts = training.cuts(len(tensors))
        torch.manual_seed(settings.seed * 1_000_003 + epoch)
        order = torch.randperm(len(tensors)).numpy()
        normalise, augment = Normalise(self.view, training.device), augmentation(settings.augment, min(self.view.size))
        training.train_mode()
        total, right, seen, rate = 0.0, 0, 0, float(settings.learning_rate)
        for batch, (start, end) in enumerate(cuts):
            if self.stop():
                return None
            pixels, wanted = tensors.batch(order[start:end])
            inputs, wanted = normalise(augment(pixels)), wanted.to(training.device)
            rate = float(training.rates[(epoch - 1) * len(cuts) + batch])
            for group in training.optimizer.param_groups:
                group["lr"] = rate
            with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
                logits = training.net(inputs)
                loss = F.cross_entropy(logits, wanted)
                training.optimizer.zero_grad()
                loss.backward()
            value = loss.item()
            if not isfinite(value):
                raise _diverged(settings, value, epoch, f"batch {batch + 1} of {len(cuts)}")
            training.optimizer.step()
            total, seen = total + value * len(wanted), seen + len(wanted)
            right += int((logits.argmax(1) == wanted).sum())
            so_far = total / seen, right / seen, time.perf_counter() - self.began
            self.report(Progress(epoch, settings.epochs, batch + 1, len(cuts), self.before, *so_far))
        return _Learned(len(cuts), total / seen, right / seen, rate)


def _record(
    writer: RunWriter,
    epoch: int,
    learned: _Learned,
    recorded: Evaluation,
    validation: Evaluation,
    by_class: tuple[IntArray, IntArray] | None,
    seconds: float,
) -> None:
    writer.epoch(
        epoch,
        recorded.predictions,
        recorded.p_predicted,
        recorded.p_true,
        validation=by_class,
        train_loss=learned.loss,
        train_accuracy=learned.accuracy,
        val_loss=validation.loss,
        val_accuracy=validation.accuracy,
        learning_rate=learned.rate,
        seconds=seconds,
    )


def _diverged(settings: Settings, loss: float, epoch: int, when: str) -> TrainingError:
    kept = f"The {epoch - 1} epochs before are kept." if epoch > 1 else "No epoch was finished before."
    return TrainingError(
        f"The loss became {loss} in epoch {epoch}, {when}, so the training was ended: its learning rate, "
        f"{settings.learning_rate:g} at most, is probably too high. {kept}"
    )


def _state_file(writer: RunWriter, epoch: int) -> Path:
    return writer.folder / _STATE / f"{epoch:04d}.pt"


def _begin(writer: RunWriter, settings: Settings, found: Material) -> int:
    """Begin the record, or check that it is this training's; the number of whole epochs."""
    done = writer.last_epoch
    if not done:
        writer.begin(
            name=settings.name,
            class_names=found.class_names,
            pictures=found.recorded.names,
            labels=found.recorded.labels,
            source=found.source,
            settings=settings.to_dict()
            | {
                "threads": torch.get_num_threads(),
                "training_pictures": found.size,
                "left_out": found.recorded.problems,
            },
            versions=versions(),
        )
        return 0
    before = TrainingRun.open(writer.folder)
    same = {key: before.settings.get(key) for key in settings.to_dict()} == _as_json(settings)
    size = before.settings.get("training_pictures")
    if not same or size != found.size or before.pictures != found.recorded.names:
        raise RecordError(
            f"{writer.folder} holds another training, or its pictures have changed since; a training goes on only "
            "with the same settings and pictures. Choose another folder."
        )
    return done


def _as_json(settings: Settings) -> dict[str, object]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in settings.to_dict().items()}
