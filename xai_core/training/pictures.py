"""The pictures of a training: read once, handed out in batches; and those of a recorded run, found again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from xai_core.data import Dataset, Item, list_splits, load_dataset, locate, roots, textured_digits
from xai_core.data.pictures import make_sample
from xai_core.data.textured_digits import KEY as DIGITS
from xai_core.errors import NO_PATH, DataError, PictureError, TrainingError
from xai_core.models import BUNDLED
from xai_core.records import PictureSource, TrainingRun
from xai_core.records.store import stored_pngs
from xai_core.shipped import RUNS
from xai_core.training.one_class import require_one_class
from xai_core.training.settings import Settings, require_classes
from xai_core.types import IntArray, Preprocessing, Sample

IN_MEMORY = 1 << 30  # bytes of decoded pictures that are kept; beyond, they are read anew in every epoch
_HELD_OUT = 0.2  # share of each class that is recorded, where a folder has no test split
SPLIT_NAMES = (("train", "training"), ("val", "valid", "validation"), ("test",))
Batch = tuple[torch.Tensor, torch.Tensor]


class Tensors:
    """Labelled pictures as uint8 tensors, cut to what `view` shows.

    Pictures that cannot be read are left out; `problems` says which.
    """

    def __init__(self, dataset: Dataset, class_names: Sequence[str], view: Preprocessing) -> None:
        require_one_class(dataset)
        self._view = view
        self.problems: list[str] = []
        index = {name: position for position, name in enumerate(class_names)}
        items = [item for item in dataset.items if item.label in index]
        self.problems += [
            f"{item.name} has the label {item.label!r}, which is none of the classes."
            for item in dataset.items
            if item.label not in index
        ]
        keep = len(items) * 3 * view.size[0] * view.size[1] <= IN_MEMORY
        pixels: list[np.ndarray] = []
        self._items: list[Item] = []
        with ThreadPoolExecutor() as pool:
            for item, found in zip(items, pool.map(self._try, items), strict=True):
                if isinstance(found, str):
                    self.problems.append(found)
                    continue
                self._items.append(item)
                if keep:
                    pixels.append(found)
        self.names = tuple(item.name for item in self._items)
        self.labels = np.array([index[str(item.label)] for item in self._items], dtype=np.int64)
        self._pixels = np.stack(pixels) if pixels else None

    def __len__(self) -> int:
        return len(self._items)

    def _read(self, item: Item) -> np.ndarray:
        return self._view.prepare(item.read()).pixels

    def _try(self, item: Item) -> np.ndarray | str:
        try:
            return self._read(item)
        except PictureError as error:
            return str(error)

    def batch(self, rows: IntArray) -> Batch:
        """uint8 (n, 3, S, S) and int64 (n,)."""
        pixels = (
            self._pixels[rows] if self._pixels is not None else np.stack([self._read(self._items[i]) for i in rows])
        )
        return torch.from_numpy(pixels).permute(0, 3, 1, 2), torch.from_numpy(self.labels[rows])


class Normalise:
    """uint8 (n, 3, H, W) -> the network's input, float32 and channels last, as `Preprocessing.array` makes it."""

    def __init__(self, preprocessing: Preprocessing, device: torch.device) -> None:
        self._mean = torch.tensor(preprocessing.mean, device=device)[:, None, None]
        self._std = torch.tensor(preprocessing.std, device=device)[:, None, None]
        self._device = device

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        values = pixels.to(self._device).float().div_(255).sub_(self._mean).div_(self._std)
        return values.contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True, eq=False)
class Material:
    """What a training learns from and is judged by.

    Attributes
    ----------
    class_names : tuple of str
        The K classes.
    training : callable
        epoch -> the pictures of that epoch.
    size : int
        How many those are, in every epoch.
    validation : Tensors or None
        Pictures drawn as in training but held out; None where the recorded ones serve.
    recorded : Tensors
        The pictures whose predictions are recorded.
    source : PictureSource
        Where those are found again.
    """

    class_names: tuple[str, ...]
    training: Callable[[int], Tensors]
    size: int
    validation: Tensors | None
    recorded: Tensors
    source: PictureSource


def _digits(settings: Settings, view: Preprocessing) -> Material:
    def training(epoch: int) -> Tensors:
        first = epoch * settings.redraws
        sets = [
            textured_digits("train", shortcut=settings.shortcut, seed=settings.seed, redraw=first + turn)
            for turn in range(settings.redraws)
        ]
        return Tensors(replace(sets[0], items=tuple(item for part in sets for item in part.items)), names, view)

    recorded = textured_digits("test")
    size = settings.redraws * len(textured_digits("train"))
    names = tuple(sorted(recorded.labels))
    validation = textured_digits("val", shortcut=settings.shortcut)
    return Material(
        names,
        training,
        size,
        Tensors(validation, names, view),
        Tensors(recorded, names, view),
        PictureSource(DIGITS, "test"),
    )


