"""Pictures as a model sees them, kept in memory from one study of a grid for those that come after."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from xai_core.data import Dataset, stamped_files
from xai_core.data.folders import state
from xai_core.data.items import Item
from xai_core.types import Classifier, Preprocessing, Sample

MOST = 1 << 30  # bytes of pixels and masks
_Key = tuple[object, ...]


def prepared_sample(data: Dataset, model: Classifier, place: int) -> Sample:
    """A picture as a model sees it, read or kept from an earlier study.

    Parameters
    ----------
    data : Dataset
    model : Classifier
    place : int
        Of the picture in the data set.

    Raises
    ------
    PictureError
        If it cannot be read.
    """
    item = data.items[place]
    if _kept is None:
        return model.preprocessing.prepare(item.read())
    return _kept.sample(item, model)


@contextmanager
def pictures_kept(most: int = MOST) -> Iterator[None]:
    """Keep what is read meanwhile by this process.

    Each study reads all pictures in order, so the first of them stay: to drop them for the last would lose every one
    before it is asked for again.

    Parameters
    ----------
    most : int
        Bytes; what goes beyond is read again by each study.
    """
    global _kept
    before, _kept = _kept, _Kept(most)
    try:
        yield
    finally:
        _kept = before


class _Kept:
    """Of the pictures of one data set, whose files are as they were when they were read."""

    def __init__(self, most: int) -> None:
        self._room = most
        self._lock = threading.Lock()
        self._there: dict[_Key, tuple[tuple[str, ...], Sample]] = {}

    def sample(self, item: Item, model: Classifier) -> Sample:
        preprocessing = model.preprocessing
        key = (item.name, item.stamp, item.label, _geometry(preprocessing))
        now = _states(item)
        there = self._there.get(key)
        if there is not None and there[0] == now:
            return replace(there[1], view_of=preprocessing)
        found = preprocessing.prepare(item.read())
        size = found.pixels.nbytes + (0 if found.mask is None else found.mask.nbytes)
        with self._lock:
            if now and there is None and size <= self._room:
                self._room -= size
                self._there[key] = now, found
        return found


_kept: _Kept | None = None


def _geometry(how: Preprocessing) -> _Key:
    """All that decides a view and a mask; networks that differ in the rest see the same of a picture."""
    return how.resize, how.crop, how.interpolation, how.fit, set(how.channels) == {"L"}


def _states(item: Item) -> tuple[str, ...]:
    """Of its files; nothing where it has none, or one is gone, so that it is read."""
    try:
        return tuple(state(path) for path in stamped_files(item.stamp))
    except OSError:
        return ()
