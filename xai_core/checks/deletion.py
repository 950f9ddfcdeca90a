"""Deletion and insertion (Petsiuk et al., arXiv 1806.07421): hide a picture piece by piece, or uncover it, and see the
probabilities move.

All methods and the random orders hide the same patches, squares where the picture is one, and differ in order alone:
a map of pixels would else scatter holes, and a coarse map cut out regions, which a network takes differently whatever
they hide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from xai_core.errors import MethodError, PictureError
from xai_core.inference.batches import Picture, Progress, Target, resolve_several, seen
from xai_core.inference.prediction import predict_views
from xai_core.interventions.hiding import GRID, Fill, filling, hidden, patch_order, random_orders
from xai_core.maps import is_flat
from xai_core.types import Classifier, FloatArray

RANDOM = "random"


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
    if RANDOM in maps:
        raise MethodError(f"The random orders are called {RANDOM!r}: call the map another.")
    view = seen(model, image)
    size = view.shape[:2]
    if not 1 <= grid <= min(size):
        raise PictureError(f"A picture of {size[0]} x {size[1]} pixels cannot be cut into {grid} x {grid} patches.")
    orders = [(name, 0, patch_order(one, size, grid)) for name, one in maps.items() if not is_flat(np.asarray(one))]
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
        between = [hidden(first, order, share, last) for share in shares[1:-1]]
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
    model : Classifier
    image : Sample, PIL.Image.Image or uint8 (H, W, 3)
        The picture.
    maps : Mapping of str to ndarray
        Method -> float32 (h, w), large where it matters; flat ones are left out, since they give no order.
    targets : int, str, None or a sequence of them
        One class or several, by index or name; None is the prediction.
    fill : {"blur", "mean", "noise"}
        What hidden patches are filled with.
    steps : int
        From nothing to everything hidden.
    grid : int
        Patches along a side, at most the pixels of the shorter one.
    draws : int
        Random orders to compare with.
    seed : int
        Of the random orders and of the noise.
    progress : callable, optional
        Called with (parts done, parts in all); what it raises ends the run.

    Returns
    -------
    DataFrame
        A row for each method, draw, share and class: method ("random" for random orders), draw (0 but for those),
        hidden (share in [0, 1]), target (class number), p (probability in [0, 1]).

    Raises
    ------
    TargetError, PictureError
        With a sentence that gives the choices.
    MethodError
        If a map is called "random", as the random orders are.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digit = xai.load_model("digits"), xai.load_dataset("textured_digits")[0]
    >>> maps = {"mine": xai.saliency(model, [digit])["input"][0]}
    >>> table = xai.deletion(model, digit, maps, steps=4, draws=1)
    >>> table[table["method"] == "mine"]["hidden"].tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
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
    model : Classifier
    image : Sample, PIL.Image.Image or uint8 (H, W, 3)
        The picture.
    maps : Mapping of str to ndarray
        Method -> float32 (h, w), large where it matters; flat ones are left out, since they give no order.
    targets : int, str, None or a sequence of them
        One class or several, by index or name; None is the prediction.
    fill : {"blur", "mean", "noise"}
        What hidden patches are filled with.
    steps : int
        From everything hidden to nothing.
    grid : int
        Patches along a side, at most the pixels of the shorter one.
    draws : int
        Random orders to compare with.
    seed : int
        Of the random orders and of the noise.
    progress : callable, optional
        Called with (parts done, parts in all); what it raises ends the run.

    Returns
    -------
    DataFrame
        A row for each method, draw, share and class: method ("random" for random orders), draw (0 but for those),
        shown (share in [0, 1]), target (class number), p (probability in [0, 1]).

    Raises
    ------
    TargetError, PictureError
        With a sentence that gives the choices.
    MethodError
        If a map is called "random", as the random orders are.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digit = xai.load_model("digits"), xai.load_dataset("textured_digits")[0]
    >>> maps = {"mine": xai.saliency(model, [digit])["input"][0]}
    >>> table = xai.insertion(model, digit, maps, steps=4, draws=1)
    >>> table[table["method"] == "mine"]["shown"].tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
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
