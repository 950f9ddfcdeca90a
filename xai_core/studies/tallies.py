"""How often people were right, against chance: one who decides again and again, or a class that votes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xai_core.stats import mean_interval, share_interval
from xai_core.studies.words import format_interval, percent
from xai_core.types.counts import form, number_of, part_of


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
    low, high = share_interval(right, n)
    said = (
        f"You were right in {right} of {number_of(n, 'round')} ({format_interval((low, high), '.0f', 100)} percent). "
        f"Chance gives {100 * chance:.0f} percent"
    )
    if low > chance:
        return f"{said}: you can tell them apart."
    if high < chance:
        return f"{said}: you are wrong more often than by guessing."
    return f"{said}, which lies in the interval: you may be guessing."


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
    Guessing gives 50%: the class knew more than that.
    """
    if not n:
        return "Nobody has answered."
    low, high = share_interval(right, n)
    interval = format_interval((low, high), ".0f", 100)
    counted = part_of(right, n, "answer", "is", "are")
    said = f"{counted} right ({percent(right / n)}, {interval} percent). Guessing gives {percent(chance)}"
    if low > chance:
        return f"{said}: the class knew more than that."
    if high < chance:
        return f"{said}: most were led to another answer."
    return f"{said}, which lies in the interval: this may be guessing."


def people_sentence(shares: Sequence[float], chance: float) -> str:
    """How often the people of a class were right over all questions, with each person as one value.

    Parameters
    ----------
    shares : sequence of float
        Of each person, in [0, 1]: right answers among those that were given.
    chance : float
        In (0, 1): how often who guesses is right.
    """
    if not shares:
        return "Nobody has answered."
    who = number_of(len(shares), "person", "people")
    found = mean_interval(np.asarray(shares, float))
    interval = format_interval(found, ".0f", 100) + (" percent" if np.isfinite(found[0]) else "")
    return (
        f"{who} answered, and {form(len(shares), 'was', 'were')} right in {percent(float(np.mean(shares)))} of "
        f"their answers on average ({interval}, over people). Guessing gives {percent(chance)}."
    )
