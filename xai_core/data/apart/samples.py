"""A picture and its mask, decoded and cut to what a network sees in a process of its own: all else stays there."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from xai_core.data.apart import ask
from xai_core.data.decisions.mask_facts import MaskFacts
from xai_core.data.decisions.reading import FileReading
from xai_core.data.viewing import Viewing
from xai_core.errors import PictureError
from xai_core.types import ByteArray, Sample
from xai_core.types.seen import SIDE, SeenWhole

_ID = re.compile(r"[0-9a-f]{16}")
File = tuple[str, bytes]  # name and content


def is_wanted(picture: File, mask: File | None) -> bool:
    """Whether a picture with its mask is decoded apart: where one of them is."""
    return ask.is_wanted(picture[1]) or (mask is not None and ask.is_wanted_of_mask(mask[1]))


def sample(picture: File, mask: File | None, reading: FileReading, network: Viewing | None) -> Sample:
    """As `read_upload`, cut as `Preprocessing.prepare` does; the whole of it is left in `network`.

    Parameters
    ----------
    picture : (str, bytes)
        Name and content.
    mask : (str, bytes) or None
    reading : FileReading
    network : Viewing or None
        None where it is only measured.

    Returns
    -------
    Sample

    Raises
    ------
    PictureError
        As `read_upload`, or with which bound the process met.
    """
    try:
        return _sample(picture, mask, reading, network)
    except PictureError as reason:
        if mask is None:
            raise
        alone = _sample(picture, None, reading, network)  # which says what is wrong with it, if it is this
        return replace(alone, notes=(*alone.notes, f"no mask: with {mask[0]}, {reason}"))


def _sample(picture: File, mask: File | None, reading: FileReading, network: Viewing | None) -> Sample:
    name, content = picture
    more = {
        "mask": None if mask is None else {"name": mask[0], "bytes": len(mask[1])},
        "view": None if network is None else network.preprocessing.settings(),
    }
    with ask.of_sense(name):
        body = content if mask is None else content + mask[1]
        message, arrays = ask.asked("sample", body, name, reading, partial(_answer, reading), more)
        notes = tuple(map(str, message["notes"]))
        if network is None:
            height, width = (int(side) for side in message["size"])
            return Sample("", np.broadcast_to(np.uint8(0), (height, width, 3)), name=name, notes=notes)
        return _viewed(message, arrays, notes, name, network)


def _viewed(
    message: dict[str, Any], arrays: list[ByteArray], notes: tuple[str, ...], name: str, network: Viewing
) -> Sample:
    size = network.preprocessing.size
    pixels, *others = arrays
    mask = others.pop(0) if message["masked"] else None
    right = pixels.shape == (*size, 3) and (mask is None or mask.shape == size)
    if not right or any(one.dtype != np.uint8 for one in arrays) or not _ID.fullmatch(message["id"]):
        raise ValueError
    network.whole = _whole(message["whole"], others)
    return Sample(message["id"], pixels, mask=mask, name=name, notes=notes, view_of=network.preprocessing)


def _whole(said: dict[str, Any] | None, arrays: list[ByteArray]) -> SeenWhole | None:
    if said is None:
        return None
    (pixels,) = arrays
    left, top, right, bottom = map(float, said["box"])
    if pixels.ndim != 3 or max(pixels.shape) > SIDE or not all(map(isfinite, (left, top, right, bottom))):
        raise ValueError
    return SeenWhole(pixels, (left, top, right, bottom), float(said["object_seen"]))


def _answer(reading: FileReading, question: dict[str, Any]) -> dict[str, Any]:
    """Which intensities are black and white, or what each value of a mask is: what holds for the set is known here."""
    if "facts" not in question:
        return ask.range_answer(reading, question)
    facts = facts_of(question["facts"])
    found, note = reading.coding_of(facts).read(np.array([facts.levels], np.int32), facts)
    return {"meanings": found[0].tolist(), "note": note}


def facts_of(said: dict[str, Any]) -> MaskFacts:
    """A mask's facts as they were sent.

    Raises
    ------
    KeyError, TypeError, ValueError
        If they make no sense.
    """
    low, high = map(int, said["ends"])
    facts = MaskFacts(**said | {"levels": tuple(map(int, said["levels"])), "ends": (low, high)})
    whole = (facts.white, facts.frame, facts.middle, facts.bright)
    if facts.kind not in ask.KINDS or not facts.levels or not all(isinstance(one, int) for one in whole):
        raise ValueError
    float(facts.between), float(facts.flat), float(facts.touching)
    return facts
