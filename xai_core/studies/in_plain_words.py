"""The answers of the cards as one would say them to a student: counts of pictures first, no name of any test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.foreground_verdict import ForegroundVerdict
from xai_core.studies.layer_focus import LayerFocus
from xai_core.studies.mask_control import column_of
from xai_core.studies.reliance import MOST, Reliance, counted_rows
from xai_core.studies.reliance_in_words import behind, moved_in_words
from xai_core.studies.words import capitalised, percent, points, uncapitalised
from xai_core.types.counts import form, number_of, part_of

_USES = {"object": "So the model uses the object", "background": "So the model uses the background"}
BY_CHANCE = " A difference of this size can arise by chance."  # after numbers of which none was found to differ
_UNTOLD = "this does not tell what the model uses"
_UNKNOWN = {  # why, by the reason that `rests_on` gives
    "reference": f"Even a background of the same class takes away most of it, so {_UNTOLD}",
    "pasting": f"Pasting alone may do as much, so {_UNTOLD}",
    "hiding": f"Hiding the object is not shown to cost more than hiding as much elsewhere, so {_UNTOLD}",
    "enough": f"The background alone keeps as much, so {_UNTOLD}",
    "missed": f"These are too few pictures, so {_UNTOLD}",
    "few": f"These are too few pictures, so {_UNTOLD}",
    "wide": f"The difference is too uncertain, so {_UNTOLD}",
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
    if not maps:
        return f"{capitalised(moved)}. {uses}."
    if found.on == "unknown" and not found.needless and verdict.outcome in ("more", "less"):
        way = "on" if verdict.outcome == "more" else "off"
        beyond = f"Heatmaps alone are evidence only if they lie further {way} the object than those of random weights"
        uses += f". {'The headline goes by the heatmaps alone' if answered else beyond}"
    agree = (verdict.outcome, found.on) in (("more", "object"), ("less", "background"))
    if not agree and found.on in _USES:
        uses += ", which these heatmaps do not show"
    but = not agree and verdict.outcome in ("more", "less")
    return f"{maps}. {f'But {moved}' if but else capitalised(moved)}. {uses}."


def _why_unknown(means: pd.Series, found: Reliance) -> str:
    """The background alone is enough, or pasting costs so much, or may, that the background's class cannot be seen."""
    if found.needless:
        return f"With the background alone it is {percent(means['background'])}, so the model does not need the object"
    if found.reason in ("missed", "wide") and found.hiding_low > 0:
        return "The object matters, but whether the background matters, too, is too uncertain to tell"
    return _UNKNOWN[found.reason]


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
        "on the picture's own object than where the objects of other pictures lie"
        if controlled
        else "on the object than beside it"
    )
    darker = verdict.outcome == "less"
    word, count = ("darker", int((left < 0).sum())) if darker else ("brighter", int((left > 0).sum()))
    pictures = part_of(count, len(left), "picture")
    if verdict.alone:
        pictures += " that can be compared with another of the same class"
    if verdict.outcome == "none":
        return f"The heatmap is no brighter {than} (brighter in {pictures})"
    return f"In {pictures}{',' if verdict.alone else ''} the heatmap is {word} {than}"


def layers_in_words(own: LayerFocus, titles: list[str], *, but: str = "") -> str:
    """Do deeper layers focus more, for a student.

    Parameters
    ----------
    own : LayerFocus
        On the layers' own resolution.
    titles : list of str
        What people call the layers, in order of depth.
    but : str
        What speaks against the trend, a whole sentence.

    Returns
    -------
    str
        Empty where nothing can be told.
    """
    if own.outcome == "unknown":
        return ""
    values = own.values[np.isfinite(own.values).all(axis=1)]
    change = own.measure.focus_sign * (values[:, -1] - values[:, 0])
    medians = own.measure.focus_sign * own.medians["median"].to_numpy(float)
    best = titles[int(np.nanargmax(medians))]
    unit = "group" if own.grouped else "picture"
    more = int((change > 0).sum()) >= int((change < 0).sum())
    count = part_of(int(((change > 0) if more else (change < 0)).sum()), len(change), unit)
    sentence = (
        f"The map of {titles[-1]} is {'more focused' if more else 'more spread out'} than that of {titles[0]} in "
        f"{count}, by the {own.measure.words_at(own.threshold)}; of all layers, {best} is the most focused."
    )
    return f"{sentence} {but}" if but else sentence


