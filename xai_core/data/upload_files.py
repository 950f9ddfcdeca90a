"""A picture that was handed in, with its mask."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NamedTuple

from xai_core.data import viewing
from xai_core.data.apart import samples
from xai_core.data.decisions.masks import interpret
from xai_core.data.decisions.reading import current
from xai_core.data.fitting import fitted
from xai_core.data.mask_files import read_mask_file
from xai_core.data.pictures import make_sample, read_orientation
from xai_core.errors import PictureError
from xai_core.types import Sample, content_id


class Upload(NamedTuple):
    """A file that was handed in."""

    name: str
    content: bytes


def read_upload(picture: Upload, mask: Upload | None) -> Sample:
    """A picture and its mask; cut to what a network sees where it is read for one and decoded in another process.

    Parameters
    ----------
    picture : Upload
    mask : Upload or None

    Returns
    -------
    Sample
        A mask that cannot be read is said in its notes.

    Raises
    ------
    PictureError
        As `read_picture`.
    """
    reading, network = current(), viewing.current()
    if (reading.measures_only or network is not None) and samples.is_wanted(picture, mask):
        return samples.sample(picture, mask, reading, None if reading.measures_only else network)
    sample = make_sample(picture.content, picture.name)
    if mask is None:
        return sample
    try:
        file = read_mask_file(mask.content, mask.name)
        try:
            found, meaning = interpret(file)
            found, fitting = fitted(
                found, sample.pixels.shape[:2], partial(read_orientation, picture.content, picture.name)
            )
        except PictureError as reason:
            raise PictureError(f"{mask.name} {reason}") from None
    except PictureError as reason:
        return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
    notes = (*sample.notes, f"its mask from {mask.name}", *(note for note in (meaning, fitting) if note))
    identity = content_id(sample.pixels, found) if sample.id else ""  # none of a picture that was only measured
    return replace(sample, id=identity, mask=found, notes=notes)
