"""Rounds of a duel: who stands where is drawn by chance, and no address says it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import numpy as np

from app import kept

NAMES = "ABC"
_DUELS = "duels"  # session key: kind -> its duel


@dataclass
class Round:
    """One question.

    Attributes
    ----------
    seed : draws pictures, and random weights
    order : which one stands at each place, from the left; 0 is the one that is looked for
    said : the name that was chosen, or nothing so far
    """

    seed: int
    order: tuple[int, ...]
    said: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called while nobody knows them."""
        return tuple(NAMES[: len(self.order)])

    def name_of(self, which: int) -> str:
        """What one of them is called."""
        return NAMES[self.order.index(which)]

    @property
    def answer(self) -> str:
        return self.name_of(0)

    @property
    def right(self) -> bool:
        return self.said == self.answer


def drawn(seed: int, n: int) -> Round:
    """The round of a number: equal numbers draw equal rounds."""
    rng = np.random.default_rng(seed)
    return Round(int(rng.integers(1000)), tuple(int(one) for one in rng.permutation(n)))


@dataclass
class Duel:
    """All rounds of a kind in this session.

    Attributes
    ----------
    n : how many stand side by side
    """

    n: int
    rounds: list[Round] = field(default_factory=list)

    @property
    def now(self) -> Round:
        if not self.rounds:
            self.begin()
        return self.rounds[-1]

    @property
    def hits(self) -> list[bool]:
        return [one.right for one in self.rounds if one.said]

    def begin(self) -> None:
        """The next round; one that was not decided is drawn anew."""
        if self.rounds and not self.rounds[-1].said:
            self.rounds.pop()
        self.rounds.append(drawn(secrets.randbits(32), self.n))

    def decide(self, name: str) -> None:
        """The first word counts."""
        if not self.now.said and name in self.now.names:
            self.now.said = name


def duel(kind: str, n: int) -> Duel:
    """The duel of a kind in this session."""
    return kept.of_visitor(_DUELS).setdefault(kind, Duel(n))


def forget(kind: str) -> None:
    """For the next player."""
    kept.of_visitor(_DUELS).pop(kind, None)
