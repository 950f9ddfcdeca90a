"""Finds pictures by what a table or an annotation file calls them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from xai_core.data import roots
from xai_core.data.folders import is_picture, readable, visible
from xai_core.errors import NO_PATH, DataError

_DEEPEST = 4  # folders below the table in which its pictures may lie


def pictures_below(folder: Path, deep: int = _DEEPEST) -> list[Path]:
    """The pictures in a folder and below it, sorted by folder and name.

    Parameters
    ----------
    folder : pathlib.Path
    deep : int
        How many folders below it are looked into, one in the other.

    Returns
    -------
    list of pathlib.Path
    """
    found = []
    for path in visible(folder):
        if path.is_dir():
            found += pictures_below(path, deep - 1) if deep else []
        elif is_picture(path):
            found.append(path)
    return found


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
        self.pictures = pictures_below(base)
        self._all = set(self.pictures)
        self._by_name: dict[str, list[Path]] = {}
        for path in self.pictures:
            for name in dict.fromkeys((path.name, path.stem)):
                self._by_name.setdefault(name, []).append(path)

    def name_of(self, path: Path) -> str:
        """What a person calls a picture: its path from the folder, where it lies in it."""
        inside = path.is_relative_to(self.base)
        return readable(path.relative_to(self.base).as_posix() if inside else str(path))

    def find(self, file: str, number: int) -> Path | None:
        """The picture that a file's name means.

        Parameters
        ----------
        file : str
            As it is written in the table.
        number : int
            Of its place there, for messages.

        Returns
        -------
        pathlib.Path or None
            None where it is not there, or may not be read.

        Raises
        ------
        DataError
            If it may be one of two.
        """
        said = PurePosixPath(file.replace("\\", "/"))
        if not said.name:
            return None
        inside = self.base / said
        if inside in self._all:
            return inside
        if (outside := self._outside(file)) is not None:
            return outside
        found = self._by_name.get(said.name, [])
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
