"""Cascading randomisation (Adebayo et al., arXiv 1810.03292): does a map change when what was learned is taken away?

A map that stays as it was while the weights become random shows the picture, not what the model learned of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from xai_core.checks.cascade import cascade, copied, plan_cascade, require_numbers
from xai_core.inference.batches import Picture, Progress, readable
from xai_core.maps import is_flat, normalize
from xai_core.types import Classifier, FloatArray, Sample, content_id

Explain = Callable[[Classifier, Sample], FloatArray]
_WINDOW = 7  # pixels along a side of SSIM's window, scikit-image's own
_COLUMNS = ["step", "draw", "down_to", "share", "rank_correlation", "ssim", "flat"]
_SMALLEST = 3  # pixels along a side from which there is a window


def as_seen(model: Classifier, image: Picture) -> Sample:
    """What the network sees, as a sample."""
    found = readable(image)
    if isinstance(found, Sample):
        return model.preprocessing.prepare(found)
    view = model.preprocessing.view(found)
    return Sample(content_id(view), view, view_of=model.preprocessing)


def _explained(explain: Explain, model: Classifier, sample: Sample, shape: tuple[int, ...] | None) -> FloatArray:
    """The map, where it is one, and of the trained model's shape."""
    found = np.asarray(explain(model, sample), np.float32)
    if found.ndim != 2 or not found.size or (shape is not None and found.shape != shape):
        wanted = "one map (h, w)" if shape is None else f"a map of {shape}, as for the trained model"
        raise ValueError(f"`explain` gives {wanted}; got the shape {found.shape}.")
    return found


def _similarities(first: FloatArray, second: FloatArray) -> tuple[float, float]:
    """Rank correlation and SSIM of two maps (h, w); NaN where one is flat or, for SSIM, smaller than 3 x 3."""
    from scipy.stats import spearmanr
    from skimage.metrics import structural_similarity

    if is_flat(first) or is_flat(second):
        return float("nan"), float("nan")
    ranks = float(spearmanr(first.ravel(), second.ravel()).statistic)
    side = min(_WINDOW, *first.shape)
    if side < _SMALLEST:
        return ranks, float("nan")
    one, other = (normalize(values, positive=False).astype(np.float64) for values in (first, second))
    return ranks, float(structural_similarity(one, other, win_size=side - 1 + side % 2, data_range=1.0))


def randomisation(
    model: Classifier,
    image: Picture,
    explain: Explain,
    *,
    steps: int = 6,
    draws: int = 3,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """How much of a map stays while the model's weights become random, from the output down to the input.

    Parameters
    ----------
    model : Classifier
    image : Sample, PIL.Image.Image or uint8 (H, W, 3)
        The picture.
    explain : callable
        From a classifier and the picture as the network sees it, a map float32 (h, w), raw or rectified, the same
        shape each time. It should name the class that it explains: left to itself, it would explain another one for
        each of the random networks.
    steps : int
        At least 1; fewer where the network has fewer modules with weights.
    draws : int
        Cascades to draw, at least 1: of one draw alone, small Grad-CAM maps scatter by 0.2 to 0.4 around 0. A map that
        keeps its shape but turns its sign counts as changed.
    seed : int
        0 or more; draw d is the cascade of `randomised(model, seed=seed + d)`.
    progress : callable, optional
        Called with (maps done, maps in all); what it raises ends the run.

    Returns
    -------
    DataFrame
        A row for each draw and step: step (0 is the model as it was trained), draw, down_to (dotted name of the
        module reached, "" at step 0), share (of the parameters that are random, in [0, 1]), rank_correlation
        (Spearman's, of the map with the trained model's, in [-1, 1]), ssim (structural similarity of both between
        their least and largest value, at most 1, Wang et al. 2004; NaN for maps smaller than 3 x 3), flat (whether
        this map carries no contrast; both similarities are then NaN). Where the trained model's map is flat, there
        is nothing to compare, and every similarity is NaN.

    Raises
    ------
    ValueError
        If there is no step or draw, if the seed is negative, or if `explain` gives no map.
    ModelError, PictureError
        If the network has no weights, or the picture is none.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digit = xai.load_model("digits"), xai.load_dataset("textured_digits")[0]
    >>> def map_of(net, picture):
    ...     return xai.saliency(net, [picture], targets=[3])["input"][0]
    >>> table = xai.randomisation(model, digit, map_of, steps=2, draws=1)
    >>> table[["step", "rank_correlation"]].values[0].tolist(), table["step"].tolist()
    ([0.0, 1.0], [0, 1, 2])
    """
    require_numbers(steps, draws, seed)
    sample, net = as_seen(model, image), copied(model)
    plan = plan_cascade(model, net, steps)
    total = 1 + draws * len(plan)
    trained = _explained(explain, model, sample, None)
    flat = bool(is_flat(trained))
    itself = _similarities(trained, trained)
    rows: list[tuple[Any, ...]] = []
    if progress:
        progress(1, total)
    for draw in range(draws):
        rows.append((0, draw, "", 0.0, *itself, flat))
        for step, (name, share, one) in enumerate(cascade(model, net, plan, seed + draw), start=1):
            found = _explained(explain, one, sample, trained.shape)
            rows.append((step, draw, name, share, *_similarities(trained, found), bool(is_flat(found))))
            if progress:
                progress(1 + draw * len(plan) + step, total)
    return pd.DataFrame(rows, columns=_COLUMNS)


def nothing_randomised() -> pd.DataFrame:
    """The table of a map that cannot be made again, without a row."""
    return pd.DataFrame(columns=_COLUMNS)
