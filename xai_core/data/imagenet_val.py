"""ImageNet's validation pictures in one flat folder, with the list that says what they are.

val.txt (name and number), LOC_val_solution.csv (name, WordNet ids and boxes), or the development kit's
ILSVRC2012_validation_ground_truth.txt with its meta.mat. Russakovsky et al., IJCV 115, 2015.
"""

from __future__ import annotations

import csv
import re
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from xai_core.data.annotated import ALL_BY_BOX
from xai_core.data.boxes import Box, boxed_sample
from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import is_picture, readable, stamp, visible
from xai_core.data.lists import matlab, read_text, rows
from xai_core.data.named_splits import chosen_split
from xai_core.data.registry import register_layout
from xai_core.errors import DataError
from xai_core.types.counts import part_of

_PICTURE = re.compile(r"^ILSVRC2012_val_(\d{8})\.jpe?g$", re.IGNORECASE)
_FOLDERS = (".", "val", "ILSVRC2012_img_val", "images/val", "Data/CLS-LOC/val", "ILSVRC/Data/CLS-LOC/val")
_SOLUTION, _NUMBERS, _TRUTH = "LOC_val_solution.csv", "val.txt", "ILSVRC2012_validation_ground_truth.txt"
_KIT = ("", "data", "devkit/data", "ILSVRC2012_devkit_t12/data")


class _Known(NamedTuple):
    """What a list says of a picture."""

    wnid: str
    boxes: tuple[Box, ...] = ()


@cache
def _classes() -> dict[str, str]:
    """WordNet id -> name of the 1,000 classes, in the order of their ids, in which val.txt numbers them."""
    text = (files("xai_core") / "models" / "imagenet_synsets.tsv").read_text(encoding="utf-8")
    return {row["wnid"]: row["name"] for row in csv.DictReader(text.splitlines(), delimiter="\t")}


def _folder(root: Path) -> Path | None:
    """The folder of the pictures."""
    for name in _FOLDERS:
        place = root / name
        if place.is_dir() and any(_PICTURE.match(path.name) for path in visible(place)[:8]):
            return place
    return None


def _list(root: Path) -> Path | None:
    """The list, beside the pictures, above them, or in the development kit."""
    places = [root / name for name in (_SOLUTION, _NUMBERS)] + [root / kit / _TRUTH for kit in _KIT]
    folder = _folder(root)
    places += [folder / name for name in (_SOLUTION, _NUMBERS, _TRUTH)] if folder else []
    return next((one for one in places if one.is_file()), None)


def recognises(root: Path) -> bool:
    """Whether a folder holds ImageNet's validation pictures and a list of them.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    return _list(root) is not None and _folder(root) is not None


def _of_solution(path: Path) -> dict[str, _Known]:
    found = {}
    for row in csv.DictReader(read_text(path).splitlines()):
        words = (row.get("PredictionString") or "").split()
        if not row.get("ImageId") or len(words) % 5 or not words:
            raise DataError(f"{path} has a line that is not a name and boxes, each after its WordNet id.")
        boxes = (words[place + 1 : place + 5] for place in range(0, len(words), 5))
        found[row["ImageId"]] = _Known(words[0], tuple(Box(*map(float, box)) for box in boxes))
    return found


def _of_numbers(path: Path) -> dict[str, _Known]:
    wnids = list(_classes())
    found = {}
    for words in rows(path):
        if len(words) != 2 or not words[1].isdecimal() or int(words[1]) >= len(wnids):
            raise DataError(f"{path} has the line {' '.join(words)!r}. Expected a name and a number from 0 to 999.")
        found[Path(words[0]).stem] = _Known(wnids[int(words[1])])
    return found


def _of_truth(path: Path) -> dict[str, _Known]:
    meta = path.parent / "meta.mat"
    if not meta.is_file():
        raise DataError(f"{path} has numbers of its own, which {meta.name} beside it explains; that is not there.")
    synsets = {str(int(one[0])): str(one[1]) for one in matlab(meta, "synsets").ravel()}
    numbers = [words[0] for words in rows(path)]
    if unknown := next((number for number in numbers if number not in synsets), None):
        raise DataError(f"{path} has the number {unknown!r}, which {meta.name} does not explain.")
    return {f"ILSVRC2012_val_{place:08d}": _Known(synsets[number]) for place, number in enumerate(numbers, start=1)}


_READERS = {_SOLUTION: _of_solution, _NUMBERS: _of_numbers, _TRUTH: _of_truth}


@register_layout("imagenet_val", "ImageNet's validation pictures", recognises=recognises, order=16)
def load(root: Path, split: str | None = None) -> Dataset:
    """The validation pictures with their classes, and boxes as masks where the list has them.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        "val" or None.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If another split is asked for, or the list cannot be understood.
    """
    chosen_split(split, ("val",), root)
    folder, table = _folder(root) or root, _list(root) or root
    known = _READERS[table.name](table)
    items: list[Item] = []
    skipped: list[Problem] = []
    for path in visible(folder):
        if not is_picture(path):
            skipped += [Problem(readable(path.name), "Not a picture by its name.")] if path.is_file() else []
        elif said := known.get(path.stem):
            label = _classes().get(said.wnid, said.wnid)
            read = partial(boxed_sample, path, said.boxes, path.name, label=label, wnid=said.wnid)
            items.append(Item(readable(path.name), label, read, f"{stamp(path)}|{said}", wnid=said.wnid))
        else:
            skipped.append(Problem(readable(path.name), f"{table.name} has no line for it."))
    if not items:
        raise DataError(f"{table} lists no picture that is there.")
    absent = len(known) - len(items)
    notes = (
        [f"Classes by {table.name}; {part_of(absent, len(known), 'picture in it', 'is', 'are')} not there."]
        if absent
        else []
    )
    notes += [ALL_BY_BOX] if table.name == _SOLUTION else []
    return Dataset(str(root), root.name, tuple(items), tuple(skipped), notes=tuple(notes))
