"""Superpixels of a picture, and the picture with them hidden."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

from xai_core.errors import PictureError
from xai_core.types import ByteArray, Classifier, IntArray

Segments = Literal["quickshift", "slic"] | np.ndarray
Cover = Literal["mean"] | tuple[int, int, int]
Hide = Cover | Literal["larger"]  # the latter is whichever of two changes the answer more
_SMALL = 128  # pixels of a side below which quickshift finds a handful of superpixels only
_KEPT = 16  # pictures whose superpixels are kept: checks and other classes ask for the same again


def suited_superpixels(model: Classifier) -> Literal["quickshift", "slic"]:
    """The kind of superpixels for the size of a model's input."""
    return "slic" if min(model.preprocessing.size) < _SMALL else "quickshift"


def superpixels(pixels: ByteArray, how: Segments = "quickshift") -> IntArray:
    """Superpixels of a picture, numbered from 0 without gaps.

    Parameters
    ----------
    pixels : ndarray
        uint8 (H, W, 3).
    how : {"quickshift", "slic"} or ndarray
        "quickshift" with lime's settings, "slic" with about fifty, or an array (H, W) of one's own.

    Returns
    -------
    ndarray
        int64 (H, W).

    Raises
    ------
    PictureError
        If an array has another shape than the picture.

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> xai.superpixels(np.zeros((2, 2, 3), np.uint8), np.array([[5, 5], [9, 5]])).tolist()
    [[0, 0], [1, 0]]
    """
    if isinstance(how, np.ndarray):
        if how.shape != pixels.shape[:2]:
            raise PictureError(f"The segments have the shape {how.shape}, the network's view {pixels.shape[:2]}.")
        found = how
    else:
        if how not in ("quickshift", "slic"):
            raise PictureError(f'Superpixels are "quickshift", "slic" or an array (H, W); got {how!r}.')
        found = _computed(pixels.tobytes(), pixels.shape, how)
    return np.unique(found, return_inverse=True)[1].reshape(pixels.shape[:2]).astype(np.int64)


@lru_cache(maxsize=_KEPT)
def _computed(content: bytes, shape: tuple[int, ...], how: str) -> np.ndarray:
    from skimage import segmentation

    pixels = np.frombuffer(content, np.uint8).reshape(shape)
    if how == "quickshift":
        return segmentation.quickshift(pixels, kernel_size=4, max_dist=200, ratio=0.2)
    return segmentation.slic(pixels, n_segments=50, compactness=10, start_label=0)


def hidden(pixels: ByteArray, segments: IntArray, hide: Cover) -> ByteArray:
    """The picture with all superpixels hidden: each in its mean colour, or all in one colour."""
    if hide != "mean":
        return np.broadcast_to(np.array(hide, np.uint8), pixels.shape).copy()
    counts = np.bincount(segments.ravel())
    means = [np.bincount(segments.ravel(), pixels[..., c].ravel().astype(float)) / counts for c in range(3)]
    return np.stack(means, axis=1).astype(np.uint8)[segments]  # cut, not rounded, as lime does
