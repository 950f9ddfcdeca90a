"""The copy of a folder or file elsewhere on this disk: what is missing or has changed is copied, what is gone removed.

    3fa9…c1/files.jsonl     what was copied: name, size, what the storage said of it, and the SHA-256 of its content
    3fa9…c1/val/…           the copy, under the address's own last name

A file's time is made of its content. So whatever tells a changed file by its name, size and time tells it here by its
content, and the copies on two computers are one data set.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from xai_core.errors import DataError, DownloadError, refusal
from xai_core.quotas import MIRROR, shortage
from xai_core.remote.place import place
from xai_core.remote.storage import Entry, Storage, StorageError
from xai_core.remote.watching import watch
from xai_core.types.counts import number_of

AT_ONCE = 8  # files that are copied at a time
_KEPT, _LOCK = "files.jsonl", ".lock"
_MB = 1_000_000
_LONGEST = 255  # bytes of a name, as Linux has it
_TIME_DIGITS = 14  # of the SHA-256: 56 bits of nanoseconds, about two years from 1970 on


class _Copy(NamedTuple):
    """A file as it was copied."""

    size: int
    version: str
    sha256: str


class Mirror:
    """The copy of what lies elsewhere.

    Parameters
    ----------
    storage : Storage
    """

    def __init__(self, storage: Storage) -> None:
        self.storage, self.root = storage, place(storage.address)
        self._kept_in = self.root.parent / _KEPT
        self._lock = threading.Lock()
        self._copies: dict[str, _Copy] = {}

    @contextmanager
    def held(self, patience_s: float = -1) -> Iterator[None]:
        """Within the block nobody else changes the copy; the kernel lets go of it when its process ends, however.

        Parameters
        ----------
        patience_s : float
            How long another one is waited for; without end by default.

        Raises
        ------
        filelock.Timeout
            If another one changes it still.
        DownloadError
            If there can be no copy here.
        """
        try:
            self.root.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DownloadError(f"{self.root.parent} cannot be made: {refusal(error)}.") from error
        with FileLock(str(self.root.parent / _LOCK), timeout=patience_s):
            self._copies = self._read()
            yield

    def _read(self) -> dict[str, _Copy]:
        """What was copied before; lines that were cut off say nothing, and later ones hold."""
        found: dict[str, _Copy] = {}
        try:
            lines = self._kept_in.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            return found
        for line in lines:
            try:
                name, said = json.loads(line)
                found[name] = _Copy(*said)
            except (ValueError, TypeError):
                continue
        return found

    def _note(self, name: str, copy: _Copy) -> None:
        with self._lock:
            self._copies[name] = copy
            with self._kept_in.open("a", encoding="utf-8") as file:
                file.write(json.dumps([name, copy]) + "\n")

    def path(self, name: str) -> Path:
        """Where a file's copy lies.

        Raises
        ------
        DataError
            If its name would lead out of the folder, or can be none here.
        """
        parts = name.split("/") if name else []
        for part in parts:
            unseen = any(unicodedata.category(letter) in ("Cc", "Cs") for letter in part)
            if part in ("", ".", "..") or unseen or "\\" in part or len(part.encode()) > _LONGEST:
                raise DataError(
                    f"{self.storage.address} was not copied: the name {name[:80]!r} in it can be no file's here."
                )
        return self.root.joinpath(*parts)

    def is_whole(self, name: str) -> bool:
        """Whether the file on this disk is the one that was copied, or put there."""
        copy = self._copies.get(name)
        try:
            status = os.lstat(self.path(name))
        except OSError:
            return False
        return copy is not None and (status.st_size, status.st_mtime_ns) == (copy.size, _time_of(copy.sha256))

    def _is_there(self, name: str, entry: Entry) -> bool:
        """Whether the copy is what lies elsewhere now, as far as the storage says."""
        copy = self._copies.get(name)
        if copy is None or not entry.version or (entry.version, entry.size or copy.size) != (copy.version, copy.size):
            return False
        return self.is_whole(name)

    def pull(self, there: Mapping[str, Entry]) -> None:
        """Copy what is missing or has changed.

        Parameters
        ----------
        there : Mapping of str to Entry
            As `Storage.files` has it, or some of it.

        Raises
        ------
        DataError, DownloadError
            If it is too much, or cannot be copied or written.
        """
        whole = sum(entry.size or 0 for entry in there.values())
        self._check(len(there), whole)
        missing = {name: entry for name, entry in there.items() if not self._is_there(name, entry)}
        if not missing:
            return
        size = sum(entry.size or 0 for entry in missing.values())
        if short := shortage(self.root.parent, size):
            raise DownloadError(f"{self.storage.address} was not copied. {short}")
        watch().begins(str(self.storage.address), len(missing), size)
        so_far, ended = whole - size, threading.Event()

        def copy(name: str, entry: Entry) -> int:
            """One file; none any more as soon as one went wrong, since a storage that is gone is gone for all."""
            if ended.is_set():
                return 0
            try:
                return self._copy(name, entry)
            except BaseException:
                ended.set()
                raise

        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                waiting = [pool.submit(copy, name, entry) for name, entry in missing.items()]
                try:
                    for done in as_completed(waiting):
                        so_far += done.result()
                        watch().copied(done.result())
                        self._check(len(there), so_far)
                finally:
                    ended.set()
        except OSError as error:
            raise DownloadError(f"{self.storage.address} could not be written here: {refusal(error)}.") from error
        finally:
            watch().ends()

    def _check(self, files: int, size: int) -> None:
        if size > MIRROR.value * _MB:
            raise DataError(
                f"{self.storage.address} was not copied: it holds {number_of(files, 'file')} with more than "
                f"{MIRROR.value:,} MB, which is the most that is copied ({MIRROR.variable})."
            )

    def _copy(self, name: str, entry: Entry) -> int:
        """Copy a file; its size. It is moved to its place when all of it is there."""
        path = self.path(name)
        draft = path.with_name(f".{os.getpid()}-{threading.get_ident()}.draft")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.storage.fetch(name, draft)
            with draft.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size = draft.stat().st_size
            if entry.size is not None and size != entry.size:
                raise StorageError(
                    f"{self.storage.address}/{name} has {size:,} bytes and was to have {entry.size:,}: it changed, or "
                    "broke off. Try again."
                )
            _set_time(draft, sha256)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        self._note(name, _Copy(size, entry.version, sha256))
        return size

    def remove_all_but(self, there: Iterable[str]) -> None:
        """Remove what lies here and no more elsewhere, half files that a killed process left among it.

        Parameters
        ----------
        there : Iterable of str
            Names that stay.
        """
        stay = {self.path(name) for name in there}
        if self.root in stay:
            return
        for folder, folders, files in os.walk(self.root, topdown=False):
            for name in files:
                if (path := Path(folder) / name) not in stay:
                    path.unlink()
            for name in folders:
                path = Path(folder) / name
                if path.is_symlink():
                    path.unlink()
                elif not any(path.iterdir()):
                    path.rmdir()

    # What is made here, and kept there.

    def push(self, name: str) -> None:
        """Put a file there, unless it is what lies there already.

        Raises
        ------
        StorageError
            If it cannot be put.
        """
        path = self.path(name)
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        if name in self._copies and self._copies[name].sha256 == sha256:
            return
        self.storage.put(name, content)
        entry = self.storage.entry(name)
        _set_time(path, sha256)
        self._note(name, _Copy(len(content), entry.version if entry else "", sha256))

    def drop(self, name: str) -> None:
        """Remove a file there."""
        self.storage.remove(name)
        self._copies.pop(name, None)

    def known(self, there: Mapping[str, Entry]) -> set[str]:
        """The files that lie elsewhere as they do here; what is said to be there and is not, is forgotten.

        Parameters
        ----------
        there : Mapping of str to Entry
            All that lies elsewhere.
        """
        self._copies = {name: copy for name, copy in self._copies.items() if name in there}
        return {name for name, entry in there.items() if self._is_there(name, entry)}


def _time_of(sha256: str) -> int:
    """The time of a file with this content, in nanoseconds since 1970."""
    return int(sha256[:_TIME_DIGITS], 16)


def _set_time(path: Path, sha256: str) -> None:
    os.utime(path, ns=(_time_of(sha256), _time_of(sha256)))
