"""What goes between a server and a decoding process: a line of JSON, then as many bytes as it says.

No pickles: a decoder that a stranger's file has taken over could send anything.
"""

from __future__ import annotations

import json
from math import prod
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

_HEAD = 1 << 24  # bytes of a line, at most
_KINDS = ("|u1", "<i4")  # of arrays that come back


class WireError(Exception):
    """The other side ended, or says what cannot be."""


def send(stream: BinaryIO, message: dict[str, Any], *bodies: Any) -> None:
    """Send a message, and bytes after it.

    Parameters
    ----------
    stream : binary file
    message : dict
        As JSON has it.
    *bodies : bytes or ndarray
    """
    views = [memoryview(body).cast("B") for body in bodies if memoryview(body).nbytes]
    stream.write(json.dumps(message | {"bytes": sum(view.nbytes for view in views)}).encode() + b"\n")
    for view in views:
        stream.write(view)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, Any], int]:
    """The next message, and how many bytes come after it.

    Raises
    ------
    WireError
        If the other side ended.
    """
    line = stream.readline(_HEAD)
    if not line.endswith(b"\n"):
        raise WireError("The other side ended.")
    try:
        message = json.loads(line)
        return message, int(message["bytes"])
    except (ValueError, KeyError, TypeError) as error:
        raise WireError("The other side says what is no message.") from error


def read(stream: BinaryIO, buffer: Any) -> None:
    """Fill a buffer.

    Raises
    ------
    WireError
        If the other side ended before.
    """
    view, there = memoryview(buffer).cast("B"), 0
    while there < len(view):
        count = stream.readinto(view[there:])  # type: ignore[attr-defined]
        if not count:
            raise WireError("The other side ended.")
        there += count


def arrays_of(message: dict[str, Any], count: int, most: int) -> list[npt.NDArray[Any]]:
    """Empty arrays of the shapes that a message says.

    Parameters
    ----------
    message : dict
        With "arrays", of which each has "shape" and "dtype".
    count : int
        Bytes that come.
    most : int
        Values that they may have in all.

    Returns
    -------
    list of ndarray

    Raises
    ------
    WireError
        If they cannot be.
    """
    said: Any = message.get("arrays")
    good = isinstance(said, list) and all(isinstance(one, dict) and _is_array(one) for one in said)
    sizes = [prod(one["shape"]) for one in said] if good else []
    bytes_ = sum(size * np.dtype(one["dtype"]).itemsize for size, one in zip(sizes, said or (), strict=False))
    if not good or sum(sizes) > most or bytes_ != count:
        raise WireError("The other side says what is no array.")
    return [np.empty(one["shape"], one["dtype"]) for one in said]


def _is_array(said: dict[str, Any]) -> bool:
    shape: Any = said.get("shape")
    whole = isinstance(shape, list) and 2 <= len(shape) <= 3 and all(isinstance(one, int) and one > 0 for one in shape)
    return whole and said.get("dtype") in _KINDS
