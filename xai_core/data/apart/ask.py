"""A picture, a mask or an orientation, decoded in a process of its own; the processes that are kept for the next."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol, TypeGuard

import numpy as np
import numpy.typing as npt

from xai_core.apart import is_on
from xai_core.data import costly, frames
from xai_core.data.apart import process
from xai_core.data.apart.costly_kinds import LARGE_MASK, is_costly
from xai_core.data.apart.process import Decoder, EndedError, Reply
from xai_core.data.files import MAX_PIXELS
from xai_core.errors import PictureError
from xai_core.pixels import Conversion, Intensities, IntensityRange, choose_range
from xai_core.quotas import DECODING_MB, DECODING_SECONDS

Kind = Literal["grey", "palette", "colour"]
KINDS: dict[str, Kind] = {"grey": "grey", "palette": "palette", "colour": "colour"}
_KEPT = 2  # processes that wait for the next picture
_idle: list[Decoder] = []
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class MaskPixels:
    """A mask as it was decoded; what each is, says `MaskFile`."""

    levels: tuple[int, ...]
    kind: Kind
    palette: dict[int, int]
    lossy: bool
    values: npt.NDArray[Any]


class Reading(Protocol):
    """How pictures are read, as of `FileReading`, which knows masks, whose files are read with this."""

    @property
    def measures_only(self) -> bool: ...
    @property
    def span_is_given(self) -> bool: ...
    @property
    def bands(self) -> tuple[int, ...]: ...
    def range_of(self, own: Intensities) -> IntensityRange: ...


class _Values:
    """As of a mask, whose values are read as they are."""

    measures_only, span_is_given, bands = False, False, ()

    def range_of(self, own: Intensities) -> IntensityRange:
        return choose_range([own])


def is_wanted(source: object, large: int = costly.LARGE) -> TypeGuard[bytes]:
    """Whether a source is decoded apart: content that was handed in, where that is switched on and it is costly."""
    return is_on() and isinstance(source, bytes) and is_costly(source, large)


def is_wanted_of_mask(source: object) -> TypeGuard[bytes]:
    """The same of a mask."""
    return is_wanted(source, LARGE_MASK)


def picture(content: bytes, name: str, reading: Reading) -> Conversion:
    """As `read_picture`."""
    with of_sense(name):
        message, arrays = asked("picture", content, name, reading, partial(range_answer, reading))
        if not arrays:  # it was only measured
            height, width = (int(side) for side in message["size"])
            return Conversion(np.broadcast_to(np.uint8(0), (height, width, 3)), tuple(map(str, message["notes"])))
        (array,) = arrays
        if array.ndim != 3 or array.dtype != np.uint8:
            raise ValueError
        return Conversion(array, tuple(map(str, message["notes"])))


def mask(content: bytes, name: str) -> MaskPixels:
    """As `read_mask_file`."""
    with of_sense(name):
        values = _Values()
        message, (array,) = asked("mask", content, name, values, partial(range_answer, values))
        if array.ndim != 2:
            raise ValueError
        palette = {int(level): int(colour) for level, colour in message["palette"]}
        levels = tuple(map(int, message["levels"]))
        return MaskPixels(levels, KINDS[message["kind"]], palette, bool(message["lossy"]), array)


def orientation(content: bytes, name: str, reading: Reading) -> int:
    """As `read_orientation`."""
    with of_sense(name):
        answer = partial(range_answer, reading)
        return int(asked("orientation", content, name, reading, answer).message["orientation"])


@contextmanager
def of_sense(name: str) -> Iterator[None]:
    """Within the block, an answer that makes no sense is that of a process which the file has ended."""
    try:
        yield
    except PictureError:
        raise
    except (LookupError, OverflowError, TypeError, ValueError):
        raise _ended(name) from None


def _ended(name: str) -> PictureError:
    return PictureError(f"{name} is damaged: it ended the process that decoded it.")


def asked(
    what: str, content: bytes, name: str, reading: Reading, answer: process.Answer, more: dict[str, Any] | None = None
) -> Reply:
    """What a process answers.

    Parameters
    ----------
    what : {"picture", "mask", "orientation", "sample"}
    content : bytes
    name : str
        What messages call it.
    reading : Reading
    answer : callable
        ``answer(question) -> dict``, of what the process asks on its way.
    more : dict, optional
        What else the request says.

    Returns
    -------
    Reply

    Raises
    ------
    PictureError
        What it says, or which bound it met.
    """
    seconds, megabytes = DECODING_SECONDS.value, DECODING_MB.value
    request = {
        "what": what,
        "name": name,
        "page": frames.chosen_page(),
        "counted": frames.is_counted(),
        "bands": list(reading.bands),
        "measures_only": reading.measures_only,
        "span_is_given": reading.span_is_given,
        "seconds": seconds,
    } | (more or {})
    try:
        with costly.taking_turns(costly.LARGE), _borrowed(megabytes) as decoder:
            reply = decoder.call(request, content, 3 * MAX_PIXELS, answer)
    except EndedError as error:
        if not error.late:
            raise _ended(name) from None
        raise PictureError(
            f"{name} takes more than {seconds} s of processor time to decode. Save it anew, smaller or as PNG. "
            f"Whoever runs the server can raise {DECODING_SECONDS.variable}."
        ) from None
    if reply.message["what"] == process.REFUSED:
        raise PictureError(str(reply.message["sentence"]))
    if reply.message["what"] == process.MEMORY:
        raise PictureError(
            f"{name} needs more than {megabytes:,} MB of memory to decode. Scale it down first. "
            f"Whoever runs the server can raise {DECODING_MB.variable}."
        )
    for count in reply.message.get("counts", ()):
        frames.count(int(count))
    return reply


def range_answer(reading: Reading, question: dict[str, Any]) -> dict[str, Any]:
    """Which intensities are black and white: what is decided for the whole set is known here."""
    whole, *numbers = question["intensities"]
    low, high, bottom, top = map(float, numbers)
    span = reading.range_of(Intensities(bool(whole), low, high, bottom, top))
    return {"low": span.low, "high": span.high, "reason": span.reason}


@contextmanager
def _borrowed(megabytes: int) -> Iterator[Decoder]:
    """A process, one that waits where there is one; it is kept afterwards, if it still can be used."""
    with _lock:
        found = next((one for one in reversed(_idle) if one.megabytes == megabytes and one.is_alive()), None)
        if found is not None:
            _idle.remove(found)
    decoder = found or Decoder(megabytes)
    try:
        yield decoder
    finally:
        with _lock:
            _idle.append(decoder)
            gone = [one for one in _idle[:-_KEPT] if one.is_alive()] + [one for one in _idle if not one.is_alive()]
            _idle[:] = [one for one in _idle if one not in gone]
        for one in gone:
            one.close()


@atexit.register
def close() -> None:
    """End the processes that wait."""
    with _lock:
        gone, _idle[:] = list(_idle), []
    for one in gone:
        one.close()
