"""Pascal VOC's own layout, its segmentation part: one item for each picture and class that the picture's mask holds.

JPEGImages/, SegmentationClass/ and ImageSets/Segmentation/, in VOCdevkit/VOC2007 to VOC2012. Everingham, Van Gool,
Williams, Winn and Zisserman, The Pascal Visual Object Classes Challenge, IJCV 88, 2010.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from xai_core.data import roots
from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import is_picture, stamp, state, visible
from xai_core.data.groups import in_group
from xai_core.data.mask_files import MaskFile, read_mask_file
from xai_core.data.pictures import make_sample, read_orientation, turn_upright
from xai_core.data.registry import register_layout
from xai_core.errors import DataError, PictureError
from xai_core.types import ByteArray, Sample, Setting, content_id
from xai_core.types.counts import form

Others = Literal["background", "ignore"]
OTHERS = Setting(
    key="others",
    title="Other classes in a picture",
    default="background",
    choices=get_args(Others),
    help="What an object of another class counts as in the mask.",
    address="others",
)

# In the order of the masks' indices, from 1 on.
LABELS = (
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "dining table",
    "dog",
    "horse",
    "motorbike",
    "person",
    "potted plant",
    "sheep",
    "sofa",
    "train",
    "tv monitor",
)
SPLITS = ("val", "train", "trainval", "test")  # the first that is there is the default
_VOID = 255  # borders and objects too difficult to tell apart
_YEAR = re.compile(r"^VOC(19|20)\d\d$")
_PICTURES, _MASKS, _LISTS = "JPEGImages", "SegmentationClass", "ImageSets/Segmentation"


def _colour(index: int) -> int:
    """0xRRGGBB of an index in VOC's palette: its bits, three at a time, fill red, green and blue from the top."""
    parts = [0, 0, 0]
    for place in range(8):
        for channel in range(3):
            parts[channel] |= ((index >> (3 * place + channel)) & 1) << (7 - place)
    return (parts[0] << 16) | (parts[1] << 8) | parts[2]


_INDEX_OF_COLOUR = {_colour(index): index for index in (*range(len(LABELS) + 1), _VOID)}


def _years(root: Path) -> list[Path]:
    return [path for path in visible(root) if _YEAR.match(path.name) and (path / _PICTURES).is_dir()]


def _base(root: Path) -> Path | None:
    """The folder of one year: the one given, or the latest in a VOCdevkit."""
    if (root / _PICTURES).is_dir():
        return root
    return years[-1] if (years := _years(root)) else None


