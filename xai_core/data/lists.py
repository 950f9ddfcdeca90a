"""Lists that data sets carry along: text with words between blanks, and MATLAB's files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from xai_core.data import roots
from xai_core.errors import DataError

_AT_MOST = 64 << 20  # bytes of a list


def read_text(path: Path) -> str:
    """A list's text.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    return _content(path).decode("utf-8-sig", "backslashreplace")


def rows(path: Path) -> list[list[str]]:
    """A list's lines, as words between blanks; the empty ones left out.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    return [words for line in read_text(path).splitlines() if (words := line.split())]


def numbered(path: Path) -> dict[str, str]:
    """A list whose lines are a number and what it stands for: number -> the rest of its line.

    Raises
    ------
    DataError
        If it cannot be read, or a line is something else.
    """
    found = {}
    for line, words in enumerate(rows(path), start=1):
        if len(words) < 2 or not words[0].isdecimal():
            raise DataError(f"{path}, line {line}, is {' '.join(words)!r}. Expected a number and what it stands for.")
        found[words[0]] = " ".join(words[1:])
    return found


def matlab(path: Path, name: str) -> Any:
    """A variable of a MATLAB file.

    Raises
    ------
    DataError
        If it cannot be read, or has no such variable.
    """
    from scipy.io import loadmat

    content = _content(path)
    try:
        return loadmat(io.BytesIO(content), squeeze_me=True, variable_names=[name])[name]
    except Exception as error:  # the reader raises a dozen kinds for damaged files
        raise DataError(f"{path} is damaged, or has no list called {name!r}.") from error


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _AT_MOST:
            raise DataError(f"{path} has more than {_AT_MOST >> 20} MB; it is no list.")
        return roots.read_bytes(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
