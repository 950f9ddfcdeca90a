"""Two folders side by side, images/ and masks/, whose files belong together by their names without suffix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.decisions.masks import interpret
from xai_core.data.fitting import fitted
from xai_core.data.folder_words import is_split_name
from xai_core.data.folders import is_picture, readable, split_label, stamp, visible
from xai_core.data.mask_files import read_mask_file
from xai_core.data.pictures import make_sample, read_orientation
from xai_core.data.registry import register_layout
from xai_core.errors import DataError, PictureError
from xai_core.types import ByteArray, Sample, content_id

IMAGES, MASKS = "images", "masks"
_PERCENT = 2  # a mask of another size is taken if its aspect ratio differs by no more


def recognises(root: Path) -> bool:
    """Whether a folder holds images/ and masks/, and these no splits.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    if not ((root / IMAGES).is_dir() and (root / MASKS).is_dir()):
        return False
    within = [path.name for path in visible(root / IMAGES) if path.is_dir()]
    return not within or not all(map(is_split_name, within))


class _Fitted(NamedTuple):
    """A mask at its picture's size, and what was done to it."""

    mask: ByteArray
    notes: tuple[str, ...]


def _read_mask(mask: Path, mask_name: str, picture: Path, shape: tuple[int, ...]) -> _Fitted:
    """One mask at its picture's size, and what was done to it.

    Raises
    ------
    PictureError
        With the reason, if it cannot be read or its shape is another one.
    """
    file = read_mask_file(mask, mask_name)
    try:
        found, meaning = interpret(file)
        found, fitting = fitted(found, shape, partial(read_orientation, picture, picture.name))
    except PictureError as reason:
        raise PictureError(f"{mask_name} {reason}") from None
    return _Fitted(found, tuple(note for note in (meaning, fitting) if note))


def masked_sample(
    picture: Path, masks: Sequence[tuple[Path, str]], name: str, *, label: str | None = None, wnid: str | None = None
) -> Sample:
    """A picture with its mask, which may lie in several files: what is object in one of them is object.

    A mask that cannot be read, or is of another shape, leaves the picture without one, with a note.

    Parameters
    ----------
    picture : pathlib.Path
    masks : Sequence of (pathlib.Path, str)
        The files, and what messages call them; one or more.
    name : str
        What messages and tables call the picture.
    label, wnid : str, optional
        As of `make_sample`.

    Raises
    ------
    PictureError
        If the picture itself cannot be read.
    """
    sample = make_sample(picture, name, label=label, wnid=wnid)
    shape = sample.pixels.shape[:2]
    try:
        parts = [_read_mask(path, said, picture, shape) for path, said in masks]
    except PictureError as reason:
        return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
    found = _united([part.mask for part in parts])
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    if len(parts) > 1:
        notes[f"its mask from {len(parts)} files"] = None
    return replace(sample, id=content_id(sample.pixels, found), mask=found, notes=(*sample.notes, *notes))


def _united(masks: Sequence[ByteArray]) -> ByteArray:
    """Foreground where one mask has it; else left open where one does; uint8 (H, W)."""
    stack = np.stack(masks)
    left_open = np.where((stack == 255).any(axis=0), 255, 0)
    return np.where((stack == 1).any(axis=0), 1, left_open).astype(np.uint8)


def _files(folder: Path, prefix: str) -> tuple[list[Path], list[Problem]]:
    """The pictures in a folder, and what else lies there."""
    if not folder.is_dir():
        return [], []
    files = [path for path in visible(folder) if path.is_file()]
    other = [
        Problem(f"{prefix}{readable(path.name)}", "Not a picture by its name.")
        for path in files
        if not is_picture(path)
    ]
    return [path for path in files if is_picture(path)], other


def _pairs(root: Path, folder: str) -> tuple[list[Item], list[Problem]]:
    """The items of a class folder that images/ and masks/ both may have, or ("") of what lies directly in them."""
    below = f"{readable(folder)}/" if folder else ""
    label, wnid = split_label(readable(folder)) if folder else (None, None)
    pictures, skipped = _files(root / IMAGES / folder, f"{IMAGES}/{below}")
    masks, other = _files(root / MASKS / folder, f"{MASKS}/{below}")
    skipped += other
    by_stem: dict[str, Path] = {}
    for path in masks:
        first = by_stem.setdefault(path.stem, path)
        if first != path:
            skipped.append(
                Problem(
                    f"{MASKS}/{below}{readable(path.name)}", f"{MASKS}/{below}{readable(first.name)} is used instead."
                )
            )
    items = []
    for path in pictures:
        mask = by_stem.get(path.stem)
        if mask is None:
            skipped.append(
                Problem(
                    f"{IMAGES}/{below}{readable(path.name)}", f"{MASKS}/{below} has no mask named {path.stem!r} for it."
                )
            )
            continue
        name, mask_name = f"{below}{readable(path.name)}", f"{MASKS}/{below}{readable(mask.name)}"
        read = partial(masked_sample, path, ((mask, mask_name),), name, label=label, wnid=wnid)
        items.append(Item(name, label, read, f"{stamp(path)}|{stamp(mask)}"))
    stems = {path.stem for path in pictures}
    skipped += [
        Problem(f"{MASKS}/{below}{readable(path.name)}", f"{IMAGES}/{below} has no picture named {stem!r} for it.")
        for stem, path in by_stem.items()
        if stem not in stems
    ]
    return items, skipped


@register_layout("masked", "Images beside masks", recognises=recognises, order=30)
def load(root: Path, split: str | None = None) -> Dataset:
    """The pictures that have a mask. Folders inside images/ and masks/ are classes; without them there are no labels.

    A mask that cannot be read or has another shape than its picture leaves the picture without one, with a note.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        It has none: None.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If a split is asked for, or no picture has a mask.
    """
    if split is not None:
        raise DataError(f"{root} has no split {split!r}, nor any other: it holds {IMAGES}/ and {MASKS}/.")
    folders = {path.name for top in (IMAGES, MASKS) for path in visible(root / top) if path.is_dir()}
    items: list[Item] = []
    skipped: list[Problem] = []
    for folder in sorted(folders):
        found, other = _pairs(root, folder)
        items, skipped = items + found, skipped + other
    loose, other = _pairs(root, "")
    skipped += other
    if not items:
        items = loose
    else:
        skipped += [
            Problem(f"{IMAGES}/{item.name}", "Lies beside the class folders, so it has no label.") for item in loose
        ]
    if not items:
        raise DataError(
            f"{root} holds no picture with a mask. They belong together by name: {IMAGES}/1.jpg and {MASKS}/1.png, "
            f"or {IMAGES}/horse/1.jpg and {MASKS}/horse/1.png."
        )
    return Dataset(str(root), root.name, tuple(items), tuple(skipped))
