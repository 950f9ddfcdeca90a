"""Two folders side by side, images/ and masks/, whose files belong together by their names without suffix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import is_picture, readable, split_label, stamp, visible
from xai_core.data.pictures import MaskFile, make_sample, read_mask_file, read_orientation, turn_upright
from xai_core.data.registry import register_layout
from xai_core.errors import DataError, PictureError
from xai_core.types import ByteArray, Sample, content_id

IMAGES, MASKS = "images", "masks"
_BLACK, _WHITE = 0x000000, 0xFFFFFF
_PERCENT = 2  # a mask of another size is taken if its aspect ratio differs by no more


def recognises(root: Path) -> bool:
    """Whether a folder holds images/ and masks/.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    return (root / IMAGES).is_dir() and (root / MASKS).is_dir()


def _grey(file: MaskFile) -> MaskFile:
    """Greys as greys, however they are stored: in colours, or in a palette of black and white."""
    if file.kind == "palette" and len(file.levels) == 2 and set(file.palette.values()) == {_BLACK, _WHITE}:
        white = next(index for index, colour in file.palette.items() if colour == _WHITE)
        return replace(file, levels=(0, 255), kind="grey", build=lambda: np.where(file.values == white, 255, 0))
    if file.kind == "colour" and all((v & 0xFF) == (v >> 8 & 0xFF) == (v >> 16) for v in file.levels):
        return replace(file, levels=tuple(v & 0xFF for v in file.levels), kind="grey", build=lambda: file.values & 0xFF)
    return file


def _is_soft(file: MaskFile, white: int) -> bool:
    """Whether greys between black and white are smooth edges or losses of a JPEG, and no numbers of classes.

    Smooth edges: three levels or more, one of them from a quarter of white up, together on fewer pixels than white.
    """
    between = [level for level in file.levels if level not in (0, white)]
    if file.kind != "grey" or not between:
        return False
    smooth = len(between) >= 3 and 4 * max(between) >= white
    return file.lossy or (smooth and np.isin(file.values, between).sum() < (file.values == white).sum())


class Interpreted(NamedTuple):
    """A mask, uint8 (H, W): 0 background, 1 foreground, 255 ignore; and a note in words, or an empty text."""

    mask: ByteArray
    note: str


def interpret(file: MaskFile) -> Interpreted:
    """What a mask's values mean, and a note where that is not obvious.

    All but 0 (black) is foreground. White (255; 65535 in 16 bits) is foreground as well, unless there are other
    values than 0 beside it: then it is left open. Smooth edges and JPEGs are cut at half of white.

    Parameters
    ----------
    file : MaskFile

    Returns
    -------
    Interpreted

    Raises
    ------
    PictureError
        With the reason, if it cannot be told.
    """
    file = _grey(file)
    if file.kind == "colour" and file.lossy:
        raise PictureError("is a JPEG in colours, which changes them; save it as PNG.")
    white = _WHITE if file.kind == "colour" else 65535 if max(file.levels) > 255 else 255
    named = "white" if file.kind == "colour" else str(white)
    if _is_soft(file, white):
        half = white // 2 + 1
        note = f"its mask holds shades of grey: from {half} of {white} on they count as foreground"
        return Interpreted((file.values >= half).astype(np.uint8), note)
    mask = (file.values != 0).astype(np.uint8)
    if sum(level != 0 for level in file.levels) <= 1:
        return Interpreted(mask, "")
    note = f"its mask holds {len(file.levels)} values: all but 0 count as foreground"
    if white in file.levels:
        mask[file.values == white] = 255
        note += f", but {named} is left open (neither foreground nor background)"
    return Interpreted(mask, note)


def _fitted(mask: ByteArray, picture: Path, shape: tuple[int, ...]) -> tuple[ByteArray, str]:
    """A mask at its picture's size (H, W), and what was done to it.

    Raises
    ------
    PictureError
        With the reason, if its shape is another one.
    """
    if mask.shape == shape:
        return mask, ""
    (height, width), (tall, wide) = mask.shape, shape
    if (width, height) == shape and (orientation := read_orientation(picture, picture.name)) >= 5:
        turned: npt.NDArray[np.int32] = turn_upright(mask.astype(np.int32), orientation)
        return turned.astype(np.uint8), "its mask turned upright as well"
    if 100 * abs(width * tall - height * wide) > _PERCENT * height * wide:
        raise PictureError(f"has {width} x {height} pixels, another shape than the picture's {wide} x {tall}.")
    resized = Image.fromarray(mask).resize((wide, tall), Image.Resampling.NEAREST)
    return np.array(resized), f"its mask resized from {width} x {height} pixels"


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
        found, fitting = _fitted(found, picture, shape)
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
