"""What a map is measured by: the share of strong pixels, concentration and energy inside, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from xai_core import maps
from xai_core.studies.masks import Masked, masks_in_view
from xai_core.types import Heatmaps

Grid = Literal["own", "common"]

THRESHOLD = 0.85
SWEEP = tuple(round(0.50 + 0.01 * step, 2) for step in range(46))


@dataclass(frozen=True)
class Measure:
    """A number for each map, and which way it goes when a map focuses more.

    Attributes
    ----------
    key, title : str
        For code and for people.
    focus_sign : int
        +1 if a larger value is a more focused map, -1 if a smaller one is.
    percent : bool
        Shown as a percentage.
    """

    key: str
    title: str
    focus_sign: int
    percent: bool


MEASURES = {
    measure.key: measure
    for measure in (
        Measure("share", "share of pixels above the threshold", -1, True),
        Measure("gini", "Gini concentration", 1, False),
        Measure("energy_inside", "positive energy inside the object", 1, True),
    )
}


@dataclass(frozen=True, eq=False)
class MapMeasures:
    """Measures of N maps at L layers, for T thresholds.

    Attributes
    ----------
    layers : tuple of str
        L layer names in order of depth.
    sizes : tuple of tuple of int
        (h, w) on which each layer was measured.
    grid : {"own", "common"}
        "own" resolution, or a "common" one.
    thresholds : tuple of float
        (T,), ascending.
    share : ndarray
        float64 (N, L, T), share of pixels above each threshold in [0, 1].
    gini : ndarray
        float64 (N, L) in [0, 1].
    energy_inside : ndarray
        float64 (N, L) in [0, 1]; NaN where a picture has no mask.
    flat : ndarray
        bool (N, L), maps without any contrast or any positive value; all measures are NaN there.
    method : str
        The name of the method that made the maps.
    """

    layers: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    grid: Grid
    thresholds: tuple[float, ...]
    share: np.ndarray
    gini: np.ndarray
    energy_inside: np.ndarray
    flat: np.ndarray
    method: str = "the maps"

    def values(self, measure: str, threshold: float = THRESHOLD) -> np.ndarray:
        """One measure as a table (N, L)."""
        if measure != "share":
            return getattr(self, measure)
        return self.share[..., self.thresholds.index(threshold)]


def measure_maps(
    heatmaps: Heatmaps, thresholds: Sequence[float] = SWEEP, *, grid: Grid = "own", masks: Masked | None = None
) -> MapMeasures:
    """All measures of all maps.

    For the share, a map goes raw -> ReLU -> min-max -> bilinear to the input size. Finer maps have more cells
    of which one can be the maximum, so resolution alone moves the share. `grid="common"` first pools the raw
    map of every layer to the coarsest layer's grid: then layers that would be the same field at another
    resolution have exactly the same share.

    Parameters
    ----------
    heatmaps : Heatmaps
        Of N pictures at L layers.
    thresholds : Sequence[float]
        In (0, 1).
    grid : {"own", "common"}
        On which maps are measured: their own, or the coarsest layer's.
    masks : Iterable of Sample, or of uint8 (H, W) or None, optional
        One a picture, or the samples themselves; whole ones are put through the view of the maps (`masks_in_view`).

    Returns
    -------
    MapMeasures

    Raises
    ------
    ValueError
        If there is no threshold, or one is not in (0, 1).
    DataError
        As `foreground_background` raises it for masks.
    """
    limits = tuple(sorted(set(thresholds)))
    if not limits or not 0 < limits[0] <= limits[-1] < 1:
        raise ValueError(f"A threshold lies between 0 and 1, both excluded; got {list(thresholds)}.")
    cut = masks_in_view(heatmaps, masks) if masks is not None else None
    coarsest = min((raw.shape[1:] for raw in heatmaps.values()), key=lambda size: size[0] * size[1])
    n, depth = heatmaps.n_pictures, len(heatmaps)
    share = np.full((n, depth, len(limits)), np.nan)
    gini, energy = np.full((n, depth), np.nan), np.full((n, depth), np.nan)
    flat = np.zeros((n, depth), bool)
    sizes = []
    for index, raw in enumerate(heatmaps.values()):
        used = maps.pool(raw, coarsest) if grid == "common" else raw
        sizes.append((int(used.shape[1]), int(used.shape[2])))
        flat[:, index] = maps.is_flat(maps.rectify(used))
        gini[:, index] = np.where(flat[:, index], np.nan, maps.gini(used))
        for picture in range(n):  # one at a time: a batch of upsampled maps would leave the caches
            if flat[picture, index]:
                continue
            upsampled = maps.upsample(maps.normalize(used[picture]), heatmaps.input_size)
            share[picture, index] = maps.share_above(upsampled, np.array(limits))
            mask = cut[picture] if cut is not None else None
            if mask is not None:
                raw_upsampled = maps.upsample(maps.rectify(used[picture]), heatmaps.input_size)
                energy[picture, index] = maps.energy_inside(raw_upsampled, mask)
    return MapMeasures(tuple(heatmaps), tuple(sizes), grid, limits, share, gini, energy, flat, heatmaps.method)
