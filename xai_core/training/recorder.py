"""`Recorder`: writes down a training of one's own, epoch by epoch, as the pages read it."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from xai_core.data import Dataset
from xai_core.errors import RecordError
from xai_core.models.architectures import architecture as find_architecture
from xai_core.models.checkpoints import Description, to_checkpoint
from xai_core.records import PictureSource, RunWriter, TrainingRun
from xai_core.records.fields import class_counts
from xai_core.training.evaluation import Batches, of_logits, outputs, same_order
from xai_core.training.loop import versions
from xai_core.training.once_more import SHUFFLED, Again, again, in_batches
from xai_core.training.pictures import Normalise, Tensors, batches
from xai_core.types import IntArray, Preprocessing

MAX_STORED = 20_000  # pictures that a record holds


def _png(picture: torch.Tensor, preprocessing: Preprocessing | None) -> bytes:
    """A network's input (3, H, W) as a picture; without its mean and std, stretched to its own range."""
    values = picture.detach().float().cpu().numpy().transpose(1, 2, 0)
    if preprocessing:
        values = values * np.array(preprocessing.std, np.float32) + np.array(preprocessing.mean, np.float32)
    else:
        values = (values - values.min()) / max(float(np.ptp(values)), 1e-12)
    buffer = io.BytesIO()
    pixels = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    Image.fromarray(pixels if pixels.shape[2] == 3 else np.repeat(pixels[..., :1], 3, 2)).save(buffer, "PNG")
    return buffer.getvalue()


def _preprocessing(
    architecture: str | None, mean: Sequence[float] | None, std: Sequence[float] | None
) -> Preprocessing | None:
    """What the pictures went through, as far as it is known."""
    preprocessing = find_architecture(architecture).preprocessing if architecture else None
    if (mean is None) != (std is None):
        raise RecordError("mean and std go together: give both or neither.")
    if mean is None or std is None:
        return preprocessing
    three = [tuple(values) * (3 if len(values) == 1 else 1) for values in (mean, std)]
    try:
        return replace(preprocessing or Preprocessing(), mean=three[0], std=three[1])
    except ValueError as error:
        raise RecordError(str(error)) from error


