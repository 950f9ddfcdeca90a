"""A data set whose files are read as is decided for all of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from xai_core.data.dataset import Dataset
from xai_core.data.decisions.options import Chosen
from xai_core.data.decisions.whole import Others, SetReading, fingerprint, read_as


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
    """
    stamp = fingerprint([item.stamp for item in dataset.items])
    reading = SetReading([item.read for item in dataset.items], chosen, others, stamp)
    items = tuple(replace(item, read=partial(read_as, item.read, reading)) for item in dataset.items)
    if chosen != Chosen():
        items = tuple(replace(item, stamp=f"{item.stamp}|{chosen.stamp}") for item in items)
    return replace(dataset, items=items, reading=reading)
