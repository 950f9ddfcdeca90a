"""COCO's JSON: pictures, categories, and annotations with outlines, run lengths or boxes.

Lin et al., Microsoft COCO: Common Objects in Context, ECCV 2014; as CVAT, Roboflow, Label Studio and others export it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from xai_core.data.annotated import AnnotatedPicture, Annotation, Others, box_note, entries, size_of
from xai_core.data.counting import counted
from xai_core.data.dataset import Dataset, Problem
from xai_core.data.folders import SPLITS, readable, stamp, visible
from xai_core.data.json_files import field, head, read_json
from xai_core.data.named_splits import chosen_split
from xai_core.data.outlines import Canvas, as_numbers, draw_runs, resized
from xai_core.data.picture_finder import PictureFinder
from xai_core.data.registry import register_layout
from xai_core.data.voc import OTHERS
from xai_core.errors import DataError, PictureError
from xai_core.types.counts import number_of

_PARTS = (b'"images"', b'"annotations"', b'"categories"')
_MOST = 64  # files of annotations in a folder
_FOLDERS = ("", "annotations", *SPLITS)  # where the file lies


@dataclass(frozen=True)
class CocoShape:
    """An annotation's outlines, run lengths or box, as they stand in the file."""

    segmentation: Any
    box: Any

    @property
    def by_box(self) -> bool:
        """Whether nothing finer than a box is there."""
        return not self.segmentation

    def draw(self, canvas: Canvas, drawn_for: tuple[int, int]) -> None:
        """See `Shape`."""
        height, width = canvas.inside.shape
        scale = np.array([width / drawn_for[1], height / drawn_for[0]])
        if isinstance(self.segmentation, dict) and self.segmentation:
            mask = draw_runs(self.segmentation.get("size"), self.segmentation.get("counts"))
            if mask.shape != drawn_for:
                raise PictureError(
                    f"has run lengths of {mask.shape[1]} x {mask.shape[0]} pixels, but its picture "
                    f"{drawn_for[1]} x {drawn_for[0]}"
                )
            return canvas.mask(resized(mask, height, width))
        if not self.segmentation:
            numbers = as_numbers(self.box, "a box [x, y, width, height]")
            if len(numbers) != 4:
                raise PictureError(
                    f"has a box of {number_of(len(numbers), 'number')}, where [x, y, width, height] was expected"
                )
            (left, top), (right, bottom) = numbers[:2] * scale, (numbers[:2] + numbers[2:]) * scale
            return canvas.box(left, top, right, bottom)
        if not isinstance(self.segmentation, list):
            raise PictureError(f"has the segmentation {str(self.segmentation)[:60]!r}, where outlines were expected")
        for ring in self.segmentation:
            numbers = as_numbers(ring, "an outline [x, y, x, y, ...]")
            if len(numbers) % 2:
                raise PictureError(
                    f"has an outline of {number_of(len(numbers), 'number')}, where pairs of x and y were expected"
                )
            canvas.outline(numbers.reshape(-1, 2) * scale)


def is_coco(path: Path) -> bool:
    """Whether a file is COCO's JSON, by what stands at its beginning and its end."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    text = head(path)
    return sum(part in text for part in _PARTS) >= 2


def _files(root: Path) -> list[Path]:
    found = []
    for folder in (root / name for name in _FOLDERS if (root / name).is_dir()):
        files = [path for path in visible(folder) if path.suffix.lower() == ".json"]
        if len(files) <= _MOST:  # more are a file a picture
            found += [path for path in files if _PARTS[2] in head(path) and is_coco(path)]
    return found


def _split_of(path: Path, root: Path) -> str:
    """The split that a file is of, by its folder or its name; empty where neither says."""
    if path.parent != root and path.parent.name.lower() in SPLITS:
        return path.parent.name.lower()
    return next((split for split in sorted(SPLITS, key=len, reverse=True) if split in path.stem.lower()), "")


def _by_split(root: Path) -> dict[str, list[Path]]:
    """Split -> its files; those that hold instances where there are others, such as key points, as well."""
    if not root.is_dir():
        return {"": [root]}
    found: dict[str, list[Path]] = {}
    for path in _files(root):
        found.setdefault(_split_of(path, root), []).append(path)
    order = {split: place for place, split in enumerate(SPLITS)}
    return {
        split: [path for path in found[split] if path.name.startswith("instances")] or found[split]
        for split in sorted(found, key=lambda split: order.get(split, len(order)))
    }


def recognises(path: Path) -> bool:
    """Whether a file is COCO's JSON, or one lies in a folder, in its annotations/ or in one of its splits.

    Parameters
    ----------
    path : pathlib.Path
        Of the file or folder.

    Returns
    -------
    bool
    """
    return bool(_files(path)) if path.is_dir() else is_coco(path)


def splits(root: Path) -> tuple[str, ...]:
    """The splits that have a file, the default first."""
    return tuple(split for split in _by_split(root) if split)


def _categories(path: Path, content: dict[str, Any]) -> dict[Any, str]:
    found = {}
    for number, one in enumerate(field(path, content, "categories", list)):
        where = f"categories[{number}]"
        found[field(path, one, "id", int, str, where=where)] = field(path, one, "name", str, where=where)
    return found


def _annotations(path: Path, content: dict[str, Any]) -> dict[Any, list[Annotation]]:
    """Picture's id -> its annotations."""
    categories = _categories(path, content)
    found: dict[Any, list[Annotation]] = {}
    pictures = content.get("images")
    said = counted(field(path, content, "annotations", list), path, len(pictures) if isinstance(pictures, list) else 0)
    for number, one in enumerate(said):
        where = f"annotations[{number}]"
        picture = field(path, one, "image_id", int, str, where=where)
        category = field(path, one, "category_id", int, str, where=where)
        if category not in categories:
            known = ", ".join(map(str, list(categories)[:12])) or "none"
            raise DataError(f"{path}, {where}: category_id {category} is none of the categories: {known}.")
        shape = CocoShape(one.get("segmentation"), one.get("bbox"))
        drawn = shape if shape.segmentation or shape.box else None
        crowd = one.get("iscrowd") in (1, True)
        found.setdefault(picture, []).append(Annotation(where, categories[category], drawn, crowd))
    return found


