"""Reads files and bytes as RGB pictures, whatever a camera, a scanner or a browser made of them."""

from __future__ import annotations

from functools import partial
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from xai_core.data import files, frames
from xai_core.data.apart import ask
from xai_core.data.decisions.reading import FileReading, current
from xai_core.data.dicom import shown_as
from xai_core.data.files import opened, size_of
from xai_core.data.tiff_bands import band_count, read_bands
from xai_core.errors import PictureError
from xai_core.pixels import Conversion, convert_image, measure, scale
from xai_core.pixels.deep import has_deep_colours, is_numbers, lower_bytes
from xai_core.pixels.rgb import orientation_of
from xai_core.types import ByteArray, Sample, content_id
from xai_core.types.counts import form

FRAMES_COUNTED = 1 << 20  # bytes of a GIF or TIFF whose frames are counted; each has to be walked through


def read_picture(source: Path | bytes, name: str) -> Conversion:
    """The first frame of a picture, upright, in RGB.

    Parameters
    ----------
    source : pathlib.Path or bytes
        A file or its content.
    name : str
        What messages call it.

    Returns
    -------
    Conversion
        uint8 (H, W, 3), and what was done, in words.

    Raises
    ------
    PictureError
        With a sentence: empty, no picture, cut off, or too large to decode.
    """
    notes: list[str] = []
    reading = current()
    if ask.is_wanted(source):
        return ask.picture(source, name, reading)
    if reading.bands:
        source = content = files.content_of(source, name)
        if band_count(content):
            return _of_bands(content, name, reading)
    with opened(source, name) as image:
        shown = shown_as(image)
        notes += _page_note(image, source, shown.frames)
        colours = has_deep_colours(image)  # before a PNG's EXIF is asked for, which loads it
        orientation = orientation_of(image)  # before load, which turns a TIFF itself
        window = None if reading.span_is_given else shown.window
        if reading.measures_only and not colours and (window is not None or not is_numbers(image)):
            return _unread(image, orientation)
        smaller = _scaled_down(image, notes)
        reopen = partial(_lower, source, name, smaller) if colours else None
        image.load()
        part = _every(image, smaller) if colours else _reduced(image, smaller)
        if window is not None:
            part = Image.fromarray(window.apply(np.asarray(part)))
            notes.append(shown.note)
        found = convert_image(part, range_of=reading.range_of, reopen=reopen, orientation=orientation)
    pixels = 255 - found.pixels if shown.inverted else found.pixels
    return Conversion(pixels, (*notes, *found.notes))


def _of_bands(content: bytes, name: str, reading: FileReading) -> Conversion:
    """The chosen bands of a TIFF that has more than three."""
    page = frames.chosen_page()
    found = read_bands(content, reading.bands, page or 0, name, files.MAX_PIXELS)
    frames.count(found.pages)
    called = ", ".join(map(str, reading.bands))
    notes = [f"{form(len(reading.bands), 'band')} {called} of {found.there}"]
    if found.pages > 1:
        notes.insert(0, f"first of {found.pages} frames" if page is None else f"page {page + 1} of {found.pages}")
    values = turn_upright(found.values, found.orientation)
    if values.dtype != np.uint8:
        try:
            own = measure(values)
        except PictureError as error:
            raise PictureError(f"{name} {error}") from None
        span = reading.range_of(own)
        values = scale(values, span)
        notes.append(f"scaled to 8 bits, from {span}")
    pixels = np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values
    return Conversion(np.ascontiguousarray(pixels), tuple(notes))


def _page_note(image: Image.Image, source: Path | bytes, of_dicom: int) -> list[str]:
    """Which of several pages is read."""
    animated = bool(getattr(image, "is_animated", False))
    if not animated and of_dicom == 1:
        frames.count(1)
        return []
    page = frames.chosen_page()
    walked = animated and image.format in ("GIF", "TIFF") and size_of(source) > FRAMES_COUNTED
    if walked and not frames.is_counted():
        pages: int | str = "several"
    else:
        pages = getattr(image, "n_frames", 1) if animated else of_dicom
        frames.count(int(pages))
    if page is None and animated:
        image.seek(0)
    return [f"first of {pages} frames" if page is None else f"page {page + 1} of {pages}"]


