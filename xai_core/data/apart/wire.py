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


def send(stream: BinaryIO, message: dict[str, Any], body: Any = b"") -> None:
    """Send a message, and bytes after it.

    Parameters
    ----------
    stream : binary file
    message : dict
        As JSON has it.
    body : bytes or ndarray
    """
    view = memoryview(body).cast("B") if memoryview(body).nbytes else memoryview(b"")
    stream.write(json.dumps(message | {"bytes": view.nbytes}).encode() + b"\n")
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


def array_of(message: dict[str, Any], count: int, most: int) -> npt.NDArray[Any]:
    """An empty array of the shape that a message says.

    Parameters
    ----------
    message : dict
        With "shape" and "dtype".
    count : int
        Bytes that come.
    most : int
        Values that it may have.

    Returns
    -------
    ndarray

    Raises
    ------
    WireError
        If it cannot be.
    """
    shape: Any = message.get("shape")
    kind: Any = message.get("dtype")
    good = isinstance(shape, list) and 2 <= len(shape) <= 3 and all(isinstance(one, int) and one > 0 for one in shape)
    if not good or kind not in _KINDS or prod(shape) > most or prod(shape) * np.dtype(kind).itemsize != count:
        raise WireError("The other side says what is no array.")
    return np.empty(shape, kind)
