"""Maps measured by how focused they are, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from xai_core import maps
from xai_core.measures import FOCUS_MEASURES
from xai_core.measures.seen import MapOnGrid
from xai_core.studies.masks import Masked, masks_in_view
from xai_core.types import FloatArray, Heatmaps, Sample

Grid = Literal["own", "common", "sampled"]

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
        "own" resolution, or a common one: averaged ("common"), or of cells drawn by chance ("sampled").
    thresholds : tuple of float
        (T,), ascending.
    tables : Mapping of str to ndarray
        Key of MEASURES -> float64 (N, L), or (N, L, T) where it has a value for each threshold; NaN where a map is
        flat, or a picture has no mask and the measure needs one.
    flat : ndarray
        bool (N, L), maps without any contrast or any positive value.
    method : str
        The name of the method that made the maps.
    groups : tuple of str or None, optional
        What each picture belongs to; None where no picture belongs to anything.
    """

    layers: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    grid: Grid
    thresholds: tuple[float, ...]
    tables: Mapping[str, np.ndarray]
    flat: np.ndarray
    method: str = "the maps"
    groups: tuple[str | None, ...] | None = None

    def values(self, measure: str, threshold: float = THRESHOLD) -> np.ndarray:
        """One measure as a table (N, L)."""
        table = self.tables[measure]
        return table[..., self.thresholds.index(threshold)] if MEASURES[measure].by_threshold else table


def _sampled(raw: FloatArray, size: tuple[int, int], seed: int) -> FloatArray:
    """One cell of each block, another for each map: (N, h, w) -> (N, *size)."""
    rng = np.random.default_rng(seed)
    down, across = (np.arange(blocks + 1) * cells // blocks for cells, blocks in zip(raw.shape[1:], size, strict=True))
    shape = (len(raw), *size)
    rows = rng.integers(down[:-1, None], down[1:, None], size=shape)
    columns = rng.integers(across[None, :-1], across[None, 1:], size=shape)
    return raw[np.arange(len(raw))[:, None, None], rows, columns]


_GRIDS: dict[Grid, Callable[[FloatArray, tuple[int, int], int], FloatArray]] = {
    "own": lambda raw, size, seed: raw,
    "common": lambda raw, size, seed: maps.pool(raw, size),
    "sampled": _sampled,
}


def measure_maps(
    heatmaps: Heatmaps,
    thresholds: Sequence[float] = SWEEP,
    *,
    grid: Grid = "own",
    masks: Masked | None = None,
    seed: int = 0,
    groups: Sequence[str | None] | None = None,
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
    grid : {"own", "common", "sampled"}
        On which maps are measured: their own, or the coarsest layer's. "common" averages the cells of a block, which
        leaves the same field at another resolution as it is, but evens out what varies from cell to cell: independent
        skewed noise then seems to focus. "sampled" takes one cell of each block by chance, which leaves independent
        noise of any distribution as it is.
    seed : int
        Of the cells that "sampled" takes.
    masks : Iterable of Sample, or of uint8 (H, W) or None, optional
        One a picture, or the samples themselves; whole ones are put through the view of the maps (`masks_in_view`).
    groups : Sequence of str or None, optional
        What each picture belongs to; left out, what the samples say.

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
    given: list[Any] | None = list(masks) if masks is not None else None
    cut = masks_in_view(heatmaps, given) if given is not None else None
    if groups is None and given is not None:
        groups = [item.group if isinstance(item, Sample) else None for item in given]
    coarsest = min((raw.shape[1:] for raw in heatmaps.values()), key=lambda size: size[0] * size[1])
    n, depth = heatmaps.n_pictures, len(heatmaps)
    tables = {
        key: np.full((n, depth, len(limits)) if measure.by_threshold else (n, depth), np.nan)
        for key, measure in MEASURES.items()
    }
    flat = np.zeros((n, depth), bool)
    sizes = []
    for index, raw in enumerate(heatmaps.values()):
        used = _GRIDS[grid](raw, coarsest, seed)
        sizes.append((int(used.shape[1]), int(used.shape[2])))
        flat[:, index] = maps.is_flat(maps.rectify(used))
        for picture in np.flatnonzero(~flat[:, index]):  # one at a time: many upsampled maps would leave the caches
            mask = cut[picture] if cut is not None else None
            seen = MapOnGrid(used[picture], heatmaps.input_size, np.array(limits), mask)
            for key, table in tables.items():
                table[picture, index] = MEASURES[key].compute(seen)
    belong = tuple(groups) if groups is not None and any(groups) else None
    return MapMeasures(tuple(heatmaps), tuple(sizes), grid, limits, tables, flat, heatmaps.method, belong)
