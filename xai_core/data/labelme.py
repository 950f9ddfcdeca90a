"""LabelMe's JSON: a file a picture, with outlines, boxes, circles and small masks, each with its class.

Russell, Torralba, Murphy and Freeman, LabelMe: a database and web-based tool for image annotation, IJCV 77, 2008; as
the desktop tool of that name and its relatives write it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from xai_core.data.annotated import AnnotatedPicture, Annotation, Others, box_note, entries, size_of
from xai_core.data.dataset import Dataset, Problem
from xai_core.data.folders import SPLITS, readable, stamp, visible
from xai_core.data.json_files import field, head, read_json
from xai_core.data.mask_files import read_mask_file
from xai_core.data.named_splits import chosen_split
from xai_core.data.outlines import BoolArray, Canvas, as_numbers
from xai_core.data.picture_finder import PictureFinder
from xai_core.data.registry import register_layout
from xai_core.data.voc import OTHERS
from xai_core.errors import DataError, PictureError

_DEEPEST = 4
_LOOKED_AT = 8  # files of a folder that are asked whether they are LabelMe's
_CORNERS = 360  # of a circle


@dataclass(frozen=True)
class LabelMeShape:
    """A shape as it stands in the file."""

    kind: str
    points: Any
    mask: Any

    @property
    def by_box(self) -> bool:
        """Whether nothing finer than a box is there."""
        return self.kind == "rectangle"

    def draw(self, canvas: Canvas, drawn_for: tuple[int, int]) -> None:
        """See `Shape`."""
        height, width = canvas.inside.shape
        points = self._points() * [width / drawn_for[1], height / drawn_for[0]]
        if self.kind in ("rectangle", "mask"):
            if len(points) != 2:
                raise PictureError(f"has {len(points)} corners, where two were expected")
            (left, top), (right, bottom) = points.min(0), points.max(0)
            if self.kind == "rectangle":
                return canvas.box(left, top, right, bottom)
            return canvas.mask(self._small(), round(top), round(left))
        if self.kind == "circle":
            if len(points) != 2:
                raise PictureError(f"has {len(points)} points, where the middle and one on the edge were expected")
            angles = np.arange(_CORNERS) * (2 * np.pi / _CORNERS)
            around = np.stack([np.cos(angles), np.sin(angles)], 1)
            points = points[0] + around * float(np.hypot(*(points[1] - points[0])))
        return canvas.outline(points)

    def _points(self) -> npt.NDArray[np.float64]:
        if not isinstance(self.points, list) or not self.points:
            raise PictureError(f"has the points {str(self.points)[:60]!r}, where [[x, y], ...] was expected")
        pairs = [as_numbers(point, "a point [x, y]") for point in self.points]
        if any(len(pair) != 2 for pair in pairs):
            raise PictureError("has a point that is not [x, y]")
        return np.stack(pairs)

    def _small(self) -> BoolArray:
        """The small mask, a PNG in base64."""
        try:
            content = base64.b64decode(self.mask or "", validate=True)
        except (binascii.Error, ValueError, TypeError) as error:
            raise PictureError("has a mask that is no base64") from error
        return read_mask_file(content, "its mask").values != 0


_WITH_AREA = ("polygon", "rectangle", "circle", "mask")


def is_labelme(path: Path) -> bool:
    """Whether a file is LabelMe's JSON, by what stands at its beginning and its end."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    text = head(path)
    return b'"shapes"' in text and (b'"imagePath"' in text or b'"imageHeight"' in text)


def _jsons(folder: Path, deep: int = _DEEPEST) -> Iterator[Path]:
    for path in visible(folder):
        if path.suffix.lower() == ".json":
            yield path
        elif deep and not path.suffix and _is_folder(path):
            yield from _jsons(path, deep - 1)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except PermissionError:  # a link to where this user may not look
        return False


def recognises(path: Path) -> bool:
    """Whether a file is LabelMe's, or the first of those in a folder or below it.

    Parameters
    ----------
    path : pathlib.Path
        Of the file or folder.

    Returns
    -------
    bool
    """
    if not path.is_dir():
        return is_labelme(path)
    return any(is_labelme(file) for file, _ in zip(_jsons(path), range(_LOOKED_AT), strict=False))


def splits(root: Path) -> tuple[str, ...]:
    """The splits that hold files, the default first."""
    return tuple(split for split in SPLITS if (root / split).is_dir() and recognises(root / split))


def _annotations(path: Path, content: dict[str, Any], name: str) -> Iterator[Annotation]:
    for number, one in enumerate(field(path, content, "shapes", list)):
        where = f"{name}, shapes[{number}],"
        label = field(path, one, "label", str, where=f"shapes[{number}]")
        kind = one.get("shape_type") or "polygon"
        shape = LabelMeShape(kind, one.get("points"), one.get("mask")) if kind in _WITH_AREA else None
        yield Annotation(where, label, shape)


def _picture_of(path: Path, content: dict[str, Any], finder: PictureFinder) -> Path | None:
    """The picture beside a file, by the name in it, else by its own; else the one below that has the name."""
    said = str(content.get("imagePath") or "")
    last = PurePosixPath(said.replace("\\", "/")).name
    folder = path.parent.relative_to(finder.base).as_posix() if path.parent != finder.base else ""
    beside = [f"{folder}/{name}" if folder else name for name in (last, path.stem) if name]
    return next((found for name in beside if (found := finder.exactly(name))), None) or finder.find(said, 1)


def _pictures(base: Path, files: list[Path], missing: list[Problem]) -> Iterator[AnnotatedPicture]:
    finder = PictureFinder(base, base, "entry")
    for path in files:
        name = readable(path.relative_to(base).as_posix())
        if not is_labelme(path):
            missing.append(Problem(name, "Not LabelMe's."))
            continue
        content = read_json(path)
        annotations = tuple(_annotations(path, content, name))
        picture = _picture_of(path, content, finder)
        if picture is None:
            missing.append(Problem(name, f"Its picture, {content.get('imagePath')!r}, is not there."))
            continue
        size = size_of(content.get("imageHeight"), content.get("imageWidth"))
        stamps = f"{stamp(picture)}|{stamp(path)}"
        found = AnnotatedPicture(picture, finder.name_of(picture), annotations, stamps, size)
        if not annotations:
            missing.append(Problem(found.name, f"{name} has no shape."))
        yield found


@register_layout(
    "labelme", "LabelMe's JSON", recognises=recognises, splits=splits, options=(OTHERS,), files=(".json",), order=26
)
def load(root: Path, split: str | None = None, others: Others = "background") -> Dataset:
    """An entry for each picture and class that is drawn in it; lines and points have no area, and make no mask.

    Parameters
    ----------
    root : pathlib.Path
        Of a file, or of the folder in which, or below which, they lie.
    split : str, optional
        A folder of that name; None takes the first, where there is one.
    others : {"background", "ignore"}
        What the shapes of other classes in the same picture become: "background" (0) or "ignore" (255).

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, a file is broken (with the place in it), or no picture is there.
    """
    there = splits(root)
    chosen = chosen_split(split, there, root, optional=True)
    base, files = (root / chosen, list(_jsons(root / chosen))) if root.is_dir() else (root.parent, [root])
    missing: list[Problem] = []
    pictures = list(_pictures(base, files, missing))
    items = entries(pictures, others)
    if not items:
        raise DataError(f"{base} holds no picture with a shape of LabelMe's. A picture lies beside its file, or below.")
    title = f"{root.name}/{chosen}" if chosen else root.name
    return replace(Dataset(str(root), title, tuple(items), tuple(missing)), notes=box_note(pictures))
