"""The card of "do deeper layers focus more?"."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xai_core.studies.hypothesis import INDEPENDENT, Checked, Hypothesis, Tone, careful, enough
from xai_core.studies.layer_focus import LayerFocus
from xai_core.studies.verdict import FEW_PICTURES, Verdict, resolution_caveat, sweep_sentence
from xai_core.studies.words import format_p

_TURNED: dict[str, str] = {
    "focuses": "deeper layers focus more",
    "spreads": "deeper layers spread out more",
    "differs": "layers differ without following depth",
    "none": "no difference is found",
}


def layer_hypothesis(
    own: LayerFocus,
    common: LayerFocus,
    verdict: Verdict,
    *,
    swept: pd.DataFrame | None = None,
    others: Sequence[LayerFocus] = (),
) -> Hypothesis:
    """The card of "do deeper layers focus more?".

    Parameters
    ----------
    own, common : LayerFocus
        The measure on the layers' own resolution and on the common grid.
    verdict : Verdict
        `layer_verdict` of both.
    swept : DataFrame, optional
        `sweep`, where what was measured has thresholds.
    others : Sequence[LayerFocus]
        Other measures of the same maps at their own resolutions.
    """
    what = own.measure.words_at(own.threshold)
    known = own.outcome != "unknown"
    changes = []
    if swept is not None and known:
        outcomes = swept.loc[swept["outcome"] != "unknown", "outcome"]
        changes.append(
            Checked("Threshold", bool((outcomes == own.outcome).all()), sweep_sentence(swept, own.threshold))
        )
    for other in others:
        if known and other.outcome != "unknown":
            same = other.outcome == own.outcome
            why = f" ({other.measure.compared_why})" if other.measure.compared_why else ""
            changes.append(
                Checked(
                    other.measure.comparison,
                    same,
                    f"By {other.measure.words}{why} {'the outcome is the same' if same else _TURNED[other.outcome]}: "
                    f"mean rank correlation with depth {other.page.effect:+.2f}, {format_p(other.page.p)}, "
                    f"n = {other.n}.",
                )
            )
    if known and own.table[["height", "width"]].drop_duplicates().shape[0] > 1:
        changes.insert(0, Checked("Common grid", verdict.robust, resolution_caveat(own, common)))
    tones: dict[str, Tone] = {"focuses": "yes", "spreads": "no", "differs": "caution", "none": "none"}
    tone = careful(tones.get(own.outcome, "unknown"), changes)
    flat = own.n_left_out
    return Hypothesis(
        question="Do deeper layers focus more?",
        h0=verdict.h0,
        h1=verdict.h1,
        measured=f"The {what} of {own.method} at {len(own.medians)} layers, on "
        f"{own.n} picture{'s' if own.n != 1 else ''}.",
        tone=tone,
        headline=verdict.headline,
        sentence=verdict.sentence,
        carries=own.page,
        beside=(own.friedman, own.kruskal),
        assumptions=(
            Checked(
                "Same pictures at every layer",
                flat == 0,
                "Every picture has a map at every layer, so layers are ranked within pictures."
                if not flat
                else f"{flat} without a usable map at some layer left out; the others are ranked within pictures.",
            ),
            Checked("No shape of distribution", True, "Page's trend and Friedman's test rank, so none is assumed."),
            enough(own.n, FEW_PICTURES),
            INDEPENDENT,
        ),
        changes=tuple(changes),
    )
