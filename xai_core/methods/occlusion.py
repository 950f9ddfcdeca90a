"""Occlusion (Zeiler and Fergus, arXiv 1311.2901): how much the probability drops when a patch is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_core.errors import MethodError
from xai_core.methods.registry import register
from xai_core.methods.saliency import INPUT
from xai_core.methods.sampled import HIDE, PRECISION, UNIT, as_estimate, each_picture
from xai_core.types import Classifier, Estimate, Heatmaps, Setting

if TYPE_CHECKING:
    from xai_core.inference.batches import Picture, Pictures, Progress, Target, Targets
    from xai_core.inference.perturbed import Precision
    from xai_core.inference.superpixels import Cover

_ORDER_SEED = 0  # windows are asked about in a fixed, mixed order, so that the first estimate covers the whole picture
_PATCHES = Setting(
    "patches",
    "Patches across",
    8,
    (4, 8, 12, 16),
    help="How many patches side by side make up the picture: more of them are smaller and take longer.",
)
_OVERLAP = Setting(
    "overlap",
    "Positions per patch",
    2,
    (1, 2, 3, 4),
    help="By which part of its side a patch moves: 2 halves it. More positions smooth the map and take longer.",
)


class Windows:
    """Square patches that move over a picture, cut off at its right and lower edge, as Captum has them.

    Parameters
    ----------
    size : (H, W)
        Of the picture, in pixels.
    side, stride : int
        Of the patch, and between two of its positions.
    """

    def __init__(self, size: tuple[int, int], side: int, stride: int) -> None:
        self._size = size
        steps = [range(int(np.ceil((length - side) / stride)) + 1) for length in size]
        corners = [(row * stride, column * stride) for row in steps[0] for column in steps[1]]
        order = np.random.RandomState(_ORDER_SEED).permutation(len(corners))
        self._corners = [corners[index] for index in order]
        self._side = side

    def __len__(self) -> int:
        """Number of positions."""
        return len(self._corners)

    def slices(self, index: int) -> tuple[slice, slice]:
        """Where one of them lies."""
        top, left = self._corners[index]
        return slice(top, top + self._side), slice(left, left + self._side)

    def masks(self, start: int, stop: int) -> np.ndarray:
        """float32 (stop - start, H, W), 0 where hidden."""
        masks = np.ones((stop - start, *self._size), np.float32)
        for row in range(start, stop):
            masks[row - start][self.slices(row)] = 0
        return masks

    def mean(self, drops: np.ndarray) -> np.ndarray:
        """The mean drop of the positions that cover each pixel, 0 where none does yet: (n, T) -> (T, H, W)."""
        total = np.zeros((drops.shape[1], *self._size))
        covered = np.zeros(self._size)
        for index, drop in enumerate(drops):
            rows, columns = self.slices(index)
            total[:, rows, columns] += drop[:, None, None]
            covered[rows, columns] += 1
        return total / np.maximum(covered, 1)


def _grow(
    model: Classifier,
    image: Picture,
    *,
    targets: Sequence[Target] | Target,
    every: int,
    patches: int = 8,
    overlap: int = 2,
    hide: Cover = (127, 127, 127),
    precision: Precision = "auto",
) -> Iterator[Estimate]:
    from xai_core.inference.masked import Asked, MaskedPicture, perturbations

    asked = Asked.of(model, image, targets, hide)
    high, wide = asked.view.shape[:2]
    if not 1 <= patches <= min(high, wide) or overlap < 1:
        raise MethodError(
            f"Occlusion takes 1 to {min(high, wide)} patches across, each with at least one position; got {patches} "
            f"and {overlap}."
        )
    side = max(1, round(min(high, wide) / patches))
    windows = Windows((high, wide), side, max(1, round(side / overlap)))
    shown = np.stack([np.ones((high, wide), np.float32), np.zeros((high, wide), np.float32)])
    forwards = MaskedPicture(model, asked.view, asked.dark)
    for drawn in perturbations(asked, forwards, shown, len(windows), windows.masks, precision=precision, every=every):
        yield as_estimate(drawn, INPUT, windows.mean(drawn.whole - drawn.values), view=model.preprocessing)


@register(
    title="Occlusion",
    paper="Zeiler and Fergus, arXiv 1311.2901",
    reference="Captum's Occlusion",
    unit=UNIT,
    signed=True,
    place="input",
    cost="samples",
    drawing="evidence",
    legend="how much the class's probability drops when the place is hidden, bright is more",
    caution="A hidden patch is a picture that the network was not trained on. Where several places would each do, "
    "hiding one changes nothing, and none is found; what is larger than the patch is found at its rim.",
    settings=(_PATCHES, _OVERLAP, HIDE, PRECISION),
    quick={"patches": 8, "overlap": 1, "precision": "float32"},
    usual=False,
    grow=_grow,
)
def occlusion(
    model: Classifier,
    images: Pictures,
    *,
    targets: Targets = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Heatmaps:
    """Occlusion of N pictures, each for one class.

    Parameters
    ----------
    model, images, targets, progress
        As `xai.explain` takes them.
    batch_size : int, optional
        Of no effect: the perturbations of a picture are batched.
    **settings
        patches, overlap, hide and precision.
    """
    return each_picture(model, images, _grow, targets=targets, progress=progress, **settings)
