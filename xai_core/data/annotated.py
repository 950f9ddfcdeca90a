"""Pictures whose objects are drawn in a file: an entry for each picture and class, its mask drawn when it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from xai_core.data.dataset import Item
from xai_core.data.groups import in_group
from xai_core.data.outlines import Canvas
from xai_core.data.pictures import make_sample, read_orientation, turn_upright
from xai_core.errors import PictureError
from xai_core.types import ByteArray, Sample, content_id
from xai_core.types.counts import part_of

Others = Literal["background", "ignore"]
BY_BOX = "its mask by box"
ALL_BY_BOX = "Masks by box: what lies in a box counts as the object."
_PERCENT = 2  # annotations of another size are taken if the aspect ratio differs by no more


class Shape(Protocol):
    """An object as a file has it."""

    @property
    def by_box(self) -> bool:
        """Whether nothing finer than a box is there."""

    def draw(self, canvas: Canvas, drawn_for: tuple[int, int]) -> None:
        """Draw where it is; `drawn_for` is the size (height, width) that its numbers are of."""


@dataclass(frozen=True)
class Annotation:
    """An object in a picture.

    Attributes
    ----------
    where : str
        Its place in the file, for messages.
    label : str
        Its class in words.
    shape : Shape, optional
        None where only the class is known.
    crowd : bool
        Whether it is a region with many objects, which is then ignored rather than counted.
    """

    where: str
    label: str
    shape: Shape | None
    crowd: bool = False


@dataclass(frozen=True)
class AnnotatedPicture:
    """A picture with all its objects.

    Attributes
    ----------
    path : pathlib.Path
        Of the picture.
    name : str
        What a person calls it.
    annotations : tuple of Annotation
        Of all classes.
    stamp : str
        Changes when the picture or its annotations do.
    size : tuple of int, optional
        (height, width) for which they were drawn; None for the picture's own.
    """

    path: Path
    name: str
    annotations: tuple[Annotation, ...]
    stamp: str
    size: tuple[int, int] | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Its classes that have an object of their own, in order of first appearance."""
        return tuple(dict.fromkeys(one.label for one in self.annotations if not one.crowd))

    def items(self, others: Others) -> list[Item]:
        """An entry for each of its classes.

        Parameters
        ----------
        others : {"background", "ignore"}
            What the objects of other classes become.
        """
        return [
            Item(f"{self.name} {label}", label, _Entry(self, label, others).read, f"{self.stamp}|{others}")
            for label in self.labels
        ]


@dataclass(frozen=True)
class _Entry:
    """A picture and one of its classes, to be read later."""

    picture: AnnotatedPicture
    label: str
    others: Others

    def read(self) -> Sample:
        sample = make_sample(self.picture.path, f"{self.picture.name} {self.label}", label=self.label)
        mine = [one for one in self.picture.annotations if one.label == self.label]
        if all(one.shape is None for one in mine):
            return sample
        height, width = sample.pixels.shape[:2]
        try:
            mask, resized = self._mask(height, width)
        except PictureError as reason:
            return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
        by_box = any(one.shape.by_box for one in mine if one.shape is not None and not one.crowd)
        notes = [*sample.notes, *([resized] if resized else []), *([BY_BOX] if by_box else [])]
        found = content_id(sample.pixels, mask)
        return replace(sample, id=found, mask=mask, by_box=by_box, notes=tuple(notes))

    def _mask(self, height: int, width: int) -> tuple[ByteArray, str]:
        """uint8 (H, W), and what was done to it."""
        drawn_for = self.picture.size or (height, width)
        if drawn_for != (height, width) and drawn_for == (width, height):
            orientation = read_orientation(self.picture.path, self.picture.name)
            if orientation >= 5:
                stored = self._drawn(width, height, drawn_for)
                upright = turn_upright(stored.astype(np.int32), orientation)
                return np.ascontiguousarray(upright).astype(np.uint8), "its mask turned upright as well"
        tall, wide = drawn_for
        if 100 * abs(wide * height - tall * width) > _PERCENT * wide * height:
            raise PictureError(
                f"it was drawn for {wide} x {tall} pixels, another shape than the picture's {width} x {height}"
            )
        note = f"its mask resized from {wide} x {tall} pixels" if drawn_for != (height, width) else ""
        return self._drawn(height, width, drawn_for), note

    def _drawn(self, height: int, width: int, drawn_for: tuple[int, int]) -> ByteArray:
        """1 at the class's objects; 255 in its crowds and, where they are ignored, at the other classes' objects."""
        ignored, objects = Canvas(height, width), Canvas(height, width)
        for one in self.picture.annotations:
            mine = one.label == self.label
            if one.shape is None or not (mine or self.others == "ignore"):
                continue
            try:
                one.shape.draw(objects if mine and not one.crowd else ignored, drawn_for)
            except PictureError as reason:
                raise PictureError(f"{one.where} {reason}") from None
        mask = np.where(ignored.inside, np.uint8(255), np.uint8(0))
        mask[objects.inside] = 1
        return mask


def size_of(height: object, width: object) -> tuple[int, int] | None:
    """(height, width) as a file says it; None where it does not."""
    if isinstance(height, int) and isinstance(width, int) and height > 0 and width > 0:
        return int(height), int(width)
    return None


def entries(pictures: Sequence[AnnotatedPicture], others: Others) -> list[Item]:
    """The entries of pictures; where one has several, they belong together.

    Parameters
    ----------
    pictures : Sequence of AnnotatedPicture
    others : {"background", "ignore"}
        What the objects of other classes become.

    Returns
    -------
    list of Item
    """
    several = any(len(picture.labels) > 1 for picture in pictures)
    return [in_group(item, picture.name if several else None) for picture in pictures for item in picture.items(others)]


def box_note(pictures: Sequence[AnnotatedPicture]) -> tuple[str, ...]:
    """What is said of a set some of whose objects have a box only; nothing where none has."""
    kinds = Counter(one.shape.by_box for picture in pictures for one in picture.annotations if one.shape)
    if not kinds[True]:
        return ()
    boxes, objects = kinds[True], kinds[True] + kinds[False]
    which = part_of(boxes, objects, "object", "has", "have") if kinds[False] else "all objects have"
    return (f"Masks by box: {which} a box in place of an outline, so what lies in it counts as object.",)
