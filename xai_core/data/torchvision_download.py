"""Data sets that torchvision fetches: its own download and integrity check, watched and put in place when whole."""

from __future__ import annotations

import errno
import http.client
import os
import shutil
import tarfile
import tempfile
import threading
import time
import urllib.error
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from xai_core.data.kinds import SplitFolder
from xai_core.data.registry import LoadDataset, register_dataset
from xai_core.download import Progress
from xai_core.errors import DataError, DownloadError
from xai_core.quotas import shortage

_INTERVAL_S = 0.25
_PATIENCE_S = 60  # torchvision sets no time limit, so a server that falls silent would be waited for for ever
_GRACE_S = 1  # for the thread to end where nobody waits for its data any more
_ABANDONED_S = 86_400  # a draft as old as this belongs to a process that was killed
_DRAFT = ".draft-"
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EFBIG, errno.EIO}
_NETWORK = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError)
_FAILURES = (*_NETWORK, OSError, RuntimeError, ValueError, EOFError, KeyError, zlib.error, tarfile.TarError)


class _GivenUpError(Exception):
    """Ends a download that nobody waits for."""


class _Worker(threading.Thread):
    """Does the work and keeps the error that ended it. A daemon, so that leaving the program does not wait for it."""

    def __init__(self, work: Callable[[_Worker], None]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.given_up = threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._work(self)
        except BaseException as error:
            self.error = error


class _Bar:
    """Takes the place of torchvision's progress bar in a worker: shows nothing, and ends what was given up."""

    def __init__(self, worker: _Worker) -> None:
        self._worker = worker

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, _: int) -> None:
        if self._worker.given_up.is_set():
            raise _GivenUpError


@cache
def _datasets() -> ModuleType:
    """`torchvision.datasets`; in our workers its downloads have our bar, elsewhere the one they always had."""
    from xai_core._torchvision import torchvision

    datasets: ModuleType = torchvision().datasets
    shown = datasets.utils.tqdm

    def bar(*args: Any, **options: Any) -> Any:
        worker = threading.current_thread()
        return _Bar(worker) if isinstance(worker, _Worker) else shown(*args, **options)

    datasets.utils.tqdm = bar
    return datasets


