"""Object or background, as one would say it to a student: counts of pictures first, no name of any test."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.foreground_verdict import ForegroundVerdict
from xai_core.studies.mask_control import column_of
from xai_core.studies.reliance import MOST, Reliance, counted_rows
from xai_core.studies.reliance_in_words import behind, moved_in_words, pasting_costs
from xai_core.studies.words import capitalised, percent
from xai_core.types.counts import number_of, part_of

_USES = {"object": "So the model uses the object", "background": "So the model uses the background"}
_MATTERS = "Hiding the object lowers the probability more than hiding an equal area elsewhere, so the object matters"
_UNKNOWN = {  # why interventions do not tell, by the reason that `rests_on` gives
    "reference": "Even a background of the same class takes away most of it",
    "pasting": "Pasting alone may do as much",
    "hiding": "Hiding the object is not shown to cost more than hiding an equal area elsewhere",
    "enough": "The background alone keeps as much",
    "missed": "These are too few pictures",
    "few": "These are too few pictures",
    "wide": "The difference between {first} and {last} is too uncertain to tell",
}


def foreground_in_words(
    table: pd.DataFrame,
    measure: str,
    verdict: ForegroundVerdict,
    found: Reliance | None,
    changed: pd.DataFrame | None,
    *,
    answered: bool = False,
) -> str:
    """Object or background, for a student.

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background` for one layer.
    measure : str
        Key of FOREGROUND_MEASURES.
    verdict : ForegroundVerdict
        Of the maps.
    found : Reliance, optional
        What the model uses.
    changed : DataFrame, optional
        The rows of `xai.intervention` that `found` is about.
    answered : bool
        Whether the headline says more than that it cannot be told.

    Returns
    -------
    str
        Where nothing can be told of maps alone, why.
    """
    if (seen := verdict.seen) is not None and not seen.seen:
        return seen.plain
    maps = _maps_in_words(table, measure, verdict)
    if found is None or changed is None:
        return f"{maps}." if maps else verdict.why_unknown
    means = counted_rows(changed).groupby("kind")["p"].mean()
    if found.on == "neither":
        return (
            f"The model gives the classes of these pictures only {percent(means['whole'])} on average, so there is "
            "little that it could lose."
        )
    moved = moved_in_words(means, behind(changed), little=found.on == "object")
    uses = (
        _why_unknown(means, found)
        if found.on == "unknown"
        else _USES.get(found.on)
        or (
            "So the model uses the background and, to a lesser degree, the object"
            if found.lost > MOST and found.low > found.hiding_high
            else "So the model uses the object and, to a lesser degree, the background"
            if found.hiding_low > found.high
            else "So the model uses both the object and the background"
        )
    )
    told = [maps] if maps else []
    agree = (verdict.outcome, found.on) in (("more", "object"), ("less", "background"))
    but = bool(maps) and not agree and verdict.outcome in ("more", "less")
    if found.on == "unknown" and not found.needless:
        if but and answered:
            uses += ". The headline goes by the heatmaps alone"
        elif but:
            told.append("This alone is no evidence, since an untrained network's heatmaps may look like this, too")
        but = found.object_matters
        told += [_MATTERS] if but else []
    elif maps and not agree and found.on in _USES:
        uses += ", which these heatmaps do not show"
    return " ".join(f"{one}." for one in (*told, f"But {moved}" if but else capitalised(moved), uses))


def _why_unknown(means: pd.Series, found: Reliance) -> str:
    """The background alone is enough, or pasting costs so much, or may, that the background's class cannot be seen."""
    if found.needless:
        return f"With the background alone it is {percent(means['background'])}, so the model does not need the object"
    untold = "whether the background matters, too" if found.object_matters else "what the model uses"
    first, last = means["same" if found.beyond else "whole"], means["swapped"]
    why = _UNKNOWN[found.reason].format(first=percent(first), last=percent(last))
    if found.reason == "wide" and found.beyond and pasting_costs(means):
        only = f"Pasting itself may be the reason, so only the difference between {percent(first)} and {percent(last)}"
        return f"{only} counts, and it is too uncertain to tell {untold}"
    return f"{why} {untold}" if found.reason == "wide" else f"{why}, so this does not tell {untold}"


def _maps_in_words(table: pd.DataFrame, measure: str, verdict: ForegroundVerdict) -> str:
    """In how many pictures the map fits its own object better than the objects of others."""
    if verdict.outcome == "unknown":
        return ""
    kind = FOREGROUND_MEASURES[measure]
    own = table[kind.inside].to_numpy(float) - kind.against(table)
    controlled = column_of(measure) in table
    others = table[column_of(measure)].to_numpy(float) if controlled else np.zeros(len(own))
    left = (own - others)[np.isfinite(own - others)]
    than = (
        "on the picture's own object than in the places where the objects of other pictures lie"
        if controlled
        else "on the object than beside it"
    )
    darker = verdict.outcome == "less"
    word, count = ("darker", int((left < 0).sum())) if darker else ("brighter", int((left > 0).sum()))
    pictures = part_of(count, len(left), "picture")
    if verdict.outcome == "none":
        return f"The heatmap is no brighter {than} (brighter in {pictures})"
    if verdict.alone:
        compared = f"{number_of(len(left), 'picture')} can be compared with another of the same class"
        of = "all" if count == len(left) else f"{count:,}"
        return f"{compared}. In {of} of them the heatmap is {word} {than}"
    return f"In {pictures} the heatmap is {word} {than}"
