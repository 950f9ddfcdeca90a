"""Which of a folder's folders are splits, however they are spelt, and the folder in which the classes lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from xai_core.data.folder_words import IMAGES, MASKS, SPLIT_WORDS, is_split_name, plain, split_word
from xai_core.data.named_splits import chosen_split
from xai_core.data.tree import Folder


@dataclass(frozen=True, eq=False)
class Base:
    """Where a data set's pictures begin.

    Attributes
    ----------
    folder : Folder
        The outermost folder with something to choose from.
    splits : Mapping of str to Folder
        Name of a split -> its folder, the default first; empty where there are none.
    beside : tuple of Folder
        Folders with pictures that lie beside the splits and belong to none.
    around : Folder, optional
        The folder that holds images/ with the splits and masks/ with the same; else masks lie within each split.
    """

    folder: Folder
    splits: Mapping[str, Folder] = field(default_factory=dict)
    beside: tuple[Folder, ...] = ()
    around: Folder | None = None

    def masks_in(self, chosen: Folder) -> Folder:
        """The folder in which the masks of a split's pictures are looked for."""
        return self.around or chosen


def find_base(root: Folder) -> Base:
    """The folder in which splits or classes lie: through folders that hold one folder and nothing else.

    Parameters
    ----------
    root : Folder

    Returns
    -------
    Base
    """
    folder = root
    while True:
        splits, beside = _splits(folder)
        if splits:
            return Base(folder, splits, beside)
        if images := _beside_masks(folder):
            splits, beside = _splits(images)
            if splits:
                return Base(images, splits, beside, folder)
        inner = _wrapped(folder)
        if inner is None:
            return Base(folder)
        folder = inner


def _beside_masks(folder: Folder) -> Folder | None:
    """The folder of images in a folder that holds it, folders of masks, and nothing else."""
    images = [one for one in folder.full if plain(one.name) in IMAGES]
    others = [one for one in folder.full if one not in images]
    return images[0] if len(images) == 1 and others and all(plain(one.name) in MASKS for one in others) else None


def unwrap(folder: Folder) -> Folder:
    """The folder of a split's classes: through folders in it that repeat its name, or hold nothing but one folder."""
    while (inner := _wrapped(folder, within=True)) is not None:
        folder = inner
    return folder


def _wrapped(folder: Folder, *, within: bool = False) -> Folder | None:
    """The one folder in a folder that is no class of its own; None where there is no such."""
    if folder.pictures or len(folder.full) != 1:
        return None
    (inner,) = folder.full
    wraps = not inner.pictures or plain(inner.name) in IMAGES or (within and plain(inner.name) == plain(folder.name))
    return inner if wraps else None


def _has_classes(folder: Folder) -> bool:
    inner = unwrap(folder)
    return bool(inner.full) and not inner.pictures


def _splits(folder: Folder) -> tuple[dict[str, Folder], tuple[Folder, ...]]:
    """The splits in a folder by name, and the folders beside them; nothing where the folders are classes.

    A folder called "test" beside other folders is a class, unless it and its like hold folders of classes and the
    others do not.
    """
    words = {
        one: word for one in folder.folders if (one.count or is_split_name(one.name)) and (word := split_word(one.name))
    }
    beside = tuple(one for one in folder.full if one not in words)
    if not words or len(set(words.values())) < len(words):
        return {}, ()
    if beside:
        if len(words) < 2 or not all(map(_has_classes, words)) or any(map(_has_classes, beside)):
            return {}, ()
    elif not all(is_split_name(one.name) for one in words) and len(words) < 2 and not _has_classes(next(iter(words))):
        return {}, ()
    order = sorted(words, key=lambda one: (not one.count, SPLIT_WORDS.index(words[one])))
    return {words[one]: one for one in order}, beside


class Split(NamedTuple):
    """A split's name, or an empty text where there are none, and the folder of its classes."""

    name: str
    folder: Folder


def choose_split(base: Base, split: str | None, root: Folder) -> Split:
    """A split by its name, a synonym of it, or its folder's own name; without one the default; else the base.

    Raises
    ------
    DataError
        If that split is not there; the message lists those that are.
    """
    if split is None:
        default = next(iter(base.splits), "")
        return Split(default, unwrap(base.splits[default]) if default else base.folder)
    # Beside classes, a folder called "train" is a class, and a split only for who asks for it.
    by_name = base.splits or {one.name: one for one in root.folders if is_split_name(one.name)}
    named = {one.name: name for name, one in by_name.items()}
    name = named.get(split) or chosen_split(split, by_name, root.path)
    return Split(name, unwrap(by_name[name]))
