"""Tiny ImageNet in its own layout: wnids.txt, words.txt, train/<wnid>/, val/val_annotations.txt; with boxes."""

from __future__ import annotations

import csv
from collections import Counter
from functools import partial
from pathlib import Path

from xai_core.data import roots
from xai_core.data.annotated import ALL_BY_BOX
from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import is_picture, stamp, visible
from xai_core.data.named_splits import chosen_split
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout
from xai_core.errors import DataError

SPLITS = ("val", "train")


def recognises(root: Path) -> bool:
    """Whether a folder has Tiny ImageNet's layout.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    return (root / "wnids.txt").is_file() and any((root / split).is_dir() for split in SPLITS)


def splits(root: Path) -> tuple[str, ...]:
    """The splits that a folder has, the default first."""
    return tuple(name for name in SPLITS if (root / name).is_dir())


def _table(path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(roots.read_bytes(path).decode("utf-8").splitlines(), delimiter="\t"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read, and the layout of Tiny ImageNet needs it.") from error


def _words(root: Path) -> dict[str, str]:
    """WordNet id -> its first name, for the ids of wnids.txt; a name that two ids share is told apart by the id."""
    wnids = [row[0] for row in _table(root / "wnids.txt") if row]
    listed = {}
    if (root / "words.txt").is_file():
        listed = {row[0]: row[1].split(",")[0] for row in _table(root / "words.txt") if len(row) >= 2}
    names = {wnid: listed.get(wnid, wnid) for wnid in wnids}
    repeated = {name for name, count in Counter(names.values()).items() if count > 1}
    return {wnid: f"{name} ({wnid})" if name in repeated else name for wnid, name in names.items()}


def _box(fields: list[str]) -> tuple[int, int, int, int] | None:
    try:
        left, top, right, bottom = (int(value) for value in fields)
    except ValueError:
        return None
    return left, top, right, bottom


def _annotated(folder: Path, table: Path, wnid: str | None) -> list[tuple[Path, str, tuple[int, int, int, int] | None]]:
    """(picture, WordNet id, box) of each line; lines of the training tables lack the id."""
    rows = []
    for row in _table(table):
        known = wnid or (row[1] if len(row) > 1 else "")
        if row and known:
            rows.append((folder / row[0], known, _box(row[-4:])))
    return rows


@register_layout("tiny_imagenet", "Tiny ImageNet", recognises=recognises, splits=splits, order=20)
def load(root: Path, split: str | None = None) -> Dataset:
    """The pictures of one split, "val" unless asked otherwise, each with its object's box as the mask.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        None takes the first of its splits.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split or its tables are not there.
    """
    there = splits(root)
    chosen = chosen_split(split, there, root)
    base = root / chosen
    if chosen == "val":
        rows = _annotated(base / "images", base / "val_annotations.txt", None)
    else:
        rows = [
            row
            for folder in visible(base)
            if folder.is_dir()
            for row in _annotated(folder / "images", folder / f"{folder.name}_boxes.txt", folder.name)
        ]
    words = _words(root)
    items, missing = [], []
    for path, wnid, box in rows:
        name = f"{wnid}/{path.name}"
        if is_picture(path):
            label = words.get(wnid, wnid)
            read = partial(make_sample, path, name, label=label, wnid=wnid, box=box)
            items.append(Item(name, label, read, stamp(path)))
        else:
            missing.append(Problem(name, "Listed in the annotations, but not there."))
    if not items:
        raise DataError(f"{base} lists no picture that is there.")
    order = {wnid: index for index, wnid in enumerate(dict.fromkeys(words))}
    items.sort(key=lambda item: (order.get(item.name.split("/")[0], len(order)), item.name))
    return Dataset(str(root), f"{root.name}/{chosen}", tuple(items), tuple(missing), notes=(ALL_BY_BOX,))
