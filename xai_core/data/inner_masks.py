"""Masks that lie beside their pictures in the same array or table, and go the way of those in files."""

from __future__ import annotations

from dataclasses import replace

from xai_core.data.decisions.masks import interpret
from xai_core.data.mask_files import read_mask_file
from xai_core.errors import PictureError
from xai_core.types import Sample, content_id


def with_mask(sample: Sample, content: bytes, called: str) -> Sample:
    """A picture with its mask; without one, and with a note, where that cannot be read or has another shape.

    Parameters
    ----------
    sample : Sample
        The picture.
    content : bytes
        Of the mask, as a picture file has it.
    called : str
        What notes call the mask.

    Returns
    -------
    Sample
    """
    try:
        mask, note = interpret(read_mask_file(content, called))
    except PictureError as reason:
        return replace(sample, notes=(*sample.notes, f"no mask: {reason}"))
    if mask.shape != sample.pixels.shape[:2]:
        return replace(sample, notes=(*sample.notes, f"no mask: {called} has another shape than its picture."))
    notes = (*sample.notes, *([note] if note else []))
    return replace(sample, id=content_id(sample.pixels, mask), mask=mask, notes=notes)