def confidence_in_words(right: np.ndarray, confidence: np.ndarray, surer: float | None = None) -> str:
    """Is it less sure where it is wrong, for a student.

    Parameters
    ----------
    right : ndarray
        bool (N,), whether each answer is right.
    confidence : ndarray
        float (N,), in [0, 1].
    surer : float, optional
        In how many cases, in [0, 1], the right one of a right and a wrong answer is the surer, if that is the answer.

    Returns
    -------
    str

    Examples
    --------
    >>> import numpy as np
    >>> confidence_in_words(np.array([True, True, False]), np.array([0.9, 0.7, 0.4]))
    'The model is right on 2 of 3 pictures. On average it is 80% sure where it is right and 40% sure where it is wrong.'
    """
    said = f"The model is right on {part_of(int(right.sum()), len(right), 'picture')}."
    if right.all() or not right.any():
        return said
    means = float(confidence[right].mean()), float(confidence[~right].mean())
    sure, unsure = percent(means[0]), percent(means[1])
    said = f"{said} On average it is {sure} sure where it is right and {unsure} sure where it is wrong."
    if surer is None:
        return said
    pairs = (
        "if a correctly and a wrongly classified picture are drawn at random, it is surer of the correct one in "
        f"{percent(surer)} of cases"
    )
    if sure != unsure and (means[0] > means[1]) == (surer > 0.5):
        return f"{said} {capitalised(pairs)}; by chance it would be 50%."
    return f"{said} But {pairs}: a few pictures weigh much in an average."


def training_in_words(before: float, after: float, n: int, first: str, last: str) -> str:
    """Did the second half of a training help, for a student.

    Parameters
    ----------
    before, after : float
        Shares of the pictures that are right, in [0, 1].
    n : int
        Pictures.
    first, last : str
        What is compared, such as "over epochs 12 to 15" or "at epoch 3".

    Returns
    -------
    str

    Examples
    --------
    >>> training_in_words(0.931, 0.9667, 300, "over epochs 12 to 15", "over epochs 21 to 24")
    'Over epochs 12 to 15, about 279 of 300 pictures are right; over epochs 21 to 24, about 290.'
    >>> training_in_words(0.999, 1.0, 120, "over epochs 12 to 15", "over epochs 21 to 24")
    'Over epochs 12 to 15, nearly all of 120 pictures are right; over epochs 21 to 24, 120.'
    """
    early, late = _how_many(before, n), _how_many(after, n)
    verb = form(round(before * n), "is", "are")
    return f"{capitalised(first)}, {early} of {number_of(n, 'picture')} {verb} right; {last}, {late}."


def _how_many(share: float, n: int) -> str:
    """A mean of counts, in words: neither all nor none where that is only rounded."""
    count = round(share * n)
    if np.isclose(share * n, count):
        return f"{count:,}"
    return {0: "almost none", n: "nearly all"}.get(count, f"about {count:,}")


def runs_in_words(names: tuple[str, str], right: tuple[np.ndarray, np.ndarray]) -> str:
    """Which of two is right more often, for a student.

    Parameters
    ----------
    names : tuple of str
        Of both.
    right : tuple of ndarray
        bool (N,) each, for the same pictures.

    Returns
    -------
    str

    Examples
    --------
    >>> import numpy as np
    >>> runs_in_words(("A", "B"), (np.array([True, False]), np.array([True, True])))
    'A is right on 1 of 2 pictures, B on 2.'
    """
    one, two = (int(each.sum()) for each in right)
    return f"{names[0]} is right on {part_of(one, len(right[0]), 'picture')}, {names[1]} on {two:,}."


def depth_in_words(table: pd.DataFrame, measure: str, titles: Sequence[str]) -> str:
    """At which stage the maps lie most on the object, and at which least; a description, which tests nothing.

    Parameters
    ----------
    table : DataFrame
        Rows of `foreground_background` for several layers.
    measure : str
        Key of FOREGROUND_MEASURES.
    titles : Sequence of str
        What people call the layers, in the order of the table.

    Returns
    -------
    str
        Empty where fewer than two layers have a usable map.
    """
    kind = FOREGROUND_MEASURES[measure]
    more = (table[kind.inside].to_numpy(float) - kind.against(table)).astype(float)
    means = pd.Series(more).groupby(table["layer"].to_numpy(), sort=False).mean()
    known = [(title, float(mean)) for title, mean in zip(titles, means, strict=True) if np.isfinite(mean)]
    if len(known) < 2:
        return ""
    (least, low), *_, (most, high) = sorted(known, key=lambda one: one[1])
    first, last = (points(one, none="no difference") if kind.percent else f"{one:+.2f}" for one in (high, low))
    return (
        f"On average, {uncapitalised(kind.title)} on the object minus that {kind.against_words} is highest at {most} "
        f"({first}) and lowest at {least} ({last})."
    )
