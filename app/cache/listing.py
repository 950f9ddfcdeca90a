"""Lists of pictures that are made in the background: a large folder takes long, and the page answers meanwhile."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

import xai_core as xai
from app.cache.stamps import changed_since
from app.cache.watched import Watched, watch
from xai_core.data import Counted, counting, list_options, list_splits
from xai_core.types import Setting

LARGE = 10_000  # names beyond which a page does not wait for the list
MOST = 1_000_000  # names in folders or pictures in files that are listed: each takes a kilobyte
_PATIENCE_S = 20.0  # for fewer: a disk on the network may hang
_SOON_S = 4.0  # for more: an archive of 50,000 pictures takes no longer, on a busy machine either
_ABANDONED_S = 60.0  # after which a list that nobody asks for any more is given up
_KEPT = 16  # lists, and
_PICTURES = 600_000  # pictures in all of them, a kilobyte each


class _Abandoned(BaseException):
    """Nobody waits for the list any more."""


class _TooMany(BaseException):
    """There are more files than a page lists; layouts would pass an ordinary error over."""


class Unlisted(Exception):  # noqa: N818 (it is that, and no error)
    """A list that is still being made."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job


class Job:
    """A list that is being made, by a thread of its own."""

    def __init__(self, compute: Callable[[], Any], turns: threading.Lock) -> None:
        self.value: Any = None
        self.error: BaseException | None = None
        self.asked = time.monotonic()
        self.done = False
        self._counted = Counted(lambda: None)
        self._compute, self._turns, self._has_turn = compute, turns, False
        self._answer = threading.Event()  # it is done, or known to be large
        self._end, self._soon = threading.Event(), time.monotonic() + _SOON_S
        threading.Thread(target=self._run, daemon=True, name="listing").start()

    @property
    def words(self) -> str:
        """How far it is."""
        found, looked = self._counted.size, self._counted.looked_at
        return f"{found:,} files found" + (f", {min(looked, found):,} of them looked at" if looked else "")

    @property
    def is_large(self) -> bool:
        """Whether pages did not wait for it."""
        return self._has_turn

    def wait(self) -> bool:
        """Whether it is done; a short one is waited for, and a long one at its beginning."""
        self.asked = time.monotonic()
        self._answer.wait(_PATIENCE_S)
        self._end.wait(max(0.0, self._soon - time.monotonic()))
        return self.done

    def _run(self) -> None:
        try:
            with counting(self._told) as self._counted:
                self.value = self._compute()
        except _TooMany:
            self.error = xai.DataError(
                f"There are more than {MOST:,} files; pages list at most so many. Choose a folder in it, or a study "
                "on the command line."
            )
        except BaseException as error:  # whoever asks gets it
            self.error = error
        finally:
            if self.is_large:
                self._turns.release()
            self.done = True
            self._answer.set()
            self._end.set()

    def _told(self) -> None:
        if time.monotonic() - self.asked > _ABANDONED_S:
            raise _Abandoned
        if self._counted.size <= LARGE:
            return
        self._answer.set()
        if self._counted.size > MOST:
            raise _TooMany
        if not self._has_turn:  # large ones go one after the other, small ones do not wait for them
            self._turns.acquire()
            self._has_turn = True


class Listings:
    """Lists that were made, the last ones, and those that are being made; each once, whoever asks."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[object, Job] = OrderedDict()
        self._lock, self._turns = threading.Lock(), threading.Lock()

    def get(self, key: object, compute: Callable[[], Any]) -> Any:
        """The value of a key.

        Raises
        ------
        Unlisted
            While a long one is being made.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None or isinstance(job.error, _Abandoned):
                job = self._jobs[key] = Job(compute, self._turns)
            self._jobs.move_to_end(key)
        if not job.wait():
            raise Unlisted(job)
        self._trim()
        if job.error is not None:
            if not job.is_large:  # what was wrong may be mended without a trace in the folder
                self.forget(key, job.value)
            raise job.error.with_traceback(None)
        return job.value

    def forget(self, key: object, value: object) -> None:
        """Let a value go that is out of date; what somebody else has put in its place stays."""
        with self._lock:
            if (job := self._jobs.get(key)) is not None and job.done and job.value is value:
                del self._jobs[key]

    def _trim(self) -> None:
        """Let those go that were not asked for longest, beyond what is kept; the last data set stays, however large."""
        with self._lock:
            pictures = 0
            for kept, (key, job) in enumerate(reversed(list(self._jobs.items())), start=1):
                own = len(job.value) if isinstance(job.value, xai.Dataset) else 0
                if job.done and kept > 1 and (kept > _KEPT or (own and pictures and own + pictures > _PICTURES)):
                    del self._jobs[key]
                else:
                    pictures += own


@dataclass(frozen=True)
class Looked:
    """What a place holds.

    Attributes
    ----------
    watched : Watched
        Says when it has changed.
    options : tuple of Setting
        What may be chosen of it.
    splits : tuple of str
        Its splits, that which is taken without a choice first.
    """

    watched: Watched
    options: tuple[Setting, ...]
    splits: tuple[str, ...]


@st.cache_resource(show_spinner=False)
def _listings() -> Listings:
    """Of all sessions."""
    return Listings()


def _look(path: str) -> Looked:
    watched = watch(path)  # before: what changes meanwhile is seen at the next run
    return Looked(watched, tuple(list_options(path)), _splits(path))


def _splits(path: str) -> tuple[str, ...]:
    try:
        return tuple(filter(None, list_splits(path)))
    except xai.XaiError:  # whoever reads the pictures is told the same
        return ()


def looked(path: str) -> Looked:
    """What lies at a path, as it is now; see `Listings.get`."""
    key = ("look", path)
    found: Looked = _listings().get(key, lambda: _look(path))
    if found.watched.now != found.watched.stamp:
        _listings().forget(key, found)
        found = _listings().get(key, lambda: _look(path))
    return found


def dataset(path: str, split: str | None, stamp: str, options: tuple[tuple[str, Any], ...]) -> xai.Dataset:
    """The list of pictures of a folder or file; see `Listings.get`. `stamp`: that of what was `looked` at."""
    key = ("list", path, split, stamp, options)

    def load() -> xai.Dataset:
        return xai.load_dataset(path, split=split, **dict(options))

    found: xai.Dataset = _listings().get(key, load)
    # Files that were written over in their places leave no trace in their folders.
    if changed := changed_since(found):
        found = _listings().get((*key, changed), load)
    return found
