"""What was found of a strategy, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core import stats
from xai_core.discovery.carriers import RISE
from xai_core.discovery.records import CarrierTest, Strategy
from xai_core.discovery.rule import ABOUT_AS_MUCH, LEVEL, MOST
from xai_core.studies.words import capitalised, format_p, listed, percent, uncapitalised
from xai_core.types.counts import form, number_of, part_of

RIM_SHARE = 0.75  # of a region's cells that lie at the border, to call it the border
USUAL_SPREAD = 0.25  # standard deviation of what a part adds, between pictures, for sentences about power


def place_words(region: np.ndarray) -> str:
    """Where a region lies: "the lower left", "the border", "the middle".

    Parameters
    ----------
    region : ndarray
        bool (g, g).

    Examples
    --------
    >>> import numpy as np
    >>> from xai_core.discovery.words import place_words
    >>> corner = np.zeros((8, 8), bool)
    >>> corner[6:, :2] = True
    >>> place_words(corner), place_words(np.zeros((8, 8), bool))
    ('the lower left', 'nowhere')
    """
    position = _position(region)
    if position is None:
        return "the border" if region.any() else "nowhere"
    down, across = position
    if down == across == "middle":
        return "the middle"
    if across == "middle":
        return f"the {down} middle"
    return f"the {across} side" if down == "middle" else f"the {down} {across}"


def _position(region: np.ndarray) -> tuple[str, str] | None:
    """In which third of the picture a region lies, down and across; None where it is the border, or empty."""
    if not region.any():
        return None
    high, wide = region.shape
    inner = np.zeros(region.shape, bool)
    inner[1:-1, 1:-1] = True
    rows, columns = np.nonzero(region)
    spread = np.ptp(rows) >= high - 1 or np.ptp(columns) >= wide - 1
    if spread and (~inner[region]).mean() >= RIM_SHARE:
        return None
    third = [min(2, int(3 * (values.mean() + 0.5) / side)) for values, side in ((rows, high), (columns, wide))]
    return ("upper", "middle", "lower")[third[0]], ("left", "middle", "right")[third[1]]


def _part(test: CarrierTest, region: np.ndarray) -> str:
    where = f"{place_words(region)} of the picture"
    return {
        "place": f"one content at the same place, {where}",
        "border": "one content all along the border",
        "content": f"one content, mostly at the same place, {where}"
        if test.one_place
        else "one content at changing places, wherever the map points",
        "surroundings": "the surroundings",
        "colour": "the colour of the whole picture",
    }[test.carrier]


def group_words(strategy: Strategy) -> str:
    """Which pictures it is."""
    if strategy.whole:
        return f"All {number_of(strategy.n_class, 'picture')} of {strategy.label!r}"
    return part_of(len(strategy.places), strategy.n_class, f"{strategy.label!r} picture")


def effect_words(test: CarrierTest, label: str) -> str:
    """What a part does in other pictures and in its own."""
    low, high = test.interval
    gained, of = f"{100 * test.gain:.0f} points", f"the probability of {label!r}"
    done = {
        "surroundings": "from each picture, the corner farthest from the brightest place of its heatmap was taken, "
        f"and a new picture was filled with copies of it. For this new picture, {of} is {gained} "
        "higher than for one filled with a corner from another class",
        "colour": f"given to pictures of other classes, it adds {gained} to {of}",
    }.get(test.carrier, f"put into pictures of other classes, it adds {gained} to {of}")
    said = (
        f"{done} (95% interval {100 * low:.0f} to {100 * high:.0f}, {number_of(test.n, 'picture')}, "
        f"{format_p(test.p_holm)} after Holm's correction)"
    )
    if np.isfinite(test.cost):
        cost = f"costs {100 * test.cost:.0f} points more than that of an equal random part"
        if test.cost <= 0 or not test.p_removed < LEVEL:
            cost = "does not clearly cost more than that of an equal random part"
        said += f"; its removal {cost}"
    return said


def plain_sentence(strategy: Strategy) -> str:
    """One strategy for a student: what the pictures share, and what it does to the answer; no name of any test.

    Parameters
    ----------
    strategy : Strategy

    Returns
    -------
    str
    """
    group, test = group_words(strategy), strategy.suspect
    where = place_words(strategy.region)
    if test is None:
        return f"{group}: the maps point at {where} on average; no part of them that was tried is a shortcut."
    done = {
        "surroundings": "If a new picture is filled with copies of one corner of such a picture",
        "colour": "If pictures of other classes are given that colour",
    }.get(test.carrier, "If it is put into pictures of other classes")
    control = {"surroundings": "with a corner from another class", "colour": "with the colour of another class"}.get(
        test.carrier, "with the same from pictures of another class"
    )
    position = _position(strategy.region)
    central = test.carrier == "surroundings" and position is not None and position[1] == "middle"
    maps = (
        f". Heatmaps alone would not have shown this: on average, they point at {where} of the picture"
        if central
        else ""
    )
    said = (
        f"The model may recognise {uncapitalised(group)} by {_part(test, strategy.region)}{maps}. {done}, "
        f"the model gives {strategy.label!r} a probability of {percent(test.added)}; {control}, it is "
        f"{percent(test.control)}"
    )
    if test.cost > 0 and test.p_removed < LEVEL:
        said += f". Without it, the pictures themselves fall to {percent(test.removed)}"
    return f"{said}."


def _besides(named: CarrierTest, also: Sequence[CarrierTest]) -> str:
    """What other parts add, and why one that adds more is not the one that is named."""
    if not also:
        return ""
    said = listed([f"{one.title.partition(',')[0]} ({100 * one.gain:+.0f} points)" for one in also])
    why = (
        f"; a more specific part is named first if it adds at least {ABOUT_AS_MUCH:.0%} of what the strongest one adds"
        if any(one.gain > named.gain for one in also)
        else ""
    )
    return f" By the same kind of test, other parts raise the probability, too: {said}{why}."


def strategy_sentence(strategy: Strategy) -> str:
    """One strategy, in a sentence or two."""
    group = group_words(strategy)
    if (test := strategy.suspect) is not None:
        part = _part(test, strategy.region)
        besides = _besides(test, [one for one in strategy.tests if one.suspect and one is not test])
        effect = capitalised(effect_words(test, strategy.label))
        return f"The model may recognise {uncapitalised(group)} by {part}. {effect}.{besides}"
    said = f"{group}: the maps point at {place_words(strategy.region)} on average."
    tried = [test for test in strategy.tests if np.isfinite(test.p_holm)]
    if not tried:
        return f"{said} Nothing could be tested."
    most = max(tried, key=lambda test: test.gain)
    significant = most.gain > 0 and most.p_holm < LEVEL
    gained = round(100 * most.gain)
    most_said = (
        f"Of what was put into pictures of other classes, {most.title} raised the probability most, by "
        f"{number_of(gained, 'point')}"
        if gained > 0
        else "Nothing that was put into pictures of other classes raised the probability by as much as a point"
    )
    why = "; that is what an object does, too" if significant and most.carrier in ("place", "content", "border") else ""
    if most.holds > MOST:
        why = f"; it holds {percent(most.holds)} of the object, so it may be the object itself"
    return f"{said} {most_said} ({format_p(most.p_holm)}){why}."


def power_sentence(labels: Sequence[str], sources: int, tests: int) -> str:
    """What could have been found of classes.

    Parameters
    ----------
    labels : Sequence[str]
        At least one.
    sources : int
        Pictures held back of each, whose parts were tried.
    tests : int
        Of all classes, which Holm's correction counts.

    Returns
    -------
    str

    Examples
    --------
    >>> power_sentence(["cat", "dog"], 40, 60).split(" A part")[0]
    "Of each of 'cat' and 'dog', parts of 40 pictures that were held back were tried."
    """
    effect = stats.detectable_effect(sources, level=LEVEL / max(1, tests))
    of = ("each of " if len(labels) > 1 else "") + listed([repr(one) for one in labels])
    if not np.isfinite(effect):
        return f"Of {of} too few pictures are held back for a test."
    points = 100 * max(RISE, effect * USUAL_SPREAD)
    return (
        f"Of {of}, parts of {number_of(sources, 'picture')} that {form(sources, 'was', 'were')} held back were tried. "
        f"A part that adds {points:.0f} points to the probability would be found in 80% of cases, one that adds less "
        f"is missed more often (with a standard deviation between pictures of {100 * USUAL_SPREAD:.0f} points)."
    )
