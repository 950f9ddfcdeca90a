"""Do deeper layers focus more? Measures of maps, tested between layers.

`measure_maps` does the arithmetic on pictures once, for many thresholds; `layer_focus` picks one threshold and
tests. So a threshold can be moved without touching a map again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from xai_core import stats
from xai_core.measures.focus import DEFAULT, FocusMeasure
from xai_core.studies.groups import counted, group_means
from xai_core.studies.map_measures import MEASURES, THRESHOLD, Grid, MapMeasures, measure_maps
from xai_core.studies.masks import Masked
from xai_core.types import Heatmaps, StatResult
from xai_core.types.display import Plotted

Outcome = Literal["focuses", "spreads", "differs", "none", "unknown"]

ALPHA = 0.05
TREND = "rank correlation of focus with depth"  # of an effect of which plus means more focused


@dataclass(frozen=True, eq=False)
class LayerFocus(Plotted):
    """One measure at one threshold, tested between layers.

    Attributes
    ----------
    table : DataFrame
        Tidy, a row a picture x layer: `sample`, `layer`, `depth`, `height`, `width`, a column for each of MEASURES
        (`share`, `gini`, `energy_inside`), `flat`.
    measure : FocusMeasure
        What was tested.
    threshold : float
        Of the share, in (0, 1).
    grid : {"own", "common", "sampled"}
        On which the maps were measured.
    friedman, page, kruskal : StatResult
        The tests; Page's trend test is the primary one.
    pairwise : DataFrame
        Wilcoxon for every pair of layers, Holm-corrected.
    medians : DataFrame
        A row a layer: `layer`, `n`, `median`, `low`, `high` (its 95% interval), `flat`.
    n, n_left_out : int
        Pictures (or groups of them) used by the paired tests, and pictures left out for a flat map or a missing mask.
    outcome : {"focuses", "spreads", "differs", "none", "unknown"}
        "focuses", "spreads", "differs" (no trend), "none" (nothing found) or "unknown" (not computable).
    method : str
        The name of the method that made the maps.
    pictures : int
        Those that the paired tests used; as many as `n`, unless each group of pictures counts once.
    groups : tuple of str or None, optional
        What each picture belongs to; the tests then count groups, by the mean of their pictures.
    """

    table: pd.DataFrame
    measure: FocusMeasure
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
    pictures: int = 0
    groups: tuple[str | None, ...] | None = None

    @property
    def grouped(self) -> bool:
        """Whether the tests count groups."""
        return self.groups is not None

    @property
    def counted(self) -> str:
        """What the tests count, in words: pictures, or groups of them."""
        return counted(self.n, self.pictures if self.grouped else self.n, self.grouped)

    @property
    def results(self) -> tuple[StatResult, ...]:
        """The tests over all layers, the primary one first."""
        return self.page, self.friedman, self.kruskal

    @property
    def trend(self) -> StatResult:
        """Page's trend with the effect signed so that plus means that deeper layers focus more."""
        if self.measure.focus_sign > 0 or not np.isfinite(self.page.effect):
            return replace(self.page, effect_name=TREND)
        low, high = self.page.interval
        return replace(self.page, effect_name=TREND, effect=-self.page.effect, interval=(-high, -low))

    @property
    def p_trend(self) -> float:
        """p of Page's trend by which it is judged: Holm-corrected over it and Friedman's test."""
        return _corrected(self.page, self.friedman).page

    @property
    def values(self) -> np.ndarray:
        """The measure as a table, float64 (N, L); of groups where the tests count these."""
        found = self.table[self.measure.key].to_numpy(float).reshape(-1, len(self.medians))
        return found if self.groups is None else group_means(found, self.groups)


class _Corrected(NamedTuple):
    """p of both tests, Holm-corrected over them: either of them may make a claim."""

    page: float
    friedman: float


def _corrected(page: StatResult, friedman: StatResult) -> _Corrected:
    return _Corrected(*map(float, stats.holm([page.p, friedman.p])))


def _outcome(page: StatResult, friedman: StatResult, focus_sign: int) -> Outcome:
    if not np.isfinite(page.p):
        return "unknown"
    p = _corrected(page, friedman)
    if p.page < ALPHA:
        return "focuses" if page.effect * focus_sign > 0 else "spreads"
    return "differs" if p.friedman < ALPHA else "none"


class _Units(NamedTuple):
    """What tests count, float (n, L): groups' means of pictures that have every layer, and of all; else pictures."""

    complete: np.ndarray
    every: np.ndarray


def _units(values: np.ndarray, measured: MapMeasures) -> _Units:
    if measured.groups is None:
        return _Units(values, values)
    whole = np.isfinite(values).all(axis=1)
    kept = [group for group, fine in zip(measured.groups, whole, strict=True) if fine]
    return _Units(group_means(values[whole], kept), group_means(values, measured.groups))


def _medians(values: np.ndarray, measured: MapMeasures) -> pd.DataFrame:
    rows = []
    for index, layer in enumerate(measured.layers):
        known = values[np.isfinite(values[:, index]), index]
        low, high = stats.median_interval(known)
        middle = float(np.median(known)) if len(known) else float("nan")
        rows.append((layer, len(known), middle, low, high, int(measured.flat[:, index].sum())))
    return pd.DataFrame(rows, columns=["layer", "n", "median", "low", "high", "flat"])


