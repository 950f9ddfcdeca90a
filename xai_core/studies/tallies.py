"""How often people were right, against chance: one who decides again and again, or a class that votes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core.stats import mean_interval, share_interval
from xai_core.stats.studentised import FEWEST_FOR_MEAN
from xai_core.studies.words import format_interval, percent
from xai_core.types.counts import number_of, part_of


def tally_sentence(hits: Sequence[bool], chance: float = 0.5) -> str:
    """How often one was told from the others, against chance.

    Parameters
    ----------
    hits : sequence of bool
        Whether each round was right.
    chance : float
        In (0, 1): how often who guesses is right.
    """
    if not hits:
        return "No round is decided so far."
    right, n = int(np.sum(hits)), len(hits)
    if _too_few(n, chance):
        return f"You were right in {right} of {number_of(n, 'round')}: too few to tell from guessing."
    low, high = share_interval(right, n)
    spec = _spec(low, high, chance)
    said = (
        f"You were right in {right} of {number_of(n, 'round')} ({format_interval((low, high), spec, 100)}%). "
        f"Chance gives {100 * chance:{spec}}%"
    )
    if low > chance:
        return f"{said}: you can tell them apart."
    if high < chance:
        return f"{said}: you are wrong more often than by guessing."
    return f"{said}, which lies in the interval: you may be guessing."


def _too_few(n: int, chance: float) -> bool:
    """Whether even so many right ones, of as many, could come from guessing."""
    return not share_interval(n, n)[0] > chance


def _spec(low: float, high: float, chance: float) -> str:
    """So few digits that no end of the interval that differs from chance looks equal to it."""
    for digits in range(4):
        spec = f".{digits}f"
        if all(f"{100 * end:{spec}}" != f"{100 * chance:{spec}}" for end in (low, high) if end != chance):
            break
    return spec


def votes_sentence(right: int, n: int, chance: float) -> str:
    """How a class answered one question, against chance; the interval is over people.

    Parameters
    ----------
    right, n : int
        Votes for the right answer, of how many.
    chance : float
        In (0, 1): how often who guesses is right.

    Examples
    --------
    >>> from xai_core.studies import votes_sentence
    >>> print(votes_sentence(14, 16, 0.5).partition(". ")[2])
    Guessing gives 50%: more are right than guessing gives.
    """
    if not n:
        return "Nobody has answered."
    counted = part_of(right, n, "answer", "is", "are")
    if _too_few(n, chance):
        return f"{counted} right: too few to tell from guessing."
    low, high = share_interval(right, n)
    spec = _spec(low, high, chance)
    interval = format_interval((low, high), spec, 100)
    said = f"{counted} right ({percent(right / n)}, {interval}%). Guessing gives {100 * chance:{spec}}%"
    if low > chance:
        return f"{said}: more are right than guessing gives."
    if high < chance:
        return f"{said}: fewer are right than guessing gives."
    return f"{said}, which lies in the interval: this may be guessing."


def phones_sentence(shares: Sequence[float], chance: float) -> str:
    """How often the phones of a class were right over all questions, with each phone as one value.

    Parameters
    ----------
    shares : sequence of float
        Of each phone, in [0, 1]: right answers among those that were given.
    chance : float
        In (0, 1): what guessing gives on average over the same phones.
    """
    if not shares:
        return "Nobody has answered."
    low, high = mean_interval(np.asarray(shares, float))
    if np.isfinite(low):  # a mean of shares is one itself
        interval = f"{format_interval((max(low, 0.0), min(high, 1.0)), '.0f', 100)}%"
    elif len(shares) < FEWEST_FOR_MEAN:
        interval = f"no interval below {FEWEST_FOR_MEAN} phones"
    else:
        interval = "no interval, since all have the same share"
    return (
        f"{number_of(len(shares), 'phone')} answered. On average over phones, {percent(float(np.mean(shares)))} of "
        f"the answers are right ({interval}). Guessing gives {percent(chance)}."
    )
