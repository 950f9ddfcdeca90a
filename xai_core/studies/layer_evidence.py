"""What speaks for and against "deeper layers focus more" besides its test, one piece of evidence each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from xai_core.studies.hypothesis import Checked
from xai_core.studies.layer_focus import LayerFocus
from xai_core.studies.layer_order import LayerOrder, layer_order
from xai_core.studies.untrained_layers import UntrainedLayers
from xai_core.studies.verdict import (
    ONE_SIZE,
    TURNED,
    Verdict,
    here_too,
    numbers_of,
    order_objection,
    resolution_caveat,
    sweep_sentence,
)
from xai_core.studies.words import capitalised, uncapitalised

_OPPOSITE = {"focuses": "spreads", "spreads": "focuses"}
_COARSER = "But maps of deeper layers are coarser, which alone changes how focused they seem."
# Of what a mask holds.
_INSIDE = TURNED | {"focuses": "deeper layers have more of it", "spreads": "deeper layers have less of it"}


@dataclass(frozen=True)
class Evidence:
    """A check of the trend, and what it makes of the headline.

    Attributes
    ----------
    check : Checked
        As the card lists it.
    objection : str
        Why the answer is mixed, in a few words that follow "but"; empty where it is not.
    but : str
        The same for a student, a whole sentence that says what follows from it.
    """

    check: Checked
    objection: str = ""
    but: str = ""


def claims(focus: LayerFocus) -> bool:
    """Whether a trend was found, either way."""
    return focus.outcome in _OPPOSITE


def of_depth(own: LayerFocus) -> Evidence | None:
    """Whether the layers stand in order of depth, as far as their maps' sizes say; None where nothing is against it."""
    sizes = own.table.drop_duplicates("depth").sort_values("depth")
    cells = (sizes["height"] * sizes["width"]).to_numpy()
    if (cells[1:] <= cells[:-1]).all():
        return None
    listed = ", ".join(f"{row.height} × {row.width}" for row in sizes.itertuples())
    return Evidence(
        Checked(
            "Order of depth",
            False,
            f"Maps grow from one layer to the next ({listed}); those of a classifier get coarser with depth.",
        ),
        "the layers do not stand in order of depth",
        "But these layers do not stand in order of depth, so none of them can be called deeper.",
    )


def of_order(focus: LayerFocus, order: LayerOrder) -> Evidence:
    """Whether the trend holds step by step, on the grid of `focus`."""
    if order.shape == "steady":
        said = (
            "At the maps' own sizes, the trend remains whichever layer is left out, and does not come from one jump "
            "between two layers. No step clearly goes against it."
        )
        return Evidence(Checked("Layer by layer", True, said))
    objection = order_objection(focus, order)
    tails = {
        "turns": "there are clear steps both up and down (signed-rank tests, Holm-corrected).",
        "one layer": "without it no trend is left.",
        "one step": "on either side of that step no trend is left.",
    }
    uneven = "Page's test finds it, but a second test, of all pairs of layers, does not."
    said = f"{capitalised(objection)}: {tails.get(order.shape, uneven)}"
    if focus.grid == "own":
        why, lead, end = objection, f"But {objection}", ", so no steady change with depth is shown"
    else:
        why = f"{ONE_SIZE[focus.grid].all_maps}, {objection}"
        lead, end = f"{_COARSER} {capitalised(why)}", ""
    if order.shape == "one layer":
        end = ", and without it no trend is left"
    return Evidence(Checked("Layer by layer", False, said), why, f"{lead}{end}.")


def of_grid(own: LayerFocus, common: LayerFocus, verdict: Verdict) -> Evidence:
    """Whether the outcome is left where all layers have the same number of cells, and holds step by step there, too."""
    h, w = common.table[["height", "width"]].iloc[0]
    same, size = own.outcome == common.outcome, ONE_SIZE[common.grid]
    name, said = f"All maps {size.made} to {h} × {w}", resolution_caveat(own, common)
    # Coarser maps alone can make steps where layers are alike.
    if same and claims(own) and verdict.order.shape == "steady":
        stepwise = of_order(common, layer_order(common.measure.focus_sign * common.values, verdict.titles))
        if not stepwise.check.fine:
            said = f"{said} {stepwise.check.sentence}"
            return Evidence(Checked(name, False, said), stepwise.objection, stepwise.but)
    why = "" if same else f"not {size.all_maps}"
    but = f"But {size.all_maps} this is not found: it may show only that deeper layers have coarser maps."
    return Evidence(Checked(name, same, said), why, but)


