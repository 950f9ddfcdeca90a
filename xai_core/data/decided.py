"""A data set whose files are read as is decided for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain

from xai_core.data.dataset import Dataset
from xai_core.data.decisions.options import Chosen
from xai_core.data.decisions.whole import Others, SetReading, fingerprint, read_as
from xai_core.errors import DataError
from xai_core.types.names import unusable


def decided(dataset: Dataset, chosen: Chosen, others: Others = tuple) -> Dataset:
    """The same pictures, their files read as is decided for all of them when the first of them asks.

    Parameters
    ----------
    dataset : Dataset
        As its layout gave it.
    chosen : Chosen
        What the user said of its files.
    others : callable
        Gives what reads the pictures of the other splits; see `SetReading`.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If a name or label is so long that pages cannot repeat it.
    """
    for of in ("name", "label", "group"):
        if wrong := unusable(_texts(dataset, of)):
            raise DataError(f"{dataset.title} has a {of} of a picture with {wrong}.")
    stamp = fingerprint([item.stamp for item in dataset.items])
    reading = SetReading([item.read for item in dataset.items], chosen, others, stamp)
    items = tuple(replace(item, read=partial(read_as, item.read, reading)) for item in dataset.items)
    if chosen != Chosen():
        items = tuple(replace(item, stamp=f"{item.stamp}|{chosen.stamp}") for item in items)
    return replace(dataset, items=items, reading=reading)


def _texts(dataset: Dataset, of: str) -> Iterator[str]:
    """The names, labels or groups of all pictures."""
    if of != "label":
        return (getattr(item, of) or "" for item in dataset.items)
    shared = {id(item.annotated): item.annotated for item in dataset.items}
    return chain((label for item in dataset.items for label in item.every_label), *shared.values())
