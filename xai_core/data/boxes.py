"""Pictures whose objects are known by boxes; everything in one of them counts as the object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xai_core.data.annotated import BY_BOX
from xai_core.data.pictures import make_sample
from xai_core.types import Sample, content_id


class Box(NamedTuple):
    """A box in pixels, both ends included."""

    left: float
    top: float
    right: float
    bottom: float


def boxed_sample(
    picture: Path, boxes: Sequence[Box], name: str, *, label: str | None = None, wnid: str | None = None
) -> Sample:
    """A picture with its objects' boxes as the mask; without boxes it has none.

    Parameters
    ----------
    picture : pathlib.Path
    boxes : Sequence of Box
    name : str
        What messages and tables call it.
    label, wnid : str, optional
        As of `make_sample`.

    Raises
    ------
    PictureError
        If the picture cannot be read.
    """
    sample = make_sample(picture, name, label=label, wnid=wnid)
    if not boxes:
        return sample
    mask = np.zeros(sample.pixels.shape[:2], np.uint8)
    for box in boxes:
        left, top, right, bottom = (round(side) for side in box)
        mask[max(top, 0) : bottom + 1, max(left, 0) : right + 1] = 1
    notes = (*sample.notes, BY_BOX)
    return replace(sample, id=content_id(sample.pixels, mask), mask=mask, notes=notes, by_box=True)
