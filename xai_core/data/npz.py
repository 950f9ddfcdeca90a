"""Arrays of pictures and labels in NumPy's NPZ, as MedMNIST and many exports have them: `train_images`, `train_labels`.

Yang et al., MedMNIST v2, Scientific Data 10, 2023, whose classes are named. Nothing is unpickled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xai_core.data.array_pictures import channels_last, picture_bytes
from xai_core.data.counting import count_listed, counted
from xai_core.data.dataset import Dataset, Item
from xai_core.data.folders import SPLITS, readable, stamp, state
from xai_core.data.groups import in_group
from xai_core.data.inner_masks import with_mask
from xai_core.data.named_splits import chosen_split
from xai_core.data.npz_arrays import NpzArray, npz_arrays
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout
from xai_core.data.table_rows import MAX_CELLS
from xai_core.errors import DataError, PictureError
from xai_core.inflated import MAX_ROWS
from xai_core.types import Sample
from xai_core.types.counts import number_of

_MAX_SAID = 256 << 20  # bytes of an array of labels or groups
_ROLES = {
    "pictures": ("images", "image", "imgs", "x", "data", "pictures"),
    "labels": ("labels", "label", "y", "targets", "target"),
    "masks": ("masks", "mask", "segmentations"),
    "groups": ("groups", "group", "patients", "patient"),
}


@dataclass(frozen=True)
class _Split:
    """The arrays of a split."""

    pictures: NpzArray
    labels: NpzArray | None = None
    masks: NpzArray | None = None
    groups: NpzArray | None = None


def _by_split(path: Path) -> dict[str, _Split]:
    """Split -> its arrays; "" where the names say none."""
    found: dict[str, dict[str, NpzArray]] = {}
    for array in npz_arrays(path, state(path)):
        words = re.split(r"[\W_]+", array.key.lower())
        split = next((word for word in words if word in SPLITS), "")
        for role, names in _ROLES.items():
            if any(word in names for word in words):
                found.setdefault(split, {}).setdefault(role, array)
                break
    order = {split: place for place, split in enumerate(SPLITS)}
    return {
        split: _Split(**found[split])
        for split in sorted(found, key=lambda split: order.get(split, len(order)))
        if "pictures" in found[split]
    }


def recognises(path: Path) -> bool:
    """Whether a file is an archive of arrays.

    Parameters
    ----------
    path : pathlib.Path
        Of the file.

    Returns
    -------
    bool
    """
    return path.is_file() and path.suffix.lower() == ".npz"


def splits(root: Path) -> tuple[str, ...]:
    """The splits that the arrays' names say, the default first."""
    try:
        return tuple(split for split in _by_split(root) if split)
    except DataError:  # it is said when the pictures are read
        return ()


def _class_names(path: Path) -> list[str]:
    """The classes of a set of MedMNIST's, by the file's name; none of others."""
    stem = path.stem.lower().split("_")[0]
    lines = (Path(__file__).parent / "medmnist.tsv").read_text(encoding="utf-8").splitlines()
    return next((names for key, *names in (line.split("\t") for line in lines) if key == stem), [])


@dataclass(frozen=True)
class _Label:
    """What is said of a picture."""

    label: str | None
    labels: tuple[str, ...] | None = None
    annotated: tuple[str, ...] = ()


def _require_few(path: Path, array: NpzArray) -> None:
    """That what is said of the pictures, of which Python makes values, does not fill the memory."""
    if prod(array.shape) > MAX_CELLS or prod(array.shape) * array.dtype.itemsize > _MAX_SAID:
        raise DataError(f"{path}: {array.key} has the shape {array.shape}, more than is read of what arrays say.")


def _labels(path: Path, split: _Split, count: int) -> list[_Label]:
    """A label a picture, or several where the array has a column a label."""
    if split.labels is None:
        return [_Label(None)] * count
    shape = split.labels.shape
    if shape[:1] != (count,) or len(shape) > 2:
        raise DataError(
            f"{path}: {split.labels.key} has the shape {shape}, but {split.pictures.key} has "
            f"{number_of(count, 'picture')}."
        )
    _require_few(path, split.labels)
    values = split.labels.whole()
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    names = _class_names(path)
    if values.ndim == 1:
        return [_Label(_name(value, names)) for value in values.tolist()]
    if not np.isin(values, (0, 1)).all():
        raise DataError(f"{path}: {split.labels.key} has a column a label, and holds other values than 0 and 1.")
    every = tuple(_name(place, names) for place in range(values.shape[1]))
    marked = [tuple(name for name, is_there in zip(every, row, strict=True) if is_there) for row in values.tolist()]
    if all(len(said) == 1 for said in marked):
        return [_Label(said[0]) for said in marked]
    return [_Label(said[0] if said else None, said, every) for said in marked]


