"""Which coding masks have, from what can be seen of one or of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_core.data.decisions.codings import CODINGS, Coding, from_half_of, listed
from xai_core.data.decisions.mask_facts import MaskFacts

_QUARTER = 4  # numbers of classes lie below a quarter of white
_RIM = 0.1  # at most this share of a rim has the same value all around
_NOISE = 8  # levels from which on values that crowd at both ends are noise
_FEW = 0.05  # share of a border's edges where object and background meet all the same
_SCALES = range(2, 9)  # classes that are spread evenly over 0 to 255
_LARGE = 2.0  # a trimap's border is at most so many times as large as its object
_TRIMAP = (1, 2, 3)


@dataclass(frozen=True)
class Choice:
    """A coding, and how many masks speak for it.

    Attributes
    ----------
    coding : Coding or None
        None where every mask has two values at most: all but 0 is then the object.
    voices : int
        Masks that speak for it.
    others : int
        Masks that speak for another one.
    """

    coding: Coding | None
    voices: int
    others: int


def choose_coding(found: Sequence[MaskFacts]) -> Choice:
    """The coding of masks that belong together.

    Parameters
    ----------
    found : Sequence of MaskFacts
        One a mask.

    Returns
    -------
    Choice
    """
    if without := _without_background(found):
        return Choice(without, len(found), 0)
    voices = Counter(key for facts in found if (key := _voice(facts)))
    if not voices:
        return Choice(None, len(found), 0)
    # Where white is beside numbers of classes in some masks, it is so in those that happen to hold none.
    if voices["white_ignored"] and voices["nonzero"]:
        voices["white_ignored"] += voices.pop("nonzero")
    key, count = voices.most_common(1)[0]
    if key == "white_ignored" and sum(facts.marked == (facts.white,) for facts in found) > count:
        return Choice(None, len(found), count)  # masks of different kinds: each is read by itself
    coding = _half(found) if key == "half" else CODINGS[key]
    return Choice(coding, count, voices.total() - count)


def _half(found: Sequence[MaskFacts]) -> Coding:
    """Half of white, or of the brightest value that there is where that is far from white."""
    top, white = max(facts.levels[-1] for facts in found), max(facts.white for facts in found)
    return CODINGS["half"] if 2 * top > white else from_half_of(top)


def _without_background(found: Sequence[MaskFacts]) -> Coding | None:
    """Of masks that hold no 0 at all: a trimap of 1, 2 and 3, or two values of which the frame's is background."""
    levels = {level for facts in found for level in facts.levels}
    if 0 in levels or len(levels) < 2 or any(facts.kind == "colour" or facts.lossy for facts in found):
        return None
    framed = Counter(facts.frame for facts in found if facts.frame).most_common(1)
    frame = framed[0][0] if framed else 0
    if levels <= set(_TRIMAP) and {1, 2} <= levels and frame in (2, 3):
        return CODINGS["trimap_123"]
    numbers = all(_QUARTER * facts.levels[-1] < facts.white for facts in found)
    return listed([str(level) for level in levels - {frame}]) if len(levels) == 2 and frame and numbers else None


def _voice(facts: MaskFacts) -> str:
    """The coding that a mask speaks for by itself; empty where its values may mean anything."""
    if facts.lossy:
        return "half"
    if len(facts.marked) < 2:
        return ""
    if _is_trimap(facts):
        return "trimap_255"
    if _is_soft(facts):
        return "half"
    if facts.white in facts.levels and not _evenly_spread(facts):
        return "white_ignored"
    return "nonzero"


def _is_trimap(facts: MaskFacts) -> bool:
    """0, a grey in the middle and white, the grey all around the white, three pixels thick or more."""
    if facts.kind == "colour" or len(facts.levels) != 3 or facts.levels[0] != 0:
        return False
    _, grey, top = facts.levels
    central = abs(2 * grey - top) <= 0.1 * top and top >= 0.9 * facts.white
    around = facts.touching <= _FEW and facts.middle <= _LARGE * facts.bright
    return central and around and facts.flat > _RIM


def _is_soft(facts: MaskFacts) -> bool:
    """Whether values between dark and bright are smooth rims or noise, and no numbers of classes."""
    if facts.kind == "colour" or not facts.levels[0] >= 0 <= facts.white - facts.levels[-1]:
        return False
    between = [level for level in facts.levels if level not in facts.ends]
    if not between or _QUARTER * max(between) < facts.white or np.isnan(facts.flat):
        return False
    if facts.kind == "palette":
        return False
    if facts.flat <= _RIM:
        return True
    near = sum(16 * level <= facts.white or 16 * (facts.white - level) <= facts.white for level in between)
    return len(between) >= _NOISE and facts.flat <= 4 * _RIM and 2 * near >= len(between)


def _evenly_spread(facts: MaskFacts) -> bool:
    """Whether white is the last of classes that are spread evenly, such as 128 and 255."""
    if facts.kind == "colour":
        return False
    steps = [[round(facts.white * step / count) for step in range(1, count + 1)] for count in _SCALES]
    return any(all(min(abs(level - one) for one in grid) <= 1 for level in facts.marked) for grid in steps)
