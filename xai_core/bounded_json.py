"""JSON that came from somebody: its parts are counted before any is made, since two bytes of it may take a hundred."""

from __future__ import annotations

import json
from typing import Any

MOST = 1_000_000  # parts: ImageNet-21k has 22,000 class names, and a few commas in some
_MARKS = b"[", b"{", b","  # each list, object and value but the first of a list has one before it
_SPARSE = 16  # bytes for each list or object of data, those in it included
_DEEPEST = 100  # lists in lists: who walks through them, as writing them again does, calls itself as often


def is_dense(content: bytes) -> bool:
    """Whether JSON, an object a line or one in all, has more lists and objects than data of its size.

    Parameters
    ----------
    content : bytes
        Of a file of any size, which `loads` would count too many parts in: annotations of a million pictures.

    Returns
    -------
    bool
        Of a million, and more where each takes at least 16 bytes, it has not: a box alone takes as many.

    Examples
    --------
    >>> from xai_core.bounded_json import is_dense
    >>> is_dense(b"[" * 2_000_000), is_dense(b'[{"box": [1, 2, 3, 4]}]')
    (True, False)
    """
    return content.count(b"[") + content.count(b"{") > max(MOST, len(content) // _SPARSE)


class TooDeep(ValueError):  # noqa: N818 (the JSON is that)
    """JSON of more lists in lists than anybody writes."""


def loads(content: bytes | str, *, most: int = MOST) -> Any:
    """What JSON says.

    Parameters
    ----------
    content : bytes or str
        Of so many bytes at most as the caller reads; a text in it takes four times as much in memory.
    most : int
        Lists, objects, keys and values that it may have.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If it is no JSON, or has more parts than that; `TooDeep` if it is nested too deeply.

    Examples
    --------
    >>> from xai_core.bounded_json import loads
    >>> loads(b"[[], {}]")
    [[], {}]
    >>> loads(b"[[], {}]", most=3)
    Traceback (most recent call last):
    ValueError: It has 4 lists, objects and further values; at most 3 are read.
    """
    content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    parts = sum(map(content.count, _MARKS))
    if parts > most:
        raise ValueError(f"It has {parts:,} lists, objects and further values; at most {most:,} are read.")
    try:
        found = json.loads(content)
    except RecursionError as error:
        raise TooDeep("It is nested too deeply.") from error
    inside = [found]
    for _ in range(_DEEPEST):
        inside = [one for each in inside for one in _values(each) if isinstance(one, list | dict)]
        if not inside:
            return found
    raise TooDeep("It is nested too deeply.")


def _values(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
