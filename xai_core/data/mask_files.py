"""Reads what a mask file holds at each pixel, before anybody decides what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from xai_core.data.apart import ask
from xai_core.data.files import opened
from xai_core.errors import PictureError

Kind = ask.Kind


@dataclass(frozen=True, eq=False)
class MaskFile:
    """What a mask file holds at each pixel, before anybody decides what it means.

    Attributes
    ----------
    levels : tuple of int
        The values that occur, ascending.
    kind : {"grey", "palette", "colour"}
        What they are: grey levels, palette indices, or colours as 0xRRGGBB.
    palette : Mapping of int to int
        Each index that occurs -> its colour as 0xRRGGBB; empty unless the kind is "palette".
    lossy : bool
        Whether the file's format changes values (JPEG).
    build : callable
        Gives `values`.
    """

    levels: tuple[int, ...]
    kind: Kind
    palette: Mapping[int, int]
    lossy: bool
    build: Callable[[], npt.NDArray[np.int32]]

    @cached_property  # whoever asks only what occurs in a thousand masks need not wait for them
    def values(self) -> npt.NDArray[np.int32]:
        """int32 (H, W), upright."""
        return self.build()


def _numbers(image: Image.Image) -> tuple[npt.NDArray[np.int32], Kind]:
    """Grey levels of 16 bits and more as they are; floats in [0, 1] as 0 to 255."""
    values = np.asarray(image, dtype=np.float64)
    if not np.isfinite(values).all():
        raise PictureError("holds NaN or infinite values.")
    if image.mode.startswith("F") and values.min() >= 0 and values.max() <= 1:
        values = values * 255
    return np.clip(np.rint(values), -(2**31), 2**31 - 1).astype(np.int32), "grey"


def _colours(image: Image.Image) -> tuple[npt.NDArray[np.int32], Kind]:
    """0xRRGGBB, black where nothing is opaque; or the opacity itself where nothing else differs."""
    red, green, blue, opacity = np.moveaxis(np.asarray(image.convert("RGBA"), dtype=np.int32), 2, 0)
    values = (red << 16) | (green << 8) | blue
    if opacity.min() < 255 and (values == values.flat[0]).all():
        return opacity, "grey"
    return np.where(opacity == 0, 0, values), "colour"


def read_mask_file(source: Path | bytes, name: str) -> MaskFile:
    """A mask's values: of a palette picture the indices, never the colours.

    Parameters
    ----------
    source : pathlib.Path or bytes
        A file or its content.
    name : str
        What messages call it.

    Returns
    -------
    MaskFile

    Raises
    ------
    PictureError
        As `read_picture`.
    """
    if ask.is_wanted_of_mask(source):
        found = ask.mask(source, name)
        build = partial(np.asarray, found.values, dtype=np.int32)
        return MaskFile(found.levels, found.kind, found.palette, found.lossy, build)
    with opened(source, name) as image:
        return mask_of_image(image, lossy=image.format == "JPEG")


def mask_of_image(image: Image.Image, *, lossy: bool = False) -> MaskFile:
    """A mask's values, of an image of Pillow.

    Parameters
    ----------
    image : PIL.Image.Image
    lossy : bool
        Whether it comes from a file whose format changes values.

    Returns
    -------
    MaskFile
    """
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in ("1", "L", "P"):
        values, kind = _numbers(upright) if upright.mode.startswith(("I", "F")) else _colours(upright)
        return MaskFile(tuple(np.unique(values).tolist()), kind, {}, lossy, lambda: values)
    small = upright.convert("L") if upright.mode == "1" else upright
    levels = tuple(level for level, count in enumerate(small.histogram()) if count)
    colours = small.getpalette("RGB") if small.mode == "P" else None
    palette = {
        level: (colours[3 * level] << 16) | (colours[3 * level + 1] << 8) | colours[3 * level + 2]
        for level in levels
        if colours and 3 * level + 2 < len(colours)
    }
    build = partial(np.asarray, small, dtype=np.int32)
    return MaskFile(levels, "palette" if small.mode == "P" else "grey", palette, lossy, build)