def recognises(root: Path) -> bool:
    """Whether a folder is a VOCdevkit, or one of its years.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    base = _base(root)
    return base is not None and any((base / name).is_dir() for name in (_MASKS, "ImageSets", "Annotations"))


def _list(base: Path, split: str) -> Path:
    return base / _LISTS / f"{split}.txt"


def splits(root: Path) -> tuple[str, ...]:
    """The splits that list a picture."""
    base = _base(root)
    return tuple(s for s in SPLITS if base and (path := _list(base, s)).is_file() and path.stat().st_size)


def _listed(base: Path, split: str | None) -> tuple[Path, list[str]]:
    """A split's file and the names in it."""
    there = splits(base)
    path = _list(base, split or (there[0] if there else SPLITS[0]))
    try:
        if path.stem not in SPLITS:
            raise FileNotFoundError
        lines = roots.read_bytes(path).decode("utf-8").splitlines()
    except FileNotFoundError:
        raise DataError(
            f"{base} has no split {path.stem!r}: {path} is not there, and it would list the pictures. "
            f"It has: {', '.join(there) or 'none'}."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read, and it lists the pictures of the split {path.stem!r}.") from error
    return path, list(dict.fromkeys(line.split()[0] for line in lines if line.strip()))


def _coding(file: MaskFile) -> Mapping[int, int]:
    """A mask's value -> VOC's index.

    Indices are what a palette picture holds, and a picture in colours holds VOC's palette. A palette that a tool
    has sorted anew is told by this: all its colours are VOC's, at other places.

    Raises
    ------
    PictureError
        With the reason, if a value is none of VOC's.
    """
    colours = {value: value for value in file.levels} if file.kind == "colour" else dict(file.palette)
    told_apart = len(set(colours.values())) == len(file.levels)  # a palette may be cut short, or all black
    if told_apart and all(colour in _INDEX_OF_COLOUR for colour in colours.values()):
        return {value: _INDEX_OF_COLOUR[colour] for value, colour in colours.items()}
    if file.kind == "colour":
        wrong = next(value for value in file.levels if value not in _INDEX_OF_COLOUR)
        raise PictureError(f"holds the colour #{wrong:06x}, which is not in VOC's palette.")
    if wrong_values := [v for v in file.levels if not 0 <= v <= len(LABELS) and v != _VOID]:
        raise PictureError(f"holds the value {wrong_values[0]}, but VOC's are 0 to {len(LABELS)}, and {_VOID}.")
    return {value: value for value in file.levels}


def _read(path: Path, name: str) -> tuple[MaskFile, Mapping[int, int]]:
    file = read_mask_file(path, name)
    try:
        return file, _coding(file)
    except PictureError as reason:
        raise PictureError(f"{name} {reason}") from None


@lru_cache(maxsize=1 << 15)
def _classes(path: Path, name: str, stamp: str) -> tuple[int, ...]:
    """The indices of the classes that a mask holds; `stamp` tells a changed file."""
    return tuple(sorted(index for index in _read(path, name)[1].values() if 0 < index < _VOID))


def _mask(path: Path, name: str, picture: Path, shape: tuple[int, ...], chosen: int, others: Others) -> ByteArray:
    file, coding = _read(path, name)
    indices = np.zeros(file.values.shape, np.int32)
    for value, index in coding.items():
        indices[file.values == value] = index
    # VOC's masks are drawn on the pixels as they are stored, so they are turned as the picture is.
    indices = turn_upright(indices, read_orientation(picture, picture.name))
    if indices.shape != shape:
        sizes = (*indices.shape[::-1], *shape[::-1])
        raise PictureError("{} has {} x {} pixels, the picture {} x {}.".format(name, *sizes))
    mask = (indices == chosen).astype(np.uint8)
    mask[indices == _VOID] = 255
    if others == "ignore":
        mask[(indices != chosen) & (indices != 0)] = 255
    return mask


def _sample(picture: Path, mask: Path, name: str, index: int, others: Others) -> Sample:
    sample = make_sample(picture, name, label=LABELS[index - 1])
    try:
        found = _mask(mask, f"{_MASKS}/{mask.name}", picture, sample.pixels.shape[:2], index, others)
    except PictureError as reason:
        return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
    return replace(sample, id=content_id(sample.pixels, found), mask=found)


@register_layout("voc", "Pascal VOC", recognises=recognises, splits=splits, options=(OTHERS,), order=10)
def load(root: Path, split: str | None = None, others: Others = "background") -> Dataset:
    """One split, "val" unless asked otherwise: the mask is 1 at the item's class and 255 where VOC says so.

    Parameters
    ----------
    root : pathlib.Path
        A VOCdevkit, or one of its years.
    split : str, optional
        None takes validation.
    others : {"background", "ignore"}
        What the other classes in the same picture become: "background" (0) or "ignore" (255).

    Raises
    ------
    DataError
        If the list of that split or the folder of masks is not there, or no picture that has a mask.
    """
    base = _base(root)
    if base is None or not (base / _MASKS).is_dir():
        where = base or root
        raise DataError(
            f"{where / _MASKS} is not there, and only VOC's segmentation part is read here. "
            f"For the pictures alone, choose {where / _PICTURES}."
        )
    table, listed = _listed(base, split)
    found: list[tuple[str, Item]] = []  # the photo, and an entry of it
    skipped = [
        Problem(year.name, f"Another year: choose {year} to see it.")
        for year in ([] if base == root else _years(root)[:-1])
    ]
    for stem in listed:
        picture, mask = base / _PICTURES / f"{stem}.jpg", base / _MASKS / f"{stem}.png"
        mask_name = f"{_MASKS}/{mask.name}"
        missing = [path for path in (picture, mask) if not is_picture(path)]
        if missing:
            names = " and ".join(f"{path.parent.name}/{path.name}" for path in missing)
            skipped.append(
                Problem(stem, f"Listed in {table.name}, but {names} {form(len(missing), 'is', 'are')} not there.")
            )
            continue
        mask_stamp = stamp(mask)
        try:
            classes = _classes(mask, mask_name, state(mask))
        except PictureError as reason:
            skipped.append(Problem(stem, str(reason)))
            continue
        if not classes:
            skipped.append(Problem(stem, f"{mask_name} holds none of VOC's {len(LABELS)} classes."))
        both = f"{stamp(picture)}|{mask_stamp}|{others}"
        for index in classes:
            name = f"{stem} {LABELS[index - 1]}"
            read = partial(_sample, picture, mask, name, index, others)
            found.append((stem, Item(name, LABELS[index - 1], read, both)))
    if not found:
        raise DataError(f"{table} lists no picture that is there with a mask of VOC's classes.")
    several = len(dict(found)) < len(found)  # entries of one photo belong together
    items = [in_group(item, photo if several else None) for photo, item in found]
    beside = "ignored" if others == "ignore" else "background"
    note = f"Masks: the entry's own class is the object, the white border is ignored, other classes are {beside}."
    return Dataset(str(root), f"{base.name}/{table.stem}", tuple(items), tuple(skipped), notes=(note,))
