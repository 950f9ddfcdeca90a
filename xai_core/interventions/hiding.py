"""Parts of a picture hidden: what stands in for them, and patches in the order of a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter

from xai_core.maps import pool, upsample
from xai_core.types import ByteArray, FloatArray, IntArray

Fill = Literal["blur", "mean", "noise"]
GRID = 14  # patches along a side
BLUR = 1 / 12  # of the longer side: enough for nothing of an object's shape to remain


def filling(view: ByteArray, how: Fill, seed: int = 0) -> ByteArray:
    """What stands in for what is hidden: uint8 (H, W, 3) -> uint8 (H, W, 3).

    Parameters
    ----------
    view : ndarray
        uint8 (H, W, 3), the picture as the network saw it.
    how : {"blur", "mean", "noise"}
        "blur", the picture blurred beyond recognition, its "mean" colour, or uniform "noise".
    seed : int
        Of the noise.
    """
    if how == "blur":
        return np.asarray(Image.fromarray(view).filter(ImageFilter.GaussianBlur(BLUR * max(view.shape[:2]))))
    if how == "mean":
        return np.broadcast_to(np.rint(view.mean(axis=(0, 1))).astype(np.uint8), view.shape).copy()
    if how == "noise":
        return np.random.default_rng(seed).integers(0, 256, view.shape, dtype=np.uint8)
    raise ValueError(f'Hidden pixels are filled with "blur", "mean" or "noise"; got {how!r}.')


def patch_numbers(size: tuple[int, ...], grid: int) -> IntArray:
    """The number of each pixel's patch: int64 (H, W).

    Parameters
    ----------
    size : tuple of int
        (H, W).
    grid : int
        Patches a side.
    """
    down, across = (np.arange(side) * grid // side for side in size)
    return down[:, None] * grid + across[None, :]


def patch_order(importance: FloatArray, size: int | Sequence[int], grid: int = GRID) -> IntArray:
    """The patches of a picture, the most important first: int64 (grid * grid,).

    Parameters
    ----------
    importance : ndarray
        float32 (h, w), large where it matters; any resolution.
    size : int or (int, int)
        (H, W), pixels of the picture; of a square, one side.
    grid : int
        Patches a side.
    """
    one = np.asarray(importance, np.float32)
    high, wide = (size, size) if isinstance(size, int) else size
    coarse = pool(one, (min(one.shape[0], high), min(one.shape[1], wide)))
    pixels, patches = upsample(coarse, (high, wide)).ravel().astype(float), patch_numbers((high, wide), grid).ravel()
    means = np.bincount(patches, pixels, grid * grid) / np.bincount(patches, minlength=grid * grid)
    return np.argsort(-means, kind="stable")


def random_orders(draws: int, grid: int = GRID, seed: int = 0) -> list[IntArray]:
    """Random orders of a picture's patches: int64 (grid * grid,) each."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(grid * grid) for _ in range(draws)]


def hide(
    view: ByteArray,
    importance: FloatArray | None,
    share: float,
    *,
    fill: Fill = "blur",
    grid: int = GRID,
    seed: int = 0,
) -> ByteArray:
    """A picture with a share of its patches hidden, the most important first, as `deletion` hides them.

    Parameters
    ----------
    view : ndarray
        uint8 (H, W, 3), as the network sees it.
    importance : ndarray, optional
        float32 (h, w), large where it matters; None hides in the first random order.
    share : float
        Of the patches, in [0, 1].
    fill : {"blur", "mean", "noise"}
        What hidden patches are filled with.
    grid : int
        Patches along a side, at most the pixels of the shorter one.
    seed : int
        Of the random order and of the noise.

    Returns
    -------
    ndarray
        uint8 (H, W, 3).

    Examples
    --------
    >>> import numpy as np
    >>> import xai_core as xai
    >>> digit = xai.load_dataset("textured_digits")[0].pixels
    >>> left = np.tile(np.array([1, 0], np.float32), (2, 1))
    >>> hidden = xai.hide(digit, left, 0.5, fill="mean", grid=2)
    >>> bool((hidden[:, 32:] == digit[:, 32:]).all()), bool((hidden[:, :32] == digit[:, :32]).all())
    (True, False)
    """
    order = random_orders(1, grid, seed)[0] if importance is None else patch_order(importance, view.shape[:2], grid)
    return hidden(view, order, share, filling(view, fill, seed))


def hidden(view: ByteArray, order: IntArray, share: float, cover: ByteArray) -> ByteArray:
    """The patches that come first in the order are replaced by the cover."""
    grid = round(len(order) ** 0.5)
    gone = np.zeros(len(order), dtype=bool)
    gone[order[: round(min(max(share, 0.0), 1.0) * len(order))]] = True
    return np.where(gone[patch_numbers(view.shape[:2], grid)][..., None], cover, view)