def tidy(measured: MapMeasures, threshold: float, samples: Sequence[str] | None = None) -> pd.DataFrame:
    """Every measure of every map.

    Parameters
    ----------
    measured : MapMeasures
        Of N pictures at L layers.
    threshold : float
        One of those that the share was measured at.
    samples : Sequence[str], optional
        N names of the pictures; None numbers them.

    Returns
    -------
    DataFrame
        A row a picture x layer, as `LayerFocus.table` has it.
    """
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
            **{key: measured.values(key, threshold).ravel() for key in MEASURES},
            "flat": measured.flat.ravel(),
        }
    )


def layer_focus(
    heatmaps: Heatmaps | MapMeasures,
    threshold: float = THRESHOLD,
    *,
    measure: str = DEFAULT,
    grid: Grid = "own",
    masks: Masked | None = None,
    samples: Sequence[str] | None = None,
) -> LayerFocus:
    """Whether the maps of deeper layers are more focused, picture by picture.

    H0: a measure does not depend on the layer. H1: it goes one way with depth (Page's trend, two-sided, by
    the picture). Friedman asks only whether layers differ; Kruskal-Wallis is what unpaired studies report.

    Parameters
    ----------
    heatmaps : Heatmaps or MapMeasures
        Maps, or what `measure_maps` made of them (then `grid` and `masks` are its own).
    threshold : float
        For the share, in (0, 1).
    measure : str
        Key of `studies.MEASURES`: "share", "gini" or "energy_inside".
    grid : {"own", "common", "sampled"}
        On which maps are measured, as `measure_maps` takes it.
    masks : Iterable of Sample, or of uint8 (H, W) or None, optional
        As `measure_maps` takes them, such as the data set itself.
    samples : Sequence[str], optional
        A name for each picture, for the table.

    Returns
    -------
    LayerFocus

    Raises
    ------
    ValueError
        If there is no such measure, or a threshold is not in (0, 1).
    DataError
        If there are not as many masks as pictures, or a mask has another size than the input and the maps do not
        know their view.

    Examples
    --------
    >>> import xai_core as xai
    >>> model, digits = xai.load_model("digits"), xai.load_dataset("textured_digits")[:4]
    >>> focus = xai.layer_focus(xai.grad_cam(model, digits), masks=digits)
    >>> len(focus.table) == 4 * len(model.select("stages")), focus.threshold
    (True, 0.85)
    """
    if measure not in MEASURES:
        raise ValueError(f"Unknown measure {measure!r}. Choose one of: {', '.join(MEASURES)}.")
    if isinstance(heatmaps, MapMeasures):
        measured = heatmaps
    else:
        measured = measure_maps(heatmaps, (threshold,), grid=grid, masks=masks)
    values = measured.values(measure, threshold)
    kind = MEASURES[measure]
    complete, every = _units(values, measured)
    page, friedman = stats.page_trend(complete), stats.friedman(complete)
    pictures = len(stats.complete_rows(values))
    return LayerFocus(
        table=tidy(measured, threshold, samples),
        measure=kind,
        threshold=threshold,
        grid=measured.grid,
        friedman=friedman,
        page=page,
        kruskal=stats.kruskal_wallis(complete),
        pairwise=stats.pairwise_wilcoxon(every, measured.layers),
        medians=_medians(every, measured),
        n=len(stats.complete_rows(complete)),
        n_left_out=len(values) - pictures,
        outcome=_outcome(page, friedman, kind.focus_sign),
        method=measured.method,
        pictures=pictures,
        groups=measured.groups,
    )


def sweep(measured: MapMeasures, measure: str = DEFAULT) -> pd.DataFrame:
    """The trend of the share at every threshold: whether the verdict depends on it.

    Parameters
    ----------
    measured : MapMeasures
    measure : str
        Key of one that has a value for each threshold.

    Returns
    -------
    DataFrame
        A row a threshold: `threshold`, `grid`, `rho` (mean rank correlation of the measure with depth), `low`, `high`,
        `p`, `w` (Kendall's W), `outcome`, `focus`, `focus_low` and `focus_high` (the correlation and its interval,
        signed so that plus means that deeper layers focus more).
    """
    sign = MEASURES[measure].focus_sign
    rows = []
    for threshold in measured.thresholds:
        values = measured.values(measure, threshold)
        complete = _units(values, measured).complete
        page, friedman = stats.page_trend(complete, resamples=500), stats.friedman(complete)
        outcome = _outcome(page, friedman, MEASURES[measure].focus_sign)
        rows.append((threshold, measured.grid, page.effect, *page.interval, page.p, friedman.effect, outcome))
    swept = pd.DataFrame(rows, columns=["threshold", "grid", "rho", "low", "high", "p", "w", "outcome"])
    low, high = ("low", "high") if sign > 0 else ("high", "low")
    return swept.assign(focus=sign * swept["rho"], focus_low=sign * swept[low], focus_high=sign * swept[high])
