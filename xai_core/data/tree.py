"""A folder as it was found: the names of its folders and files, read once, and what in it belongs to no data set."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xai_core.data import roots
from xai_core.data.counting import count_names
from xai_core.data.files import is_named_as_picture
from xai_core.data.folders import readable
from xai_core.errors import DataError
from xai_core.types.counts import first_of, number_of

DEEPEST = 10  # folders in folders that are looked into
_RUBBISH = "__macosx thumbs.db ehthumbs.db desktop.ini @eadir #recycle $recycle.bin lost+found __pycache__"
# Written by systems and archive programs beside people's files, in lower case.
RUBBISH = frozenset({*_RUBBISH.split(), "system volume information", "icon\r"})
_NAMED = 6  # endings that a message names
# What else may hold pictures, and what is to be done about it.
HINTS = {
    ".dcm": "install the extra `medical`",
    ".dicom": "install the extra `medical`",
    ".nii": "save its slices as PNG or TIFF",
    ".nii.gz": "unpack it, and save its slices as PNG or TIFF",
    ".gz": "unpack it",
    ".zip": "unpack it",
    ".tar": "unpack it",
    ".rar": "unpack it",
    ".7z": "unpack it",
    ".tgz": "unpack it",
    ".heic": "save them as JPEG",
    ".heif": "save them as JPEG",
    ".avif": "save them as PNG",
    ".svs": "save parts of it as TIFF",
    ".mp4": "save its frames as pictures",
    ".avi": "save its frames as pictures",
    ".mov": "save its frames as pictures",
}


@dataclass(frozen=True, eq=False)
class Folder:
    """A folder and what lies in it.

    Attributes
    ----------
    path : pathlib.Path
        Where it lies.
    folders : tuple of Folder
        Those in it, by name.
    pictures, others : tuple of pathlib.Path
        Files that are pictures by their name, and the other ones.
    rubbish : tuple of str
        Names that were passed over.
    """

    path: Path
    folders: tuple[Folder, ...]
    pictures: tuple[Path, ...]
    others: tuple[Path, ...]
    rubbish: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name as text."""
        return readable(self.path.name)

    @cached_property
    def count(self) -> int:
        """Pictures in it and below."""
        return len(self.pictures) + sum(folder.count for folder in self.folders)

    @cached_property
    def full(self) -> tuple[Folder, ...]:
        """The folders in it that hold pictures, at any depth."""
        return tuple(folder for folder in self.folders if folder.count)

    def walk(self) -> Iterator[Folder]:
        """It, and every folder below, outer ones first."""
        yield self
        for folder in self.folders:
            yield from folder.walk()


def look(path: Path) -> Folder:
    """A folder with all that lies in it and below, by name.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    Folder

    Raises
    ------
    DataError
        If it cannot be read.
    """
    try:
        return _look(path, frozenset(), DEEPEST)
    except OSError as error:
        raise DataError(f"The folder {path} cannot be read: {error.strerror}.") from error


def _look(path: Path, above: frozenset[tuple[int, int]], deep: int) -> Folder:
    files: dict[bool, list[Path]] = {True: [], False: []}
    folders: list[Folder] = []
    rubbish: list[str] = []
    status = path.stat()
    here = above | {(status.st_dev, status.st_ino)}
    for entry in _entries(path):
        one = path / entry.name
        if roots.leads_out(one):
            continue
        if entry.name.lower() in RUBBISH:
            rubbish.append(readable(entry.name))
        elif _is_file(entry):
            files[is_named_as_picture(one)].append(one)
        else:
            inner = _inner(one, here, deep)
            if inner is None:
                rubbish.append(readable(entry.name))
            else:
                folders.append(inner)
    return Folder(path, tuple(folders), tuple(files[True]), tuple(files[False]), tuple(rubbish))


def _entries(path: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, by name, without what is hidden."""
    try:
        with os.scandir(path) as found:
            there = sorted((one for one in found if not one.name.startswith(".")), key=lambda one: one.name)
    except OSError as error:
        raise DataError(f"The folder {path} cannot be read: {error.strerror}.") from error
    count_names(str(path), len(there))
    return there


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file or a link to one; a link that leads nowhere or in a circle is none."""
    try:
        return entry.is_file()
    except OSError:  # one such link is no reason to refuse the folder
        return False


def _inner(path: Path, above: frozenset[tuple[int, int]], deep: int) -> Folder | None:
    """A folder in another one; None where it cannot be read, lies too deep, or leads back up by a link."""
    try:
        status = path.stat()
        if not deep or (status.st_dev, status.st_ino) in above:
            return None
        return _look(path, above, deep - 1)
    except (DataError, OSError):
        return None


def _ending(path: Path) -> str:
    """An ending by which a file's kind is known: of volumes that are packed, both parts."""
    both = "".join(path.suffixes[-2:]).lower()
    return both if both in HINTS else path.suffix.lower() or "no ending"


def without_pictures(folder: Folder) -> str:
    """What lies in a folder that holds no pictures: its endings, the most frequent ones first, and how often."""
    found = Counter(_ending(path) for one in folder.walk() for path in one.others).most_common(_NAMED)
    return ", ".join(f"{ending} ({count:,})" for ending, count in found)


def what_is_there(folder: Folder) -> str:
    """What lies in a folder without pictures: how many files, their endings, and what may help.

    Parameters
    ----------
    folder : Folder

    Returns
    -------
    str
        A sentence; empty where no file lies there.
    """
    everything = [path for one in folder.walk() for path in (*one.others, *one.pictures)]
    if not everything:
        return ""
    holding = sum(bool(one.others or one.pictures) for one in folder.walk())
    where = number_of(holding, "folder")
    endings = Counter(_ending(path) for path in everything).most_common()
    listed = first_of([f"{ending} ({count:,})" for ending, count in endings], _NAMED)
    help_with = "; ".join(f"{ending}: {HINTS[ending]}" for ending, _ in endings if ending in HINTS)
    files = number_of(len(everything), "file")
    return f"It has {files} in {where}, none of which is read: {listed}.{f' {help_with}.' if help_with else ''}"
