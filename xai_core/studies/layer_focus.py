"""Do deeper layers focus more? The share of strong pixels, concentration and energy inside, layer by layer.

`measure_maps` does the arithmetic on pictures once, for many thresholds; `layer_focus` picks one threshold and
tests. So a threshold can be moved without touching a map again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from xai_core import maps, stats
from xai_core.studies.masks import Masked, masks_in_view
from xai_core.types import Heatmaps, StatResult
from xai_core.types.display import Plotted

Grid = Literal["own", "common"]
Outcome = Literal["focuses", "spreads", "differs", "none", "unknown"]

THRESHOLD = 0.85
SWEEP = tuple(round(0.50 + 0.01 * step, 2) for step in range(46))
ALPHA = 0.05


@dataclass(frozen=True)
class Measure:
    """A number for each map, and which way it goes when a map focuses more.

    Attributes
    ----------
    key, title : for code and for people
    focus_sign : +1 if a larger value is a more focused map, -1 if a smaller one is
    percent : shown as a percentage
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
    layers : L layer names in order of depth
    sizes : (h, w) on which each layer was measured
    grid : "own" resolution, or a "common" one
    thresholds : (T,), ascending
    share : float64 (N, L, T), share of pixels above each threshold in [0, 1]
    gini : float64 (N, L) in [0, 1]
    energy_inside : float64 (N, L) in [0, 1]; NaN where a picture has no mask
    flat : bool (N, L), maps without any contrast or any positive value; all measures are NaN there
    method : the name of the method that made the maps
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
    thresholds : in (0, 1)
    masks : one a picture, or the samples themselves; whole ones are put through the view of the maps (`masks_in_view`)
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


@dataclass(frozen=True, eq=False)
class LayerFocus(Plotted):
    """One measure at one threshold, tested between layers.

    Attributes
    ----------
    table : tidy, a row a picture x layer: `sample`, `layer`, `depth`, `height`, `width`, `share`, `gini`,
        `energy_inside`, `flat`
    measure, threshold, grid : what was tested, and on which grid
    friedman, page, kruskal : the tests; Page's trend carries the verdict
    pairwise : Wilcoxon for every pair of layers, Holm-corrected
    medians : a row a layer: `layer`, `n`, `median`, `low`, `high` (bootstrap 95 %), `flat`
    n, n_left_out : pictures used by the paired tests, and those left out for a flat map or a missing mask
    outcome : "focuses", "spreads", "differs" (no trend), "none" (nothing found) or "unknown" (not computable)
    method : the name of the method that made the maps
    """

    table: pd.DataFrame
    measure: Measure
    threshold: float
    grid: Grid
    friedman: StatResult
    page: StatResult
    kruskal: StatResult
    pairwise: pd.DataFrame
    medians: pd.DataFrame
    n: int
    n_left_out: int
    outcome: Outcome
    method: str = "the maps"

    @property
    def results(self) -> tuple[StatResult, ...]:
        """The three tests over all layers."""
        return self.page, self.friedman, self.kruskal


def _outcome(page: StatResult, friedman: StatResult, focus_sign: int) -> Outcome:
    if not np.isfinite(page.p):
        return "unknown"
    if page.p < ALPHA:
        return "focuses" if page.effect * focus_sign > 0 else "spreads"
    return "differs" if friedman.p < ALPHA else "none"


def _medians(values: np.ndarray, measured: MapMeasures) -> pd.DataFrame:
    rows = []
    for index, layer in enumerate(measured.layers):
        known = values[np.isfinite(values[:, index]), index]
        low, high = stats.bootstrap_interval(known, lambda r: np.median(r, axis=1), resamples=1000)
        middle = float(np.median(known)) if len(known) else float("nan")
        rows.append((layer, len(known), middle, low, high, int(measured.flat[:, index].sum())))
    return pd.DataFrame(rows, columns=["layer", "n", "median", "low", "high", "flat"])


def tidy(measured: MapMeasures, threshold: float, samples: Sequence[str] | None = None) -> pd.DataFrame:
    """A row a picture x layer."""
    n, depth = measured.flat.shape
    names = list(samples) if samples is not None else [str(index) for index in range(n)]
    picture, layer = np.divmod(np.arange(n * depth), depth)
    return pd.DataFrame(
        {
            "sample": [names[i] for i in picture],
            "layer": [measured.layers[i] for i in layer],
            "depth": layer + 1,
            "height": [measured.sizes[i][0] for i in layer],
            "width": [measured.sizes[i][1] for i in layer],
            "share": measured.values("share", threshold).ravel(),
            "gini": measured.gini.ravel(),
            "energy_inside": measured.energy_inside.ravel(),
            "flat": measured.flat.ravel(),
        }
    )


def layer_focus(
    heatmaps: Heatmaps | MapMeasures,
    threshold: float = THRESHOLD,
    *,
    measure: str = "share",
    grid: Grid = "own",
    masks: Masked | None = None,
    samples: Sequence[str] | None = None,
) -> LayerFocus:
    """Whether the maps of deeper layers are more focused, picture by picture.

    H0: a measure does not depend on the layer. H1: it goes one way with depth (Page's trend, two-sided, by
    the picture). Friedman asks only whether layers differ; Kruskal-Wallis is what unpaired studies report.

    Parameters
    ----------
    heatmaps : maps, or what `measure_maps` made of them (then `grid` and `masks` are its own)
    threshold : for the share, in (0, 1)
    measure : "share", "gini" or "energy_inside"
    masks : as `measure_maps` takes them, such as the data set itself
    samples : a name for each picture, for the table
    """
    if measure not in MEASURES:
        raise ValueError(f"Unknown measure {measure!r}. Choose one of: {', '.join(MEASURES)}.")
    if isinstance(heatmaps, MapMeasures):
        measured = heatmaps
    else:
        measured = measure_maps(heatmaps, (threshold,), grid=grid, masks=masks)
    values = measured.values(measure, threshold)
    kind = MEASURES[measure]
    page, friedman = stats.page_trend(values), stats.friedman(values)
    n = len(stats.complete_rows(values))
    return LayerFocus(
        table=tidy(measured, threshold, samples),
        measure=kind,
        threshold=threshold,
        grid=measured.grid,
        friedman=friedman,
        page=page,
        kruskal=stats.kruskal_wallis(values),
        pairwise=stats.pairwise_wilcoxon(values, measured.layers),
        medians=_medians(values, measured),
        n=n,
        n_left_out=len(values) - n,
        outcome=_outcome(page, friedman, kind.focus_sign),
        method=measured.method,
    )


def sweep(measured: MapMeasures) -> pd.DataFrame:
    """The trend of the share at every threshold: whether the verdict depends on it.

    Returns
    -------
    DataFrame
        A row a threshold: `threshold`, `grid`, `rho` (mean rank correlation with depth), `low`, `high`, `p`,
        `w` (Kendall's W), `outcome`.
    """
    rows = []
    for threshold in measured.thresholds:
        values = measured.values("share", threshold)
        page, friedman = stats.page_trend(values, resamples=500), stats.friedman(values, resamples=0)
        outcome = _outcome(page, friedman, MEASURES["share"].focus_sign)
        rows.append((threshold, measured.grid, page.effect, *page.interval, page.p, friedman.effect, outcome))
    return pd.DataFrame(rows, columns=["threshold", "grid", "rho", "low", "high", "p", "w", "outcome"])
