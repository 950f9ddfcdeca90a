"""What a result of `layer_focus` means, in plain sentences that name n, the effect and the caveat that matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from xai_core.studies.layer_focus import ALPHA, LayerFocus, Outcome
from xai_core.studies.layer_order import LayerOrder, layer_order
from xai_core.studies.map_measures import Grid
from xai_core.studies.words import capitalised, format_interval, format_p
from xai_core.types.counts import form, number_of

_HEADLINES: dict[Outcome, str] = {
    "focuses": "Yes: deeper layers focus more",
    "spreads": "No: deeper layers focus less",
    "differs": "Layers differ, but not in order of depth",
    "none": "No difference between layers was found",
    "unknown": "This cannot be tested",
}
TURNED: dict[str, str] = {
    "focuses": "deeper layers focus more",
    "spreads": "deeper layers focus less",
    "differs": "layers differ, with no trend by depth",
    "none": "no difference is found",
    "unknown": "nothing can be tested",
}


class _OneSize(NamedTuple):
    """What is done to the maps so that those of all layers have one size."""

    made: str
    making: str

    @property
    def all_maps(self) -> str:
        """As a condition: "with all maps averaged to the same size"."""
        return f"with all maps {self.made} to the same size"


ONE_SIZE: dict[Grid, _OneSize] = {
    "common": _OneSize("averaged", "averaging"),
    "sampled": _OneSize("sampled", "sampling"),
}
TOO_WEAK = "the trend is too weak to be sure of"  # one test finds it, and another one does not
FEW_PICTURES = 12


@dataclass(frozen=True)
class Verdict:
    """A result in words.

    Attributes
    ----------
    outcome : {"focuses", "spreads", "differs", "none", "unknown"}
        Of the test on the maps' own resolution.
    robust : bool
        Whether the common grid gives the same outcome.
    order : LayerOrder
        Whether the trend holds step by step.
    headline : str
        A few words.
    sentence : str
        With n, the medians, the effect and its interval.
    h0, h1 : str
        The hypotheses.
    titles : tuple of str
        What people call the layers, in order of depth.
    """

    outcome: Outcome
    robust: bool
    order: LayerOrder
    headline: str
    sentence: str
    h0: str
    h1: str
    titles: tuple[str, ...]


def format_value(value: float, percent: bool) -> str:
    """A measure as it is printed: two decimals, or per cent with two digits."""
    if not np.isfinite(value):
        return "–"
    if not percent:
        return f"{value:.2f}"
    return f"{100 * value:.0f}%" if value >= 0.1 else f"{100 * value:.2g}%"


def _sentence(focus: LayerFocus, titles: list[str]) -> str:
    page, kind = focus.page, focus.measure
    if focus.outcome == "unknown":
        return f"{page.reason} The maps above can still be looked at."
    first, last = focus.medians["median"].iloc[0], focus.medians["median"].iloc[-1]
    moved = "falls" if last < first else "rises" if last > first else "stays the same"
    what = kind.words_at(focus.threshold)
    trend = focus.trend
    plus, way = ("plus", "rises") if trend.effect > 0 else ("minus", "falls")
    order = subject(focus)
    sign = f"{plus} means that {order} {way} with depth"
    turned = "; a higher value means less focus" if kind.focus_sign < 0 else ""
    return (
        f"Over {focus.counted}, the median {what} {moved} from {format_value(first, kind.percent)} "
        f"({titles[0]}) to {format_value(last, kind.percent)} ({titles[-1]}){turned}. The mean rank correlation of "
        f"{order} with depth is {trend.effect:+z.2f}, {format_interval(trend.interval, '+.2f')}; {sign}. "
        f"Page's trend test gives {format_p(focus.p_trend)} (Holm-corrected together with Friedman's test)."
    )


def numbers_of(focus: LayerFocus) -> str:
    """A trend's effect, p and n."""
    return f"rank correlation with depth {focus.trend.effect:+z.2f}, {format_p(focus.p_trend)}, n = {focus.n:,}"


