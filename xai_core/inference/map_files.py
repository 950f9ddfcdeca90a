"""Files that hold somebody's maps: NPY, NPZ and grey PNG, from a disk or as they were handed in."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from xai_core import regular
from xai_core.archives import archive_of
from xai_core.errors import NO_PATH, DataError
from xai_core.pixels.parts import has_many
from xai_core.types.counts import form, number_of

SUFFIXES = (".npy", ".npz", ".png")
MOST = 1 << 30  # bytes of a file, and of what it unpacks to
HANDED_IN = 200_000_000  # the same of one that a visitor hands in: a few kilobytes may unpack to gigabytes
MOST_CELLS = 1 << 24  # of a map, in one direction 4,096
MOST_ARRAYS = 10_000  # of an NPZ: each is a file of its own in it
_GREY = ("L", "I", "I;16", "F", "1")  # Pillow's modes with one value a pixel


def _content(path: Path) -> bytes:
    """What a file on the disk holds, unless it says before that this is too much: one of holes is read for long."""
    with regular.opened(path) as file:
        if os.fstat(file.fileno()).st_size > MOST:
            raise DataError(f"{path.name} is larger than {MOST // 10**6:,} MB.")
        if path.suffix.lower() == ".npy" and (cells := _cells(file)) > MOST_CELLS:
            raise DataError(f"{path.name} has maps of {cells:,} cells; at most {MOST_CELLS:,} are taken.")
        file.seek(0)
        return file.read(MOST + 1)


def _cells(file: BinaryIO) -> int:
    """Of each map, as the head of an NPY file says; 0 where that is damaged, which is said when it is read."""
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        return prod(read(file)[0][-2:])
    except Exception:  # heads are Python literals, and raise a dozen kinds
        return 0


@dataclass(frozen=True, eq=False)
class MapFile:
    """A file with maps, read when asked for.

    Attributes
    ----------
    name : str
        With the folders below the chosen one, and its ending.
    content : callable
        Gives its bytes; raises what opening a file raises.
    most : int
        Bytes that it may have, and unpack to.
    """

    name: str
    content: Callable[[], bytes]
    most: int = MOST

    @classmethod
    def on_disk(cls, path: Path, name: str = "") -> MapFile:
        """A file by its path."""
        return cls(name or path.name, lambda: _content(path))

    @property
    def kind(self) -> str:
        """Its ending, in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    def read(self) -> bytes:
        """Its bytes.

        Raises
        ------
        DataError
            If it cannot be read, or is too large.
        """
        try:
            found = self.content()
        except NO_PATH as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{self.name} cannot be read as maps: {error}.") from error
        if len(found) > self.most:
            raise DataError(f"{self.name} is larger than {self.most // 10**6:,} MB.")
        return found

    def unpacked(self) -> int:
        """Bytes that it unpacks to, each pixel of a PNG being one; 0 of a damaged one, which says so when read."""
        content = self.read()
        try:
            if self.kind == ".npz":
                with archive_of(io.BytesIO(content)) as archive:
                    return sum(member.file_size for member in archive.infolist())
            if self.kind == ".png":
                with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
                    return image.width * image.height
        except Exception:  # of a dozen kinds
            return 0
        return len(content)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of an NPY or NPZ file by name; nothing is unpickled.

        Raises
        ------
        DataError
            If it holds none.
        """
        content = self.read()
        try:
            if self.kind == ".npz":
                with archive_of(io.BytesIO(content)) as archive:
                    if (count := len(archive.infolist())) > MOST_ARRAYS:
                        raise DataError(
                            f"{self.name} holds {count:,} arrays; at most {MOST_ARRAYS:,} are read. Save all maps as "
                            "one array (pictures, h, w)."
                        )
                    if sum(member.file_size for member in archive.infolist()) > self.most:
                        raise DataError(f"{self.name} unpacks to more than {self.most // 10**6:,} MB.")
                with np.load(io.BytesIO(content), allow_pickle=False) as read:
                    return {name: one for name in read.files if isinstance(one := read[name], np.ndarray)}
            return {PurePosixPath(self.name).stem: np.load(io.BytesIO(content), allow_pickle=False)}
        except DataError:
            raise
        except Exception as error:  # a damaged file raises one of a dozen errors
            raise DataError(f"{self.name} cannot be read as arrays: {error}.") from error

    def one_map(self) -> np.ndarray:
        """The one map (h, w) of a file.

        Raises
        ------
        DataError
            If it holds none, or several.
        """
        if self.kind == ".png":
            return self._grey()
        arrays = list(self.arrays().values())
        if len(arrays) != 1 or arrays[0].squeeze().ndim != 2:
            shapes = ", ".join(str(one.shape) for one in arrays)
            raise DataError(f"{self.name} holds {shapes} in place of one map (h, w).")
        return arrays[0].squeeze()

    def _grey(self) -> np.ndarray:
        """A PNG with one channel, its values as they are."""
        content = self.read()
        if has_many(content):
            raise DataError(f"{self.name} has very many parts, and would take long to decode. Save it anew.")
        try:
            with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
                if image.width * image.height > MOST_CELLS:
                    raise DataError(
                        f"{self.name} has {image.width} x {image.height} pixels, which is too many for a map."
                    )
                if image.mode not in _GREY:
                    raise DataError(
                        f"{self.name} is in colour ({image.mode}). A map has one value a pixel: save it in grey."
                    )
                return np.asarray(image).astype(np.float32)
        except DataError:
            raise
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
            raise DataError(f"{self.name} cannot be read as a PNG: {error}.") from error


def require_handed_in(files: Sequence[MapFile]) -> None:
    """That files which a visitor hands in do not unpack to more together than one of them may.

    Raises
    ------
    DataError
        If they do.
    """
    if sum(file.unpacked() for file in files) > HANDED_IN:
        raise DataError(f"The {len(files)} files unpack to more than {HANDED_IN // 10**6:,} MB in all.")


def files_below(folder: Path) -> list[MapFile]:
    """The files of a folder and of those in it that can hold a map, by name."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return [MapFile.on_disk(path, path.relative_to(folder).as_posix()) for path in paths]


