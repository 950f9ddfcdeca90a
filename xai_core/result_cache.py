"""Results on disk, for many servers and across their ends.

    3f/3fa9…c1.npz      one result: its arrays, and `about`, JSON with the rest
    locks/3fa.lock      held while a result is computed; the kernel lets go of it when its process ends, however

An entry is written beside its place and moved there, so that it is whole or absent, and every byte is covered by the
archive's checksums: what is damaged is computed again. Libraries for this unpickle what they find, and so run what
anybody who can write there has put in; here only arrays, tables, text and numbers are read.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from xai_core import plugins
from xai_core.errors import refusal
from xai_core.quotas import CACHE, shortage
from xai_core.result_format import ResultFormat, Unpackable
from xai_core.result_types import fits

R = TypeVar("R")
FOLDER = "XAI_CACHE_DIR"  # environment variable
PATIENCE_S = 120.0  # for another process that computes the same; after that it is computed here, too
TRIM_EVERY = 200  # entries written between two looks at what all of them take
STALE_S = 3600.0  # after which an unfinished file is of a process that has ended
Right = Callable[[Any], bool]
_ABSENT = object()
_LOG = logging.getLogger(__name__)


def _any(value: Any) -> bool:
    return True


class ResultCache:
    """A folder of results. Whatever is wrong with it costs time, never a result.

    Parameters
    ----------
    folder : pathlib.Path
        Made when the first result is written.
    limit : int
        Bytes; the results that were not used for longest are deleted beyond it.
    types : tuple of type
        Dataclasses and named tuples that results consist of, beside arrays, tables, text, numbers, tuples, lists and
        dicts.
    version : str
        Of the code that computes; results of another one are not found.
    """

    def __init__(self, folder: Path, limit: int, types: tuple[type, ...], version: str) -> None:
        self.folder, self.limit, self.version = folder, limit, version
        self._format = ResultFormat(types)
        self._news: list[str] = []
        self._said: set[str] = set()
        self._written = 0
        self._lock = threading.Lock()
        self._trim()

    def get(self, name: str, key: object, compute: Callable[[], R], kind: Any = Any, right: Right = _any) -> R:
        """The result of a request, read or computed; processes that ask for the same at the same time wait for one.

        Parameters
        ----------
        name : str
            What is computed.
        key : object
            Of what; its `repr` must say all that the result depends on.
        compute : callable
            Called without arguments where the result is not kept yet.
        kind : type or annotation
            What it gives; an entry of another kind counts as damaged.
        right : callable
            Whether an entry can be the result of the request, such as one of as many pictures; else it is damaged.
        """
        found = self.find(name, key, kind=kind, right=right)
        if found is not _ABSENT:
            return found
        with self._turn(self._place(name, key)) as waited:
            found = self.find(name, key, kind=kind, right=right) if waited else _ABSENT
            if found is _ABSENT:
                found = compute()
                self.put(name, key, found)
        return found

    def find(self, name: str, key: object, default: Any = _ABSENT, *, kind: Any = Any, right: Right = _any) -> Any:
        """A result that is there, else `default`; a damaged one is deleted, and that is said."""
        place = self._place(name, key)
        try:
            value = self._format.read(place)
            if not fits(value, kind) or not right(value):
                raise ValueError("It is a result of another kind, or of another request.")
        except FileNotFoundError:
            return default
        except OSError as error:
            why = refusal(error).lower()
            self._say("read", f"Kept results cannot be read from {self.folder} ({why}); they are computed.")
            return default
        except Exception:  # a damaged archive raises a dozen kinds
            _LOG.warning("%s is damaged and computed again", place)
            self._say("damaged", "A result on the server's disk was damaged. It is computed again; the log names each.")
            with contextlib.suppress(OSError):
                place.unlink(missing_ok=True)
            return default
        with contextlib.suppress(OSError):
            os.utime(place)
        return value

    def put(self, name: str, key: object, value: object) -> None:
        """Keep a result; where that cannot be, it is said once and the result is not kept."""
        place = self._place(name, key)
        try:
            content = self._format.pack(value, place.stem)
        except Unpackable:
            _LOG.exception("A result of %s cannot be kept", name)
            return
        if short := shortage(self.folder, len(content)):
            self._say("write", f"{short} Results are not kept there; they stay in memory.")
            return
        draft = None
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=place.parent, prefix=place.stem, suffix=".new")
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(draft).chmod(0o644)  # a temporary file is its owner's alone; servers may run as others
            Path(draft).replace(place)
        except OSError as error:
            if draft is not None:
                with contextlib.suppress(OSError):
                    Path(draft).unlink(missing_ok=True)
            why = refusal(error).lower()
            self._say("write", f"Results cannot be kept in {self.folder} ({why}); they stay in memory.")
            return
        with self._lock:
            self._written += 1
            full = self._written % TRIM_EVERY == 0
        if full:
            self._trim()

    def take_news(self) -> list[str]:
        """What went wrong since this was last asked, in sentences, each fault once."""
        with self._lock:
            news, self._news = self._news, []
        return news

    def _say(self, fault: str, sentence: str) -> None:
        with self._lock:
            if fault in self._said:
                return
            self._said.add(fault)
            self._news.append(sentence)
        _LOG.warning(sentence)

    def _place(self, name: str, key: object) -> Path:
        digest = hashlib.sha256(repr((self.version, name, key)).encode()).hexdigest()
        return self.folder / digest[:2] / f"{digest}.npz"

    @contextlib.contextmanager
    def _turn(self, place: Path) -> Iterator[bool]:
        """Hold the lock of an entry; gives whether another process had it, so that the entry may be there by now."""
        waited, lock = False, None
        try:
            path = self.folder / "locks" / f"{place.name[:3]}.lock"
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(str(path), timeout=0, thread_local=False)
            try:
                lock.acquire()
            except Timeout:
                waited = True
                lock.acquire(timeout=PATIENCE_S)
        except (Timeout, OSError, NotImplementedError):  # it takes long there; or cannot be written, as `put` says
            lock = None
        try:
            yield waited
        finally:
            if lock is not None:
                lock.release()

    def _trim(self) -> None:
        """Delete what is too much, and files that killed processes have left."""
        entries, left = [], 0
        for path in self.folder.glob("??/*"):
            try:
                status = path.stat()
            except OSError:
                continue  # another process removed it
            if path.suffix == ".npz":
                entries.append((status.st_mtime, status.st_size, path))
            elif time.time() - status.st_mtime > STALE_S:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
                    left += 1
        if left:
            _LOG.warning("%d unfinished results of processes that have ended were removed from %s", left, self.folder)
        total = sum(size for _, size, _ in entries)
        enough = 0.9 * self.limit if total > self.limit else self.limit
        for _, size, path in sorted(entries):
            if total <= enough:
                break
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
                total -= size


def code_version() -> str:
    """Changes with the code of the library and of plug-ins, and with the version of torch: 16 hex digits."""
    from importlib.metadata import version

    digest = hashlib.sha256(version("torch").encode() + plugins.code_version().encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def from_environment(types: Callable[[], tuple[type, ...]]) -> ResultCache | None:
    """The cache that XAI_CACHE_DIR names, of at most XAI_CACHE_MB; None, and `types` not asked, where nobody set it."""
    folder = os.environ.get(FOLDER, "").strip()
    if not folder:
        return None
    return ResultCache(Path(folder).expanduser(), CACHE.value * 1_000_000, types(), code_version())
