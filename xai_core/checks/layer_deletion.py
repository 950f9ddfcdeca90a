"""Deletion of a few pictures in the order of each layer's map, against random order: whether the map of a layer shows
what the class depends on."""

from __future__ import annotations

import numpy as np

from xai_core.checks.deletion import RANDOM, deletion
from xai_core.inference.batches import Picture
from xai_core.interventions.hiding import GRID
from xai_core.types import Classifier, Heatmaps

PICTURES = 16  # that are asked about at most: what the layers differ by is seen in few, and each takes many passes
STEPS = 4  # a quarter, a half and three quarters of the patches are hidden
DRAWS = 5  # random orders


def deleted_places(n: int, pictures: int = PICTURES) -> np.ndarray:
    """Which of n pictures are asked about, evenly from the first to the last: int64 (M,), M <= n.

    Parameters
    ----------
    n : int
        Pictures there are.
    pictures : int
        That are asked about at most.
    """
    return np.unique(np.linspace(0, max(n - 1, 0), min(n, pictures)).round().astype(np.int64))


def deletion_gains(model: Classifier, image: Picture, maps: Heatmaps, row: int, *, seed: int = 0) -> np.ndarray:
    """How much more of the class's probability goes in the order of each layer's map than in random order.

    It is the mean over a quarter, a half and three quarters of the patches hidden: the area between two deletion
    curves, less what lies at their ends, where every order is the same.

    Parameters
    ----------
    model : Classifier
    image : Sample, PIL.Image.Image or uint8 (H, W, 3)
        The picture.
    maps : Heatmaps
        Of N pictures at L layers.
    row : int
        Which of them is the picture's.
    seed : int
        Of the random orders.

    Returns
    -------
    ndarray
        float64 (L,) in [-1, 1], of probability; NaN where a map is flat and gives no order.

    Examples
    --------
    >>> import xai_core as xai
    >>> from xai_core.checks.layer_deletion import deletion_gains
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:1]
    >>> deletion_gains(model, digits[0], xai.grad_cam(model, digits, layers="stages"), 0).shape
    (3,)
    """
    one = {name: values[row] for name, values in maps.items()}
    target = int(maps.targets[row])
    grid = min(GRID, *maps.input_size)  # a picture may have fewer pixels
    table = deletion(model, image, one, targets=target, steps=STEPS, grid=grid, draws=DRAWS, seed=seed)
    between = table[(table["hidden"] > 0) & (table["hidden"] < 1)]
    left = between.groupby("method")["p"].mean()
    return np.array([left[RANDOM] - left.get(name, np.nan) for name in one], float)