def _base(path: Path) -> Path:
    """The folder below which the pictures lie."""
    return path.parent.parent if path.parent.name.lower() in ("annotations", "labels", "labels_coco") else path.parent


def _pictures(path: Path, missing: list[Problem]) -> Iterator[AnnotatedPicture]:
    content = read_json(path)
    annotations = _annotations(path, content)
    finder = PictureFinder(_base(path), path, "images entry")
    stamped, seen = stamp(path), set()
    places: dict[Path, str] = {}
    for number, one in enumerate(counted(field(path, content, "images", list), path, 0)):
        where = f"images[{number}]"
        picture_id = field(path, one, "id", int, str, where=where)
        file = field(path, one, "file_name", str, where=where)
        if picture_id in seen:
            raise DataError(f"{path}, {where}: the id {picture_id!r} is that of another picture, too.")
        seen.add(picture_id)
        mine = tuple(annotations.get(picture_id, ()))
        picture = finder.find(file, number)
        if picture is None:
            missing.append(Problem(readable(file), f"Listed in {path.name}, {where}, but not there."))
            continue
        if (other := places.setdefault(picture, where)) != where:  # whose objects would be whose?
            raise DataError(f"{path}, {where}: its file {readable(file)} is that of {other}, too.")
        name = finder.name_of(picture)
        found = AnnotatedPicture(
            picture, name, mine, f"{stamp(picture)}|{stamped}", size_of(one.get("height"), one.get("width"))
        )
        if not found.labels:
            why = "has only regions of many objects" if mine else "has no annotation"
            missing.append(Problem(name, f"It {why} in {path.name}."))
        yield found
    if unknown := next((picture for picture in annotations if picture not in seen), None):
        where = annotations[unknown][0].where
        raise DataError(f"{path}, {where}: image_id {unknown!r} is none of the pictures.")


@register_layout(
    "coco", "COCO's JSON", recognises=recognises, splits=splits, options=(OTHERS,), files=(".json",), order=22
)
def load(root: Path, split: str | None = None, others: Others = "background") -> Dataset:
    """An entry for each picture and category: the mask is 1 at the category's objects and 255 in crowds.

    Parameters
    ----------
    root : pathlib.Path
        Of the file, or of the folder in which it, or annotations/, lies.
    split : str, optional
        None takes the first of its splits.
    others : {"background", "ignore"}
        What the objects of other categories in the same picture become: "background" (0) or "ignore" (255).

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, the file is broken (with the place in it), or none of its pictures is there.
    """
    there = _by_split(root)
    chosen = chosen_split(split, there, root)
    if len(there[chosen]) > 1:
        names = ", ".join(path.name for path in there[chosen])
        raise DataError(f"{root} has several annotation files: {names}. Choose the path of one of them.")
    path = there[chosen][0]
    missing: list[Problem] = []
    pictures = list(_pictures(path, missing))
    items = entries(pictures, others)
    if not items:
        raise DataError(f"{path} lists no picture that is there with an annotation, in {_base(path)} or below it.")
    title = f"{root.name}/{chosen}" if chosen else root.name
    return replace(Dataset(str(root), title, tuple(items), tuple(missing)), notes=box_note(pictures))