def of_measure(own: LayerFocus, others: Sequence[LayerFocus]) -> Evidence:
    """Whether another measure says the same, on each grid; one that needs masks need only not say the opposite."""
    each = [_of_measure(own, other) for other in others]
    against = next((one for one in each if one.objection), each[0])
    fine = [one.check.fine for one in each]
    joined = False if False in fine else True if True in fine else None
    return Evidence(
        Checked(each[0].check.name, joined, " ".join(one.check.sentence for one in each)),
        against.objection,
        against.but,
    )


def _of_measure(own: LayerFocus, other: LayerFocus) -> Evidence:
    kind, same = other.measure, other.outcome == own.outcome
    name, where = f"By {kind.words}", "" if other.grid == "own" else f"{capitalised(ONE_SIZE[other.grid].all_maps)}: "
    why = f" {kind.compared_why}" if kind.compared_why and other.grid == "own" else ""
    inside = kind.needs_mask or not same
    outcome = (
        (_INSIDE if kind.needs_mask else TURNED)[other.outcome] if inside else uncapitalised(here_too(own.outcome))
    )
    said = capitalised(f"{where}{outcome} ({numbers_of(other)}).{why}")
    opposite = claims(own) and other.outcome == _OPPOSITE[own.outcome]
    if kind.needs_mask and opposite:
        more = "more" if other.outcome == "focuses" else "less"
        said += f" So {TURNED[own.outcome]}, yet {more} of their maps' energy lies on the object."
        but = f"But deeper layers have {more} {kind.words}: the answer depends on what is measured."
        return Evidence(Checked(name, False, said), f"not by {kind.words}", but)
    said += " So by this measure the answer is the opposite." if opposite else ""
    if kind.needs_mask:
        return Evidence(Checked(name, True if same else None, said))
    on = "" if other.grid == "own" else f"{ONE_SIZE[other.grid].all_maps}, "
    but = f"But {on}by {kind.words}, {TURNED[other.outcome]}: the answer depends on what is measured."
    return Evidence(Checked(name, same, said), "" if same else f"not by {kind.words}", but)


def of_thresholds(own: LayerFocus, swept: pd.DataFrame) -> Evidence:
    """Whether every threshold says the same."""
    outcomes = swept.loc[swept["outcome"] != "unknown", "outcome"]
    same = bool((outcomes == own.outcome).all())
    return Evidence(
        Checked("Threshold", same, sweep_sentence(swept, own.threshold)),
        "" if same else "not at every threshold",
        "But at other thresholds the outcome differs: the answer depends on the threshold that is chosen.",
    )


def of_untrained(own: LayerFocus, untrained: UntrainedLayers | None) -> Evidence:
    """Whether the trained network goes further than its architecture with random weights."""
    if untrained is None:
        said = "Not compared yet. The comparison would show whether an untrained network does the same."
        return Evidence(Checked("Random weights", None, said))
    beyond = untrained.beyond(own.outcome)
    return Evidence(
        Checked("Random weights", beyond, untrained.sentence(own)),
        "" if beyond else "the same network with random weights can do so too",
        "But the same network with random weights can do so, too: what it learned need not be the reason.",
    )


def evidence(
    own: LayerFocus,
    common: LayerFocus,
    verdict: Verdict,
    *,
    swept: pd.DataFrame | None = None,
    sampled: LayerFocus | None = None,
    others: Sequence[LayerFocus] = (),
    untrained: UntrainedLayers | None = None,
) -> list[Evidence]:
    """All that can be said for and against a trend, what weighs most first.

    Parameters
    ----------
    own, common, sampled : LayerFocus
        The measure at the maps' own resolutions and on both kinds of common grid.
    verdict : Verdict
        `layer_verdict` of them.
    swept : DataFrame, optional
        `sweep`, where what was measured has thresholds.
    others : Sequence[LayerFocus]
        Other measures of the same maps, on any grid.
    untrained : UntrainedLayers, optional
        The same architecture with random weights.
    """
    if own.outcome == "unknown":
        return []
    found: list[Evidence | None] = []
    several_sizes = own.table[["height", "width"]].drop_duplicates().shape[0] > 1
    neutral = [one for one in (common, sampled) if one is not None and several_sizes]
    if several_sizes:
        found += [of_depth(own), *(of_grid(own, one, verdict) for one in neutral)]
    if claims(own):
        found.append(of_order(own, verdict.order))
    known = [one for one in others if one.outcome != "unknown"]
    for kind in dict.fromkeys(one.measure.key for one in known):
        found.append(of_measure(own, [one for one in known if one.measure.key == kind]))
    if swept is not None:
        found.append(of_thresholds(own, swept))
    if claims(own):
        found.append(of_untrained(own, untrained))
    return [one for one in found if one is not None]
