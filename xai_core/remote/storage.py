"""One folder or file in an object store: what lies there, read, written and removed, through fsspec."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from xai_core.remote.access import check_addresses
from xai_core.remote.address import Address
from xai_core.remote.patience import StorageError, patiently

__all__ = ["Entry", "Storage", "StorageError", "entry_of"]
R = TypeVar("R")
SETTLED_S = 60  # after which a file's time tells one content from the next
CONNECT_S, READ_S = 20, 60
# What changes with a file's content, as the stores call it; the last are times, which need not.
_CHECKSUMS = ("ETag", "etag", "md5Hash", "Content-MD5", "Digest", "content_md5", "blob_id")
_TIMES = ("LastModified", "Last-Modified", "last_modified", "updated", "mtime")


class Entry(NamedTuple):
    """A file elsewhere.

    Attributes
    ----------
    size : int, optional
        Bytes; None where the storage does not say.
    version : str
        Changes with the content; empty where nothing that the storage says would tell.
    """

    size: int | None
    version: str


class Storage:
    """A folder or a file elsewhere.

    Parameters
    ----------
    address : Address

    Raises
    ------
    DataError
        If addresses may not be read here, or the package for it is missing.
    """

    def __init__(self, address: Address) -> None:
        check_addresses()
        address.check_package()
        self.address = address
        self._base = self._base_of(address)
        self._fs = self._file_system()

    def _base_of(self, address: Address) -> str:
        """As fsspec calls it."""
        return address.path

    def _file_system(self) -> Any:
        """As fsspec has it, without listings from memory, and without tries of its own."""
        import fsspec

        waits = {"retries": {"max_attempts": 0}, "connect_timeout": CONNECT_S, "read_timeout": READ_S}
        own = {"config_kwargs": waits} if self.address.scheme == "s3" else {}
        found = fsspec.filesystem(self.address.scheme, skip_instance_cache=True, use_listings_cache=False, **own)
        if own:
            found.retries = 1
        return found

    def _at(self, name: str) -> str:
        return f"{self._base}/{name}" if name else self._base

    def _asked(self, doing: str, name: str, call: Callable[[], R]) -> R:
        where = f"{self.address}/{name}" if name else str(self.address)
        return patiently(f"{where} could not be {doing}", call)

    def files(self) -> dict[str, Entry]:
        """All files by their names below the address; of an address that is itself a file, that one, with no name."""
        if (alone := self.entry("")) is not None:
            return {"": alone}
        found = self._asked("listed", "", lambda: self._fs.find(self._base, detail=True))
        return self._entries(found)

    def files_in(self, folder: str = "") -> dict[str, Entry]:
        """The files of one folder, those of deeper ones left out.

        Parameters
        ----------
        folder : str
            Its name below the address.
        """

        def listed() -> dict[str, Any]:
            try:
                found = self._fs.ls(self._at(folder), detail=True)
            except FileNotFoundError:
                return {}
            return {one["name"]: one for one in found if one["type"] == "file"}

        return self._entries(self._asked("listed", folder, listed))

    def entry(self, name: str) -> Entry | None:
        """One file; None where there is none."""

        def found() -> dict[str, Any] | None:
            try:
                return self._fs.info(self._at(name))
            except FileNotFoundError:
                return None

        said = self._asked("looked at", name, found)
        return None if said is None or said["type"] != "file" else entry_of(said)

    def _entries(self, found: dict[str, Any]) -> dict[str, Entry]:
        start = self._base.rstrip("/") + "/"
        names = {name.removeprefix(start): said for name, said in found.items() if name.startswith(start)}
        return {name: entry_of(said) for name, said in names.items() if name and not name.endswith("/")}

    def fetch(self, name: str, to: Path) -> None:
        """Copy a file to this disk.

        Parameters
        ----------
        name : str
            Below the address.
        to : pathlib.Path
            Written over where it is there; half a file may be left there where it fails.
        """
        self._asked("copied", name, lambda: self._fs.get_file(self._at(name), str(to)))

    def read(self, name: str) -> bytes | None:
        """A small file's content; None where there is none."""

        def content() -> bytes | None:
            try:
                return self._fs.cat_file(self._at(name))
            except FileNotFoundError:
                return None

        return self._asked("read", name, content)

    def put(self, name: str, content: bytes) -> None:
        """Write a file; it is there whole, or as it was."""
        self._asked("written", name, lambda: self._fs.pipe_file(self._at(name), content))

    def create(self, name: str, content: bytes) -> bool:
        """Write a file that is not there; whether this call did.

        Parameters
        ----------
        name : str
            Below the address.
        content : bytes
            Like no other's: so it is known whose the file is, where an answer was lost.
        """

        def made() -> bool:
            try:
                self._fs.pipe_file(self._at(name), content, mode="create")
            except FileExistsError:
                return False
            return True

        return self._asked("written", name, made) or self.read(name) == content

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is none to remove."""

        def removed() -> None:
            with contextlib.suppress(FileNotFoundError):
                self._fs.rm_file(self._at(name))

        self._asked("removed", name, removed)


def entry_of(said: dict[str, Any]) -> Entry:
    """A file as its store describes it."""
    size = said.get("size")
    checksum = next((str(said[key]) for key in _CHECKSUMS if said.get(key)), "")
    changed = next((said[key] for key in _TIMES if said.get(key)), None)
    settled = changed is not None and time.time() - _seconds(changed) > SETTLED_S
    version = checksum or (str(changed) if settled else "")
    return Entry(None if size is None else int(size), version)


def _seconds(changed: Any) -> float:
    """A time as the stores write it; one that cannot be read is now, which tells nothing."""
    try:
        if isinstance(changed, str):
            changed = parsedate_to_datetime(changed)
        return float(changed.timestamp() if hasattr(changed, "timestamp") else changed)
    except (TypeError, ValueError, OverflowError):
        return time.time()
