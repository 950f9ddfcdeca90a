"""The whole of a picture of which a network sees a part: a small copy, and where that part lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from xai_core.types.arrays import ByteArray
from xai_core.types.pictures import Preprocessing

SIDE = 224  # pixels of the copy's longer side, or a little fewer
_ROWS = 512  # of a large picture that are reduced at a time, about
_SLACK = 0.5  # pixels of the picture: less than that cut off is rounding


@dataclass(frozen=True, eq=False)
class SeenWhole:
    """A small copy of a whole picture, and what of it a network sees.

    Attributes
    ----------
    pixels : ndarray
        uint8 (h, w, 3), the copy.
    box : tuple of float
        (left, top, right, bottom) of what is seen, as shares of width and height, in [0, 1].
    object_seen : float
        How much of the object's mask is seen, in [0, 1]; NaN where there is none.
    """

    pixels: ByteArray
    box: tuple[float, float, float, float]
    object_seen: float = float("nan")


def seen_whole(pixels: ByteArray, preprocessing: Preprocessing, mask: ByteArray | None = None) -> SeenWhole | None:
    """What a network sees of a picture; None where it sees all of it.

    Parameters
    ----------
    pixels : ndarray
        uint8 (H, W, 3), the whole picture.
    preprocessing : Preprocessing
        Of the network.
    mask : ndarray, optional
        uint8 (H, W), 1 on the object.

    Returns
    -------
    SeenWhole or None
    """
    height, width = pixels.shape[:2]
    left, top, right, bottom = preprocessing.seen_box(height, width)
    box = (max(left, 0) / width, max(top, 0) / height, min(right, width) / width, min(bottom, height) / height)
    cut = max(left, top, width - right, height - bottom)
    if cut < _SLACK:
        return None
    return SeenWhole(_reduced(pixels, max(1, -(-max(height, width) // SIDE))), box, _object_seen(mask, box))


def _reduced(pixels: ByteArray, factor: int) -> ByteArray:
    """A picture scaled down by averaging, some of its rows at a time: a copy of a large one takes much memory."""
    rows = factor * max(1, _ROWS // factor)
    parts = [
        np.asarray(Image.fromarray(pixels[top : top + rows]).reduce(factor)) for top in range(0, len(pixels), rows)
    ]
    return np.concatenate(parts)


def _object_seen(mask: ByteArray | None, box: tuple[float, float, float, float]) -> float:
    """How much of the object lies in a box; NaN without an object."""
    if mask is None or not (inside := mask == 1).any():
        return float("nan")
    height, width = mask.shape
    left, top, right, bottom = (round(edge * side) for edge, side in zip(box, (width, height) * 2, strict=True))
    return float(inside[top:bottom, left:right].sum() / inside.sum())