def _hold_out(dataset: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """(training, held out): a fifth of each class, at least one where it has two or more."""
    rng = np.random.default_rng(seed)
    out: set[int] = set()
    for label in dataset.labels:
        members = [i for i, item in enumerate(dataset.items) if item.label == label]
        count = max(1, round(_HELD_OUT * len(members))) if len(members) > 1 else 0
        out |= set(rng.permutation(members)[:count].tolist())
    rest = tuple(item for i, item in enumerate(dataset.items) if i not in out)
    return replace(dataset, items=rest), replace(dataset, items=tuple(dataset.items[i] for i in sorted(out)))


def _labelled(settings: Settings, train_view: Preprocessing, view: Preprocessing) -> Material:
    there = list_splits(settings.data)
    place = locate(settings.data)
    train, val, test = (next((name for name in there if name in names), None) for names in SPLIT_NAMES)
    validation = None
    if train and (test or val):
        learned, recorded = (load_dataset(settings.data, split=split) for split in (train, test or val))
        source = PictureSource(place, test or val)
        validation = load_dataset(settings.data, split=val) if test and val else None
    else:
        learned, recorded = _hold_out(load_dataset(settings.data, split=train), settings.seed)
        source = PictureSource(place, train)
    names = learned.labels
    require_classes(names, settings.data)
    tensors = Tensors(learned, names, train_view)
    return Material(
        names,
        lambda epoch: tensors,
        len(tensors),
        Tensors(validation, names, view) if validation else None,
        Tensors(recorded, names, view),
        source,
    )


def material(settings: Settings, view: Preprocessing) -> Material:
    """Read the pictures of a training.

    Parameters
    ----------
    settings : Settings
    view : Preprocessing
        What the network is to see.

    Raises
    ------
    TrainingError, DataError
        If there are fewer than two classes, or no pictures to learn from or to record.
    """
    if settings.data == DIGITS:
        found = _digits(settings, view)
    else:
        whole = replace(view, crop=view.resize) if "crop" in settings.augment else view
        found = _labelled(settings, whole, view)
    for what, count in (("learn from", found.size), ("record", len(found.recorded))):
        if count < 2:
            raise TrainingError(f"{settings.data} has {count} readable pictures to {what}; it takes at least two.")
    return found


def batches(tensors: Tensors, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """All pictures in order."""
    for start in range(0, len(tensors), size):
        yield tensors.batch(np.arange(start, min(start + size, len(tensors))))


def _stored(content: bytes, name: str, label: str) -> Sample:
    return make_sample(content, name, label=label)


def run_pictures(run: TrainingRun) -> Dataset:
    """The pictures of a recorded run, in its order; one that is not there any more says so when it is read.

    Parameters
    ----------
    run : TrainingRun

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the record does not say where they are, or the data set is not there.

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.shipped import RUNS
    >>> run = xai.TrainingRun.open(RUNS["digits"][1])
    >>> len(xai.run_pictures(run)) == len(run.pictures)
    True
    """
    labels = [run.class_names[label] for label in run.labels]
    where = run.source
    if where is not None and where.stored and run.folder is not None:
        pngs = dict(zip(TrainingRun.open(run.folder).pictures, stored_pngs(run.folder), strict=True))
        items = [
            Item(name, label, partial(_stored, pngs[name], name, label), hashlib.sha256(pngs[name]).hexdigest()[:16])
            for name, label in zip(run.pictures, labels, strict=True)
        ]
    elif where is not None and where.data:
        there = {item.name: item for item in load_dataset(where.data, split=where.split).items}
        items = [
            there.get(name) or _gone(name, label, where.data) for name, label in zip(run.pictures, labels, strict=True)
        ]
    elif where is not None and where.files and run.files:
        root = Path(where.files)
        items = [
            Item(name, label, partial(_inside, root, file, name, label), f"{root}:{file}:{_state(root / file)}")
            for name, label, file in zip(run.pictures, labels, run.files, strict=True)
        ]
    else:
        raise DataError(f"The record of {run.name} does not say where its pictures are.")
    code = f"xai.run_pictures(xai.TrainingRun.open({str(run.folder)!r}))" if run.folder else ""
    return Dataset("run", run.name, tuple(items), code=code, models=(BUNDLED, *RUNS))


def _state(path: Path) -> str:
    """Changes when a file does, under whatever name; empty where there is none."""
    try:
        status = path.stat()
    except NO_PATH:
        return ""
    return f"{status.st_mtime_ns}:{status.st_size}:{status.st_ino}"


def _gone(name: str, label: str, where: str) -> Item:
    def read() -> Sample:
        raise PictureError(f"{name} is not in {where} any more.")

    return Item(name, label, read)


def _inside(root: Path, file: str, name: str, label: str) -> Sample:
    try:
        path = (root / file).resolve()
    except NO_PATH as error:
        raise PictureError(f"{name} was not opened: there can be no file {file!r}.") from error
    if not path.is_relative_to(root.resolve()):
        raise PictureError(f"{name} was not opened: its file {file!r} lies outside of {root.name}.")
    if roots.is_outside(path):
        raise PictureError(f"{name} was not opened: {roots.LEADS_OUT}.")
    with roots.confined():
        return make_sample(path, name, label=label)
