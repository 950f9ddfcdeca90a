"""What runs in a decoding process: it reads one request after another, and ends with whoever began it.

It is started by `process.Decoder` as a program, so that it knows nothing of what the server has loaded.
"""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any, BinaryIO, cast

import numpy as np
from PIL import Image

from xai_core.data import frames
from xai_core.data.apart import bounds, wire
from xai_core.data.apart.process import ASKED, DONE, MEMORY, REFUSED
from xai_core.data.decisions.reading import FileReading, reading_as
from xai_core.data.mask_files import read_mask_file
from xai_core.data.pictures import read_orientation, read_picture
from xai_core.errors import PictureError
from xai_core.pixels import Intensities, IntensityRange


class _Asked(FileReading):
    """Files are read as the server's process says, which is asked for the range of intensities."""

    def __init__(self, request: dict[str, Any], into: BinaryIO, out: BinaryIO) -> None:
        self.measures_only, self.span_is_given = bool(request["measures_only"]), bool(request["span_is_given"])
        self.bands = tuple(request["bands"])
        self._into, self._out = into, out

    def range_of(self, own: Intensities) -> IntensityRange:
        numbers = (own.whole, own.low, own.high, own.bottom, own.top)
        wire.send(self._out, {"what": ASKED, "intensities": [float(one) for one in numbers]})
        answer, _ = wire.receive(self._into)
        return IntensityRange(answer["low"], answer["high"], answer["reason"])


def _is_of_memory(error: PictureError) -> bool:
    """Whether a picture could not be decoded since memory ended, which decoders say in several ways."""
    cause = error.__cause__
    return isinstance(cause, MemoryError) or "memory" in str(cause)


def _decode(what: str, content: bytes, name: str) -> tuple[dict[str, Any], Any]:
    """A message, and the array that goes with it."""
    if what == "orientation":
        return {"orientation": read_orientation(content, name)}, None
    if what == "mask":
        found = read_mask_file(content, name)
        values = found.values
        narrow = found.levels[0] >= 0 and found.levels[-1] < 256
        said = {"levels": list(found.levels), "kind": found.kind, "lossy": found.lossy}
        palette = [[level, colour] for level, colour in found.palette.items()]
        return said | {"palette": palette}, np.ascontiguousarray(values, np.uint8 if narrow else "<i4")
    pixels, notes = read_picture(content, name)
    message = {"notes": list(notes), "size": list(pixels.shape[:2])}
    measured = not pixels.strides[0]  # no pixels, only a shape
    return message, None if measured else np.ascontiguousarray(pixels)


def _answered(request: dict[str, Any], content: bytes, into: BinaryIO, out: BinaryIO) -> None:
    page = request["page"]
    at_page: AbstractContextManager[None] = frames.at_page(page) if page is not None else nullcontext()
    none: list[int] = []
    counting: AbstractContextManager[list[int]] = frames.counting() if request["counted"] else nullcontext(none)
    try:
        with reading_as(_Asked(request, into, out)), at_page, counting as counts:
            message, array = _decode(request["what"], content, request["name"])
    except PictureError as error:
        wire.send(out, {"what": MEMORY} if _is_of_memory(error) else {"what": REFUSED, "sentence": str(error)})
    except MemoryError:
        wire.send(out, {"what": MEMORY})
    else:
        said = {"shape": list(array.shape), "dtype": array.dtype.str} if array is not None else {}
        wire.send(out, message | said | {"what": DONE, "counts": counts}, b"" if array is None else array)


def main(megabytes: int) -> None:
    """Answer requests until there are none any more.

    Parameters
    ----------
    megabytes : int
        That may be held beyond what is held at first.
    """
    into, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what decoders print goes nowhere
    Image.init()
    bounds.bound_memory(megabytes)
    while True:
        try:
            request, count = wire.receive(into)
            content = bytearray(count)
            wire.read(into, content)
        except (wire.WireError, MemoryError):
            return
        bounds.bound_seconds(int(request["seconds"]))
        _answered(request, bytes(content), cast(BinaryIO, into), out)
        del content


if __name__ == "__main__":
    main(int(sys.argv[1]))