def _name(value: Any, names: list[str]) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return names[value] if type(value) is int and 0 <= value < len(names) else readable(str(value))


@dataclass(frozen=True)
class _Picture:
    """A picture of an array, or a slice of a volume, to be read later."""

    split: _Split
    index: int
    slice: int | None
    name: str
    said: _Label

    def read(self) -> Sample:
        content = picture_bytes(self._at(self.split.pictures), self.name)
        sample = make_sample(content, self.name, label=self.said.label)
        if self.said.labels is not None:
            sample = replace(sample, labels=self.said.labels, annotated=self.said.annotated)
        if self.split.masks is None:
            return sample
        key = f"{self.split.masks.key}[{self.index}]"
        try:
            content = picture_bytes(self._at(self.split.masks), key)
        except PictureError as reason:
            return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
        return with_mask(sample, content, key)

    def _at(self, array: NpzArray) -> npt.NDArray[Any]:
        values = array.row(self.index)
        return channels_last(values) if self.slice is None else values[self.slice]


def _items(path: Path, split: _Split) -> Iterator[Item]:
    pictures = split.pictures
    count, *shape = pictures.shape
    colours = len(shape) == 3 and (shape[2] in (1, 3, 4) or shape[0] in (1, 3))
    if not (len(shape) == 2 or colours or len(shape) == 3) or 0 in shape:
        raise DataError(
            f"{path}: {pictures.key} has the shape {pictures.shape}; expected is (N, H, W), (N, H, W, 3), or, of "
            "volumes, (N, D, H, W)."
        )
    slices = 1 if colours or len(shape) == 2 else shape[0]
    if count * slices > MAX_ROWS:
        raise DataError(f"{path}: {pictures.key} has {count * slices:,} pictures; at most {MAX_ROWS:,} are read.")
    count_listed(path, count * slices)  # before what is said of each is read
    if split.masks is not None and (len(split.masks.shape) < 3 or split.masks.shape[0] != count):
        raise DataError(f"{path}: {split.masks.key} has the shape {split.masks.shape}, not a mask for each picture.")
    if split.groups is not None and (there := prod(split.groups.shape)) != count:
        raise DataError(f"{path}: it names {number_of(there, 'group')} for {number_of(count, 'picture')}.")
    if split.groups is not None:
        _require_few(path, split.groups)
    groups = [str(value) for value in split.groups.whole().ravel().tolist()] if split.groups else []
    base = stamp(path)
    for index, said in enumerate(counted(_labels(path, split, count), path, count * slices)):
        name = f"{pictures.key}[{index}]"
        known = (said.labels, said.annotated)
        for place in [None] if colours or len(shape) == 2 else range(slices):
            own = name if place is None else f"{name} slice {place}"
            picture = _Picture(split, index, place, own, said)
            item = Item(own, said.label, picture.read, f"{base}|{own}", *known)
            yield in_group(item, groups[index] if groups else None if place is None else name)


@register_layout("npz", "NumPy's NPZ", recognises=recognises, splits=splits, files=(".npz",), order=60)
def load(root: Path, split: str | None = None) -> Dataset:
    """The pictures of an array (N, H, W) or (N, H, W, 3), with the labels, masks and groups of those beside it.

    Of volumes (N, D, H, W) each slice is a picture, and those of a volume belong together.

    Parameters
    ----------
    root : pathlib.Path
        Of the file.
    split : str, optional
        None takes the first of its splits.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, or the file is broken or holds no pictures.
    """
    there = _by_split(root)
    if not there:
        keys = ", ".join(array.key for array in npz_arrays(root, state(root))) or "nothing"
        raise DataError(f"{root} holds {keys}; images and labels, or test_images and test_labels, were expected.")
    chosen = chosen_split(split, there, root)
    items = tuple(_items(root, there[chosen]))
    if not items:
        raise DataError(f"{root} holds no picture in {there[chosen].pictures.key}.")
    return Dataset(str(root), f"{root.name}/{chosen}" if chosen else root.name, items)
