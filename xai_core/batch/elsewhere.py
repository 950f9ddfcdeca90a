"""A study that is kept elsewhere: made in a folder here, and put there part by part.

What lies there comes here first, so that any computer can go on with it. `study.json` is put there before everything
else and `summary.json` after it: what is interrupted is an unfinished study there, too.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import Timeout

from xai_core.batch.head import STUDY
from xai_core.batch.keeping import IN_THE_FOLDER, Keeper
from xai_core.batch.progress import PROGRESS
from xai_core.batch.store import PARTS, RESULTS, SUMMARY, StudyConflict, StudyFolder
from xai_core.batch.writing import StudyWriteError
from xai_core.errors import DataError
from xai_core.records.files import write_whole
from xai_core.remote import Address, Entry, Mirror, Storage, StorageError
from xai_core.remote.address import READ_ONLY
from xai_core.remote.lease import Lease, Taken

SEEN_WITHIN_S = 90.0  # for a part that another machine made; networks' file systems remember folders for a minute
_LOOKED_EVERY_S = 0.5
_OWNER = "owner"
_PART = re.compile(rf"{PARTS}/\d{{5}}\.npz")
_OTHERS = (STUDY, PROGRESS, *RESULTS, SUMMARY)


class _Elsewhere:
    """As `Keeper`: what is finished here is put there."""

    def __init__(self, mirror: Mirror, lease: Lease, there: Mapping[str, Entry]) -> None:
        self._mirror, self._lease, self._there = mirror, lease, there

    def begun(self, study: StudyFolder) -> None:
        """As `Keeper.begun`: what lies there is now what lies here."""
        with _said_of(study.folder):
            self._lease.require()
            known = self._mirror.known(self._there)
            self._mirror.push(STUDY)
            for name in sorted(self._there):
                if not (study.folder / name).exists():
                    self._mirror.drop(name)
            for path in sorted((study.folder / PARTS).glob("*.npz")):
                name = f"{PARTS}/{path.name}"
                if _PART.fullmatch(name) and name not in known and not study.problem(int(path.stem)):
                    self._mirror.push(name)

    def made(self, study: StudyFolder, number: int) -> None:
        """As `Keeper.made`."""
        _require_seen(study.place_of(number))
        with _said_of(study.folder):
            self._mirror.push(study.place_of(number).relative_to(study.folder).as_posix())
            self._mirror.push(PROGRESS)

    def finished(self, study: StudyFolder) -> None:
        """As `Keeper.finished`: a half new, half old set of results is not complete there either."""
        with _said_of(study.folder):
            self._lease.require()
            self._mirror.drop(SUMMARY)
            for name in (*RESULTS, PROGRESS, SUMMARY):
                self._mirror.push(name)


def _is_listed(path: Path) -> bool:
    """Whether a folder lists a file: a file system of a network remembers that a path was absent, and lists anew."""
    try:
        return path in path.parent.iterdir()
    except FileNotFoundError:
        return False


def _require_seen(part: Path) -> None:
    """That a part lies here, which another machine may have put into a folder that both see, or into its own."""
    deadline = time.monotonic() + SEEN_WITHIN_S
    while not (part.is_file() or _is_listed(part)):
        if time.monotonic() > deadline:
            raise StudyWriteError(
                f"A worker has made {part.name}, and {part.parent} does not show it here: every machine that works on "
                "a study must see its folder. The same command goes on with what is there."
            )
        time.sleep(_LOOKED_EVERY_S)


@contextmanager
def _said_of(folder: Path) -> Iterator[None]:
    """What goes wrong there ends a study with a sentence, and it can be taken up again."""
    try:
        yield
    except Taken as error:
        raise StudyConflict(str(error)) from error
    except StorageError as error:
        raise StudyWriteError(f"{error} What is done is kept in {folder}; the same command goes on with it.") from error


def _storage(address: Address) -> Storage:
    if address.scheme in READ_ONLY:
        raise DataError(
            f"{address} can be read, but nothing can be kept there. Give a folder, or an address like s3://…"
        )
    return Storage(address)


@contextmanager
def kept(out: Path | Address) -> Iterator[tuple[Path, Keeper]]:
    """The folder in which a study is made, and who keeps it where it is to be.

    Parameters
    ----------
    out : pathlib.Path or Address
        Where it is to be.

    Yields
    ------
    tuple of pathlib.Path and Keeper

    Raises
    ------
    StudyConflict
        If another process works on it, here or elsewhere.
    StudyWriteError
        If the storage does not answer, or refuses.
    DataError
        If nothing can be kept at such an address.
    """
    if isinstance(out, Path):
        yield out, IN_THE_FOLDER
        return
    mirror = Mirror(_storage(out))
    try:
        with mirror.held(patience_s=0):
            lease = Lease(mirror.storage, _owner(mirror.root.parent / _OWNER))
            with ExitStack() as until_done:
                with _said_of(mirror.root):
                    until_done.enter_context(lease.held())
                    there = _files(mirror.storage)
                    mirror.pull(there)
                yield mirror.root, _Elsewhere(mirror, lease, there)
    except Timeout as error:
        raise StudyConflict(f"Another process of this computer works on {out}.") from error


def _files(storage: Storage) -> dict[str, Entry]:
    """What of a study lies there, and nothing else."""
    found = {name: entry for name, entry in storage.files_in().items() if name in _OTHERS}
    return found | {name: entry for name, entry in storage.files_in(PARTS).items() if _PART.fullmatch(name)}


def _owner(path: Path) -> str:
    """What stands for all processes of this folder, of which a lock lets one work at a time."""
    with suppress(OSError, ValueError):
        if said := path.read_text(encoding="utf-8"):
            return said
    owner = secrets.token_hex(8)
    write_whole(path, owner.encode())
    return owner


def write_beside(out: Path | Address, write: Callable[[Path], None], names: tuple[str, ...]) -> None:
    """Write what is of several studies into the folder that holds theirs, wherever it is to be.

    Parameters
    ----------
    out : pathlib.Path or Address
        Of the folder of all.
    write : callable
        Writes the files into a folder here.
    names : tuple of str
        Of the files.

    Raises
    ------
    StudyWriteError
        If the storage does not answer, or refuses.
    """
    if isinstance(out, Path):
        out.mkdir(parents=True, exist_ok=True)
        write(out)
        return
    mirror = Mirror(_storage(out))
    with mirror.held(), _said_of(mirror.root):
        mirror.root.mkdir(parents=True, exist_ok=True)
        write(mirror.root)
        for name in names:
            mirror.storage.put(name, mirror.path(name).read_bytes())
