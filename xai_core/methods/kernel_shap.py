"""KernelSHAP (Lundberg and Lee, arXiv 1705.07874) on superpixels: Shapley values by weighted regression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_core.errors import MethodError
from xai_core.inference.superpixels import Cover, Segments, suited_superpixels, superpixels
from xai_core.methods.registry import register
from xai_core.methods.sampled import COLOURS, PRECISION, SEED, UNIT, as_estimate, each_picture
from xai_core.types import Classifier, Estimate, Heatmaps, Setting

if TYPE_CHECKING:
    from xai_core.inference.batches import Picture, Pictures, Progress, Target, Targets
    from xai_core.inference.perturbed import Precision

SUPERPIXELS = "superpixels"
_SAMPLES = Setting(
    "num_samples",
    "Coalitions of KernelSHAP",
    1000,
    (200, 500, 1000, 2000, 5000),
    help="Sets of superpixels that are shown. Where there are no more sets than that, all are asked, and the values "
    "are exact.",
    address="shap-samples",
)
_SEGMENTS = Setting(
    "segments",
    "Superpixels",
    "quickshift",
    ("quickshift", "slic"),
    help="Quickshift: dozens for photos, a few for small pictures. SLIC: about fifty, even.",
    suited=suited_superpixels,
)
_HIDE = Setting(
    "hide",
    "Hidden superpixels become",
    "mean",
    ("mean", *COLOURS),
    {"mean": "Their mean colour", **COLOURS},
    help="What stands for a superpixel's absence: the values are the difference to it.",
)


def coalitions(count: int, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sets of players, bool (n, S), none of them empty or whole, and their weights (n,) in the regression.

    All sets where there are no more than `samples`, with the Shapley kernel's weights. Else sets drawn by that kernel,
    each followed by its complement, which halves the variance (Covert and Lee, arXiv 2012.01536), of equal weight.
    """
    if count < 63 and 2**count - 2 <= samples:
        rows = [
            np.isin(np.arange(count), chosen) for size in range(1, count) for chosen in combinations(range(count), size)
        ]
        weights = [(count - 1) / (comb(count, row.sum()) * row.sum() * (count - row.sum())) for row in rows]
        order = np.random.default_rng(seed).permutation(len(rows))  # a part of them is of all sizes
        return np.array(rows)[order], np.array(weights)[order]
    chance, sizes = np.random.default_rng(seed), np.arange(1, count)
    share = 1 / (sizes * (count - sizes))
    rows = []
    for size in chance.choice(sizes, -(-samples // 2), p=share / share.sum()):
        row = np.zeros(count, bool)
        row[chance.permutation(count)[:size]] = True
        rows += [row, ~row]
    return np.array(rows[:samples]), np.ones(samples)


def shapley_values(
    rows: np.ndarray, weights: np.ndarray, values: np.ndarray, dark: np.ndarray, whole: np.ndarray
) -> np.ndarray:
    """The regression's values (T, S), which add up to `whole` - `dark`.

    Parameters
    ----------
    rows, weights : ndarray
        bool (n, S) and (n,), coalitions and what they count.
    values : ndarray
        (n, T), the score of each, for T classes.
    dark, whole : ndarray
        (T,), the scores of none and of all.
    """
    z = rows.astype(float)
    inverse = np.linalg.pinv((z * weights[:, None]).T @ z)  # (S, S)
    free = inverse @ ((z * weights[:, None]).T @ (values - dark))  # (S, T)
    ones = inverse.sum(1)
    if ones.sum() == 0:
        return free.T
    return (free + np.outer(ones / ones.sum(), (whole - dark) - free.sum(0))).T


def _grow(
    model: Classifier,
    image: Picture,
    *,
    targets: Sequence[Target] | Target,
    every: int,
    num_samples: int = 1000,
    segments: Segments | None = None,
    seed: int = 0,
    hide: Cover = "mean",
    precision: Precision = "auto",
) -> Iterator[Estimate]:
    from xai_core.inference.batches import seen
    from xai_core.inference.masked import Asked, perturbations
    from xai_core.inference.perturbed import PerturbedPicture
    from xai_core.inference.surrogate import rank_correlation

    parts = superpixels(seen(model, image), suited_superpixels(model) if segments is None else segments)
    count = int(parts.max()) + 1
    if num_samples < 2 or count < 2:
        raise MethodError(
            f"KernelSHAP needs at least two coalitions and two superpixels; there are {num_samples} and {count}. "
            "SLIC gives more superpixels."
        )
    asked = Asked.of(model, image, targets, hide, parts)
    rows, weights = coalitions(count, num_samples, seed)
    shown = np.stack([np.ones(count, bool), np.zeros(count, bool)])
    forwards = PerturbedPicture(model, asked.view, asked.dark, parts)
    for drawn in perturbations(
        asked, forwards, shown, len(rows), lambda start, stop: rows[start:stop], precision=precision, every=every
    ):

        def fit(take: slice, drawn: Any = drawn) -> np.ndarray:
            there = slice(0, drawn.done)
            return shapley_values(rows[there][take], weights[there][take], drawn.values[take], drawn.dark, drawn.whole)

        found = fit(slice(None))
        halves = fit(slice(0, drawn.done // 2)), fit(slice(drawn.done // 2, None))
        stability = np.array([rank_correlation(one, other) for one, other in zip(*halves, strict=True)])
        if drawn.done == 2**count - 2:
            stability = np.full(len(found), np.nan)  # all coalitions: chance had no part in it
        maps = found[:, parts]
        yield as_estimate(
            drawn,
            SUPERPIXELS,
            maps,
            view=model.preprocessing,
            stability=stability,
            quality={"sum": found.sum(1)},
            segments=parts,
        )


@register(
    title="KernelSHAP",
    paper="Lundberg and Lee, arXiv 1705.07874",
    reference="Captum's KernelShap",
    unit=UNIT,
    signed=True,
    place="superpixels",
    cost="samples",
    drawing="segments",
    legend="green: the superpixel speaks for the class; red: against it",
    caution="The values add up to the difference between the picture and all of it hidden, and so rest on what hides "
    "it. Neighbours are hidden apart although they come together, so the network sees pictures that cannot be (Kumar "
    "et al., arXiv 2002.11097).",
    settings=(_SAMPLES, _SEGMENTS, SEED, _HIDE, PRECISION),
    quick={"num_samples": 500, "precision": "float32"},
    usual=False,
    grow=_grow,
)
def kernel_shap(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Heatmaps:
    """KernelSHAP of N pictures, each for one class, as maps that are constant on superpixels.

    Parameters
    ----------
    model, images, targets, progress
        As `xai.explain` takes them.
    batch_size : int, optional
        Of no effect: the coalitions of a picture are batched.
    **settings
        num_samples, segments, seed, hide and precision.
    """
    return each_picture(model, images, _grow, targets=targets, progress=progress, **settings)
