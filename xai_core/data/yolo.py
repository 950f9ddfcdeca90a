"""YOLO's layout: data.yaml, images/, and labels/ a text file a picture: outlines or boxes as shares of its sides."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from xai_core.data import roots
from xai_core.data.annotated import AnnotatedPicture, Annotation, Others, box_note, entries
from xai_core.data.dataset import Dataset, Problem
from xai_core.data.folders import is_picture, readable, stamp, state, visible
from xai_core.data.json_files import head
from xai_core.data.named_splits import chosen_split
from xai_core.data.outlines import Canvas
from xai_core.data.picture_finder import pictures_below
from xai_core.data.registry import register_layout
from xai_core.data.voc import OTHERS
from xai_core.errors import NO_PATH, DataError, PictureError
from xai_core.types.counts import number_of

_ENDINGS = (".yaml", ".yml")
_SPLITS = {"test": "test", "val": "val", "train": "train"}
_MAX_LABELS = 1 << 20  # of what is said of a picture: a thousand outlines
_MAX_BYTES = 100_000  # of data.yaml, two seconds to read; a thousand names have 30,000
_NAMES = re.compile(rb"^names\s*:", re.MULTILINE)
_PARTS = re.compile(rb"^(train|val|test)\s*:", re.MULTILINE)
_BOX = 4  # numbers: middle, width and height; with a confidence, five


@dataclass(frozen=True)
class YoloShape:
    """The numbers of a line: a box, or an outline."""

    numbers: tuple[str, ...]
    key_points: bool

    @property
    def by_box(self) -> bool:
        """Whether nothing finer than a box is there."""
        return self.key_points or len(self.numbers) in (_BOX, _BOX + 1)

    def draw(self, canvas: Canvas, drawn_for: tuple[int, int]) -> None:
        """See `Shape`."""
        height, width = canvas.inside.shape
        try:
            numbers = np.array([float(number) for number in self.numbers])
        except ValueError:
            raise PictureError(f"holds {' '.join(self.numbers)[:60]!r}, where numbers were expected") from None
        if not (np.isfinite(numbers).all() and (abs(numbers) <= 2).all()):
            raise PictureError("holds numbers that are no shares of the picture's sides, from 0 to 1")
        if self.by_box:
            x, y, wide, high = numbers[:_BOX] * [width, height, width, height]
            return canvas.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        if len(numbers) < 6 or len(numbers) % 2:
            raise PictureError(
                f"holds {number_of(len(numbers), 'number')}, where four of a box or pairs of an outline were expected"
            )
        return canvas.outline(numbers.reshape(-1, 2) * [width, height])


@dataclass(frozen=True)
class _Description:
    """What data.yaml says."""

    path: Path
    names: dict[int, str]
    folders: dict[str, tuple[Path, ...]]  # split -> folders of pictures, or lists of them
    key_points: bool


def _is_yaml(path: Path) -> bool:
    if path.suffix.lower() not in _ENDINGS or not path.is_file():
        return False
    text = head(path)
    return bool(_NAMES.search(text) and _PARTS.search(text))


def _yaml_in(root: Path) -> Path | None:
    if not root.is_dir():
        return root if _is_yaml(root) else None
    found = [path for path in visible(root) if _is_yaml(path)]
    return next((path for path in found if path.stem == "data"), found[0] if found else None)


def recognises(path: Path) -> bool:
    """Whether a file is YOLO's description of a data set, or one lies in a folder.

    Parameters
    ----------
    path : pathlib.Path
        Of the file or folder.

    Returns
    -------
    bool
    """
    return _yaml_in(path) is not None


def _names(path: Path, given: Any) -> dict[int, str]:
    pairs = list(enumerate(given) if isinstance(given, list) else given.items() if isinstance(given, dict) else ())
    # A name that is a list of lists of lists may be a few letters in the file, and gigabytes as a text.
    if not pairs or not all(isinstance(one, str | int | float) for pair in pairs for one in pair):
        raise DataError(f"{path}: 'names' is no list of the classes' names, which was expected.")
    found = {int(number): str(name) for number, name in pairs if str(number).isdecimal() and len(str(number)) < 9}
    if not found:
        raise DataError(f"{path}: 'names' has no name for the number of a class.")
    return found


def _place(base: Path, said: str) -> Path:
    """A folder that data.yaml names; one that starts with ../ as Roboflow's do is meant beside the file."""
    try:
        found = base / said
        return found if found.exists() or not said.startswith("../") else base / said.removeprefix("../")
    except NO_PATH:
        return base / "nowhere"


