"""Finds pictures by what a table or an annotation file calls them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from xai_core.data import roots
from xai_core.data.folders import is_picture, readable, visible
from xai_core.errors import NO_PATH, DataError

_DEEPEST = 4  # folders below the table in which its pictures may lie


def pictures_below(folder: Path, deep: int = _DEEPEST, prefix: str = "") -> dict[str, Path]:
    """The pictures in a folder and below it, sorted by folder and name.

    Parameters
    ----------
    folder : pathlib.Path
    deep : int
        How many folders below it are looked into, one in the other.
    prefix : str
        What stands before their names.

    Returns
    -------
    dict of str to pathlib.Path
        By the path from the folder, with slashes.
    """
    found = {}
    for path in visible(folder):
        name = prefix + path.name
        if is_picture(path):
            found[name] = path
        elif deep:
            found |= _within(path, deep - 1, f"{name}/")
    return found


def _within(path: Path, deep: int, prefix: str) -> dict[str, Path]:
    """The pictures in a folder in another one; none where it is no folder, or one that this user may not look into."""
    try:
        return pictures_below(path, deep, prefix) if path.is_dir() else {}
    except (DataError, PermissionError):  # one such folder is no reason to refuse the others
        return {}


class PictureFinder:
    """Finds pictures in a folder and below it by a path from anywhere, a name, or a name without its ending.

    Parameters
    ----------
    base : pathlib.Path
        The folder in which they lie.
    table : pathlib.Path
        The file that names them, for messages.
    place : str
        What messages call a place in that file: "line", "entry".
    """

    def __init__(self, base: Path, table: Path, place: str = "line") -> None:
        self.base, self.table, self.place = base, table, place
        self._inside = pictures_below(base)
        self._names = {path: name for name, path in self._inside.items()}
        self._by_name: dict[str, list[Path]] = {}
        for name, path in self._inside.items():
            last = name.rpartition("/")[2]
            for called in {last, last.rpartition(".")[0] or last}:
                self._by_name.setdefault(called, []).append(path)

    @property
    def pictures(self) -> list[Path]:
        """All of them, sorted by folder and name."""
        return list(self._names)

    def exactly(self, file: str) -> Path | None:
        """The picture at a path from the folder, or with its ending to be added."""
        if file in self._inside:
            return self._inside[file]
        folder, _, last = file.rpartition("/")
        found = [path for path in self._by_name.get(last, ()) if self._names[path].rpartition("/")[0] == folder]
        return found[0] if len(found) == 1 else None

    def leave_out(self, others: Collection[Path]) -> None:
        """Take out files that are no pictures of the set, such as masks."""
        if others:
            self._names = {path: name for path, name in self._names.items() if path not in others}
            self._inside = {name: path for path, name in self._names.items()}
            self._by_name = {name: [p for p in paths if p not in others] for name, paths in self._by_name.items()}

    def name_of(self, path: Path) -> str:
        """What a person calls a picture: its path from the folder, where it lies in it."""
        return readable(self._names.get(path) or str(path))

    def find(self, file: str, number: int, *, in_its_folder: bool = False) -> Path | None:
        """The picture that a file's name means.

        Parameters
        ----------
        file : str
            As it is written in the table.
        number : int
            Of its place there, for messages.
        in_its_folder : bool
            Whether the folder before its name must be right: a mask may have its picture's name.

        Returns
        -------
        pathlib.Path or None
            None where it is not there, or may not be read.

        Raises
        ------
        DataError
            If it may be one of two.
        """
        written = file.replace("\\", "/")
        if (inside := self._inside.get(written.removeprefix("./"))) is not None:
            return inside
        if (outside := self._outside(file)) is not None:
            return outside
        said = PurePosixPath(written)
        found = self._by_name.get(said.name, [])
        if in_its_folder and len(said.parts) > 1:
            found = [path for path in found if path.parts[-2] == said.parts[-2]]
        # Of several with that name, those whose folders are the line's as well, as far as both say.
        depth = len(said.parts)
        while len(found) > 1 and depth > 1:
            closer = [path for path in found if path.parts[-depth:-1] == said.parts[-depth:-1]]
            found, depth = closer or found, depth - 1
        if len(found) > 1:
            names = [readable(str(path.relative_to(self.base))) for path in found[:2]]
            raise DataError(
                f"{self.table}, {self.place} {number}: {file!r} may be {names[0]} or {names[1]}. Write the folder "
                "before the name."
            )
        return found[0] if found else None

    def _outside(self, file: str) -> Path | None:
        """A picture that lies elsewhere, as an absolute path or one with `..` says; where roots are set, in those."""
        if not file.startswith(("/", "~", "..")) and ":" not in file[:3]:
            return None
        try:
            path = (self.base / Path(file).expanduser()).resolve()
            return path if not roots.is_outside(path) and is_picture(path) else None
        except NO_PATH:
            return None
