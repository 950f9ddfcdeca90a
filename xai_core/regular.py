"""Opens files whose paths came from somebody: ordinary ones alone, since a pipe waits and a device never ends."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from xai_core.errors import NO_PATH, DataError

NOT_ORDINARY = "it is not an ordinary file"
_SHOWN = 80  # letters of a path that messages repeat


def named_path(path: str | Path) -> Path:
    """The path that was named, whether or not anything is there.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    pathlib.Path
        As it was written; `~` is the user's home.

    Raises
    ------
    DataError
        If it can be none: it begins with the home of nobody, or is too long.

    Examples
    --------
    >>> from xai_core.regular import named_path
    >>> named_path("photos").name
    'photos'
    """
    text = str(path)
    try:
        place = Path(path).expanduser()
    except (RuntimeError, ValueError) as error:
        home = text.split("/", 1)[0]
        raise DataError(f"Nobody here has the home {home[:_SHOWN]!r}. Write the whole path.") from error
    try:
        place.lstat()
    except (OSError, ValueError) as error:  # any other is said where it is opened
        if getattr(error, "errno", None) == errno.ENAMETOOLONG:
            raise DataError(f"The path {text[:_SHOWN]!r} … is too long.") from error
    return place


def is_there(path: str | Path) -> bool:
    """Whether anything lies at a path; nothing does at what can be none.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    bool
    """
    try:
        return named_path(path).exists()
    except NO_PATH:
        return False


def whole_path(path: str | Path) -> Path:
    """The absolute path of what was named, to be shown and kept; nothing leads up and down again in it.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    pathlib.Path
        Links stay as they are, but for those before a `..`, which is the parent of where they lead.

    Raises
    ------
    DataError
        As `named_path`.

    Examples
    --------
    >>> from xai_core.regular import whole_path
    >>> whole_path("own/../photos") == whole_path("photos")
    True
    """
    place = named_path(path).absolute()
    return Path(os.path.realpath(place)) if ".." in place.parts else place


def opened(path: Path) -> BinaryIO:
    """A file to read, which is an ordinary one.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    BinaryIO

    Raises
    ------
    OSError
        If it cannot be opened, or is a folder, a pipe, a device or a socket.
    """
    # Without waiting for somebody who writes to a pipe.
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(number).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, NOT_ORDINARY)
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """The content of an ordinary file.

    Parameters
    ----------
    path : pathlib.Path
    most : int, optional
        Bytes; one that grows meanwhile is cut off there, and so damaged.

    Returns
    -------
    bytes

    Raises
    ------
    OSError
        As `opened`.
    """
    with opened(path) as file:
        return file.read() if most is None else file.read(most)


def waits(folder: Path) -> Path | None:
    """A pipe or a device in a folder, for who hands the folder on to a reader that would wait there without end.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    pathlib.Path or None
        The first by name, links followed; None where there is none.

    Raises
    ------
    OSError
        If the folder cannot be listed.
    """
    kinds = (Path.is_fifo, Path.is_char_device, Path.is_block_device)
    with os.scandir(folder) as entries:  # which says of most files what they are without another look
        others = [Path(entry.path) for entry in entries if not entry.is_file() and not entry.is_dir()]
    return min((path for path in others if any(is_one(path) for is_one in kinds)), default=None)
