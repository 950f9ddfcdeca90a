"""A picture read for a network: cut to what that sees, where it is decoded.

What is decoded in a process of its own (`data.apart`) is cut there, and the whole of it stays there: 50 million pixels
are sent, hashed, resized and reduced nowhere that others wait for. It stands in a context and is no argument, since
layouts and sources of anybody's making read pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple

from xai_core.types import Preprocessing, Sample
from xai_core.types.seen import SeenWhole, seen_whole


@dataclass
class Viewing:
    """For which network a picture is being read.

    Attributes
    ----------
    preprocessing : Preprocessing
        Of the network.
    whole : SeenWhole, optional
        Left here by whoever cut the picture already.
    """

    preprocessing: Preprocessing
    whole: SeenWhole | None = None


class Viewed(NamedTuple):
    """A picture as a network sees it.

    Attributes
    ----------
    sample : Sample
        As `Preprocessing.prepare` gives it.
    whole : SeenWhole or None
        The whole picture; None where the network sees all of it, or where it was cut before.
    """

    sample: Sample
    whole: SeenWhole | None


_current: ContextVar[Viewing | None] = ContextVar("network that pictures are read for", default=None)


def current() -> Viewing | None:
    """For which network pictures are read here; None where they are read whole."""
    return _current.get()


def read_viewed(read: Callable[[], Sample], preprocessing: Preprocessing) -> Viewed:
    """A picture as a network sees it: the same as if it were read whole and then prepared.

    Parameters
    ----------
    read : callable
        Gives the Sample, as `Item.read`.
    preprocessing : Preprocessing
        Of the network.

    Returns
    -------
    Viewed

    Raises
    ------
    PictureError
        As `read`.

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.types import Preprocessing
    >>> item = xai.load_dataset("textured_digits").items[0]
    >>> read_viewed(item.read, Preprocessing(resize=32, crop=28)).sample.pixels.shape
    (28, 28, 3)
    """
    viewing = Viewing(preprocessing)
    token = _current.set(viewing)
    try:
        sample = read()
    finally:
        _current.reset(token)
    whole = viewing.whole
    if sample.view_of is None:
        whole = seen_whole(sample.pixels, preprocessing, sample.mask)
    return Viewed(preprocessing.prepare(sample), whole)
