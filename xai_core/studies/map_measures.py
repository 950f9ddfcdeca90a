"""Maps measured by how focused they are, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from xai_core import maps
from xai_core.measures import FOCUS_MEASURES
from xai_core.measures.seen import MapOnGrid
from xai_core.studies.masks import Masked, masks_in_view
from xai_core.types import Heatmaps

Grid = Literal["own", "common"]

MEASURES = FOCUS_MEASURES
THRESHOLD = 0.85
SWEEP = tuple(round(0.50 + 0.01 * step, 2) for step in range(46))


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
    tables : Mapping of str to ndarray
        Key of MEASURES -> float64 (N, L), or (N, L, T) where it has a value for each threshold; NaN where a map is
        flat, or a picture has no mask and the measure needs one.
    flat : ndarray
        bool (N, L), maps without any contrast or any positive value.
    method : str
        The name of the method that made the maps.
    """

    layers: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    grid: Grid
    thresholds: tuple[float, ...]
    tables: Mapping[str, np.ndarray]
    flat: np.ndarray
    method: str = "the maps"

    def values(self, measure: str, threshold: float = THRESHOLD) -> np.ndarray:
        """One measure as a table (N, L)."""
        table = self.tables[measure]
        return table[..., self.thresholds.index(threshold)] if MEASURES[measure].by_threshold else table


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
    tables = {
        key: np.full((n, depth, len(limits)) if measure.by_threshold else (n, depth), np.nan)
        for key, measure in MEASURES.items()
    }
    flat = np.zeros((n, depth), bool)
    sizes = []
    for index, raw in enumerate(heatmaps.values()):
        used = maps.pool(raw, coarsest) if grid == "common" else raw
        sizes.append((int(used.shape[1]), int(used.shape[2])))
        flat[:, index] = maps.is_flat(maps.rectify(used))
        for picture in np.flatnonzero(~flat[:, index]):  # one at a time: many upsampled maps would leave the caches
            mask = cut[picture] if cut is not None else None
            seen = MapOnGrid(used[picture], heatmaps.input_size, np.array(limits), mask)
            for key, table in tables.items():
                table[picture, index] = MEASURES[key].compute(seen)
    return MapMeasures(tuple(heatmaps), tuple(sizes), grid, limits, tables, flat, heatmaps.method)
