"""Folders that were listed: whether one is as it was, asked of it and those below without listing them again."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from app.cache.stamps import file_stamp
from xai_core.data import count_names

# Endings of files that say what pictures are.
LISTS = {".arrow", ".csv", ".tar", ".tsv", ".json", ".jsonl", ".parquet", ".txt", ".xml", ".yaml", ".yml"}
_DEEPEST = 5  # folders in folders that are looked at, as train/images/cat/siamese/
_FOLDERS = 5_000  # that are watched, and
_FILES = 500  # lists in them: each is asked about at every run of a page
_NAMES = 2_000_000  # that are looked at, once


@dataclass(frozen=True)
class Watched:
    """Folders and files that say together whether what lies there has changed.

    Attributes
    ----------
    places : tuple of str
        Their paths.
    stamp : str
        Changes when one of them does.
    """

    places: tuple[str, ...]
    stamp: str

    @property
    def now(self) -> str:
        """What the stamp would be now."""
        return _stamp(self.places)


def _stamp(places: tuple[str, ...]) -> str:
    said = "\0".join(f"{place}:{file_stamp(place)}" for place in places)
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def watch(path: str) -> Watched:
    """A folder, those below and the lists in them; or a file that lists pictures, and the folder in which it lies.

    Of what is not there no folder is looked through: the one above a mistyped path may be the whole disk.
    """
    root = Path(path).expanduser()
    if not os.path.lexists(root):
        return Watched((str(root),), _stamp((str(root),)))
    folders, files = _below(root if root.is_dir() else root.parent)
    places = (*([] if root.is_dir() else [str(root)]), *folders, *files)
    return Watched(places, _stamp(places))


def _below(root: Path) -> tuple[list[str], list[str]]:
    """A folder and those below, outer ones first, as deep as layouts lie, and the lists in them."""
    folders, files, names = [str(root)], list[str](), 0
    level = list(folders)
    for deep in range(_DEEPEST + 1):
        inner: list[str] = []
        for folder in level:
            try:
                with os.scandir(folder) as entries:
                    there = sorted((entry for entry in entries if not entry.name.startswith(".")), key=_name)
            except OSError:  # one may go while they are looked at, or be closed
                continue
            names += len(there)
            count_names(folder, len(there))
            for entry in there:
                if Path(entry.name).suffix.lower() in LISTS:
                    files.append(entry.path)
                elif deep < _DEEPEST and _is_folder(entry):
                    inner.append(entry.path)
            if names > _NAMES:
                break
        folders += inner
        level = inner if names <= _NAMES else []
    return folders[:_FOLDERS], files[:_FILES]


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
