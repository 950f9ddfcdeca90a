"""Annotation files in JSON: read whole within bounds, and told apart by their beginning and end."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from xai_core import bounded_json, regular
from xai_core.data import roots
from xai_core.data.folders import state
from xai_core.errors import DataError

MAX_BYTES = 1 << 30  # of a file: COCO's training annotations have 450 MB
_ENDS = 1 << 16  # bytes of each end that are looked at
_WORDS = {int: "a whole number", str: "a text", list: "a list", dict: "an object", float: "a number"}


@lru_cache(maxsize=1 << 14)
def _head(path: Path, _state: str, size: int) -> bytes:
    with regular.opened(path) as file:
        first = file.read(_ENDS)
        if size <= _ENDS:
            return first
        file.seek(max(_ENDS, size - _ENDS))
        return first + b"\n" + file.read(_ENDS)


def head(path: Path) -> bytes:
    """What stands at the beginning and the end of a file; nothing if it cannot be read or may not be."""
    try:
        if roots.leads_out(path):
            return b""
        return _head(path, state(path), path.stat().st_size)
    except OSError:
        return b""


def read_json(path: Path) -> dict[str, Any]:
    """The object that a file holds.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    dict

    Raises
    ------
    DataError
        If it cannot be read, is no whole JSON, or no object.
    """
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise DataError(f"{path} has {size >> 20:,} MB; at most {MAX_BYTES >> 20} are read.")
        read = roots.read_bytes(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    if bounded_json.is_dense(read):
        raise DataError(f"{path} has more lists and objects than annotations of its size.")
    try:
        content = json.loads(read)
    except RecursionError as error:
        raise DataError(f"{path} is nested too deeply to hold annotations.") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {error.lineno}, is no whole JSON: {error.msg}.") from error
    except ValueError as error:
        raise DataError(f"{path} is no JSON: it is no text in UTF-8, or holds a number that is none.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} holds {_kind(content)}, where an object was expected.")
    return content


def _kind(value: Any) -> str:
    return next((words for kind, words in _WORDS.items() if type(value) is kind), "null" if value is None else "a word")


def field(path: Path, given: Any, name: str, *kinds: type, where: str = "") -> Any:
    """A field of an object in a file.

    Parameters
    ----------
    path : pathlib.Path
        Of the file, for messages.
    given : object
        What should be the object.
    name : str
        Of the field.
    *kinds : type
        What it may be.
    where : str
        The object's place in the file, for messages.

    Raises
    ------
    DataError
        If it is not there, or of another kind.
    """
    place = f"{path}, {where}" if where else str(path)
    expected = " or ".join(_WORDS[kind] for kind in kinds)
    if not isinstance(given, dict) or name not in given:
        found = f"has no {name!r}" if isinstance(given, dict) else f"is {_kind(given)}"
        raise DataError(f"{place} {found}: expected {expected} of that name, {name!r}.")
    value = given[name]
    if type(value) not in kinds:
        raise DataError(f"{place}: {name!r} is {_kind(value)}, where {expected} was expected.")
    return value
