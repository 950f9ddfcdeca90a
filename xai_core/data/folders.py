"""Names of folders and files: labels, splits, what is visible, what is a picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from xai_core.data import roots
from xai_core.data.counting import count_file, count_names
from xai_core.data.files import is_named_as_picture
from xai_core.errors import DataError

# The first that is there is the default.
SPLITS = ("test", "val", "valid", "validation", "train", "training")
_STAMP = re.compile(r"(?:^|\|)(?P<stamp>(?P<path>[^|].*?):\d+:\d+)(?=\||$)", re.DOTALL)
_WNID = re.compile(r"^(n\d{8})(?:[_\- ](.+))?$")


class Label(NamedTuple):
    """A class in words, and its WordNet id or None."""

    words: str
    wnid: str | None


def split_label(folder: str) -> Label:
    """The label of a class folder's name: "n02690373_grand_piano", "n02690373", "cat".

    Parameters
    ----------
    folder : str
        Its name.

    Returns
    -------
    Label
    """
    if match := _WNID.match(folder):
        return Label((match[2] or match[1]).replace("_", " "), match[1])
    return Label(folder.replace("_", " "), None)


def readable(name: str) -> str:
    """A file's name as text that any page can show: file systems allow bytes that are no text."""
    return name.encode("utf-8", "backslashreplace").decode()


def visible(folder: Path) -> list[Path]:
    """What lies in a folder, sorted, without hidden files, and without what leads out (see `roots`).

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    list of pathlib.Path
        Sorted by name.
    """
    if roots.leads_out(folder):
        return []
    try:
        there = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be read: {error.strerror}.") from error
    count_names(str(folder), len(there))
    return [path for path in there if not path.name.startswith(".") and not roots.leads_out(path)]


def is_picture(path: Path) -> bool:
    """Whether a file looks like a picture by its name, or by its first bytes where that has no suffix."""
    try:
        return not roots.leads_out(path) and path.is_file() and is_named_as_picture(path)
    except PermissionError:  # a link to where this user may not look
        return False


def stamp(path: Path) -> str:
    """Changes when the file does."""
    count_file()
    status = path.stat()
    return f"{readable(str(path))}:{status.st_mtime_ns}:{status.st_size}"


def state(path: Path) -> str:
    """Changes when the file does, also where another of its size and time takes its place: for what is kept in memory.

    What is kept on disk goes by `stamp`, since a copy of a data set is the same one.
    """
    status = path.stat()
    return f"{status.st_mtime_ns}:{status.st_size}:{status.st_ctime_ns}:{status.st_ino}"


def stamped_files(stamps: str) -> dict[Path, str]:
    """The files whose stamps are parts of a text, each with its stamp; such as all that an item is made of.

    Parameters
    ----------
    stamps : str
        Parts with "|" between them; those that are no stamps are passed over.

    Returns
    -------
    dict of pathlib.Path to str
    """
    return {Path(found["path"]): found["stamp"] for found in _STAMP.finditer(stamps)}
