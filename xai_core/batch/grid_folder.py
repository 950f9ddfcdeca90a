"""A grid on disk: which studies stand below its folder, and why some could not be made; `grid.json` says it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xai_core import bounded_json, regular
from xai_core.errors import NO_PATH, RecordError
from xai_core.records.store import MAX_HEAD

GRID, FORMAT, VERSION = "grid.json", "xai-core grid", 1
MOST_CELLS = 200  # of a grid that is opened
_NAME = re.compile(r"\w[\w-]{0,254}")  # of a cell's folder: it lies in that of the grid and nowhere else


@dataclass(frozen=True)
class GridCell:
    """One of the studies.

    Attributes
    ----------
    model : str
        As it was given.
    method : str, optional
        None where there is no choice of it.
    name : str
        Of its folder within that of all.
    """

    model: str
    method: str | None
    name: str


@dataclass(frozen=True)
class GridFolder:
    """A grid; `GridFolder.open` reads it.

    Attributes
    ----------
    folder : pathlib.Path
        Of all studies.
    kind : str
        Key of their question.
    cells : tuple of GridCell
        All studies that were asked for, in this order.
    problems : Mapping of str to str
        Name of a cell -> why its study could not be made when the command last tried.
    """

    folder: Path
    kind: str
    cells: tuple[GridCell, ...]
    problems: Mapping[str, str]

    @classmethod
    def open(cls, path: str | Path) -> GridFolder:
        """A grid from its folder.

        Parameters
        ----------
        path : str or pathlib.Path

        Returns
        -------
        GridFolder

        Raises
        ------
        RecordError
            If there is none, or its `grid.json` is damaged.
        """
        try:
            folder = Path(path).expanduser().absolute()
            found = bounded_json.loads(regular.read_bytes(folder / GRID, MAX_HEAD))
        except ValueError as error:
            raise RecordError(f"{Path(path) / GRID} is damaged or cut off, so the grid cannot be opened.") from error
        except NO_PATH as error:
            raise RecordError(f"{path} holds no grid: it has no {GRID} that can be read.") from error
        return _checked(folder, found)


def is_grid(path: str | Path) -> bool:
    """Whether a folder holds a grid of studies.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    bool
    """
    try:
        return (Path(path).expanduser() / GRID).is_file()
    except NO_PATH:
        return False


def head_of(kind: str, cells: Sequence[GridCell], problems: Mapping[str, str]) -> dict[str, Any]:
    """What `grid.json` holds.

    Parameters
    ----------
    kind : str
        Key of the question.
    cells : Sequence of GridCell
    problems : Mapping of str to str
        Name of a cell -> why its study could not be made.

    Returns
    -------
    dict of str to object
    """
    listed = [
        {"model": one.model, "method": one.method, "folder": one.name, "error": problems.get(one.name)} for one in cells
    ]
    return {"format": FORMAT, "version": VERSION, "kind": kind, "studies": listed}


def _checked(folder: Path, found: Any) -> GridFolder:
    """What a grid's file rests on is there and of its kind."""
    place = folder / GRID
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise RecordError(f"{place} is JSON of another kind, not a grid of studies.")
    if found.get("version") != VERSION:
        raise RecordError(f"{place} has the version {found.get('version')!r}; this program reads {VERSION}.")
    listed, kind = found.get("studies"), found.get("kind")
    if not isinstance(kind, str) or not isinstance(listed, list) or not all(map(_is_cell, listed)):
        raise RecordError(f"{place} is damaged: its studies are not what they should be.")
    if len(listed) > MOST_CELLS:
        raise RecordError(f"{place} lists {len(listed):,} studies; a grid that is opened has {MOST_CELLS} at most.")
    names = [one["folder"] for one in listed]
    if len(set(names)) < len(names):
        raise RecordError(f"{place} is damaged: two of its studies have one folder.")
    cells = tuple(GridCell(one["model"], one["method"], one["folder"]) for one in listed)
    return GridFolder(folder, kind, cells, {one["folder"]: one["error"] for one in listed if one["error"]})


def _is_cell(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("model"), str)
        and isinstance(one.get("folder"), str)
        and _NAME.fullmatch(one["folder"]) is not None
        and all(one.get(key) is None or isinstance(one[key], str) for key in ("method", "error"))
        and {"method", "error"} <= one.keys()
    )
