"""Lists of pictures, and pictures as a model sees them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import streamlit as st

import xai_core as xai
from app.cache.batches import BATCH, Progress
from app.cache.stamps import item_stamp
from xai_core.data import Problem
from xai_core.data.costly import lasting_turn
from xai_core.data.viewing import read_viewed

if TYPE_CHECKING:
    from xai_core import figures

_WHOLES = 4096  # small copies of pictures that are kept, of about 10 kB; more than samples are


@st.cache_resource(max_entries=16, show_spinner=False)
def dataset(key: str, split: str | None, options: tuple[tuple[str, Any], ...] = ()) -> xai.Dataset:
    """The list of pictures of a data set by name; `options`: (key, value) of its kind. For folders, see `listing`."""
    return xai.load_dataset(key, split=split, **dict(options))


def examples(found: xai.Dataset, most: int, stamp: str) -> list[figures.ReadExample]:
    """A few pictures of a data set as they were read, evenly spread; `stamp` is that of its reading."""
    n = len(found)
    places = sorted({(2 * turn + 1) * n // (2 * most) for turn in range(most)}) if n else []
    items = [found.items[place] for place in places]
    return _read_examples(tuple((item_stamp(item), item.name) for item in items), stamp, items)


@st.cache_data(max_entries=64, show_spinner=False)
def _read_examples(keys: tuple[tuple[str, str], ...], stamp: str, _items: Any) -> list[figures.ReadExample]:
    from xai_core import figures

    found = []
    for item in _items:
        try:
            with lasting_turn():
                found.append(figures.read_example(item.read()))
        except xai.XaiError:
            continue  # the page says which pictures cannot be read, and why
    return found


@st.cache_resource(show_spinner=False)
def _wholes() -> BoundedCopies:
    """Of all sessions."""
    return BoundedCopies(_WHOLES)


class BoundedCopies:
    """Small copies of whole pictures, the last ones."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._kept: OrderedDict[tuple[str, str], figures.SeenPart] = OrderedDict()

    def put(self, key: tuple[str, str], part: figures.SeenPart) -> None:
        with self._lock:
            self._kept[key] = part
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def get(self, key: tuple[str, str]) -> figures.SeenPart | None:
        with self._lock:
            return self._kept.get(key)


def whole(sample_id: str, model: xai.Classifier) -> figures.SeenPart | None:
    """The whole of a picture that was read for a model, with what that sees; None where it sees all of it."""
    return _wholes().get((sample_id, repr(model.preprocessing)))


@st.cache_data(max_entries=256, show_spinner=False)
def _read_batch(
    keys: tuple[tuple[str, str, str], ...], view: str, stamp: str, _items: Any, _model: xai.Classifier
) -> tuple[list[xai.Sample], list[Problem]]:
    from xai_core import figures  # with Plotly, which pages draw before

    samples, problems = [], []
    for item in _items:
        with lasting_turn():  # few whole pictures that are large are at hand at a time
            try:
                sample, seen = read_viewed(item.read, _model.preprocessing)
            except xai.XaiError as error:
                problems.append(Problem(item.name, str(error)))
                continue
        samples.append(sample)
        if seen is not None:
            _wholes().put((sample.id, view), figures.seen_part(seen))
    return samples, problems


def pictures(chosen: xai.Dataset, model: xai.Classifier, progress: Progress) -> tuple[list[xai.Sample], list[Problem]]:
    """The pictures as the model sees them, and those that cannot be read."""
    samples: list[xai.Sample] = []
    problems: list[Problem] = []
    stamp = chosen.reading.stamp if chosen.reading is not None else ""
    for start in range(0, len(chosen), BATCH):
        items = chosen.items[start : start + BATCH]
        keys = tuple((item_stamp(item), item.name, item.truth) for item in items)
        read, failed = _read_batch(keys, repr(model.preprocessing), stamp, items, model)
        samples, problems = samples + read, problems + failed
        progress(min(start + BATCH, len(chosen)), len(chosen))
    return samples, problems


def with_edits(whole: xai.Dataset, name: str, edits: tuple[xai.Edit, ...], model: xai.Classifier) -> xai.Dataset:
    """A picture of a data set and its edited copy; see `xai.with_edits`."""
    of = {name, *(edit.source for edit in edits)}
    stamps = tuple((item.name, item_stamp(item), item.truth) for item in whole.items if item.name in of)
    reading = whole.reading.stamp if whole.reading is not None else ""
    return _with_edits((whole.code or whole.key, reading, model.id), stamps, name, edits, whole, model)


@st.cache_resource(max_entries=16, show_spinner=False)
def _with_edits(
    of: tuple[str, ...],
    stamps: tuple[tuple[str, str, str], ...],
    name: str,
    edits: tuple[xai.Edit, ...],
    _whole: xai.Dataset,
    _model: xai.Classifier,
) -> xai.Dataset:
    with lasting_turn():
        return xai.with_edits(_whole, name, edits, _model)


def picture(chosen: xai.Dataset, index: int, model: xai.Classifier) -> xai.Sample | str:
    """One picture as the model sees it, or why it cannot be read."""
    samples, problems = pictures(chosen.take([index]), model, lambda *_: None)
    return samples[0] if samples else problems[0].reason


@st.cache_data(max_entries=48, show_spinner=False)
def lenders_of(request: str, targets: tuple[int, ...], _samples: Any) -> dict[str, list[int]]:
    """Who lends whom a background, for each kind of intervention that needs one; -1 for nobody."""
    return {"swapped": xai.partners(_samples), "same": xai.siblings(_samples, targets=targets)}
