"""Maps by name from whatever they come as: arrays, a file or a folder of them, or files that were handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xai_core.errors import NO_PATH, DataError
from xai_core.inference.map_files import MapFile, file_of_each, files_below, said_files

Given = str | Path | np.ndarray | Mapping[str, np.ndarray] | Sequence[np.ndarray] | Sequence[MapFile]
Stack = np.ndarray | Sequence[np.ndarray]  # N of (h, w)
ONE = "given"  # the name of maps of which there is one a picture
_PREFIX = "map/"  # of the archives that `xai.to_npz` and reports write


class _OfFiles(Sequence[np.ndarray]):
    """The one map of each of some files, read when asked for."""

    def __init__(self, files: Sequence[MapFile]) -> None:
        self._files = files

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, place: Any) -> Any:
        return self._files[place].one_map()


def read_maps(maps: Given, names: Sequence[str]) -> dict[str, Stack]:
    """Maps by name, from whatever they come as.

    Parameters
    ----------
    maps : str, pathlib.Path, ndarray, Mapping, sequence of ndarray or of MapFile
        As `xai.given_maps` takes them, or files that were handed in.
    names : sequence of str
        Of the pictures.

    Raises
    ------
    DataError
        If a file cannot be read, or a picture has no map.
    """
    if isinstance(maps, str | Path):
        place = Path(maps)
        try:
            place = place.expanduser()
            if not place.is_dir():
                return _of_file(MapFile.on_disk(place), names)
            files = files_below(place)
        except NO_PATH as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{place.name} cannot be read as maps: {error}.") from error
        return {ONE: _OfFiles(file_of_each(files, names, place.name))}
    if isinstance(maps, Mapping):
        return dict(maps)
    if isinstance(maps, np.ndarray):
        return {ONE: maps}
    handed = [one for one in maps if isinstance(one, MapFile)]
    if len(handed) == 1:
        return _of_file(handed[0], names)
    if handed:
        return {ONE: _OfFiles(file_of_each(handed, names, said_files(handed)))}
    return {ONE: [np.asarray(one) for one in maps]}


def _of_file(file: MapFile, names: Sequence[str]) -> dict[str, Stack]:
    """Maps by name from one file."""
    if file.kind == ".png" and len(names) > 1:
        return {ONE: _OfFiles(file_of_each([file], names, file.name))}
    if len(names) == 1 and file.kind != ".npz":
        return {ONE: [file.one_map()]}
    found = file.arrays()
    layers = {name.removeprefix(_PREFIX): one for name, one in found.items() if name.startswith(_PREFIX)}
    if layers:
        return dict(layers)
    if len(found) == 1 and next(iter(found.values())).ndim == 3:
        return {ONE: next(iter(found.values()))}
    if len(names) == len(found) == 1 and (alone := next(iter(found.values())).squeeze()).ndim == 2:
        return {ONE: [alone]}
    if all(name in found for name in names):
        return {ONE: [found[name] for name in names]}
    several = {name: one for name, one in found.items() if one.ndim == 3}
    if several:
        return dict(several)
    missing = [name for name in names if name not in found]
    raise DataError(
        f"{file.name} holds no array (pictures, h, w), and no map named {', '.join(missing[:3])}; it holds "
        f"{', '.join(list(found)[:6])}."
    )