def file_of_each(files: Iterable[MapFile], names: Sequence[str], place: str) -> list[MapFile]:
    """The file that is named as each picture is, with or without its folders and ending.

    Parameters
    ----------
    files : iterable of MapFile
    names : sequence of str
        Of the pictures.
    place : str
        Where the files lie, for people.

    Raises
    ------
    DataError
        If a picture has none, or several.
    """
    known: dict[str, list[MapFile]] = {}
    count = 0
    for file in files:
        count += 1
        path = PurePosixPath(file.name)
        for name in {path.with_suffix("").as_posix(), path.stem, path.as_posix()}:
            known.setdefault(name, []).append(file)
    found = [_named_like(known, name) for name in names]
    without = [name for name, there in zip(names, found, strict=True) if not there]
    several = [name for name, there in zip(names, found, strict=True) if len(there) > 1]
    for wrong, what in ((without, "no map is named like it"), (several, "several maps are named like it")):
        if wrong:
            more = f", and so for {len(wrong) - 1} more of {number_of(len(names), 'picture')}" if len(wrong) > 1 else ""
            holds = f"which holds {number_of(count, 'map')}"
            raise DataError(f"{wrong[0]}: {what} in {place}, {holds}{more}.")
    return [there[0] for there in found]


def _named_like(known: dict[str, list[MapFile]], name: str) -> list[MapFile]:
    """The files that go with a picture's name, the closest spelling first."""
    called = PurePosixPath(name.replace("\\", "/"))
    spelt = (called.as_posix(), called.with_suffix("").as_posix(), called.name, called.stem)
    return next((known[one] for one in spelt if one in known), [])


def said_files(files: Sequence[MapFile]) -> str:
    """What the files are called, in words."""
    return files[0].name if len(files) == 1 else f"the {number_of(len(files), form(len(files), 'file', 'files'))}"