@dataclass(frozen=True, eq=False)
class TorchvisionSource:
    """A data set that torchvision downloads.

    Attributes
    ----------
    key, title : str
        For code and for people.
    splits : tuple of str
        The first is the default.
    build : callable
        (torchvision.datasets, folder) -> anything; has torchvision download and unpack below that folder.
    archives : dict of str to int
        The archives as torchvision calls them below that folder -> bytes, in the order of their download.
    unpacked : str
        The name of the folder that torchvision unpacks.
    complete : callable
        Unpacked folder -> whether all that is read is in it.
    """

    key: str
    title: str
    splits: tuple[str, ...]
    build: Callable[[ModuleType, str], object]
    archives: dict[str, int]
    unpacked: str
    complete: Callable[[Path], bool]

    def registered(self, order: int) -> Callable[[LoadDataset], LoadDataset]:
        """Decorator: makes a function that loads it a data set by name."""
        return register_dataset(
            self.key,
            self.title,
            splits=self.splits,
            download_mb=self.mb,
            is_there=self.on_disk,
            fetch=self.fetch,
            order=order,
        )

    @property
    def mb(self) -> float:
        """Size of the download in MB."""
        return sum(self.archives.values()) / 1e6

    def folder(self) -> Path:
        """Where it lies, as torchvision lays it out: below XDG_CACHE_HOME, or ~/.cache."""
        return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "xai-core" / self.key

    def on_disk(self) -> bool:
        """Whether all splits are there."""
        return self.complete(self.folder() / self.unpacked)

    def find(self, split: str | None) -> SplitFolder:
        """Where a split lies; the default one for None.

        Raises
        ------
        DataError
            If there is no such split, or the data set is not on disk.
        """
        split = split or self.splits[0]
        if split not in self.splits:
            raise DataError(f"{self.title} has no split {split!r}. Choose one of: {', '.join(self.splits)}.")
        if not self.on_disk():
            raise DataError(
                f"{self.title} is not on this disk. Fetch it ({self.mb:.0f} MB) with "
                f'xai.download_dataset("{self.key}").'
            )
        return SplitFolder(split, self.folder() / self.unpacked)

    def fetch(self, progress: Progress | None = None) -> None:
        """Download, check and unpack it; nothing happens if it is there.

        torchvision calls nobody back, so it works in a thread, and the archives are looked at four times a second.
        All of it goes into a draft folder, which is removed in the end; only a data set that is whole leaves it.

        Parameters
        ----------
        progress : callable, optional
            Called in this thread with (bytes so far, bytes in all). What it raises goes to the caller; the thread then
            ends with the next piece that arrives, or after the archive that it is unpacking, removes its draft and puts
            nothing in place. The same happens on Ctrl-C.

        Raises
        ------
        DownloadError
            If it cannot be fetched, is not what it should be, or cannot be written.
        """
        if self.on_disk():
            return
        datasets = _datasets()
        draft = self._make_draft()
        worker = _Worker(lambda worker: self._work(worker, datasets, draft))
        worker.start()
        try:
            self._watch(worker, draft, progress)
        except BaseException:
            worker.given_up.set()
            worker.join(_GRACE_S)
            shutil.rmtree(draft, ignore_errors=True)
            raise
        if worker.error:
            raise worker.error
        if progress:
            progress(sum(self.archives.values()), sum(self.archives.values()))

    def _make_draft(self) -> Path:
        folder, total = self.folder(), sum(self.archives.values())
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.glob(f"{_DRAFT}*"):
                if time.time() - old.stat().st_mtime > _ABANDONED_S:
                    shutil.rmtree(old, ignore_errors=True)
            needed = 2 * total  # pictures are packed already, so unpacked they take as much again
            if needed > shutil.disk_usage(folder).free:
                raise DownloadError(
                    f"{self.title} takes {needed / 1e6:.0f} MB while it is unpacked, more than the disk has free."
                )
            if short := shortage(folder, needed):
                raise DownloadError(f"{self.title} was not fetched. {short}")
            return Path(tempfile.mkdtemp(dir=folder, prefix=_DRAFT))
        except OSError as error:
            raise DownloadError(f"{self.title} cannot be written to {folder}: {error.strerror}.") from error

    def _arrived(self, draft: Path) -> list[int]:
        """Bytes on disk of each archive that has begun."""
        sizes = []
        for name in self.archives:
            with suppress(OSError):
                sizes.append((draft / name).stat().st_size)
        return sizes

    def _watch(self, worker: _Worker, draft: Path, progress: Progress | None) -> None:
        """Wait for the worker, and tell how far it is."""
        whole = list(self.archives.values())
        reached, last, moved = 0, [-1], time.monotonic()
        while True:
            worker.join(_INTERVAL_S)
            if not worker.is_alive():
                return
            sizes = self._arrived(draft)
            unpacking = bool(sizes) and sizes == whole[: len(sizes)]
            if sizes != last or unpacking:
                last, moved = sizes, time.monotonic()
            reached = max(reached, min(sum(sizes), sum(whole)))
            if progress:
                progress(reached, sum(whole))
            if time.monotonic() - moved > _PATIENCE_S:
                raise DownloadError(
                    f"{self.title} stopped arriving: {sum(sizes) / 1e6:.1f} of {self.mb:.1f} MB came, then nothing for "
                    f"{_PATIENCE_S} seconds. Check the network and try again."
                )

    def _work(self, worker: _Worker, datasets: ModuleType, draft: Path) -> None:
        try:
            self.build(datasets, str(draft))
            found, target = draft / self.unpacked, draft.parent / self.unpacked
            if not self.complete(found):
                raise FileNotFoundError("a part of it is missing")
            for name in self.archives:
                (draft / name).unlink(missing_ok=True)
            if worker.given_up.is_set() or self.complete(target):
                return
            try:
                if target.exists():  # a part of it was lost
                    target.rename(draft / "incomplete")
                found.rename(target)
            except OSError:
                if not self.complete(target):  # else another process was faster
                    raise
        except _FAILURES as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()  # it holds the connection
            raise DownloadError(self._sentence(error, draft)) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _sentence(self, error: Exception, draft: Path) -> str:
        """What went wrong, for people; to be asked while the draft is there."""
        sizes = self._arrived(draft)
        position = max(len(sizes) - 1, 0)
        name, whole = list(self.archives.items())[position]
        size = sizes[position] if sizes else 0
        folder = draft.parent
        # URLError hides its reason behind "<urlopen error ...>", HTTPError tells the number in its own words.
        told = getattr(error, "reason", error) if not isinstance(error, urllib.error.HTTPError) else error
        reason = str(told).rstrip(".")
        if isinstance(error, OSError) and error.errno in _DISK:
            return f"{self.title} could not be written to {folder}: {error.strerror}."
        if isinstance(error, RuntimeError) and sizes and "corrupted" in str(error):  # torchvision's check of the MD5
            if size < whole:
                return (
                    f"{Path(name).name} of {self.title} broke off after {size / 1e6:.1f} of {whole / 1e6:.1f} MB. "
                    "It was not kept. Try again."
                )
            return (
                f"{Path(name).name} of {self.title} arrived with another content than expected: its MD5 is not the "
                "one that torchvision knows. It was not kept. Try again."
            )
        if isinstance(error, _NETWORK) or size < whole:
            files = " and ".join(Path(archive).name for archive in self.archives)
            return (
                f"{self.title} could not be downloaded: {reason}. Check the network and try again, or unpack {files}, "
                f"fetched on another machine, in {(folder / name).parent}."
            )
        return f"{self.title} arrived but could not be unpacked into {folder}: {reason}."
