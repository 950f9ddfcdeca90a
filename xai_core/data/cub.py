"""CUB-200-2011 as it lies on disk: images.txt, image_class_labels.txt, train_test_split.txt, boxes, segmentations.

Wah, Branson, Welinder, Perona and Belongie, The Caltech-UCSD Birds-200-2011 Dataset, 2011.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path, PurePosixPath

from xai_core.data.boxes import Box, boxed_sample
from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import is_picture, readable, stamp
from xai_core.data.lists import numbered
from xai_core.data.masked import masked_sample
from xai_core.data.named_splits import chosen_split
from xai_core.data.registry import register_layout
from xai_core.errors import DataError

_NEEDED = ("images.txt", "image_class_labels.txt", "classes.txt")
_FOLDER = "CUB_200_2011"  # in the archive
_SPLIT = "train_test_split.txt"
_OF_SPLIT = {"test": "0", "train": "1"}


def _base(root: Path) -> Path | None:
    places = (root, root / _FOLDER)
    return next((one for one in places if all((one / name).is_file() for name in _NEEDED)), None)


def recognises(root: Path) -> bool:
    """Whether a folder holds the lists of CUB-200-2011, or the folder that does.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    return _base(root) is not None


def splits(root: Path) -> tuple[str, ...]:
    """Test and train, where the list is there that says which picture is which."""
    base = _base(root)
    return tuple(_OF_SPLIT) if base is not None and (base / _SPLIT).is_file() else ()


def _label(folder: str) -> str:
    """Black footed Albatross, of "001.Black_footed_Albatross"."""
    return re.sub(r"^\d+\.", "", folder).replace("_", " ")


def _box(text: str | None) -> tuple[Box, ...]:
    """A box of left, top, width and height; its pixels are counted from 1."""
    try:
        left, top, width, height = (float(number) for number in (text or "").split())
    except ValueError:
        return ()
    return (Box(left - 1, top - 1, left + width - 2, top + height - 2),)


@register_layout("cub", "CUB-200-2011", recognises=recognises, splits=splits, order=12)
def load(root: Path, split: str | None = None) -> Dataset:
    """The birds of one split, each with its segmentation where that is there, else with its box.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        None takes the test split.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, a list cannot be understood, or no picture is there.
    """
    base, there = _base(root) or root, splits(root)
    chosen = chosen_split(split, there, root, optional=True)
    names, numbers = numbered(base / "images.txt"), numbered(base / "image_class_labels.txt")
    classes = numbered(base / "classes.txt")
    parts = numbered(base / _SPLIT) if chosen else {}
    boxes = numbered(base / "bounding_boxes.txt") if (base / "bounding_boxes.txt").is_file() else {}
    drawn = next((one for one in (base / "segmentations", base.parent / "segmentations") if one.is_dir()), None)
    items: list[Item] = []
    missing: list[Problem] = []
    for number, name in names.items():
        if chosen and parts.get(number) != _OF_SPLIT[chosen]:
            continue
        path = base / "images" / name
        if not is_picture(path):
            missing.append(Problem(readable(name), "Listed in images.txt, but not there."))
            continue
        label = _label(classes.get(numbers.get(number, ""), PurePosixPath(name).parts[0]))
        mask = drawn / PurePosixPath(name).with_suffix(".png") if drawn else None
        if mask is not None and mask.is_file():
            named = ((mask, f"segmentations/{PurePosixPath(name).with_suffix('.png')}"),)
            read, stamps = partial(masked_sample, path, named, name, label=label), f"{stamp(path)}|{stamp(mask)}"
        else:
            box = _box(boxes.get(number))
            read, stamps = partial(boxed_sample, path, box, name, label=label), f"{stamp(path)}|{box}"
        items.append(Item(readable(name), label, read, stamps))
    if not items:
        raise DataError(f"{base / 'images.txt'} lists no picture that is there.")
    return Dataset(
        str(root), f"{root.name}/{chosen}" if chosen else root.name, tuple(items), tuple(missing), notes=_notes(drawn)
    )


def _notes(drawn: Path | None) -> tuple[str, ...]:
    return () if drawn else ("Masks by box: there is no folder segmentations/ beside the pictures.",)
