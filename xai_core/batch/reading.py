"""Reads the pictures of a study; while an accelerator computes, the processor reads what is likely asked for next."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from xai_core.batch.head import plain
from xai_core.batch.kept_pictures import prepared_sample
from xai_core.data import Dataset
from xai_core.errors import DataError, PictureError
from xai_core.types import Classifier, Sample

READERS = 8  # threads that read for an accelerator, at most
_waited_s = 0.0


class Read(NamedTuple):
    """Pictures as the model sees them, their places in the data set; name and reason of those that cannot be read."""

    samples: list[Sample]
    places: list[int]
    problems: list[tuple[str, str]]


def read_some(data: Dataset, model: Classifier, places: Sequence[int]) -> Read:
    """Read some of the pictures.

    Parameters
    ----------
    data : Dataset
    model : Classifier
    places : Sequence[int]
        In the data set.

    Returns
    -------
    Read
    """
    began = time.perf_counter()
    samples, found, problems = [], [], []
    asked: Sequence[Callable[[], Sample]] = [partial(prepared_sample, data, model, at) for at in places]
    if accelerated(model):
        asked = _ahead.asked(data, model, places)
    for place, read in zip(places, asked, strict=True):
        try:
            samples.append(read())
            found.append(place)
        except PictureError as error:
            problems.append((plain(data.items[place].name), plain(str(error))))
    _count(began)
    return Read(samples, found, problems)


def waited_s() -> float:
    """Seconds for which this process has waited for pictures of studies: what is read while it computes is no part."""
    return _waited_s


def _count(began: float) -> None:
    global _waited_s
    _waited_s += time.perf_counter() - began


def accelerated(model: Classifier) -> bool:
    """Whether something else than the processor computes, so that the processor is free to read."""
    return model.device.type != "cpu"


class _Ahead:
    """Several threads read what is asked for, and then the part that comes next if parts go on as they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._of: tuple[weakref.ref[Dataset], weakref.ref[Classifier]] | None = None
        self._start = 0  # of the part that was asked for last
        self._next: dict[int, Future[Sample]] = {}

    def asked(self, data: Dataset, model: Classifier, places: Sequence[int]) -> list[Callable[[], Sample]]:
        """What gives each picture, or raises."""
        with self._lock:
            known = self._of is not None and self._of[0]() is data and self._of[1]() is model
            if not known:
                self._of, self._start = (weakref.ref(data), weakref.ref(model)), places[0] - len(places)
            there = self._next if known else {}
            now = [there.pop(at) if at in there else self._begin(data, model, at) for at in places]
            for one in self._next.values():  # a part of another worker
                one.cancel()
            step, self._start = places[0] - self._start, places[0]
            after = [at + step for at in places] if step > 0 else []
            self._next = {at: self._begin(data, model, at) for at in after if at < len(data.items)}
            return [one.result for one in now]

    def _begin(self, data: Dataset, model: Classifier, place: int) -> Future[Sample]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(min(READERS, os.cpu_count() or 1), "reader")
        return self._pool.submit(prepared_sample, data, model, place)


_ahead = _Ahead()


def read_again(data: Dataset, model: Classifier, place: int, known_id: str) -> Sample:
    """A picture that was read before.

    Parameters
    ----------
    data : Dataset
    model : Classifier
    place : int
        Of the picture in the data set.
    known_id : str
        The sample's id when it was read before.

    Returns
    -------
    Sample
        As the model sees it.

    Raises
    ------
    DataError
        If it is another one now, or cannot be read any more.
    """
    item, began = data.items[place], time.perf_counter()
    try:
        sample = prepared_sample(data, model, place)
    except PictureError as error:
        raise DataError(f"{item.name} could be read before, but not now: {error}") from error
    _count(began)
    if sample.id != known_id:
        raise DataError(f"{item.name} has changed while the study ran. Begin it anew with --overwrite.")
    return sample
