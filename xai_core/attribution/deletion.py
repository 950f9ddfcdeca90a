"""Deletion and insertion (Petsiuk et al., arXiv 1806.07421): hide a picture piece by piece, or uncover it, and see the
probabilities move.

All methods and the random orders hide the same square patches and differ in the order alone: a map of pixels would
else scatter holes, and a coarse map cut out regions, which a network takes differently whatever they hide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from PIL import Image, ImageFilter

from xai_core.attribution.inputs import Picture, Progress, Target, resolve_several, seen
from xai_core.attribution.prediction import predict_views
from xai_core.errors import PictureError
from xai_core.maps import is_flat, pool, upsample
from xai_core.types import ByteArray, Classifier, FloatArray, IntArray

Fill = Literal["blur", "mean", "noise"]
GRID = 14  # patches along a side
RANDOM = "random"
BLUR = 1 / 12  # of the side: enough for nothing of an object's shape to remain


def filling(view: ByteArray, how: Fill, seed: int = 0) -> ByteArray:
    """What stands in for what is hidden: uint8 (H, W, 3) -> uint8 (H, W, 3).

    Parameters
    ----------
    how : the picture "blur"red beyond recognition, its "mean" colour, or uniform "noise"
    """
    if how == "blur":
        return np.asarray(Image.fromarray(view).filter(ImageFilter.GaussianBlur(BLUR * view.shape[0])))
    if how == "mean":
        return np.broadcast_to(np.rint(view.mean(axis=(0, 1))).astype(np.uint8), view.shape).copy()
    if how == "noise":
        return np.random.default_rng(seed).integers(0, 256, view.shape, dtype=np.uint8)
    raise ValueError(f'What is hidden gives way to "blur", "mean" or "noise"; got {how!r}.')


def _patches(side: int, grid: int) -> IntArray:
    """The number of each pixel's patch: int64 (side, side)."""
    along = np.arange(side) * grid // side
    return along[:, None] * grid + along[None, :]


def patch_order(importance: FloatArray, side: int, grid: int = GRID) -> IntArray:
    """The patches of a picture, the most important first: int64 (grid * grid,).

    Parameters
    ----------
    importance : float32 (h, w), large where it matters; any resolution
    side : of the picture in pixels
    """
    one = np.asarray(importance, np.float32)
    coarse = pool(one, (min(one.shape[0], side), min(one.shape[1], side)))
    pixels, patches = upsample(coarse, (side, side)).ravel().astype(float), _patches(side, grid).ravel()
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
    view : uint8 (S, S, 3), as the network sees it
    importance : float32 (h, w), large where it matters; None hides in the first random order
    share : in [0, 1]
    """
    order = random_orders(1, grid, seed)[0] if importance is None else patch_order(importance, view.shape[0], grid)
    return _hidden(view, order, share, filling(view, fill, seed))


def _hidden(view: ByteArray, order: IntArray, share: float, cover: ByteArray) -> ByteArray:
    """The patches that come first in the order give way to the cover."""
    grid = round(len(order) ** 0.5)
    gone = np.zeros(len(order), dtype=bool)
    gone[order[: round(min(max(share, 0.0), 1.0) * len(order))]] = True
    return np.where(gone[_patches(view.shape[0], grid)][..., None], cover, view)


def _curves(
    model: Classifier,
    image: Picture,
    maps: Mapping[str, FloatArray],
    share_name: Literal["hidden", "shown"],
    *,
    targets: Sequence[Target] | Target,
    fill: Fill,
    steps: int,
    grid: int,
    draws: int,
    seed: int,
    progress: Progress | None,
) -> pd.DataFrame:
    """Deletion, or insertion: the same with the parts of picture and cover exchanged."""
    wanted = resolve_several(model, targets)
    if steps < 1 or draws < 0:
        raise ValueError(f"It takes at least one step and no negative number of draws; got {steps} and {draws}.")
    view = seen(model, image)
    side = view.shape[0]
    if not 1 <= grid <= side:
        raise PictureError(f"A picture of {side} pixels a side cannot be cut into {grid} x {grid} patches.")
    orders = [(name, 0, patch_order(one, side, grid)) for name, one in maps.items() if not is_flat(np.asarray(one))]
    orders += [(RANDOM, draw, order) for draw, order in enumerate(random_orders(draws, grid, seed))]
    cover = filling(view, fill, seed)
    shares = np.arange(steps + 1) / steps
    # nothing and everything hidden are the same in every order
    ends = predict_views(model, [view, cover]).probabilities
    wanted = np.where(wanted < 0, ends[0].argmax(), wanted)
    first, last = (view, cover) if share_name == "hidden" else (cover, view)
    ends = ends if share_name == "hidden" else ends[::-1]
    rows = []
    for done, (name, draw, order) in enumerate(orders, start=1):
        between = [_hidden(first, order, share, last) for share in shares[1:-1]]
        middle = predict_views(model, between).probabilities if between else ends[:0]
        p = np.concatenate([ends[:1], middle, ends[1:]])
        rows += [
            (name, draw, float(share), int(target), float(p[step, target]))
            for step, share in enumerate(shares)
            for target in wanted
        ]
        if progress:
            progress(done, len(orders))
    return pd.DataFrame(rows, columns=["method", "draw", share_name, "target", "p"])


def deletion(
    model: Classifier,
    image: Picture,
    maps: Mapping[str, FloatArray],
    *,
    targets: Sequence[Target] | Target = None,
    fill: Fill = "blur",
    steps: int = 20,
    grid: int = GRID,
    draws: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The probabilities of classes while a picture is hidden, patch by patch, in each method's order.

    Parameters
    ----------
    maps : method -> float32 (h, w), large where it matters; flat ones are left out, since they give no order
    targets : one class or several, by index or name; None is the prediction
    fill : what the hidden patches give way to
    steps : from nothing to everything hidden
    grid : patches along a side, at most the picture's pixels
    draws : random orders to compare with
    seed : of the random orders and of the noise

    Returns
    -------
    DataFrame
        A row for each method, draw, share and class: method ("random" for random orders), draw (0 but for those),
        hidden (share in [0, 1]), target (class number), p (probability in [0, 1]).

    Raises
    ------
    TargetError, PictureError
        With a sentence that gives the choices.
    """
    return _curves(
        model,
        image,
        maps,
        "hidden",
        targets=targets,
        fill=fill,
        steps=steps,
        grid=grid,
        draws=draws,
        seed=seed,
        progress=progress,
    )


def insertion(
    model: Classifier,
    image: Picture,
    maps: Mapping[str, FloatArray],
    *,
    targets: Sequence[Target] | Target = None,
    fill: Fill = "blur",
    steps: int = 20,
    grid: int = GRID,
    draws: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The probabilities of classes while a hidden picture is uncovered, patch by patch, in each method's order.

    The counterpart of `deletion` in the same paper: a map that finds what a class rests on brings it back early.
    Patches, fill and random orders are those of `deletion` with the same settings.

    Parameters
    ----------
    maps, targets, fill, grid, draws, seed : as `deletion` takes them
    steps : from everything hidden to nothing

    Returns
    -------
    DataFrame
        A row for each method, draw, share and class: method ("random" for random orders), draw (0 but for those),
        shown (share in [0, 1]), target (class number), p (probability in [0, 1]).

    Raises
    ------
    TargetError, PictureError
        With a sentence that gives the choices.
    """
    return _curves(
        model,
        image,
        maps,
        "shown",
        targets=targets,
        fill=fill,
        steps=steps,
        grid=grid,
        draws=draws,
        seed=seed,
        progress=progress,
    )