@lru_cache(maxsize=8)
def _described(path: Path, _stamp: str) -> _Description:
    import yaml

    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DataError(f"{path} has more than {_MAX_BYTES // 1000} kB, which is too much to describe a data set.")
        content = yaml.safe_load(roots.read_bytes(path))
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise DataError(f"{path}{f', line {mark.line + 1},' if mark else ''} is no YAML that can be read.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} holds no names and values, where 'names', 'train' and 'val' were expected.")
    root = content.get("path")
    base = path.parent
    if isinstance(root, str) and len(root) < 4096 and _place(path.parent, root).is_dir():
        base = _place(path.parent, root)
    folders = {}
    for split, key in _SPLITS.items():
        said = content.get(key)
        listed = dict.fromkeys(one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str))
        if places := tuple(_place(base, one) for one in listed if 0 < len(one) < 4096):
            folders[split] = places
    return _Description(path, _names(path, content.get("names")), folders, "kpt_shape" in content)


def splits(root: Path) -> tuple[str, ...]:
    """The splits that data.yaml names, the default first."""
    path = _yaml_in(root)
    try:
        return tuple(_described(path, state(path)).folders) if path else ()
    except DataError:  # it is said when the pictures are read
        return ()


def _listed(place: Path) -> list[Path]:
    """The pictures of a folder, or those that a list in a text file names."""
    if place.suffix.lower() != ".txt":
        return list(pictures_below(place).values()) if place.is_dir() and _is_somebodys(place) else []
    try:
        lines = roots.read_bytes(place).decode("utf-8", "replace").splitlines()
        return [path for line in lines if line.strip() and is_picture(path := place.parent / line.strip())]
    except NO_PATH:
        return []


def _is_somebodys(place: Path) -> bool:
    """Whether a folder is neither the whole disk nor the system's, which take hours to look through."""
    real = Path(os.path.realpath(place))
    return real != Path(real.anchor) and not roots.is_of_system(real)


def _labels_of(picture: Path) -> Path:
    """The text file of a picture: the last folder images/ of its path is labels/."""
    parts = list(picture.with_suffix(".txt").parts)
    if "images" in parts[:-1]:
        parts[len(parts) - 2 - parts[-2::-1].index("images")] = "labels"
    return Path(*parts)


def _annotations(path: Path, said: _Description) -> Iterator[Annotation]:
    try:
        if path.stat().st_size > _MAX_LABELS:
            raise DataError(f"{path} has more than {_MAX_LABELS >> 20} MB, which is too much to say of a picture.")
        lines = roots.read_bytes(path).decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    for number, line in enumerate(lines, start=1):
        kind, *numbers = line.split() or [""]
        if not kind:
            continue
        if not kind.isdecimal() or len(kind) > 8 or int(kind) not in said.names:
            raise DataError(
                f"{path}, line {number}, begins with {kind[:40]!r}, where the number of a class was expected: "
                f"{min(said.names)} to {max(said.names)}."
            )
        shape = YoloShape(tuple(numbers), said.key_points) if numbers else None
        yield Annotation(f"{path.name}, line {number},", said.names[int(kind)], shape)


def _pictures(said: _Description, split: str, missing: list[Problem]) -> Iterator[AnnotatedPicture]:
    base = said.path.parent
    # A folder that is named twice gives its pictures once.
    listed = {path.resolve(): path for place in said.folders[split] for path in _listed(place)}
    for path in listed.values():
        inside = path.is_relative_to(base)
        name = readable(path.relative_to(base).as_posix() if inside else str(path))
        labels = _labels_of(path)
        annotations = tuple(_annotations(labels, said))
        if not annotations:
            missing.append(Problem(name, "It has no annotation."))
            continue
        yield AnnotatedPicture(path, name, annotations, f"{stamp(path)}|{stamp(labels)}")


@register_layout(
    "yolo", "YOLO's labels", recognises=recognises, splits=splits, options=(OTHERS,), files=_ENDINGS, order=24
)
def load(root: Path, split: str | None = None, others: Others = "background") -> Dataset:
    """An entry for each picture and class in it: masks from outlines, else by box.

    Parameters
    ----------
    root : pathlib.Path
        Of data.yaml, or of the folder in which it lies.
    split : str, optional
        None takes the first of its splits: test, val, train.
    others : {"background", "ignore"}
        What the objects of other classes in the same picture become: "background" (0) or "ignore" (255).

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, a file is broken (with the line), or no picture with an annotation is there.
    """
    path = _yaml_in(root) or root
    said = _described(path, state(path))
    chosen = chosen_split(split, said.folders, path)
    missing: list[Problem] = []
    pictures = list(_pictures(said, chosen, missing))
    items = entries(pictures, others)
    if not items:
        where = ", ".join(map(str, said.folders[chosen]))
        raise DataError(f"{path}: {where} has no picture with an annotation, labels/1.txt for images/1.jpg.")
    found = Dataset(str(root), f"{root.name}/{chosen}", tuple(items), tuple(missing))
    return replace(found, notes=box_note(pictures))
