"""A mask at the size of its picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from xai_core.data.pictures import turn_upright
from xai_core.errors import PictureError
from xai_core.types import ByteArray

_PERCENT = 2  # a mask of another size is taken if its aspect ratio differs by no more


class Fitted(NamedTuple):
    """A mask at its picture's size, uint8 (H, W), and what was done to it, or an empty text."""

    mask: ByteArray
    note: str


def fitted(mask: ByteArray, shape: tuple[int, ...], orientation: Callable[[], int]) -> Fitted:
    """A mask at its picture's size.

    Parameters
    ----------
    mask : ndarray
        uint8 (h, w).
    shape : tuple of int
        (H, W) of the picture.
    orientation : callable
        Gives the picture's EXIF orientation; asked only where the mask may lie on its side.

    Returns
    -------
    Fitted

    Raises
    ------
    PictureError
        With the reason, if its shape is another one.
    """
    if mask.shape == shape:
        return Fitted(mask, "")
    (height, width), (tall, wide) = mask.shape, shape
    if (width, height) == shape and (said := orientation()) >= 5:
        turned: npt.NDArray[np.int32] = turn_upright(mask.astype(np.int32), said)
        return Fitted(turned.astype(np.uint8), "its mask turned upright as well")
    if 100 * abs(width * tall - height * wide) > _PERCENT * height * wide:
        raise PictureError(f"has {width} x {height} pixels, another shape than the picture's {wide} x {tall}.")
    resized = Image.fromarray(mask).resize((wide, tall), Image.Resampling.NEAREST)
    return Fitted(np.array(resized), f"its mask resized from {width} x {height} pixels")
