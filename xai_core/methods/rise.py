"""RISE (Petsiuk et al., arXiv 1806.07421): the mean of random masks, weighted by the probability behind each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_core.errors import MethodError
from xai_core.methods.registry import register
from xai_core.methods.saliency import INPUT
from xai_core.methods.sampled import HIDE, PRECISION, SEED, UNIT, as_estimate, each_picture
from xai_core.types import Classifier, Estimate, Heatmaps, Setting

if TYPE_CHECKING:
    from xai_core.inference.batches import Picture, Pictures, Progress, Target, Targets
    from xai_core.inference.perturbed import Precision
    from xai_core.inference.superpixels import Cover

SHOWN = 0.5  # share of the cells that a mask shows, as in the paper
CELLS = 7  # cells across, as in the paper
_COARSE = 16  # pixels a side below which the rank correlation of two halves is of single pixels
_SAMPLES = Setting(
    "num_samples",
    "Masks of RISE",
    1000,
    (500, 1000, 2000, 4000),
    help="The paper takes 4,000 to 8,000. Fewer leave a grain that is chance: see the split-half correlation.",
    address="rise-masks",
)


class Masks:
    """Random masks: a coarse grid of cells that are shown or hidden, moved at random and interpolated.

    A mask depends on the seed and on its number alone, so the masks of more samples begin with those of fewer.
    """

    def __init__(self, size: tuple[int, int], seed: int, cells: int = CELLS) -> None:
        self._size, self._seed, self._cells = size, seed, cells

    def __call__(self, start: int, stop: int) -> np.ndarray:
        """float32 (stop - start, H, W) in [0, 1]."""
        import torch
        from torch.nn.functional import interpolate

        high, wide = self._size
        cell = [-(-length // self._cells) for length in self._size]
        large = tuple((self._cells + 1) * side for side in cell)
        masks = np.empty((stop - start, high, wide), np.float32)
        for number in range(start, stop):
            chance = np.random.default_rng((self._seed, number))
            grid = (chance.random((self._cells + 1, self._cells + 1)) < SHOWN).astype(np.float32)
            top, left = (int(chance.integers(0, side)) for side in cell)
            whole = interpolate(torch.from_numpy(grid)[None, None], large, mode="bilinear", align_corners=False)
            masks[number - start] = whole[0, 0, top : top + high, left : left + wide].clamp(max=1).numpy()  # rounding
        return masks


class _Sums:
    """Sums of masks times probabilities, of the even and of the odd ones, as they come."""

    def __init__(self, masks: Masks) -> None:
        self._masks, self._done = masks, 0
        self._halves: list[np.ndarray] = []

    def add(self, values: np.ndarray) -> None:
        """Probabilities (n, T) of all masks so far, of which some were counted before."""
        if not self._halves:
            self._halves = [np.zeros((values.shape[1], *self._masks(0, 1).shape[1:])) for _ in range(2)]
        while self._done < len(values):
            stop = min(self._done + 64, len(values))
            masks = self._masks(self._done, stop)
            for half in range(2):
                rows = slice((half - self._done) % 2, None, 2)
                part = values[self._done : stop][rows]
                self._halves[half] += np.einsum("nt,nhw->thw", part, masks[rows])
            self._done = stop

    @property
    def maps(self) -> np.ndarray:
        """(T, H, W)."""
        return (self._halves[0] + self._halves[1]) / (self._done * SHOWN)

    def stability(self) -> np.ndarray:
        """Rank correlations (T,) of the maps from the two halves, averaged to a coarse grid."""
        from xai_core.inference.surrogate import rank_correlation
        from xai_core.maps import pool

        side = (min(_COARSE, self._halves[0].shape[1]), min(_COARSE, self._halves[0].shape[2]))
        coarse = [pool(half.astype(np.float32), side) for half in self._halves]
        return np.array([rank_correlation(a.ravel(), b.ravel()) for a, b in zip(*coarse, strict=True)])


def _grow(
    model: Classifier,
    image: Picture,
    *,
    targets: Sequence[Target] | Target,
    every: int,
    num_samples: int = 1000,
    seed: int = 0,
    hide: Cover = (127, 127, 127),
    precision: Precision = "auto",
) -> Iterator[Estimate]:
    from xai_core.inference.masked import Asked, MaskedPicture, perturbations

    if num_samples < 2:
        raise MethodError(f"RISE needs at least two masks, got {num_samples}.")
    asked = Asked.of(model, image, targets, hide)
    high, wide = asked.view.shape[:2]
    masks = Masks((high, wide), seed)
    sums = _Sums(masks)
    shown = np.stack([np.ones((high, wide), np.float32), np.zeros((high, wide), np.float32)])
    forwards = MaskedPicture(model, asked.view, asked.dark)
    for drawn in perturbations(asked, forwards, shown, num_samples, masks, precision=precision, every=every):
        sums.add(drawn.values)
        yield as_estimate(drawn, INPUT, sums.maps, view=model.preprocessing, stability=sums.stability())


@register(
    title="RISE",
    paper="Petsiuk et al., arXiv 1806.07421",
    reference="the paper's sum, one mask at a time",
    unit=UNIT,
    signed=False,
    place="input",
    cost="samples",
    drawing="evidence",
    legend="mean probability of the class where the place is shown, bright is more",
    caution="The map holds the masks' own grain: another seed gives another, and with few masks much of it is chance. "
    "A masked picture is one that the network was not trained on.",
    settings=(_SAMPLES, SEED, HIDE, PRECISION),
    quick={"num_samples": 500, "precision": "float32"},
    usual=False,
    grow=_grow,
)
def rise(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Heatmaps:
    """RISE of N pictures, each for one class.

    Parameters
    ----------
    model, images, targets, progress
        As `xai.explain` takes them.
    batch_size : int, optional
        Of no effect: the masks of a picture are batched.
    **settings
        num_samples, seed, hide and precision.
    """
    return each_picture(model, images, _grow, targets=targets, progress=progress, **settings)
