"""Pictures whose labels stand in a table (CSV or TSV) beside them, several labels a picture."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from xai_core.data.dataset import Dataset, Item, Problem
from xai_core.data.folders import SPLITS, is_picture, readable, stamp, visible
from xai_core.data.label_table import LabelTable, Line, is_label_table, read_label_table
from xai_core.data.pictures import make_sample
from xai_core.data.registry import register_layout
from xai_core.errors import DataError
from xai_core.types import Sample

_DEEPEST = 4  # folders below the table in which its pictures may lie


def _tables(folder: Path) -> list[Path]:
    return [path for path in visible(folder) if is_label_table(path)] if folder.is_dir() else []


def _by_split(root: Path) -> dict[str, tuple[Path, Path | None]]:
    """Split -> the folder of its pictures and its table; the table is None where there are several.

    Without splits there is one entry, named "".
    """
    here = _tables(root)
    named = {path.stem.lower(): path for path in here}
    if here and set(named) <= set(SPLITS):
        return {split: (root, named[split]) for split in SPLITS if split in named}
    if here:
        return {"": (root, here[0] if len(here) == 1 else None)}
    below = {split: _tables(root / split) for split in SPLITS}
    return {split: (root / split, found[0] if len(found) == 1 else None) for split, found in below.items() if found}


def recognises(root: Path) -> bool:
    """Whether a table of labels lies in a folder, or in one of its splits.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.

    Returns
    -------
    bool
    """
    return bool(_by_split(root))


def splits(root: Path) -> tuple[str, ...]:
    """The splits that have a table, the default first."""
    return tuple(split for split in _by_split(root) if split)


def _pictures(folder: Path, deep: int = _DEEPEST) -> list[Path]:
    """The pictures in a folder and below it."""
    found = []
    for path in visible(folder):
        if path.is_dir():
            found += _pictures(path, deep - 1) if deep else []
        elif is_picture(path):
            found.append(path)
    return found


class _Finder:
    """Finds pictures by what a table calls them: a path from anywhere, a name, or a name without its ending."""

    def __init__(self, base: Path, table: Path) -> None:
        self.base, self.table = base, table
        self.pictures = _pictures(base)
        self._by_name: dict[str, list[Path]] = {}
        for path in self.pictures:
            for name in dict.fromkeys((path.name, path.stem)):
                self._by_name.setdefault(name, []).append(path)

    def find(self, line: Line) -> Path | None:
        """The picture of a line; None where it is not there."""
        said = PurePosixPath(line.file.replace("\\", "/"))
        found = self._by_name.get(said.name, [])
        # Of several with that name, those whose folders are the line's as well, as far as both say.
        depth = len(said.parts)
        while len(found) > 1 and depth > 1:
            closer = [path for path in found if path.parts[-depth:-1] == said.parts[-depth:-1]]
            found, depth = closer or found, depth - 1
        if len(found) > 1 and depth == len(said.parts) == 1:
            found = [path for path in found if path == self.base / said.name] or found
        if len(found) > 1:
            names = [readable(str(path.relative_to(self.base))) for path in found[:2]]
            raise DataError(
                f"{self.table}, line {line.number}: {line.file!r} may be {names[0]} or {names[1]}. Write the folder "
                "before the name."
            )
        return found[0] if found else None


def _read(path: Path, name: str, labels: tuple[str, ...], annotated: tuple[str, ...]) -> Sample:
    sample = make_sample(path, name, label=labels[0] if labels else None)
    return replace(sample, labels=labels, annotated=annotated)


def _listed(base: Path, table: LabelTable) -> Dataset:
    finder = _Finder(base, table.path)
    of = readable(table.path.name)
    items: list[Item] = []
    lines: dict[Path, int] = {}
    missing: list[Problem] = []
    for line in table.lines:
        path = finder.find(line)
        if path is None:
            missing.append(Problem(readable(line.file), f"Listed in {of}, line {line.number}, but not there."))
            continue
        if path in lines:
            raise DataError(f"{table.path}: line {lines[path]} and line {line.number} are both about {path.name!r}.")
        lines[path] = line.number
        name = readable(path.relative_to(base).as_posix())
        label = line.labels[0] if line.labels else None
        read = partial(_read, path, name, line.labels, table.names)
        items.append(Item(name, label, read, stamp(path), line.labels, table.names))
    missing += [
        Problem(readable(path.relative_to(base).as_posix()), f"{of} has no line for it.")
        for path in finder.pictures
        if path not in lines
    ]
    if not items:
        raise DataError(f"{table.path} lists no picture that is there, in {base} or in a folder below it.")
    return Dataset(str(base), base.name, tuple(items), tuple(missing))


@register_layout("tabulated", "A table of labels", recognises=recognises, splits=splits, order=40)
def load(root: Path, split: str | None = None) -> Dataset:
    """The pictures that a table lists, each with all its labels. A split is a folder or a table of that name.

    Parameters
    ----------
    root : pathlib.Path
        Of the folder.
    split : str, optional
        None takes the first of its splits.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If the split is not there, the table cannot be understood, or none of its pictures is there.
    """
    there = _by_split(root)
    chosen = split or next(iter(there))
    if chosen not in there:
        raise DataError(f"{root} has no split {split!r}. It has: {', '.join(filter(None, there)) or 'none'}.")
    base, table = there[chosen]
    if table is None:
        names = ", ".join(path.name for path in _tables(base))
        raise DataError(f"{base} has several tables of labels: {names}. Keep the one that is to be used.")
    found = _listed(base, read_label_table(table))
    return replace(found, key=str(root), title=f"{root.name}/{chosen}" if chosen else root.name)