class Recorder:
    """Records a training loop of your own: make it once, call `epoch` after each epoch.

    It evaluates the network on the same pictures every time and writes predictions, probabilities, figures and
    weights. The training is not touched: modes and random numbers are as if it were not there.

    Parameters
    ----------
    folder : str or Path
        Of the record; the pages list what lies in `runs/`.
    pictures : DataLoader, iterable of (inputs, classes), pair of Tensor, or Dataset
        What is recorded: a DataLoader that does not shuffle (or any iterable that can be gone through again); or
        tensors (N, C, H, W) and (N,); or a labelled data set, with `architecture`.
    class_names : sequence of str, optional
        The K names, one for each output of the network; None numbers the classes that occur, or takes the data
        set's labels in alphabetical order.
    name : str, optional
        What people call the run; None takes the folder's name.
    architecture : str, optional
        A key of `xai_core.models.ARCHITECTURES`, so that the pages can build the network for maps.
    mean, std : sequence of float, optional
        Of the inputs' normalisation, RGB, so that the pictures are shown as they are.
    checkpoint_every : int
        Keep the weights of every so many epochs, and of the first; 0 keeps none.
    settings : Mapping, optional
        Whatever should be remembered of the training.
    resume : bool
        Go on with the record in the folder, if there is one; else a folder with a record is refused.

    validation : DataLoader, iterable of (inputs, classes) or pair of Tensor, optional
        Pictures held back from the training, evaluated at every epoch as well, in any order: their loss, accuracy and
        accuracy by class, which the page compares with those of the recorded pictures.

    Raises
    ------
    RecordError
        If there is nothing to record, the folder holds another run, or it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import torch
    >>> import xai_core as xai
    >>> inputs, classes = torch.zeros(4, 3, 8, 8), torch.tensor([0, 1, 0, 1])
    >>> net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 2))
    >>> folder = tempfile.mkdtemp()
    >>> recorder = xai.Recorder(folder, (inputs, classes), class_names=("cat", "dog"))
    >>> recorder.epoch(net)
    >>> xai.TrainingRun.open(folder).predictions.shape
    (1, 4)
    """

    def __init__(
        self,
        folder: str | Path,
        pictures: Batches | tuple[torch.Tensor, torch.Tensor] | Dataset,
        *,
        class_names: Sequence[str] | None = None,
        name: str | None = None,
        architecture: str | None = None,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        checkpoint_every: int = 1,
        settings: Mapping[str, Any] | None = None,
        resume: bool = False,
        validation: Batches | tuple[torch.Tensor, torch.Tensor] | None = None,
    ) -> None:
        self._validation = None if validation is None else again(validation)
        self._writer = RunWriter(folder)
        self._every = checkpoint_every
        self._began = time.perf_counter()
        preprocessing = _preprocessing(architecture, mean, std)
        self._preprocessing = preprocessing
        self._size = preprocessing.crop if preprocessing else None
        self._batches: Batches
        if isinstance(pictures, Dataset):
            if preprocessing is None:
                raise RecordError("A data set needs the architecture, too: it says how pictures become inputs.")
            names_of_classes = tuple(class_names or sorted(pictures.labels))
            names, labels, pngs = self._look_at_dataset(pictures, names_of_classes, preprocessing)
        else:
            self._batches = in_batches(pictures)
            labels, pngs = self._look()
            names = tuple(f"{index:05d}" for index in range(len(labels)))
            names_of_classes = tuple(class_names or (f"class {i}" for i in range(int(labels.max(initial=0)) + 1)))
        if not len(labels):
            raise RecordError("There are no labelled pictures to record.")
        # What could not be opened later is refused now.
        TrainingRun(str(folder), names_of_classes, names, labels, np.ones(1, np.int64), labels[None])
        self._labels = labels
        if preprocessing and self._size:  # the stored pictures are cut already: nothing more is cut off
            preprocessing = replace(preprocessing, resize=self._size, crop=self._size)
        self._description = Description(architecture or "", names_of_classes, preprocessing)
        if self._writer.last_epoch:
            self._require_same(names, resume)
            return
        self._writer.begin(
            name=name or Path(folder).name,
            class_names=names_of_classes,
            pictures=names,
            labels=labels,
            source=PictureSource(),
            pngs=pngs,
            settings=settings,
            versions=versions(),
        )

    def _look_at_dataset(
        self, pictures: Dataset, names_of_classes: tuple[str, ...], preprocessing: Preprocessing
    ) -> tuple[tuple[str, ...], np.ndarray, list[bytes]]:
        """Names, classes (N,) and, where there are not too many, pictures of a data set."""
        tensors = Tensors(pictures, names_of_classes, preprocessing)
        normalise = Normalise(preprocessing, torch.device("cpu"))
        self._batches = Again(lambda: ((normalise(x), y) for x, y in batches(tensors, 64)))
        pngs = []
        if len(tensors) <= MAX_STORED:
            pngs = [_png(picture, preprocessing) for inputs, _ in self._batches for picture in inputs]
        return tensors.names, tensors.labels, pngs

    def _require_same(self, names: tuple[str, ...], resume: bool) -> None:
        """That the record which is there is of the same pictures and classes, and is to go on."""
        folder = self._writer.folder
        before = TrainingRun.open(folder)
        if not resume:
            raise RecordError(f"{folder} holds a run already. Choose another folder, or say resume=True.")
        same = before.pictures == names and np.array_equal(before.labels, self._labels)
        if not same or before.class_names != self._description.class_names:
            raise RecordError(f"{folder} holds a run on other pictures or classes. Choose another folder.")

    def _look(self) -> tuple[np.ndarray, list[bytes]]:
        """Classes (N,) and, where there are not too many, pictures of one pass."""
        labels: list[torch.Tensor] = []
        pngs: list[bytes] = []
        with torch.random.fork_rng(devices=[]), same_order(self._batches):
            for batch in self._batches:
                if not isinstance(batch, tuple | list) or len(batch) != 2:
                    raise RecordError(
                        f"A batch to record is a pair (inputs, classes); the loader gave {type(batch).__name__}."
                    )
                inputs, wanted = batch
                if wanted.ndim != 1:
                    raise RecordError(
                        "The classes of a batch are one number a picture, (N,); the loader gave "
                        f"{tuple(wanted.shape)}. A record is about one class a picture; xai.evaluate_labels is for "
                        "independent labels."
                    )
                labels.append(wanted.detach().cpu().long())
                self._size = (inputs.shape[-2], inputs.shape[-1]) if inputs.ndim == 4 else None
                if inputs.ndim == 4 and inputs.shape[1] in (1, 3) and len(pngs) <= MAX_STORED:
                    pngs += [_png(picture, self._preprocessing) for picture in inputs]
        found = torch.cat(labels).numpy() if labels else np.zeros(0, np.int64)
        return found, pngs if len(pngs) == len(found) <= MAX_STORED else []

    @property
    def next_epoch(self) -> int:
        """The number that the next epoch gets, from 1."""
        return self._writer.last_epoch + 1

    def epoch(self, net: nn.Module, **figures: float) -> None:
        """Evaluate the network and write the epoch down.

        Parameters
        ----------
        net : torch.nn.Module
            The network after that epoch.
        figures
            Any of train_loss, train_accuracy, val_loss, val_accuracy, learning_rate, seconds. Validation figures
            are those of the recorded pictures where they are not given, seconds those since the last epoch.

        Raises
        ------
        RecordError
            If the pictures come in another order than before, or the epoch cannot be written.
        """
        logits, labels = outputs(net, self._batches)
        by_class = None
        if self._validation is not None:
            known = of_logits(*outputs(net, self._validation))
            figures = {"val_loss": known.loss, "val_accuracy": known.accuracy, **figures}
            by_class = class_counts(known.labels, known.predictions == known.labels, logits.shape[1])
        self._write(logits, labels, net, figures, by_class)

    def logits(self, outputs: torch.Tensor, net: nn.Module | None = None, **figures: float) -> None:
        """Write an epoch down from outputs (N, K) that are there already, in the order of the pictures."""
        self._write(outputs, torch.from_numpy(self._labels), net, figures)

    def _write(
        self,
        logits: torch.Tensor,
        labels: torch.Tensor,
        net: nn.Module | None,
        figures: Mapping[str, float],
        by_class: tuple[IntArray, IntArray] | None = None,
    ) -> None:
        if not np.array_equal(labels.numpy(), self._labels):
            raise RecordError(f"The pictures came in another order than at the beginning. {SHUFFLED}")
        n, k = len(self._labels), len(self._description.class_names)
        if logits.ndim != 2 or len(logits) != n:
            raise RecordError(f"The outputs have the shape {tuple(logits.shape)} for {n:,} pictures.")
        if logits.shape[1] != k:
            raise RecordError(
                f"The network gives {logits.shape[1]} numbers a picture, but there are {k} class names. Give "
                "class_names, one for each output."
            )
        found = of_logits(logits, labels)
        number, now = self.next_epoch, time.perf_counter()
        if net is not None and self._every and (number == 1 or number % self._every == 0):
            self._writer.checkpoint(number, to_checkpoint(net, self._description))
        known = {"val_loss": found.loss, "val_accuracy": found.accuracy, "seconds": now - self._began}
        self._writer.epoch(
            number,
            found.predictions,
            found.p_predicted,
            found.p_true,
            validation=by_class,
            **{**known, **{k: float(v) for k, v in figures.items()}},
        )
        self._began = time.perf_counter()
