"""Some pictures of a data set as a short text, such as a part of an address, which notices when they are others."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from xai_core.data.dataset import Dataset
from xai_core.errors import DataError
from xai_core.types.counts import number_of

_FORM = re.compile(r"(\d{1,9}(?:-\d{1,9})?(?:,\d{1,9}(?:-\d{1,9})?)*)(?:\.([0-9a-f]{8}))?")


def places_text(dataset: Dataset, places: Iterable[int]) -> str:
    """Places of pictures as a text, with what tells whether the same pictures still stand there.

    Parameters
    ----------
    dataset : Dataset
        All of it.
    places : Iterable[int]
        Each in [0, N); at least one.

    Returns
    -------
    str
        Ranges, and eight digits that stand for the names of the pictures.

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.data import at_places, places_text
    >>> digits = xai.load_dataset("textured_digits")
    >>> text = places_text(digits, [0, 1, 2, 7])
    >>> text.split(".")[0], len(at_places(digits, text))
    ('0-2,7', 4)
    """
    ordered = sorted({int(place) for place in places})
    ranges: list[list[int]] = []
    for place in ordered:
        if ranges and place == ranges[-1][1] + 1:
            ranges[-1][1] = place
        else:
            ranges.append([place, place])
    said = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
    return f"{said}.{_digits(dataset, ordered)}"


def _digits(dataset: Dataset, places: Iterable[int]) -> str:
    names = "\0".join(dataset.items[place].name for place in places)
    return hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def at_places(dataset: Dataset, text: str) -> Dataset:
    """The pictures that a text stands for.

    Parameters
    ----------
    dataset : Dataset
        All of it.
    text : str
        Of `places_text`, or ranges alone, such as "0-9,12", which nothing is checked against.

    Returns
    -------
    Dataset
        In the order of the data set.

    Raises
    ------
    DataError
        If the text is no list of places, names one that is not there, or other pictures stand there than before.
    """
    found = _FORM.fullmatch(text.replace(" ", ""))
    if found is None:
        raise DataError(
            f"Pictures are named by their places, such as 0-9,12 for the first ten and another; got {text!r}."
        )
    places: set[int] = set()
    for part in found[1].split(","):
        first, _, last = part.partition("-")
        end = int(last or first)
        if end >= len(dataset) or int(first) > end:
            raise DataError(
                f"{dataset.title} has {number_of(len(dataset), 'picture')}, at places from 0; {part} is not among them."
            )
        places.update(range(int(first), end + 1))
    ordered = sorted(places)
    if found[2] is not None and found[2] != _digits(dataset, ordered):
        raise DataError(
            f"{dataset.title} has other pictures at these places than when they were chosen, so they are not shown. "
            "Choose them again, or take all pictures."
        )
    return dataset.take(ordered)
