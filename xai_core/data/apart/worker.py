"""What runs in a decoding process: it reads one request after another, and ends with whoever began it.

It is started by `process.Decoder` as a program, so that it knows nothing of what the server has loaded.
"""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from functools import partial
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from xai_core.data import frames
from xai_core.data.apart import bounds, wire
from xai_core.data.apart.process import ASKED, DONE, MEMORY, REFUSED
from xai_core.data.decisions.codings import Coding, Interpreted, Values
from xai_core.data.decisions.mask_facts import MaskFacts
from xai_core.data.decisions.reading import FileReading, reading_as
from xai_core.data.mask_files import read_mask_file
from xai_core.data.pictures import read_orientation, read_picture
from xai_core.data.upload_files import Upload, read_upload
from xai_core.data.viewing import read_viewed
from xai_core.errors import PictureError
from xai_core.pixels import Intensities, IntensityRange
from xai_core.types import ByteArray, Preprocessing

_ROWS = 512  # of a mask that are interpreted at a time


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

    def coding_of(self, facts: MaskFacts) -> Coding:
        wire.send(self._out, {"what": ASKED, "facts": asdict(facts)})
        answer, _ = wire.receive(self._into)
        meanings = np.array(answer["meanings"], np.uint8)
        return Coding("", "", partial(_by_level, meanings, answer["note"]))


def _by_level(meanings: ByteArray, note: str, values: Values, facts: MaskFacts) -> Interpreted:
    """A mask whose values mean what was said of each; some rows at a time, since places take much memory."""
    mask, levels = np.empty(values.shape, np.uint8), np.array(facts.levels)
    for row in range(0, len(values), _ROWS):
        mask[row : row + _ROWS] = meanings[np.searchsorted(levels, values[row : row + _ROWS])]
    return Interpreted(mask, note)


def _is_of_memory(error: PictureError) -> bool:
    """Whether a picture could not be decoded since memory ended, which decoders say in several ways."""
    cause = error.__cause__
    return isinstance(cause, MemoryError) or "memory" in str(cause)


def _decode(request: dict[str, Any], content: bytes) -> tuple[dict[str, Any], list[npt.NDArray[Any]]]:
    """A message, and the arrays that go with it."""
    what, name = request["what"], request["name"]
    if what == "orientation":
        return {"orientation": read_orientation(content, name)}, []
    if what == "sample":
        return _viewed(request, content)
    if what == "mask":
        found = read_mask_file(content, name)
        values = found.values
        narrow = found.levels[0] >= 0 and found.levels[-1] < 256
        said = {"levels": list(found.levels), "kind": found.kind, "lossy": found.lossy}
        palette = [[level, colour] for level, colour in found.palette.items()]
        return said | {"palette": palette}, [np.ascontiguousarray(values, np.uint8 if narrow else "<i4")]
    pixels, notes = read_picture(content, name)
    message = {"notes": list(notes), "size": list(pixels.shape[:2])}
    measured = not pixels.strides[0]  # no pixels, only a shape
    return message, [] if measured else [np.ascontiguousarray(pixels)]


def _viewed(request: dict[str, Any], content: bytes) -> tuple[dict[str, Any], list[npt.NDArray[Any]]]:
    """A picture and its mask as a network sees them, or only measured."""
    mask, view = request["mask"], request["view"]
    end = len(content) - (mask["bytes"] if mask else 0)
    picture = Upload(request["name"], content[:end])
    read = partial(read_upload, picture, Upload(mask["name"], content[end:]) if mask else None)
    if view is None:
        sample = read()
        return {"notes": list(sample.notes), "size": list(sample.pixels.shape[:2])}, []
    sample, whole = read_viewed(read, Preprocessing(**view))
    found = [sample.pixels, *([] if sample.mask is None else [sample.mask])]
    said = None if whole is None else {"box": whole.box, "object_seen": whole.object_seen}
    message = {"id": sample.id, "notes": list(sample.notes), "masked": sample.mask is not None, "whole": said}
    found += [] if whole is None else [whole.pixels]
    return message, [np.ascontiguousarray(one) for one in found]


def _answered(request: dict[str, Any], content: bytes, into: BinaryIO, out: BinaryIO) -> None:
    page = request["page"]
    at_page: AbstractContextManager[None] = frames.at_page(page) if page is not None else nullcontext()
    none: list[int] = []
    counting: AbstractContextManager[list[int]] = frames.counting() if request["counted"] else nullcontext(none)
    try:
        with reading_as(_Asked(request, into, out)), at_page, counting as counts:
            message, arrays = _decode(request, content)
    except PictureError as error:
        wire.send(out, {"what": MEMORY} if _is_of_memory(error) else {"what": REFUSED, "sentence": str(error)})
    except MemoryError:
        wire.send(out, {"what": MEMORY})
    else:
        said = [{"shape": list(array.shape), "dtype": array.dtype.str} for array in arrays]
        wire.send(out, message | {"what": DONE, "counts": counts, "arrays": said}, *arrays)


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
