"""TIFF files with more bands than a screen has colours, as satellites give: three of them, or one, are chosen."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.util import find_spec
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from xai_core.errors import PictureError, install
from xai_core.inflated import deflated_beyond

_BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SAMPLES, _ORIENTATION = 277, 274  # tags: values of a pixel, and how it is turned
_COLOURS = 3
_PLAIN, _PACK_BITS, _DEFLATE = 1, 32773, (8, 32946)  # how strips are packed
_DAMAGED = "is damaged or cut off and cannot be decoded."


def band_count(content: bytes) -> int:
    """How many values a pixel of a TIFF has, where those are more than three; else 0.

    Parameters
    ----------
    content : bytes
        Of a file of any kind.

    Returns
    -------
    int
    """
    if not content.startswith(_BEGINNINGS):
        return 0
    try:
        header = content[:16] if content[2:3] == b"+" or content[3:4] == b"+" else content[:8]
        tags = ImageFileDirectory_v2(header)
        file = io.BytesIO(content)
        file.seek(tags.next)
        tags.load(file)
        samples = tags.get(_SAMPLES, 1)
    except Exception:  # damaged in whatever way, as the sentence then says
        return 0
    return samples if isinstance(samples, int) and samples > _COLOURS else 0


class Bands(NamedTuple):
    """Some bands of a page, (H, W, n) of numbers as they are stored, of how many bands and pages, and how turned."""

    values: npt.NDArray[Any]
    there: int
    pages: int
    orientation: int


def read_bands(content: bytes, bands: Sequence[int], page: int, name: str, most: int) -> Bands:
    """Some bands of a page.

    Parameters
    ----------
    content : bytes
        Of a TIFF with more than three bands.
    bands : Sequence of int
        From 1 on.
    page : int
        From 0 on.
    name : str
        What messages call the file.
    most : int
        Pixels of a picture that is read.

    Returns
    -------
    Bands
        Orientation as EXIF has it: 1 upright, 2 to 8 turned or mirrored.

    Raises
    ------
    PictureError
        With a sentence: no such band or page, damaged, or packed in a way that is not read here.
    """
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            shown = _page(file, page, name)
            axes, sizes = shown.axes, shown.shape
            if axes not in ("YXS", "SYX") or min(sizes) < 1:
                raise PictureError(f"{name} has pixels in {len(sizes)} dimensions ({shown.axes}), which are not read.")
            pixels, there = prod(sizes) // sizes[axes.index("S")], sizes[axes.index("S")]
            if pixels > most or prod(sizes) * shown.dtype.itemsize > 8 * most:
                raise PictureError(f"{name} has {pixels:,} pixels in {there} bands, which are too many. Scale it down.")
            if beyond := [band for band in bands if band > there]:
                raise PictureError(f"{name} has {there} bands, so there is no band {beyond[0]}.")
            _check_parts(shown, content, name)
            values = shown.asarray(maxworkers=1)
            pages, turned = len(file.pages), shown.tags.valueof(_ORIENTATION, 1)
    except PictureError:
        raise
    except Exception as error:  # a dozen kinds for damaged files
        raise PictureError(f"{name} {_DAMAGED}") from error
    if values.shape != sizes or values.dtype.kind not in "buif":
        raise PictureError(f"{name} holds {values.dtype} {values.shape}, which are no pixels of numbers.")
    last = np.moveaxis(values, 0, 2) if axes == "SYX" else values
    orientation = int(turned) if turned in range(2, 9) else 1
    return Bands(np.ascontiguousarray(last[..., [band - 1 for band in bands]]), there, pages, orientation)


def _check_parts(page: Any, content: bytes, name: str) -> None:
    """That a page's strips or tiles are all there, and do not unpack to more than they should hold.

    Raises
    ------
    PictureError
        If not, or if they are packed in a way that is not read here.
    """
    if prod(page.chunked) != len(page.dataoffsets):
        raise PictureError(f"{name} {_DAMAGED}")
    if find_spec("imagecodecs") is not None:  # which never gives more than it is asked for
        return
    if page.compression not in (_PLAIN, _PACK_BITS, *_DEFLATE):
        extra = install("xai-core[tiff]")
        raise PictureError(f"{name} is packed in a way that needs the extra `tiff`: {extra}.")
    if page.compression in _DEFLATE:
        most = prod(page.chunks) * page.dtype.itemsize
        for start, size in zip(page.dataoffsets, page.databytecounts, strict=True):
            if deflated_beyond(content[start : start + size], most):
                raise PictureError(f"{name} {_DAMAGED}")


def _page(file: Any, page: int, name: str) -> Any:
    try:
        return file.pages[page]
    except IndexError:
        raise PictureError(f"{name} has no page {page + 1}.") from None