def here_too(outcome: Outcome) -> str:
    """An outcome as a check finds it again: "Here, too, deeper layers focus more"."""
    return f"Here, too, {TURNED[outcome]}"


def resolution_caveat(own: LayerFocus, common: LayerFocus) -> str:
    """Whether the outcome is left when all layers have the same number of cells."""
    lost, numbers, flat = own.n - common.n, "", ""
    if common.outcome != "unknown":
        numbers = f" ({numbers_of(common)})"
        if lost > 0:
            made = f"{ONE_SIZE[common.grid].making} took the contrast out of one of {form(lost, 'its', 'their')} maps"
            flat = f" {number_of(lost, 'picture')} {form(lost, 'is', 'are')} left out, since {made}."
    if common.outcome == own.outcome:
        weaker = abs(common.page.effect) < abs(own.page.effect) / 2
        what = "trend" if own.outcome in ("focuses", "spreads") else "effect"
        return f"{here_too(own.outcome)}{f', but the {what} is much weaker' if weaker else ''}{numbers}.{flat}"
    left = TURNED | {"none": "no difference is left"}
    return f"{capitalised(left[common.outcome])}{numbers}, so the answer above may come from resolution alone.{flat}"


def subject(focus: LayerFocus) -> str:
    """What a layer's order is about: focus, of which more is always more, or how much lies on the object."""
    return f"the {focus.measure.words}" if focus.measure.needs_mask else "focus"


def order_objection(focus: LayerFocus, order: LayerOrder) -> str:
    """Why a trend does not hold step by step, in a few words."""
    if order.shape in ("turns", "one step"):
        return f"{subject(focus)} {order.words}"
    return order.words if order.shape == "one layer" else TOO_WEAK


def layer_verdict(own: LayerFocus, common: LayerFocus, titles: list[str]) -> Verdict:
    """Put both results into words.

    Parameters
    ----------
    own, common : LayerFocus
        The same measure and threshold on the layers' own resolution and on the common grid.
    titles : list of str
        What people call the layers, in order of depth.
    """
    robust, order = own.outcome == common.outcome, layer_order(own.measure.focus_sign * own.values, titles)
    headline = _HEADLINES[own.outcome]
    if own.outcome in ("focuses", "spreads"):
        if not robust:
            headline = f"Mixed: {TURNED[own.outcome]} overall, but not {ONE_SIZE['common'].all_maps}"
        elif order.shape != "steady":
            headline = f"Mixed: {TURNED[own.outcome]} overall, but {order_objection(own, order)}"
    elif own.outcome == "differs" and order.words:
        headline += f": {subject(own)} {order.words}"
    unit = "group" if own.grouped else "picture"
    return Verdict(
        own.outcome,
        robust,
        order,
        headline,
        _sentence(own, titles),
        h0=f"H0: in a picture's maps, the {own.measure.words} does not depend on the layer.",
        h1=f"H1: it rises or falls from layer to layer with depth (two-sided, level {ALPHA:g}, unit: the {unit}).",
        titles=tuple(titles),
    )


def sweep_sentence(swept: pd.DataFrame, threshold: float) -> str:
    """Whether the verdict depends on the threshold, from `sweep` on one grid."""
    known = swept[swept["outcome"] != "unknown"]
    if known.empty:
        return "The trend cannot be computed at any threshold."
    at = known.iloc[(known["threshold"] - threshold).abs().argmin()]["outcome"]
    others = known[known["outcome"] != at]
    low, high = known["threshold"].min(), known["threshold"].max()
    if others.empty:
        return f"At every threshold from {low:g} to {high:g}, {TURNED[at]}."
    said = [f"At {len(known) - len(others)} of {len(known)} thresholds, including {threshold:g}, {TURNED[at]}"]
    for outcome, rows in others.groupby("outcome", sort=False):
        bounds = (rows["threshold"].min(), rows["threshold"].max())
        where = f"{len(rows)} thresholds from {bounds[0]:g} to {bounds[1]:g}" if len(rows) > 1 else f"{bounds[0]:g}"
        said.append(f"At {where}, {TURNED[str(outcome)]}")
    return f"{'. '.join(said)}."