def _unread(image: Image.Image, orientation: int) -> Conversion:
    """The shape of a picture, without its pixels."""
    width, height = image.size if orientation < 5 else image.size[::-1]
    return Conversion(np.broadcast_to(np.uint8(0), (height, width, 3)), ())


def _scaled_down(image: Image.Image, notes: list[str]) -> int:
    """By how much an unread picture that is too large has to be scaled down; a JPEG is then decoded smaller."""
    width, height = image.size
    if width * height <= files.MAX_PIXELS:
        return 1
    factor = ceil(sqrt(width * height / files.MAX_PIXELS))
    notes.append(f"scaled down from {width:,} x {height:,} pixels")
    if image.format == "JPEG" and hasattr(image, "draft"):
        image.draft(None, (width // factor, height // factor))
        width, height = image.size
        return ceil(sqrt(width * height / files.MAX_PIXELS))
    return factor


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """A picture scaled down by a whole number, by averaging."""
    if factor == 1:
        return image
    if image.mode.startswith("I;16"):  # which Pillow cannot average
        return _every(image, factor)
    exif = image.getexif()
    smaller = (image if image.mode not in ("1", "P", "PA") else image.convert("RGBA")).reduce(factor)
    smaller.info = {key: value for key, value in image.info.items() if key != "transparency" or smaller.mode != "RGBA"}
    smaller.getexif().update(exif)
    return smaller


def _every(image: Image.Image, factor: int) -> Image.Image:
    """Every so many pixels of a picture, so that the bytes of a value stay together."""
    if factor == 1:
        return image
    exif = image.getexif()
    smaller = Image.fromarray(np.ascontiguousarray(np.asarray(image)[::factor, ::factor]))
    smaller.getexif().update(exif)
    return smaller


def _lower(source: Path | bytes, name: str, factor: int) -> Image.Image:
    """The lower bytes of a picture of 16 bits in each colour."""
    with opened(source, name) as image:
        return _every(lower_bytes(image), factor)  # type: ignore[arg-type]


def read_orientation(source: Path | bytes, name: str) -> int:
    """A picture's EXIF orientation: 1 upright, 2 to 8 turned or mirrored.

    Raises
    ------
    PictureError
        As `read_picture`.
    """
    reading = current()
    if ask.is_wanted(source):
        return ask.orientation(source, name, reading)
    if reading.bands and band_count(content := files.content_of(source, name)):
        return read_bands(content, reading.bands[:1], frames.chosen_page() or 0, name, files.MAX_PIXELS).orientation
    with opened(source, name) as image:
        return orientation_of(image)


def turn_upright(values: npt.NDArray[Any], orientation: int) -> npt.NDArray[Any]:
    """Values (H, W) or (H, W, n) drawn on a picture's stored pixels, turned as the picture itself is."""
    if orientation >= 5:
        values = values.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    return values


def make_sample(
    source: Path | bytes,
    name: str,
    *,
    label: str | None = None,
    wnid: str | None = None,
    box: tuple[int, int, int, int] | None = None,
) -> Sample:
    """A sample of a file or its content.

    Parameters
    ----------
    source : pathlib.Path or bytes
        A file or its content.
    name : str
        What messages and tables call it.
    label : str, optional
        Its class in words.
    wnid : str, optional
        WordNet id of its class.
    box : tuple of int, optional
        (left, top, right, bottom) in pixels, both ends included; becomes the mask.

    Raises
    ------
    PictureError
        As `read_picture`.
    """
    pixels, notes = read_picture(source, name)
    mask: ByteArray | None = None
    if box is not None:
        left, top, right, bottom = box
        mask = np.zeros(pixels.shape[:2], np.uint8)
        mask[max(top, 0) : bottom + 1, max(left, 0) : right + 1] = 1
    identity = "" if current().measures_only else content_id(pixels, mask)
    return Sample(identity, pixels, label, wnid, mask, name, notes, by_box=mask is not None)
