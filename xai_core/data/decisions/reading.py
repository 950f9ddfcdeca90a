"""How files are read in a block: each by itself, or as was decided for the data set that they belong to.

It stands in a context and is no argument, since layouts and sources of anybody's making read pictures and masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from xai_core.data.decisions.choosing import choose_coding
from xai_core.data.decisions.codings import CODINGS, Coding
from xai_core.data.decisions.mask_facts import MaskFacts
from xai_core.pixels import Intensities, IntensityRange, choose_range


class FileReading:
    """Each file by itself.

    Attributes
    ----------
    measures_only : bool
        Whether pictures of 8 bits need not be decoded, since nobody looks at them.
    span_is_given : bool
        Whether the user said which intensities are black and white, so that a file's own window does not count.
    bands : tuple of int
        Which bands of TIFF files with more than three are shown, from 1 on; empty as the file has them.
    """

    measures_only = False
    span_is_given = False
    bands: tuple[int, ...] = ()

    def range_of(self, own: Intensities) -> IntensityRange:
        """The intensities that are black and white in a picture with more than 8 bits."""
        return choose_range([own])

    def coding_of(self, facts: MaskFacts) -> Coding:
        """What the values of a mask mean."""
        return choose_coding([facts]).coding or CODINGS["nonzero"]


_current: ContextVar[FileReading] = ContextVar("reading of files", default=FileReading())  # noqa: B039


def current() -> FileReading:
    """How files are read here."""
    return _current.get()


@contextmanager
def reading_as(reading: FileReading) -> Iterator[None]:
    """Within the block, files are read so."""
    token = _current.set(reading)
    try:
        yield
    finally:
        _current.reset(token)
