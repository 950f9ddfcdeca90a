"""The card of "do deeper layers focus more?"."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xai_core.studies.class_gate import ClassSeen, about_n
from xai_core.studies.groups import OF_GROUPS
from xai_core.studies.hypothesis import INDEPENDENT, Checked, Hypothesis, Tone, careful, enough
from xai_core.studies.in_plain_words import layers_in_words
from xai_core.studies.layer_evidence import claims, evidence
from xai_core.studies.layer_faithfulness import Faithfulness
from xai_core.studies.layer_focus import LayerFocus
from xai_core.studies.limits import limits_of
from xai_core.studies.untrained_layers import UntrainedLayers
from xai_core.studies.verdict import FEW_PICTURES, TURNED, Verdict
from xai_core.types.counts import form, number_of

_TONES: dict[str, Tone] = {"focuses": "yes", "spreads": "no", "differs": "caution", "none": "none"}


def layer_hypothesis(
    own: LayerFocus,
    common: LayerFocus,
    verdict: Verdict,
    *,
    swept: pd.DataFrame | None = None,
    sampled: LayerFocus | None = None,
    others: Sequence[LayerFocus] = (),
    untrained: UntrainedLayers | None = None,
    seen: ClassSeen | None = None,
    faithful: Faithfulness | None = None,
) -> Hypothesis:
    """The card of "do deeper layers focus more?".

    "Yes" and "no" need all evidence: the common grids and the measures that resolution does not drive say the same as
    the measure, the trend holds step by step, the layers stand in order of depth, every threshold says the same, and
    where random weights were tried the trained network goes further. What stands against it makes it mixed.

    Parameters
    ----------
    own, common : LayerFocus
        The measure on the layers' own resolution and on the common grid.
    verdict : Verdict
        `layer_verdict` of both.
    swept : DataFrame, optional
        `sweep`, where what was measured has thresholds.
    sampled : LayerFocus, optional
        The measure on a common grid of cells drawn by chance.
    others : Sequence[LayerFocus]
        Other measures of the same maps, on any grid.
    untrained : UntrainedLayers, optional
        The same architecture with random weights.
    seen : ClassSeen, optional
        How sure the model is of the explained classes; without it the headline names none.
    faithful : Faithfulness, optional
        How faithful the maps of each layer are (`layer_faithfulness`).
    """
    weighed = evidence(own, common, verdict, swept=swept, sampled=sampled, others=others, untrained=untrained)
    unseen = seen is not None and not seen.seen
    changes = () if unseen else tuple(one.check for one in weighed)  # there is no answer that they could change
    objections = [one for one in weighed if one.objection] if claims(own) else []
    tone, headline = careful(_TONES.get(own.outcome, "unknown"), changes), verdict.headline
    if claims(own) and objections:
        tone, headline = "caution", f"Mixed: {TURNED[own.outcome]} overall, but {objections[0].objection}"
    if own.outcome != "unknown" and seen is not None and not seen.seen:
        tone, headline = "unknown", f"{seen.headline} {about_n(None, seen.n)}"
    elif own.outcome != "unknown" and (seen is not None or own.grouped):
        headline += f" {about_n(seen, own.n, grouped=own.grouped)}"
    return Hypothesis(
        question="Do deeper layers focus more?",
        h0=verdict.h0,
        h1=verdict.h1,
        measured=_measured(own),
        tone=tone,
        headline=headline,
        sentence=_sentence(own, verdict, seen),
        carries=own.trend,
        beside=own.results[1:],
        assumptions=_assumptions(own, seen, faithful),
        changes=changes,
        limits=limits_of("layers"),
        plain=layers_in_words(
            own,
            list(verdict.titles),
            but=objections[0].but if objections else "",
            doubt=faithful.doubt if faithful else "",
        )
        if seen is None or seen.seen
        else seen.plain,
    )


def _sentence(own: LayerFocus, verdict: Verdict, seen: ClassSeen | None) -> str:
    """The numbers of the test; not of one that says nothing, since the model does not see what the maps explain."""
    if seen is None or seen.seen:
        return verdict.sentence
    if own.outcome == "unknown":
        return f"{seen.sentence} {verdict.sentence}"
    return f"The model does not see {seen.each} (see the assumptions), so the tests here do not count."


def _measured(own: LayerFocus) -> str:
    what = own.measure.words_at(own.threshold)
    return f"The {what} of {own.method} at {len(own.medians)} layers, on {own.counted}."


def _assumptions(own: LayerFocus, seen: ClassSeen | None, faithful: Faithfulness | None) -> tuple[Checked, ...]:
    flat = own.n_left_out
    return (
        *((seen.check,) if seen is not None else ()),
        Checked(
            "Same pictures at every layer",
            flat == 0,
            "Every picture has a map at every layer, so layers are ranked within pictures."
            if not flat
            else f"{number_of(flat, 'picture')} {form(flat, 'is', 'are')} left out because of a layer without a "
            "usable map. All others have a map at every layer.",
        ),
        *(faithful.checks if faithful is not None else ()),
        Checked(
            "Distribution-free", True, "Page's trend and Friedman's test use ranks, so no distribution is assumed."
        ),
        enough(own.n, FEW_PICTURES, "group" if own.grouped else "picture"),
        OF_GROUPS if own.grouped else INDEPENDENT,
    )
