"""The answers of the cards as one would say them to a student: counts of pictures first, no name of any test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from xai_core.measures import FOREGROUND_MEASURES
from xai_core.studies.layer_focus import LayerFocus
from xai_core.studies.words import capitalised, percent, points, uncapitalised
from xai_core.types.counts import form, number_of, part_of

BY_CHANCE = " A difference of this size can arise by chance."  # after numbers of which none was found to differ
_CLOSE = 0.05  # averages that differ by less are said to


def layers_in_words(own: LayerFocus, titles: list[str], *, but: str = "", doubt: str = "") -> str:
    """Do deeper layers focus more, for a student.

    Parameters
    ----------
    own : LayerFocus
        On the layers' own resolution.
    titles : list of str
        What people call the layers, in order of depth.
    but : str
        What speaks against the trend, a whole sentence.
    doubt : str
        Which maps are no evidence to begin with, the same.

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
    larger = "larger" if more == (own.measure.focus_sign > 0) else "smaller"
    sentence = (
        f"In {count}, the map of {titles[-1]} is {'more' if more else 'less'} focused than that of {titles[0]}: its "
        f"{own.measure.words_at(own.threshold)} is {larger}. Of all layers, {best} is the most focused."
    )
    return " ".join(one for one in (sentence, but, doubt) if one)


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
    apart = abs(means[0] - means[1])
    close = sure != unsure and apart < _CLOSE
    if close:
        said += f" These averages differ by only {number_of(round(100 * apart), 'point')}."
    if surer is None:
        return said
    pairs = (
        "if a correctly and a wrongly classified picture are drawn at random, it is surer of the correct one in "
        f"{percent(surer)} of cases"
    )
    if sure != unsure and (means[0] > means[1]) == (surer > 0.5):
        return f"{said} {f'Still, {pairs}' if close else capitalised(pairs)}; by chance it would be 50%."
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
