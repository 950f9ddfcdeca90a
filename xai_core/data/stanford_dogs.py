"""Stanford Dogs as it lies on disk: Images/ and Annotation/ with the dogs' boxes, and lists of its splits.

Khosla, Jayadevaprakash, Yao and Fei-Fei, Novel Dataset for Fine-Grained Image Categorization, 2011.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from xai_core.data.boxes import Box, boxed_sample
from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import is_picture, readable, split_label, stamp, visible
from xai_core.data.lists import matlab, read_text
from xai_core.data.named_splits import chosen_split
from xai_core.data.registry import register_layout
from xai_core.errors import DataError
from xai_core.types import Sample

_IMAGES, _BOXES = "Images", "Annotation"
_LISTS = {"test": "test_list.mat", "train": "train_list.mat"}


def recognises(root: Path) -> bool:
    """Whether a folder holds Images/ and Annotation/ with folders of WordNet ids.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    if not ((root / _IMAGES).is_dir() and (root / _BOXES).is_dir()):
        return False
    return any(split_label(path.name).wnid for path in visible(root / _BOXES)[:3])


def _list(root: Path, split: str) -> Path | None:
    places = (root / _LISTS[split], root / "lists" / _LISTS[split])
    return next((one for one in places if one.is_file()), None)


def splits(root: Path) -> tuple[str, ...]:
    """Those whose list is there."""
    return tuple(split for split in _LISTS if _list(root, split))


def _boxes(path: Path) -> tuple[Box, ...]:
    """The dogs' boxes of a file of annotations in Pascal VOC's form.

    Raises
    ------
    DataError
        If it is none.
    """
    text = read_text(path)
    try:
        if "<!ENTITY" in text:
            raise ValueError
        return tuple(
            Box(*(float(box.findtext(side) or "") for side in ("xmin", "ymin", "xmax", "ymax")))
            for box in ElementTree.fromstring(text).iter("bndbox")
        )
    except (ElementTree.ParseError, ValueError) as error:
        raise DataError(f"{path.name} is no file of boxes.") from error


def _read(path: Path, file: Path, name: str, label: str, wnid: str | None) -> Sample:
    try:
        boxes = _boxes(file)
    except DataError as reason:
        sample = boxed_sample(path, (), name, label=label, wnid=wnid)
        return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
    return boxed_sample(path, boxes, name, label=label, wnid=wnid)


@register_layout("stanford_dogs", "Stanford Dogs", recognises=recognises, splits=splits, order=13)
def load(root: Path, split: str | None = None) -> Dataset:
    """The dogs, each with its box as the mask.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        None takes the test split where its list is there, else every picture.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split's list is not there, or no picture is.
    """
    no_lists = "none: its lists (test_list.mat, train_list.mat) are not there"
    chosen = chosen_split(split, splits(root), root, no_lists, optional=True)
    table = _list(root, chosen) if chosen else None
    missing: list[Problem] = []
    if table is not None:
        names = [str(name) for name in matlab(table, "file_list").ravel()]
    else:
        names = [f"{one.name}/{path.name}" for one in visible(root / _IMAGES) if one.is_dir() for path in visible(one)]
    items = []
    for name in names:
        path, file = root / _IMAGES / name, (root / _BOXES / name).with_suffix("")
        if not is_picture(path):
            missing.append(Problem(readable(name), "Not a picture by its name, or listed and not there."))
            continue
        label, wnid = split_label(Path(name).parent.name)
        read = partial(_read, path, file, name, label, wnid)
        stamps = f"{stamp(path)}|{stamp(file) if file.is_file() else ''}"
        items.append(Item(readable(name), label, read, stamps, wnid=wnid))
    if not items:
        raise DataError(f"{root / _IMAGES} holds no picture that is listed.")
    title = f"{root.name}/{chosen}" if chosen else root.name
    notes = ("Masks by box: what lies in a dog's box counts as the dog.",)
    return Dataset(str(root), title, tuple(items), tuple(missing), notes=notes)
