"""Arrays as picture files, so that they go the way of all files: one reader, one range of intensities."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from xai_core.errors import PictureError

MAX_PIXELS = 100_000_000  # as many as are decoded of a file
_COLOURS = (3, 4)  # channels of RGB, and of RGB with opacity


def channels_last(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(C, H, W) as (H, W, C), where only that can be meant."""
    if values.ndim == 3 and values.shape[0] in (1, *_COLOURS) and values.shape[2] not in (1, *_COLOURS):
        return np.moveaxis(values, 0, 2)
    return values


def picture_bytes(values: npt.NDArray[Any], name: str) -> bytes:
    """An array as the content of a TIFF that holds the same values.

    Parameters
    ----------
    values : ndarray
        (H, W), or (H, W, C) with 1, 3 or 4 channels: bool as black and white; uint8; integers of up to 32 bits; floats.
    name : str
        What messages call it.

    Returns
    -------
    bytes

    Raises
    ------
    PictureError
        If it is no picture: another shape or type, or too large.
    """
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    grey = values.ndim == 2
    if not (grey or (values.ndim == 3 and values.shape[2] in _COLOURS)) or 0 in values.shape:
        raise PictureError(f"{name} is an array of shape {values.shape}; (H, W), (H, W, 3) or (H, W, 4) is a picture.")
    if values.shape[0] * values.shape[1] > MAX_PIXELS:
        raise PictureError(f"{name} has {values.shape[0] * values.shape[1]:,} pixels; at most {MAX_PIXELS:,} are read.")
    kind = values.dtype.kind
    if kind == "b":
        values = values.astype(np.uint8) * np.uint8(255)
    elif kind in "ui" and values.dtype != np.uint8:
        low, high = (-(2**31), 2**31 - 1) if grey else (0, 65535)
        if values.min() < low or values.max() > high:
            raise PictureError(
                f"{name} holds whole numbers from {values.min()} to {values.max()}; {low} to {high} are read."
            )
        values = values.astype(np.uint16 if values.min() >= 0 and values.max() <= 65535 else np.int32)
    elif kind == "f":
        values = values.astype(np.float32) if grey else _colours_of_floats(values, name)
    elif kind != "u":
        raise PictureError(f"{name} is an array of {values.dtype}, which are no intensities.")
    if values.dtype == np.uint16 and not grey:
        return _deep_colours(values)
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(values)).save(buffer, "TIFF")
    return buffer.getvalue()


def _colours_of_floats(values: npt.NDArray[Any], name: str) -> npt.NDArray[np.uint8]:
    """Colours from 0 to 1 as 8 bits; there is no other range that colours as floats are known to have."""
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= 1):
        raise PictureError(
            f"{name} holds colours from {low:.3g} to {high:.3g}; as floats they are read from 0 to 1. Leave out what "
            "normalises them: the model's own preprocessing does."
        )
    return np.round(values * 255).astype(np.uint8)


def _deep_colours(values: npt.NDArray[np.uint16]) -> bytes:
    """Colours of 16 bits, which Pillow does not write."""
    import tifffile

    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, photometric="rgb", metadata=None)
    return buffer.getvalue()
